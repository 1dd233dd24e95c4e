import { spawnSync } from 'node:child_process';
import { chooseEdges } from '../../../../lambda/core/baseline/edges';
import { seededRandom } from '../../../../lambda/core/random';
import { OffsetScale, OrdinalIndex } from '../../../../lambda/core/statistics/bins';
import { chiSquared } from '../../../../lambda/core/statistics/distance';
import { kolmogorovSmirnov, wasserstein } from '../../../../lambda/core/statistics/ordinal';
import { logChiSquaredSf } from '../../../../lambda/core/statistics/special';

const there = process.env.CI === undefined && spawnSync('python3', ['-c', 'import scipy, mpmath']).status === 0;
if (!there) console.log('scipy does not check the statistics here: not in CI, and python3 must import scipy and mpmath (pip install scipy mpmath)');
const withScipy = there ? test : test.skip;

const SCRIPT = `
import json, sys
import mpmath
from scipy.stats import ks_2samp, wasserstein_distance
mpmath.mp.dps = 40
task = json.load(sys.stdin)
print(json.dumps({
  'samples': [[float(ks_2samp(a, b, method='asymp').statistic), float(wasserstein_distance(a, b))] for a, b in task['samples']],
  'tails': [float(mpmath.log(mpmath.gammainc(mpmath.mpf(k) / 2, mpmath.mpf(x) / 2, mpmath.inf, regularized=True))) for x, k in task['tails']],
}))
`;

function ask(task: unknown): { samples: Array<[number, number]>; tails: number[] } {
  const { stdout, stderr, status } = spawnSync('python3', ['-c', SCRIPT], { input: JSON.stringify(task), encoding: 'utf8', maxBuffer: 1e8 });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as ReturnType<typeof ask>;
}

const random = seededRandom(20);
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const draw = (count: number, value: () => number) => Array.from({ length: count }, value);

const shapes: ReadonlyArray<[string, () => number, () => number]> = [
  ['normal, shifted', normal, () => normal() + 0.15],
  ['normal, wider', normal, () => normal() * 1.2],
  ['lognormal', () => Math.exp(3 + normal()), () => Math.exp(3.15 + normal())],
  ['zero-inflated', () => (random() < 0.4 ? 0 : -Math.log(1 - random()) * 40), () => (random() < 0.45 ? 0 : -Math.log(1 - random()) * 42)],
  ['integers', () => Math.floor(random() * 90), () => Math.floor(random() * 80)],
  ['heavy tail', () => (1 - random()) ** (-1 / 1.5), () => (1 - random()) ** (-1 / 1.4)],
  ['no drift', normal, normal],
  ['out of range', normal, () => normal() + 50],
];

withScipy('the distances of scipy lie in our intervals, whatever the shape', () => {
  const samples = shapes.map(([, a, b]) => [draw(20_000, a), draw(5000, b)] as const);
  const expected = ask({ samples, tails: [] }).samples;
  samples.forEach(([a, b], i) => {
    const edges = chooseEdges(Float64Array.from(a).sort());
    const index = new OrdinalIndex(edges);
    const scale = new OffsetScale(edges);
    const binned = (values: readonly number[]) => {
      const counts = new Float64Array(edges.length + 1);
      const offsets = new Float64Array(edges.length + 1);
      values.forEach((value) => {
        counts[index.of(value)]!++;
        offsets[index.of(value)]! += scale.offset(index.of(value), value);
      });
      return { counts, offsets };
    };
    const [p, q] = [binned(a), binned(b)];
    const [ksDistance, area] = expected[i]!;
    const ks = kolmogorovSmirnov(p.counts, q.counts, edges);
    const w = wasserstein(p, q, edges, scale);
    const name = shapes[i]![0];
    expect([name, ks.lower <= ksDistance + 1e-12 && ksDistance <= ks.upper + 1e-12, ks.upper - ks.lower < 0.02]).toEqual([name, true, true]);
    // Half a step of 2^-20 of a bin's width for each value is all that is lost.
    expect([name, w.lower <= area * (1 + 1e-5), area <= w.upper * (1 + 1e-5)]).toEqual([name, true, true]);
  });
});

withScipy('chi-squared tails agree to 1e-10 of p, also far below 1e-100', () => {
  const tails = Array.from({ length: 300 }, (_, i) => [random() * 10 ** (i % 4), 1 + Math.floor(random() * 10 ** (1 + (i % 3)))] as const);
  const expected = ask({ samples: [], tails }).tails;
  tails.forEach(([x, degrees], i) => {
    // A relative error of p is an absolute one of its logarithm.
    expect(Math.abs(logChiSquaredSf(x, degrees) - expected[i]!)).toBeLessThan(1e-10);
  });
  expect(Math.min(...expected)).toBeLessThan(Math.log(1e-100));
});

withScipy('a contingency table of two samples', () => {
  const { statistic, degreesOfFreedom } = chiSquared([100, 200, 300, 0], [30, 90, 80, 0]);
  const script = 'from scipy.stats import chi2_contingency as c; r = c([[100, 200, 300], [30, 90, 80]]); print(r[0], r[2])';
  const [expected, degrees] = spawnSync('python3', ['-c', script], { encoding: 'utf8' }).stdout.split(' ').map(Number);
  expect(statistic).toBeCloseTo(expected!, 10);
  expect(degreesOfFreedom).toBe(degrees);
});
