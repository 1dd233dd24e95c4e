/** Distances between two distributions given as counts over the same bins. */

type Counts = ArrayLike<number>;

export function total(counts: Counts): number {
  let sum = 0;
  for (let i = 0; i < counts.length; i++) sum += counts[i]!;
  return sum;
}

/**
 * Population stability index, with Jeffreys' half count in every bin (an empty bin is a small share, not an infinite surprise).
 * Under equal distributions its mean is (bins - 1)(1/n + 1/m), so `corrected` subtracts that.
 */
export function psi(baseline: Counts, window: Counts): { raw: number; corrected: number } {
  const bins = baseline.length;
  const m = total(baseline);
  const n = total(window);
  if (m === 0 || n === 0 || bins < 2) return { raw: 0, corrected: 0 };
  let raw = 0;
  for (let i = 0; i < bins; i++) {
    const p = (baseline[i]! + 0.5) / (m + bins / 2);
    const q = (window[i]! + 0.5) / (n + bins / 2);
    raw += (q - p) * Math.log(q / p);
  }
  return { raw, corrected: Math.max(0, raw - (bins - 1) * (1 / n + 1 / m)) };
}

/** Jensen-Shannon distance, base 2: 0 for equal, 1 for disjoint distributions. */
export function jensenShannon(baseline: Counts, window: Counts): number {
  const m = total(baseline);
  const n = total(window);
  if (m === 0 || n === 0) return 0;
  let divergence = 0;
  for (let i = 0; i < baseline.length; i++) {
    const p = baseline[i]! / m;
    const q = window[i]! / n;
    const middle = (p + q) / 2;
    if (p > 0) divergence += 0.5 * p * Math.log2(p / middle);
    if (q > 0) divergence += 0.5 * q * Math.log2(q / middle);
  }
  return Math.sqrt(Math.max(0, divergence));
}

export function hellinger(baseline: Counts, window: Counts): number {
  const m = total(baseline);
  const n = total(window);
  if (m === 0 || n === 0) return 0;
  let sum = 0;
  for (let i = 0; i < baseline.length; i++) sum += (Math.sqrt(baseline[i]! / m) - Math.sqrt(window[i]! / n)) ** 2;
  return Math.sqrt(sum / 2);
}

/** The largest difference of a single bin's share: Model Monitor's LInfinity for categories. */
export function largestShareDifference(baseline: Counts, window: Counts): number {
  const m = total(baseline);
  const n = total(window);
  if (m === 0 || n === 0) return 0;
  let largest = 0;
  for (let i = 0; i < baseline.length; i++) largest = Math.max(largest, Math.abs(baseline[i]! / m - window[i]! / n));
  return largest;
}

export function totalVariation(baseline: Counts, window: Counts): number {
  const m = total(baseline);
  const n = total(window);
  if (m === 0 || n === 0) return 0;
  let sum = 0;
  for (let i = 0; i < baseline.length; i++) sum += Math.abs(baseline[i]! / m - window[i]! / n);
  return sum / 2;
}

/**
 * Pearson's two-sample chi-squared statistic (a contingency table of two rows). Bins empty on both sides do not count.
 * `windowScale` shrinks the window to its effective rows when its rows are correlated.
 */
export function chiSquared(baseline: Counts, window: Counts, windowScale = 1): { statistic: number; degreesOfFreedom: number } {
  const m = total(baseline);
  const n = total(window) * windowScale;
  if (m === 0 || n === 0) return { statistic: 0, degreesOfFreedom: 0 };
  let statistic = 0;
  let filled = 0;
  for (let i = 0; i < baseline.length; i++) {
    const a = baseline[i]!;
    const b = window[i]! * windowScale;
    const column = a + b;
    if (column === 0) continue;
    filled++;
    const expectedA = (column * m) / (m + n);
    const expectedB = (column * n) / (m + n);
    statistic += (a - expectedA) ** 2 / expectedA + (b - expectedB) ** 2 / expectedB;
  }
  return { statistic, degreesOfFreedom: Math.max(0, filled - 1) };
}
