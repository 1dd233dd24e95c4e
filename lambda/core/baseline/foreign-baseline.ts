import { Baseline } from './baseline';
import { ImportOptions, importModelMonitor } from './import-model-monitor';
import { isOwnDocument, parseBaseline } from './model-monitor';

/** A baseline from files that somebody gives: exact if we wrote them, else as Model Monitor's. */
export function readForeignBaseline(options: ImportOptions): Baseline {
  return isOwnDocument(options.statistics) ? parseBaseline(options.statistics) : importModelMonitor(options);
}
