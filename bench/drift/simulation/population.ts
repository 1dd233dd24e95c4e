import { type Baseline, buildBaseline, csvRows } from '../../../lambda/core';
import { seededRandom } from '../../../lambda/core/random';
import { binCount } from '../../../lambda/core/statistics/bins';
import { ColumnReader } from '../../../lambda/core/statistics/column';

/** How one value of a feature comes about. */
export type Draw = (random: () => number) => number;

export const normal: Draw = (random) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
export const lognormal = (mu: number): Draw => (random) => Math.exp(mu + 0.8 * normal(random));
/** Six of ten are zero, the others exponential. */
export const zeroInflated = (mean: number): Draw => (random) => (random() < 0.6 ? 0 : -mean * Math.log(1 - random()));
export const pareto = (shape: number): Draw => (random) => (1 - random()) ** (-1 / shape);

const DAYS = 30;
const TRAINING_ROWS = 100_000;

/** A baseline from 30 days of training rows, independent of each other, through the reader that training data take. */
export async function trainedOn(features: readonly Draw[], seed: number): Promise<Baseline> {
  const random = seededRandom(seed);
  const lines = Array.from({ length: TRAINING_ROWS }, (_, row) => {
    const time = Date.UTC(2026, 0, 1) + Math.floor((row * DAYS * 86_400_000) / TRAINING_ROWS);
    return [time, ...features.map((draw) => draw(random))].join(',');
  });
  const text = [['time', ...features.map((_, i) => `f${i}`)].join(','), ...lines].join('\n');
  const source = csvRows({ name: 'training', async* open() { yield new TextEncoder().encode(text); } });
  return (await buildBaseline({ sources: [source], time: 'time' })).baseline;
}

const POPULATION = 1_000_000;

/** A row as an accumulator counts it. */
export interface Row {
  readonly bin: number;
  readonly offset: number;
  readonly value: number;
}

/**
 * What production draws from: not the training rows themselves but the distribution they came from, as shares of the baseline's
 * bins. Rows of a bin are alike, except in the two open ones, which hold the tails: a thousand months are drawn in minutes.
 */
export class Population {
  private readonly rows: ReadonlyArray<readonly Row[]>;
  private readonly keep: Float64Array;
  private readonly alias: Uint16Array;

  public constructor(baseline: Baseline, column: number, draw: Draw, seed: number) {
    const random = seededRandom(seed);
    const bins = baseline.columns[column]!;
    const reader = new ColumnReader(bins);
    const counts = new Float64Array(binCount(bins.bins));
    const offsets = new Float64Array(counts.length);
    const scale = reader.scale!;
    const tails: Row[][] = Array.from(counts, () => []);
    for (let i = 0; i < POPULATION; i++) {
      const value = draw(random);
      const bin = reader.bin(value);
      const offset = scale.offset(bin, value);
      counts[bin]!++;
      offsets[bin]! += offset;
      if (bin === 0 || bin === counts.length - 1) tails[bin]!.push({ bin, offset, value });
    }
    this.rows = tails.map((tail, bin) => {
      const offset = Math.round(offsets[bin]! / Math.max(1, counts[bin]!));
      return tail.length > 0 ? tail : [{ bin, offset, value: scale.sum(bin, 1, offset) }];
    });
    [this.keep, this.alias] = aliasTable(counts);
  }

  public row(random: () => number): Row {
    const at = random() * this.keep.length;
    const cell = Math.floor(at);
    const rows = this.rows[at - cell < this.keep[cell]! ? cell : this.alias[cell]!]!;
    return rows.length === 1 ? rows[0]! : rows[Math.floor(random() * rows.length)]!;
  }
}

/** Vose's alias method: each cell holds part of one outcome, the rest of another. */
function aliasTable(weights: Float64Array): [Float64Array, Uint16Array] {
  const total = weights.reduce((a, b) => a + b, 0);
  const keep = weights.map((weight) => (weight * weights.length) / total);
  const alias = Uint16Array.from(weights, (_, i) => i);
  const small = [...keep.keys()].filter((i) => keep[i]! < 1);
  const large = [...keep.keys()].filter((i) => keep[i]! >= 1);
  while (small.length > 0 && large.length > 0) {
    const low = small.pop()!;
    const high = large[large.length - 1]!;
    alias[low] = high;
    keep[high]! -= 1 - keep[low]!;
    if (keep[high]! < 1) small.push(large.pop()!);
  }
  for (const i of [...small, ...large]) keep[i] = 1;
  return [keep, alias];
}
