import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { featuresOf, importModelMonitor } from '../../lambda/core';
import { writeBaseline } from './write-baseline';

export const IMPORT_USAGE = `mlops drift import <statistics.json> --out <folder>
    makes a baseline of the file a Model Monitor baselining job wrote; approximate, since it holds a sketch of the data
    --constraints <file>        its constraints.json, for values the statistics leave out`;

export function importBaseline(args: string[]): Promise<number> {
  const { values, positionals: [statistics] } = parseArgs({
    args, allowPositionals: true, options: { out: { type: 'string' }, constraints: { type: 'string' } },
  });
  if (values.out === undefined) throw new Error('--out is missing; give the folder to write statistics.json and constraints.json to');
  if (statistics === undefined) throw new Error('no file given; give the statistics.json of a Model Monitor baselining job');
  const baseline = importModelMonitor({
    statistics: readFileSync(statistics, 'utf8'), ...(values.constraints !== undefined && { constraints: readFileSync(values.constraints, 'utf8') }),
  });
  writeBaseline(baseline, values.out);
  const worst = Math.max(0, ...featuresOf(baseline).map(({ rankError }) => rankError ?? 0));
  console.log(`shares of rows are known to ${(worst * 100).toFixed(1)} %; a baseline of the data itself is exact`);
  return Promise.resolve(0);
}
