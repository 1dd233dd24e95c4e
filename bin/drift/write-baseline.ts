import { mkdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { type Baseline, featuresOf, predictionOf, serializeBaseline } from '../../lambda/core';

/** Writes a baseline's two documents, and says what they hold. */
export function writeBaseline(baseline: Baseline, folder: string): void {
  const { statistics, constraints, hash } = serializeBaseline(baseline);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'statistics.json'), statistics);
  writeFileSync(path.join(folder, 'constraints.json'), constraints);
  console.log(`${baseline.rows} rows, ${featuresOf(baseline).length} features${predictionOf(baseline).provisional ? '' : ' and the prediction'};`
    + ` baseline ${hash.slice(0, 12)} in ${folder}`);
}
