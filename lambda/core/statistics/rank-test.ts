import { total } from './distance';

/**
 * The square of the Mann-Whitney test's z over ordered bins, rows of a bin counting as ties (Lehmann, "Nonparametrics", 1.4): chi-squared with one
 * degree of freedom under equal distributions. It sees rows move along the order, which the chi-squared test of many bins spreads over them all.
 * `windowScale` shrinks the window to its effective rows when its rows are correlated.
 */
export function rankStatistic(baseline: ArrayLike<number>, window: ArrayLike<number>, windowScale = 1): number {
  const m = total(baseline);
  const n = total(window) * windowScale;
  if (m === 0 || n === 0) return 0;
  const all = m + n;
  let below = 0;
  let wins = 0;
  let ties = 0;
  for (let i = 0; i < baseline.length; i++) {
    const tied = baseline[i]! + window[i]! * windowScale;
    wins += window[i]! * windowScale * (below + baseline[i]! / 2);
    ties += tied ** 3 - tied;
    below += baseline[i]!;
  }
  const variance = ((m * n) / 12) * (all + 1 - ties / (all * (all - 1)));
  return variance > 0 ? (wins - (m * n) / 2) ** 2 / variance : 0;
}
