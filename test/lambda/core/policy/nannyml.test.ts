import { Accumulator, type ColumnReport, evaluateWindow } from '../../../../lambda/core';
import { search } from '../../../../lambda/core/statistics/bins';
import { hellinger, jensenShannon } from '../../../../lambda/core/statistics/distance';
import { NumpyRandom } from '../numpy-random';
import { baselineOf } from '../support';

/* The figures that NannyML publishes in tests/drift/test_univariate_drift_methods.py, each from the data that test draws: np.random.seed(1). */

const linspace = (count: number) => Array.from({ length: count }, (_, i) => (i * 2) / (count - 1));
const rounded = (value: number, digits = 2) => Number(value.toFixed(digits));

test('the data are numpy\'s own', () => {
  expect(Array.from(new NumpyRandom(1).normal(0, 1, 3))).toEqual([1.6243453636632417, -0.6117564136500754, -0.5281717522634557]);
  expect(new NumpyRandom(1).normal(0, 1, 10_000).at(-1)).toBeCloseTo(-1.4378698926788949, 15);
  expect(new NumpyRandom(1).choice([0, 1, 2, 3, 4, 5], 12)).toEqual([5, 3, 4, 0, 1, 3, 5, 0, 0, 1, 4, 5]);
});

/** The column that the engine reports of a reference of one column and a window, judged by NannyML's rule. */
async function compare(reference: ArrayLike<number | string>, analysis: ArrayLike<number | string>): Promise<ColumnReport & { deviation: number }> {
  const baseline = await baselineOf(`A\n${Array.from(reference).join('\n')}\n`);
  const accumulator = new Accumulator(baseline);
  for (let i = 0; i < analysis.length; i++) accumulator.add(0, analysis[i]!, accumulator.cellAt(0));
  accumulator.rows = analysis.length;
  const window = { start: new Date(0), end: new Date(86_400_000) };
  const [column] = evaluateWindow({ baseline, accumulator, window, policy: { preset: { name: 'nannyml' } } }).features;
  return { ...column!, deviation: baseline.columns[0]!.deviation };
}

describe('through the engine', () => {
  test.each([
    ['the mean by one', 10_000, 1, 1, 1000, 2, 1.01],
    ['the mean by minus four', 100_000, -4, 1, 1000, 2, 3.99],
    ['ten times the spread, far out of the reference', 15_000, 0, 10, 1_000_000, 3, 7.180],
  ])('wasserstein: %s', async (_, rows, mean, deviation, windowRows, digits, published) => {
    const random = new NumpyRandom(1);
    const found = await compare(random.normal(0, 1, rows), random.normal(mean, deviation, windowRows));
    const { lower, upper } = found.metrics.wasserstein!;
    // The lower end is what a verdict uses; it is the distance itself where the distributions cross at edges only.
    expect(rounded(lower * found.deviation, digits)).toBe(published);
    expect(rounded(upper * found.deviation, digits)).toBeGreaterThanOrEqual(published);
    expect(found).toMatchObject({ state: 'insufficient', reason: expect.stringContaining('build it with a time column') });
  });

  test('wasserstein: none', async () => {
    const reference = new NumpyRandom(1).normal(0, 1, 10_000);
    expect(rounded((await compare(reference, reference)).metrics.wasserstein!.lower)).toBe(0);
  });

  test.each([
    ['a new category', 'aabbcc', 'aabbccd', 0.14], ['no change', 'aabbcc', 'aabbcc', 0], ['a total change', 'aabbcc', 'bbbbb', 0.67],
  ])('l-infinity: %s', async (_, reference, analysis, published) => {
    expect(rounded((await compare([...reference], [...analysis])).metrics.largestShareDifference!)).toBe(published);
  });

  test('jensen-shannon: categories', async () => {
    const random = new NumpyRandom(1);
    expect(rounded((await compare(random.choice([...'abcd'], 10_000), random.choice([...'abce'], 1000))).metrics.jensenShannon)).toBe(0.5);
  });
});

/*
 * NannyML bins numbers otherwise than we do: by Doane's rule, or each value for itself where there are few, and what lies outside the reference
 * in a bin of its own. On those bins our formulas give its figures.
 */
describe('on the bins of NannyML', () => {
  function doane(reference: Float64Array): Float64Array {
    const n = reference.length;
    const mean = reference.reduce((a, b) => a + b, 0) / n;
    const moment = (power: number) => reference.reduce((sum, x) => sum + (x - mean) ** power, 0) / n;
    const skewness = Math.abs(moment(3) / moment(2) ** 1.5);
    const error = Math.sqrt((6 * (n - 2)) / ((n + 1) * (n + 3)));
    const bins = Math.ceil(1 + Math.log2(n) + Math.log2(1 + skewness / error));
    const [low, high] = [Math.min(...reference), Math.max(...reference)];
    return Float64Array.from({ length: bins + 1 }, (_, i) => low + (i * (high - low)) / bins);
  }

  function histogram(values: Float64Array, edges: Float64Array): Float64Array {
    const counts = new Float64Array(edges.length);
    for (const value of values) {
      const bin = value === edges[0] ? 0 : search(edges, value) - 1;
      counts[bin < 0 || bin > edges.length - 2 ? edges.length - 1 : bin]!++;
    }
    return counts;
  }

  function each(values: readonly unknown[], kinds: readonly unknown[]): number[] {
    return kinds.map((kind) => values.filter((value) => value === kind).length);
  }

  const normals = (draw: (random: NumpyRandom) => [Float64Array, Float64Array]) => {
    const [reference, analysis] = draw(new NumpyRandom(1));
    const edges = doane(reference);
    expect(edges.length - 1).toBe(16);
    return [histogram(reference, edges), histogram(analysis, edges)] as const;
  };

  test('jensen-shannon: two samples of one distribution', () => {
    expect(rounded(jensenShannon(...normals((random) => [random.normal(0, 1, 10_000), random.normal(0, 1, 1000)])))).toBe(0.05);
  });

  test.each([['no overlap', 7, 1], ['half an overlap', -2, 0.63]])('hellinger: %s', (_, mean, published) => {
    expect(rounded(hellinger(...normals((random) => [random.normal(0, 1, 10_000), random.normal(mean, 1, 10_000)])))).toBe(published);
  });

  test('hellinger: complete overlap', () => {
    const reference = new NumpyRandom(1).normal(0, 1, 10_000);
    expect(rounded(hellinger(...normals(() => [reference, reference])))).toBe(0);
  });

  test('few values, and categories', () => {
    const random = new NumpyRandom(1);
    const [six, three] = [random.choice(linspace(6), 10_000), random.choice(linspace(3), 1000)];
    const kinds = [...new Set([...six, ...three])];
    expect([rounded(jensenShannon(each(six, kinds), each(three, kinds))), rounded(hellinger(each(six, kinds), each(three, kinds)))]).toEqual([0.73, 0.72]);
    const again = new NumpyRandom(1);
    const [before, after] = [again.choice([...'abcd'], 10_000), again.choice([...'abce'], 1000)];
    expect(rounded(hellinger(each(before, [...'abcde']), each(after, [...'abcde'])))).toBe(0.5);
  });
});
