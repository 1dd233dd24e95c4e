import { createReadStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { addPredictionBaseline, buildBaseline, csvRows, serializeBaseline } from '../../lambda/core';
import { BenchData, benchData } from './data';

/** Writes the baseline of the training rows, with their predictions; gives the file's path. */
export async function statisticsOf({ training }: BenchData, features: number): Promise<string> {
  const source = csvRows({ name: training, open: () => createReadStream(training) });
  const { baseline } = await buildBaseline({ sources: [source], ignore: ['prediction'] });
  const path = training.replace(/\.csv$/, `-${features}.statistics.json`);
  writeFileSync(path, serializeBaseline(await addPredictionBaseline(baseline, { sources: [source], column: 'prediction' })).statistics);
  return path;
}

/** As in Lambda: bundled, without a loader beside it that would cost memory. */
export function bundle(name: string): string {
  const outfile = join(benchData(1, 1).training, '..', `${name}.js`);
  buildSync({ entryPoints: [join(__dirname, `${name}.ts`)], outfile, bundle: true, platform: 'node', target: 'node20', logLevel: 'error' });
  return outfile;
}
