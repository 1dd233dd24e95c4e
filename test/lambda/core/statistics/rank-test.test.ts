import { rankStatistic } from '../../../../lambda/core/statistics/rank-test';
import { logChiSquaredSf } from '../../../../lambda/core/statistics/special';

const p = (statistic: number) => Math.exp(logChiSquaredSf(statistic, 1));
const BASELINE = [10, 20, 30, 5, 0, 7];
const WINDOW = [4, 9, 25, 8, 2, 3];

test('the p of scipy, with ties: mannwhitneyu(..., use_continuity=False, method="asymptotic")', () => {
  expect(p(rankStatistic(BASELINE, WINDOW))).toBeCloseTo(0.07814897423388112, 14);
});

test('correlated rows count as fewer rows, whatever their number', () => {
  const thrice = WINDOW.map((count) => count * 3);
  expect(rankStatistic(BASELINE, thrice, 1 / 3)).toBeCloseTo(rankStatistic(BASELINE, WINDOW), 12);
});

test('nothing is said where there is nothing to rank', () => {
  expect(rankStatistic([0, 0], [3, 4])).toBe(0);
  expect(rankStatistic([5, 0], [3, 0])).toBe(0);
});
