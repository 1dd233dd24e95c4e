import { Accumulator, Baseline, buildBaseline, csvRows, evaluateWindow } from '../../lambda/core';
import { seededRandom } from '../../lambda/core/random';

/**
 * How often the engine cries without cause, and how often it sees a shift: `tsx bench/drift/false-alarms.ts [windows]`.
 * `significant` is the chi-squared test alone at 1 %; `drift` is the whole decision, which also asks for a relevant distance.
 */

const DAY = 86_400_000;

interface Traffic {
  readonly rows: number;
  /** Requests of one user in a row that share a value with probability `icc`; 1 for independent requests. */
  readonly perUser: number;
  readonly icc: number;
  readonly change?: (x: number) => number;
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

async function trainingBaseline(): Promise<Baseline> {
  const random = seededRandom(1);
  const lines = ['x', ...Array.from({ length: 100_000 }, () => normal(random))].join('\n');
  const source = csvRows({ name: 'train', async* open() { yield new TextEncoder().encode(lines); } });
  return (await buildBaseline({ sources: [source] })).baseline;
}

function window(baseline: Baseline, { rows, perUser, icc, change = (x) => x }: Traffic, random: () => number): Accumulator {
  const accumulator = new Accumulator(baseline);
  let mine = 0;
  for (let i = 0; i < rows; i++) {
    if (i % perUser === 0) mine = normal(random);
    // Two requests of a user share their value with probability icc.
    const x = random() < Math.sqrt(icc) ? mine : normal(random);
    accumulator.add(0, change(x), accumulator.cellAt((i * DAY) / rows));
    accumulator.rows++;
  }
  return accumulator;
}

function rates(baseline: Baseline, traffic: Traffic, windows: number): { significant: number; uncorrected: number; drift: number; insufficient: number } {
  const random = seededRandom(traffic.rows + traffic.perUser);
  const counted = { significant: 0, uncorrected: 0, drift: 0, insufficient: 0 };
  for (let i = 0; i < windows; i++) {
    const accumulator = window(baseline, traffic, random);
    const report = evaluateWindow({ baseline, accumulator, window: { start: new Date(0), end: new Date(DAY) } });
    const { metrics, designEffect } = report.features[0]!;
    if (metrics.logP < Math.log(0.01)) counted.significant++;
    // What the test would have said of as many independent rows.
    const cells = new Accumulator(baseline);
    accumulator.column(0).counts.forEach((count, bin) => { cells.counts[bin] = count; });
    const plain = evaluateWindow({ baseline, accumulator: cells, window: { start: new Date(0), end: new Date(DAY) } });
    if (plain.features[0]!.metrics.logP < Math.log(0.01) && designEffect >= 1) counted.uncorrected++;
    if (report.state === 'drift') counted.drift++;
    if (report.state === 'insufficient') counted.insufficient++;
  }
  return { significant: counted.significant / windows, uncorrected: counted.uncorrected / windows, drift: counted.drift / windows, insufficient: counted.insufficient / windows };
}

const CASES: ReadonlyArray<{ name: string; traffic: Traffic; atMost?: number; power?: number }> = [
  { name: 'no drift, independent', traffic: { rows: 5000, perUser: 1, icc: 0 }, atMost: 0.015 },
  { name: 'no drift, 200 users x 25 requests, icc 0.5', traffic: { rows: 5000, perUser: 25, icc: 0.5 }, atMost: 0.08 },
  { name: 'mean + 0.35', traffic: { rows: 5000, perUser: 1, icc: 0, change: (x) => x + 0.35 }, power: 0.99 },
  { name: 'spread x 1.5', traffic: { rows: 5000, perUser: 1, icc: 0, change: (x) => x * 1.5 }, power: 0.99 },
  { name: 'mean + 0.15', traffic: { rows: 5000, perUser: 1, icc: 0, change: (x) => x + 0.15 }, power: 0.9 },
  { name: 'spread x 1.2', traffic: { rows: 5000, perUser: 1, icc: 0, change: (x) => x * 1.2 }, power: 0.99 },
];

async function main(): Promise<void> {
  const windows = Number(process.argv[2] ?? 1000);
  const baseline = await trainingBaseline();
  for (const { name, traffic, atMost, power } of CASES) {
    const found = rates(baseline, traffic, windows);
    const held = (atMost === undefined || found.significant <= atMost) && (power === undefined || found.drift >= power);
    if (!held) process.exitCode = 1;
    const shown = Object.entries(found).map(([key, rate]) => `${key} ${(rate * 100).toFixed(1)} %`).join(', ');
    console.log(`${held ? 'held  ' : 'MISSED'} ${name}: ${shown}${atMost === undefined ? '' : `; significant at most ${atMost * 100} %`}${power === undefined ? '' : `; drift at least ${power * 100} %`}`);
  }
}

void main();
