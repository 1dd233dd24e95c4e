import { Value } from '../statistics/column';
import { RejectReason } from '../statistics/rejects';
import { PayloadRow } from './payload';

/** Where a model's answer holds the score that is watched. */
export interface PredictionPlace {
  /**
   * The member of a JSON answer.
   * @default - the first there is of: score, probability, prediction, predicted_value, value, predicted_label
   */
  readonly field?: string;
  /**
   * The position in a row of several values, from 0.
   * @default 0
   */
  readonly column?: number;
}

const SCORES = ['score', 'probability', 'prediction', 'predicted_value', 'value', 'predicted_label'];

/** Feature values in the order of `names`. A row given by position must have exactly these; given by name, an absent one has no value. */
export function featureValues(row: PayloadRow, names: readonly string[]): readonly Value[] | RejectReason {
  if (Array.isArray(row)) return row.length === names.length ? row : 'columns';
  const members = row as Readonly<Record<string, unknown>>;
  let found = 0;
  const values = new Array<Value>(names.length);
  for (let i = 0; i < names.length; i++) {
    const value = Object.hasOwn(members, names[i]!) ? members[names[i]!] : undefined;
    if (typeof value === 'object' && value !== null) return 'payload';
    if (value !== undefined) found++;
    values[i] = value as Value;
  }
  return found === 0 ? 'columns' : values;
}

/** Whether a row only repeats the names of the features: a payload sent with its header line. */
export function isHeader(row: PayloadRow, names: readonly string[]): boolean {
  return Array.isArray(row) && row.length === names.length && row.every((value, i) => value === names[i]);
}

/** The score in a row of a model's answer. */
export function predictionValue(row: PayloadRow, place: PredictionPlace): { value: Value } | RejectReason {
  if (Array.isArray(row)) {
    const value: unknown = row[place.column ?? 0];
    if (typeof value === 'object' && value !== null) return 'payload';
    return value === undefined ? 'columns' : { value: value as Value };
  }
  const members = row as Readonly<Record<string, unknown>>;
  const field = place.field ?? SCORES.find((name) => Object.hasOwn(members, name));
  if (field === undefined || !Object.hasOwn(members, field)) return 'columns';
  const value = members[field];
  if (Array.isArray(value)) return predictionValue(value as Value[], place);
  return typeof value === 'object' && value !== null ? 'payload' : { value: value as Value };
}
