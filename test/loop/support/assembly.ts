import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { synthesizeApp } from '../../../bin/story/synthesize';

/** The deployable app, set for data that comes and is learned in hours instead of weeks. */
export const SHORT_LOOP_CONTEXT: Readonly<Record<string, string>> = {
  removalPolicy: 'destroy',
  email: 'team@example.com',
  trainingWindow: 'P7D',
  retrainingWindow: 'P7D',
  holdout: 'PT6H',
  minimumFreshRows: '120',
};

/** Synthesizes it into a folder of its own; `remove` deletes that. */
export function shortLoopAssembly(context: Readonly<Record<string, string>> = {}): { directory: string; remove(): void } {
  const directory = mkdtempSync(path.join(tmpdir(), 'cdk-mlops-loop-'));
  synthesizeApp(directory, { ...SHORT_LOOP_CONTEXT, ...context });
  return { directory, remove: () => { rmSync(directory, { recursive: true, force: true }); } };
}
