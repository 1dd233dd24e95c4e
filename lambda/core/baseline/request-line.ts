import { csvLine } from './csv-rows';

/**
 * A row as the endpoint is asked it: its features in the order of the columns, without a header, with its line end. Undefined if a feature
 * holds a line break: requests and batch transforms take one line a row, so such a row cannot be asked.
 */
export function requestLine(columns: readonly string[], fields: readonly string[], notFeatures: ReadonlySet<string>): string | undefined {
  const features = fields.filter((_, i) => !notFeatures.has(columns[i]!));
  return features.some((field) => /[\r\n]/.test(field)) ? undefined : csvLine(features);
}
