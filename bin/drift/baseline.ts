import { statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { addPredictionBaseline, buildBaseline } from '../../lambda/core';
import { filesOf, rowsOf, TABLES } from './files';
import { Progress } from './progress';
import { writeBaseline } from './write-baseline';

export const BASELINE_USAGE = `mlops drift baseline <file or folder>... --out <folder>
    learns what is ordinary from training data (.csv, .jsonl, either .gz, or .parquet) and writes statistics.json and constraints.json
    --label, --time <column>    never features; with the time the rhythm of the data is learned too
    --ignore <a,b>              other columns that are no features
    --features <a,b>            the features in the payload's order, if that is not the header's
    --prediction <column>       a column with the model's scores on this data
    --window-hours <n>          the window to be evaluated, 24 if not given`;

/** The data is read twice: to choose the bins, and to count. */
const PASSES = 2;

export async function baseline(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      'out': { type: 'string' }, 'label': { type: 'string' }, 'time': { type: 'string' }, 'ignore': { type: 'string' },
      'features': { type: 'string' }, 'prediction': { type: 'string' }, 'window-hours': { type: 'string' },
    },
  });
  if (values.out === undefined) throw new Error('--out is missing; give the folder to write statistics.json and constraints.json to');
  const hours = Number(values['window-hours'] ?? 24);
  if (!(hours > 0)) throw new Error(`--window-hours is '${values['window-hours']}'; give a number above 0, for example 24`);
  const files = filesOf(positionals, TABLES);
  const { prediction } = values;
  const size = files.reduce((sum, file) => sum + statSync(file).size, 0);
  const progress = new Progress('baseline', size * PASSES * (prediction === undefined ? 1 : 2));
  const sources = files.map((file) => rowsOf(file, progress));
  const ignore = [...list(values.ignore), ...(prediction === undefined ? [] : [prediction])];
  const built = await buildBaseline({
    sources, label: values.label, time: values.time, ignore, ...(values.features !== undefined && { features: list(values.features) }),
    window: { lengthSeconds: hours * 3600 },
  });
  const complete = prediction === undefined ? built.baseline : await addPredictionBaseline(built.baseline, { sources, column: prediction, time: values.time });
  progress.finish();
  writeBaseline(complete, values.out);
  return 0;
}

function list(text = ''): string[] {
  return text.split(',').map((item) => item.trim()).filter((item) => item !== '');
}
