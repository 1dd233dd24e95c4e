import { logChiSquaredSf } from '../statistics/special';

type Categories = ReadonlyMap<string, number>;

export interface DeequTest {
  readonly statistic: number;
  readonly pValue: number;
  /** Natural logarithm of the p-value, which does not underflow. */
  readonly logP: number;
}

/** Cochran's rule for two categories, and Yates' for more: how many rows one should expect in each, and how many may have fewer. */
const COCHRAN_ROWS = 10;
const YATES_ROWS = 5;
const YATES_SHARE = 0.2;

/**
 * Model Monitor's ChiSquared method for categories, as its engine Deequ computes it: the baseline counts as exact, values it does not know
 * are left out, and the rarest categories are joined until enough rows are expected in each. Undefined if fewer than two remain.
 * Only for comparison with Model Monitor: unseen values escape it, and it takes no account of the baseline's own noise.
 */
export function deequChiSquared(window: Categories, baseline: Categories): DeequTest | undefined {
  const known = sum([...window].filter(([value]) => baseline.has(value)).map(([, count]) => count));
  const all = sum(baseline.values());
  const cells = [...baseline].map(([value, count]) => ({ expected: (count / all) * known, observed: window.get(value) ?? 0 }));
  while (cells.length >= 2 && tooThin(cells.map(({ expected }) => expected))) joinRarest(cells);
  if (cells.length < 2) return undefined;
  const scale = sum(cells.map(({ observed }) => observed)) / sum(cells.map(({ expected }) => expected));
  const statistic = sum(cells.map(({ expected, observed }) => (observed - expected * scale) ** 2 / (expected * scale)));
  const logP = logChiSquaredSf(statistic, cells.length - 1);
  return { statistic, pValue: Math.exp(logP), logP };
}

function tooThin(expected: readonly number[]): boolean {
  const [rows, tolerated] = expected.length > 2 ? [YATES_ROWS, Math.floor(YATES_SHARE * expected.length)] : [COCHRAN_ROWS, 0];
  return expected.filter((each) => each < rows).length > tolerated;
}

function joinRarest(cells: Array<{ expected: number; observed: number }>): void {
  const [rarest] = cells.splice(rarestOf(cells), 1);
  const next = cells[rarestOf(cells)]!;
  next.expected += rarest!.expected;
  next.observed += rarest!.observed;
}

function rarestOf(cells: ReadonlyArray<{ expected: number }>): number {
  return cells.reduce((least, { expected }, i) => (expected < cells[least]!.expected ? i : least), 0);
}

/** Deequ's stability index of two histograms: no smoothing, no correction for chance. Infinite where one of them has an empty bucket. */
export function deequStabilityIndex(window: readonly number[], baseline: readonly number[]): number {
  const n = sum(window);
  const m = sum(baseline);
  return sum(window.map((count, i) => (count / n - baseline[i]! / m) * Math.log(count / n / (baseline[i]! / m))));
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
