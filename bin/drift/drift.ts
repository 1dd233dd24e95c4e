import { types } from 'node:util';
import { DatasetError, DocumentError, MergeError } from '../../lambda/core';
import { baseline, BASELINE_USAGE } from './baseline';
import { IMPORT_USAGE, importBaseline } from './import';
import { report, REPORT_USAGE } from './report';
import { scan, SCAN_USAGE } from './scan';

const STEPS: Record<string, (args: string[]) => Promise<number>> = { baseline, import: importBaseline, scan, report };
const MISUSE = 2;

/** The drift engine over local files: what the monitor does in the cloud, on a laptop. */
export async function drift([name, ...args]: string[]): Promise<number> {
  const step = STEPS[name ?? ''];
  if (step === undefined || args.includes('--help')) {
    console.error([...(name === undefined || step ? [] : [`there is no step '${name}'`]), BASELINE_USAGE, IMPORT_USAGE, SCAN_USAGE, REPORT_USAGE].join('\n'));
    return step ? 0 : MISUSE;
  }
  try {
    return await step(args);
  } catch (error) {
    // What the user can put right is told without a stack.
    if (!types.isNativeError(error) || !isExpected(error)) throw error;
    console.error(error.message);
    return MISUSE;
  }
}

function isExpected(error: Error & { code?: unknown }): boolean {
  if (error instanceof DatasetError || error instanceof DocumentError || error instanceof MergeError) return true;
  return error.code === undefined ? error.name === 'Error' : typeof error.code === 'string' && /^(ERR_PARSE_ARGS|ENOENT|EACCES|EISDIR)/.test(error.code);
}
