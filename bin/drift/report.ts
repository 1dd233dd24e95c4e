import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { Accumulator, decodeAccumulator, type DriftReport, evaluateWindow, parseBaseline, type Preset, renderReport, violationsDocument } from '../../lambda/core';

export const REPORT_USAGE = `mlops drift report <counts.bin>... --baseline <statistics.json> --out <folder>
    adds up counts, compares them with the baseline, and writes report.json, report.html and constraint_violations.json
    --preset <tool>             decide by the rule of model-monitor, evidently or nannyml
    --start, --end <time>       the window's name in the report, if the paths of the captures do not tell their hours
    ends with 0 if nothing drifts, with 3 if it is otherwise or cannot be told`;

const NOT_OK = 3;
const HOUR = 3_600_000;

export function report(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { baseline: { type: 'string' }, out: { type: 'string' }, start: { type: 'string' }, end: { type: 'string' }, preset: { type: 'string' } },
  });
  if (values.baseline === undefined) throw new Error('--baseline is missing; give the statistics.json the counts were made with');
  if (values.out === undefined) throw new Error('--out is missing; give the folder to write the report to');
  if (positionals.length === 0) throw new Error('no counts given; give files that \'mlops drift scan\' wrote');
  const baseline = parseBaseline(readFileSync(values.baseline, 'utf8'));
  const accumulator = Accumulator.sum(baseline, positionals.map((file) => decodeAccumulator(readFileSync(file), baseline)));
  const window = windowOf(accumulator, values.start, values.end);
  const evaluated = evaluateWindow({ baseline, accumulator, window, policy: values.preset === undefined ? {} : { preset: presetOf(values.preset) } });
  mkdirSync(values.out, { recursive: true });
  const write = (name: string, text: string) => writeFileSync(path.join(values.out!, name), text);
  write('report.json', `${JSON.stringify(evaluated, undefined, 2)}\n`);
  write('report.html', renderReport(evaluated, baseline, accumulator));
  write('constraint_violations.json', `${JSON.stringify(violationsDocument(evaluated), undefined, 2)}\n`);
  print(evaluated, values.out);
  return Promise.resolve(evaluated.state === 'ok' ? 0 : NOT_OK);
}

const PRESETS: ReadonlyArray<Preset['name']> = ['model-monitor', 'evidently', 'nannyml'];

function presetOf(given: string): Preset {
  const name = PRESETS.find((each) => each === given);
  if (name === undefined) throw new Error(`--preset is '${given}'; give ${PRESETS.join(', ')}, or leave it out for our own rule`);
  return { name };
}

/** Given, or from the hours in the captures' paths: `.../2026/02/01/13/...`. */
function windowOf(accumulator: Accumulator, start?: string, end?: string): { start: Date; end: Date } {
  const hours = accumulator.manifest.ranges().flatMap(({ key }) => {
    const [, year, month, day, hour] = /(\d{4})\/(\d{2})\/(\d{2})\/(\d{2})\/[^/]*$/.exec(key.replaceAll('\\', '/')) ?? [];
    return year === undefined ? [] : [Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour))];
  }).sort((a, b) => a - b);
  return { start: instant('--start', start, hours[0]), end: instant('--end', end, hours.length === 0 ? undefined : hours[hours.length - 1]! + HOUR) };
}

function instant(option: string, text: string | undefined, otherwise: number | undefined): Date {
  const time = text === undefined ? otherwise : Date.parse(text);
  if (time === undefined) throw new Error(`the captures' paths do not tell their hours; give ${option}, for example 2026-02-01T00:00:00Z`);
  if (Number.isNaN(time)) throw new Error(`${option} is '${text}'; give a time, for example 2026-02-01T00:00:00Z`);
  return new Date(time);
}

function print({ state, reason, features, prediction, rows, rejected }: DriftReport, folder: string): void {
  const columns = [...features, ...(prediction ? [prediction] : [])].sort((a, b) => b.score - a.score);
  const width = Math.max(...columns.map(({ name }) => name.length));
  console.log(`${state}: ${reason}`);
  console.log(`${rows} rows, ${rejected} records rejected`);
  for (const column of columns.slice(0, 20)) console.log(`  ${column.name.padEnd(width)}  ${column.score.toFixed(2).padStart(6)}  ${column.state}`);
  if (columns.length > 20) console.log(`  and ${columns.length - 20} more`);
  console.log(`report in ${path.join(folder, 'report.html')}`);
}
