import fc from 'fast-check';
import { OffsetScale, OrdinalIndex, nextDown, search } from '../../../../lambda/core/statistics/bins';
import { chiSquared, hellinger, jensenShannon, largestShareDifference, psi } from '../../../../lambda/core/statistics/distance';
import { benjaminiHochberg } from '../../../../lambda/core/statistics/multiple-testing';
import { kolmogorovSmirnov, wasserstein } from '../../../../lambda/core/statistics/ordinal';
import { logChiSquaredSf } from '../../../../lambda/core/statistics/special';

describe('published reference values', () => {
  test('chi-squared contingency (scipy docs)', () => {
    const { statistic, degreesOfFreedom } = chiSquared([10, 10, 20], [20, 20, 20]);
    expect(statistic).toBeCloseTo(2.7777777777777777, 12);
    expect(degreesOfFreedom).toBe(2);
    expect(Math.exp(logChiSquaredSf(statistic, degreesOfFreedom))).toBeCloseTo(0.24935220877729622, 12);
  });

  test('jensen-shannon distance (scipy docs)', () => {
    expect(jensenShannon([1, 0, 0], [0, 1, 0])).toBeCloseTo(1, 14);
    // scipy's default is the natural logarithm, ours is base 2.
    expect(jensenShannon([1, 0], [1, 1]) * Math.sqrt(Math.LN2)).toBeCloseTo(0.46450140402245893, 14);
  });

  test('hellinger distance (Evidently)', () => {
    expect(hellinger([16, 18, 16, 14, 12, 12], [16, 16, 16, 16, 16, 8])).toBeCloseTo(0.0681, 4);
  });

  // A bin for each value: nothing is hidden inside a bin, and the interval is one number.
  const binned = (values: number[], edges: Float64Array) => {
    const index = new OrdinalIndex(edges);
    const scale = new OffsetScale(edges);
    const counts = new Float64Array(edges.length + 1);
    const offsets = new Float64Array(edges.length + 1);
    for (const value of values) {
      counts[index.of(value)]!++;
      offsets[index.of(value)]! += scale.offset(index.of(value), value);
    }
    return { counts, offsets };
  };
  const exact = (...samples: number[][]) => Float64Array.from(new Set(samples.flat().flatMap((value) => [nextDown(value), value]))).sort();
  const a = [38.7, 41.5, 43.8, 44.5, 45.5, 46, 47.7, 58];
  const b = [39.2, 39.3, 39.7, 41.4, 41.8, 42.9, 43.3, 45.8];

  test.each([
    ['Evidently', a, b, 4.1625],
    ['scipy docs', [0, 1, 3], [5, 6, 8], 5],
  ])('wasserstein distance (%s)', (_, first, second, expected) => {
    const edges = exact(first, second);
    const { lower, upper } = wasserstein(binned(first, edges), binned(second, edges), edges, new OffsetScale(edges));
    expect(lower).toBeCloseTo(expected, 9);
    expect(upper).toBeCloseTo(expected, 9);
  });

  test('kolmogorov-smirnov distance (Evidently)', () => {
    const edges = exact(a, b);
    expect(kolmogorovSmirnov(binned(a, edges).counts, binned(b, edges).counts, edges)).toEqual({ lower: 0.625, upper: 0.625 });
  });
});

test('psi grows with the difference and its bias is subtracted', () => {
  expect(psi([100, 100], [100, 100])).toEqual({ raw: 0, corrected: 0 });
  const { raw, corrected } = psi([500, 500], [800, 200]);
  expect(raw - corrected).toBeCloseTo(2 / 1000, 12);
  expect(corrected).toBeGreaterThan(0.3);
});

test('the largest difference of shares', () => {
  expect(largestShareDifference([50, 50], [80, 20])).toBeCloseTo(0.3, 12);
});

test('an empty side is no distance', () => {
  for (const distance of [jensenShannon, hellinger, largestShareDifference]) expect(distance([1, 2], [0, 0])).toBe(0);
  expect(psi([0, 0], [1, 2]).raw).toBe(0);
});

describe('intervals hold the true distance', () => {
  const sample = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 60 });
  const edgesOf = fc.uniqueArray(fc.integer({ min: -1200, max: 1200 }), { minLength: 2, maxLength: 20 })
    .map((edges) => Float64Array.from(edges).sort());

  const distances = (x: number[], y: number[]) => {
    const points = [...x, ...y].sort((p, q) => p - q);
    const share = (values: number[], at: number) => values.filter((value) => value <= at).length / values.length;
    let ks = 0;
    let area = 0;
    points.forEach((point, i) => {
      const difference = Math.abs(share(x, point) - share(y, point));
      ks = Math.max(ks, difference);
      area += difference * ((points[i + 1] ?? point) - point);
    });
    return { ks, area };
  };

  test('for any samples and any bins', () => {
    fc.assert(fc.property(sample, sample, edgesOf, (x, y, edges) => {
      const index = new OrdinalIndex(edges);
      const scale = new OffsetScale(edges);
      const binned = (values: number[]) => {
        const counts = new Float64Array(edges.length + 1);
        const offsets = new Float64Array(edges.length + 1);
        for (const value of values) {
          const bin = index.of(value);
          expect(bin).toBe(search(edges, value));
          counts[bin]!++;
          offsets[bin]! += scale.offset(bin, value);
        }
        return { counts, offsets };
      };
      const p = binned(x);
      const q = binned(y);
      const truth = distances(x, y);
      const ks = kolmogorovSmirnov(p.counts, q.counts, edges);
      const w = wasserstein(p, q, edges, scale);
      const rounding = 1e-2;
      expect(ks.lower).toBeLessThanOrEqual(truth.ks + 1e-12);
      expect(ks.upper).toBeGreaterThanOrEqual(truth.ks - 1e-12);
      expect(w.lower).toBeLessThanOrEqual(truth.area + rounding);
      expect(w.upper).toBeGreaterThanOrEqual(truth.area - rounding);
    }));
  });
});

test('benjamini-hochberg: the values of R\'s p.adjust', () => {
  const adjusted = benjaminiHochberg([0.01, 0.02, 0.03, 0.04, 0.05].map(Math.log)).map(Math.exp);
  adjusted.forEach((p) => expect(p).toBeCloseTo(0.05, 12));
  expect(benjaminiHochberg([0.001, 0.8].map(Math.log)).map(Math.exp).map((p) => Number(p.toFixed(6)))).toEqual([0.002, 0.8]);
  expect(benjaminiHochberg([-5000, -6000])[1]).toBeCloseTo(-6000 + Math.LN2, 9);
});
