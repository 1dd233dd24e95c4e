import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { BenchData, benchData } from './data';
import { bundle, statisticsOf } from './prepare';

/**
 * Rows per second of processor time and peak memory of the drift engine beside the floors it is measured against, on one core.
 * `npm run bench:drift [-- --json] [-- --rounds 3]`; fails where a floor is missed.
 */

interface Figure {
  readonly name: string;
  readonly rowsPerSecond: number;
  readonly peakRssMb: number;
}

interface Floor {
  readonly name: string;
  readonly value: number;
  readonly atLeast?: number;
  readonly atMost?: number;
}

const rounds = Number(option('--rounds') ?? 3);
const json = process.argv.includes('--json');

function option(name: string): string | undefined {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}

async function main(): Promise<void> {
  const million = benchData(1_000_000);
  const payloads = benchData(1_000_000, 20, 'json');
  const wide = benchData(100_000, 500);
  const statistics = new Map([[20, await statisticsOf(million, 20)], [500, await statisticsOf(wide, 500)]]);
  const worker = bundle('worker');
  const run = (name: string, variant: string, data: BenchData, features = 20, times = 1) => () =>
    figure(name, data.rows * times, process.execPath, [worker, variant, data.capture, statistics.get(features)!, String(times)]);

  const figures = measure([
    run('engine', 'engine', million),
    run('floor: JSON.parse of each line, nothing else', 'parse-only', million),
    run('clean stream: JSON.parse, split, 64 bins', 'clean-stream', million),
    run('engine, JSON payloads', 'engine', payloads),
    run('floor: JSON.parse of line and payload, nothing else', 'parse-twice', payloads),
    run('clean stream, JSON payloads', 'clean-json', payloads),
    run('engine, 500 features', 'engine', wide, 500),
  ]);
  // Once is enough for memory.
  figures.push(run('engine, 1 M mutated lines', 'mutations', million)());
  figures.push(run('engine, 5 M records', 'engine', million, 20, 5)());
  if (pandasIsThere()) figures.push(figure('pandas and scipy', million.rows, 'python3', [join(__dirname, 'evidently_like.py'), million.capture, million.training]));
  report(figures);
}

/** Interleaved rounds, each figure's median: other work on the machine then falls on all alike. */
function measure(runs: ReadonlyArray<() => Figure>): Figure[] {
  const results = runs.map(() => [] as Figure[]);
  for (let round = 0; round < rounds; round++) runs.forEach((run, i) => results[i]!.push(run()));
  return results.map((of) => ({
    name: of[0]!.name, rowsPerSecond: median(of.map((f) => f.rowsPerSecond)), peakRssMb: Math.max(...of.map((f) => f.peakRssMb)),
  }));
}

function figure(name: string, rows: number, command: string, args: readonly string[]): Figure {
  const [program, all] = oneCore() ? ['taskset', ['-c', '0', command, ...args]] : [command, args];
  const result = JSON.parse(execFileSync(program!, all as string[], { encoding: 'utf8', maxBuffer: 1e6 })) as { rows: number; seconds: number; peakRssMb: number };
  if (result.rows !== rows) throw new Error(`${name} counted ${result.rows} of ${rows} rows`);
  return { name, rowsPerSecond: Math.round(rows / result.seconds), peakRssMb: Math.round(result.peakRssMb) };
}

function oneCore(): boolean {
  return spawnSync('taskset', ['-c', '0', 'true']).status === 0;
}

function pandasIsThere(): boolean {
  return spawnSync('python3', ['-c', 'import pandas, scipy']).status === 0;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function report(figures: readonly Figure[]): void {
  const rate = (name: string) => figures.find((f) => f.name.startsWith(name))!.rowsPerSecond;
  const memory = (name: string) => figures.find((f) => f.name === name)!.peakRssMb;
  const floors: Floor[] = [
    { name: 'engine / JSON.parse alone', value: rate('engine') / rate('floor: JSON.parse of each line'), atLeast: 1.5 },
    { name: 'engine / clean stream', value: rate('engine') / rate('clean stream: '), atLeast: 4 },
    { name: 'engine / JSON.parse twice, JSON payloads', value: rate('engine, JSON') / rate('floor: JSON.parse of line'), atLeast: 2 },
    { name: 'values per second at 500 features / rows per second of JSON.parse alone', value: (rate('engine, 500') * 501) / rate('floor: JSON.parse of each line'), atLeast: 15e6 / 530e3 },
    { name: 'peak RSS, MB', value: memory('engine'), atMost: 150 },
    { name: 'peak RSS over 1 M mutated lines, MB', value: memory('engine, 1 M mutated lines'), atMost: 200 },
    { name: 'peak RSS at 5 M / at 1 M records', value: memory('engine, 5 M records') / memory('engine'), atMost: 1.1 },
  ];
  const missed = floors.filter(({ value, atLeast = -Infinity, atMost = Infinity }) => value < atLeast || value > atMost);
  if (json) process.stdout.write(`${JSON.stringify({ variants: figures, ratios: Object.fromEntries(floors.map(({ name, value }) => [name, value])) })}\n`);
  else {
    for (const { name, rowsPerSecond, peakRssMb } of figures) console.log(`${name.padEnd(56)} ${String(rowsPerSecond).padStart(9)} rows/s ${String(peakRssMb).padStart(6)} MB`);
    for (const floor of floors) {
      const bound = floor.atLeast === undefined ? `at most ${floor.atMost}` : `at least ${floor.atLeast.toFixed(1)}`;
      console.log(`${missed.includes(floor) ? 'MISSED' : 'held  '} ${floor.name}: ${floor.value.toFixed(2)}, ${bound}`);
    }
    if (!figures.some(({ name }) => name.startsWith('pandas'))) console.log('pandas and scipy were not measured: python3 cannot import both; pip install pandas scipy');
  }
  if (missed.length > 0) process.exitCode = 1;
}

void main();
