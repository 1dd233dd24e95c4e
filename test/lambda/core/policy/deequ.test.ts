import { deequChiSquared, deequStabilityIndex, robustConstant, robustDistance } from '../../../../lambda/core';
import { largestShareDifference } from '../../../../lambda/core/statistics/distance';

type Counts = Record<string, number>;
const map = (counts: Counts) => new Map(Object.entries(counts));

// The numbers that Deequ's own tests assert (KLLDistanceTest.scala).
const before: Counts = { a: 10, b: 20, c: 25, d: 10, e: 5 };
const wide: Counts = { a: 207, b: 20, c: 25, d: 14, e: 25, g: 13 };

function shareDifference(first: Counts, second: Counts): { simple: number; n: number; m: number } {
  const names = [...new Set([...Object.keys(first), ...Object.keys(second)])];
  const total = (counts: Counts) => Object.values(counts).reduce((a, b) => a + b, 0);
  return { simple: largestShareDifference(names.map((name) => first[name] ?? 0), names.map((name) => second[name] ?? 0)), n: total(first), m: total(second) };
}

test.each<[string, Counts, Counts, number]>([
  ['the same values', before, { a: 11, b: 20, c: 25, d: 10, e: 10 }, 0.06015037593984962],
  ['other values', before, { f: 11, a: 20, c: 25, d: 10, e: 10 }, 0.2857142857142857],
])('the largest difference of a share, %s', (_, first, second, expected) => {
  const { simple, n, m } = shareDifference(first, second);
  expect(simple).toBeCloseTo(expected, 15);
  expect(robustDistance(simple, n, m)).toBe(0);
});

test.each([[0.003, 0.2726338046550349], [0.1, 0.33774199396969184]])('the robust distance at alpha %p', (alpha, expected) => {
  const { simple, n, m } = shareDifference(wide, { a: 22, b: 20, c: 25, d: 12, e: 13, f: 15 });
  expect(robustDistance(simple, n, m, robustConstant(alpha))).toBeCloseTo(expected, 14);
});

test.each<[string, Counts, Counts, { statistic?: number; pValue?: number }]>([
  ['missing values', wide, { a: 223, b: 20, c: 25, d: 12, e: 13, f: 15 }, { statistic: 28.175042782458068, pValue: 3.3640191298478506e-5 }],
  ['the same values', { a: 207, b: 20, c: 25, d: 14, e: 25 }, { a: 223, b: 20, c: 25, d: 12, e: 13 }, { pValue: 0.013227994814265176 }],
  ['two rare ones joined', { a: 100, b: 20, c: 25, d: 10, e: 5, f: 2 }, { a: 100, b: 22, c: 25, d: 5, e: 13, f: 2 }, { statistic: 8.789790456457125 }],
  ['a rare one joined', { a: 100, b: 40, c: 30, d: 10 }, { a: 100, b: 40, c: 30, e: 4 }, { statistic: 0.38754325259515626 }],
  ['down to two', { a: 100, b: 4, c: 3, d: 27 }, { a: 100, b: 4, c: 3, d: 34 }, { statistic: 1.1507901668129925 }],
  ['one rare one of many stays', { a: 100, b: 4, c: 3, d: 27, e: 20, f: 20, g: 20, h: 20 }, { a: 100, b: 2, c: 1, d: 34, e: 20, f: 20, g: 20, h: 20 },
    { statistic: 6.827423492761593 }],
])('chi-squared, %s', (_, window, baseline, { statistic, pValue }) => {
  const test = deequChiSquared(map(window), map(baseline))!;
  if (statistic !== undefined) expect(test.statistic / statistic).toBeCloseTo(1, 12);
  if (pValue !== undefined) expect(test.pValue / pValue).toBeCloseTo(1, 10);
});

test('chi-squared needs two categories after joining', () => {
  expect(deequChiSquared(map({ a: 100, b: 4, c: 3 }), map({ a: 100, b: 4, c: 3 }))).toBeUndefined();
});

test('the stability index of deciles', () => {
  const expected = [428, 425, 414, 427, 440, 447, 380, 386, 444, 386];
  const actual = [426, 437, 429, 391, 469, 433, 360, 443, 371, 418];
  expect(deequStabilityIndex(actual, expected)).toBeCloseTo(0.007406694184014186, 15);
});
