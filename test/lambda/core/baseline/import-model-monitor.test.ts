import { Accumulator, Baseline, evaluateWindow, importModelMonitor, parseBaseline, serializeBaseline } from '../../../../lambda/core';
import { baselineOf, normals } from '../support';

let exact: Baseline;
beforeAll(async () => {
  const random = normals(5);
  exact = await baselineOf(['x,n,c', ...Array.from({ length: 20_000 }, (_, i) => `${random() * 10},${i % 30},${i % 50 === 0 ? '' : 'abc'[i % 3]}`)].join('\n'));
});

/** The files as Model Monitor itself would have written them: without what is only ours. */
function foreign(baseline: Baseline): { statistics: string; constraints: string } {
  const { statistics, constraints } = serializeBaseline(baseline);
  const strip = (key: string, value: unknown): unknown => (key === 'cdk_mlops' ? undefined : value);
  return { statistics: JSON.stringify(JSON.parse(statistics), strip), constraints };
}

function windowOf(baseline: Baseline, shift: number): Accumulator {
  const random = normals(6);
  const accumulator = new Accumulator(baseline);
  for (let i = 0; i < 5000; i++) {
    const cell = accumulator.cellAt(i * 17_280);
    [random() * 10 + shift, (i * 7) % 30, 'abc'[(i * 11) % 3]].forEach((value, column) => accumulator.add(column, value, cell));
    accumulator.rows++;
  }
  return accumulator;
}

const evaluated = (baseline: Baseline, shift: number) =>
  evaluateWindow({ baseline, accumulator: windowOf(baseline, shift), window: { start: new Date(0), end: new Date(86_400_000) } });

test('a sketch gives the verdicts of the data it was made from, and says how far it may be off', () => {
  const imported = importModelMonitor(foreign(exact));
  expect(imported.rows).toBe(exact.rows);
  expect(imported.columns.map(({ name, type }) => [name, type])).toEqual(exact.columns.map(({ name, type }) => [name, type]));
  expect(imported.columns[0]!.present).toBe(20_000);
  expect(imported.columns[0]!.rankError).toBeCloseTo(0.00237, 4);
  expect([...imported.columns[2]!.counts]).toEqual([...exact.columns[2]!.counts]);
  for (const [shift, state] of [[0, 'ok'], [4, 'drift']] as const) {
    const [ours, theirs] = [evaluated(exact, shift), evaluated(imported, shift)];
    expect([ours.state, theirs.state]).toEqual([state, state]);
    const [a, b] = [ours.features[0]!.metrics.ks!, theirs.features[0]!.metrics.ks!];
    expect(b.lower).toBeLessThanOrEqual(a.upper);
    expect(b.upper).toBeGreaterThanOrEqual(a.lower);
  }
});

test('a distance is only as certain as what it is measured from', async () => {
  // Most rows lie at the low end of the fullest of ten buckets, which tells nothing of where in it.
  const skewed = (seed: number) => {
    const random = normals(seed);
    return Array.from({ length: 20_000 }, () => Math.exp(2 * random()));
  };
  const data = await baselineOf(['x', ...skewed(7)].join('\n'));
  const document = JSON.parse(foreign(data).statistics) as { features: any[] };
  const ofSketch = importModelMonitor({ statistics: JSON.stringify(document) });
  delete document.features[0].numerical_statistics.distribution.kll.sketch;
  const ofBuckets = importModelMonitor({ statistics: JSON.stringify(document) });
  const metrics = (baseline: Baseline) => {
    const accumulator = new Accumulator(baseline);
    for (const value of skewed(8)) accumulator.add(0, value, accumulator.cellAt(0));
    accumulator.rows = 20_000;
    return evaluateWindow({ baseline, accumulator, window: { start: new Date(0), end: new Date(86_400_000) } }).features[0]!;
  };
  const [exactly, bySketch, byBuckets] = [metrics(data), metrics(ofSketch), metrics(ofBuckets)];
  for (const { metrics: { wasserstein, ks } } of [bySketch, byBuckets]) {
    expect(wasserstein!.lower).toBeLessThanOrEqual(exactly.metrics.wasserstein!.upper);
    expect(wasserstein!.upper).toBeGreaterThanOrEqual(exactly.metrics.wasserstein!.lower);
    expect(ks!.lower).toBeLessThanOrEqual(exactly.metrics.ks!.upper);
  }
  // The same distribution again: what the buckets do not tell is no drift by an ordered distance.
  expect([byBuckets.metrics.ks!.lower, byBuckets.metrics.wasserstein!.lower]).toEqual([0, 0]);
  const { min, max, deviation, rankError } = ofSketch.columns[0]!;
  expect(bySketch.metrics.wasserstein!.upper - exactly.metrics.wasserstein!.upper).toBeCloseTo((rankError! * (max - min)) / deviation, 1);
});

test('it is kept and read like any other', () => {
  const imported = importModelMonitor(foreign(exact));
  const again = parseBaseline(serializeBaseline(imported).statistics);
  expect(again.hash).toBe(imported.hash);
  expect(again.columns[0]!.rankError).toBe(imported.columns[0]!.rankError);
});

test('ten buckets alone are coarse: the distance may be anything within the fullest bucket', () => {
  const { statistics } = foreign(exact);
  const document = JSON.parse(statistics) as { features: any[] };
  delete document.features[0].numerical_statistics.distribution.kll.sketch;
  const imported = importModelMonitor({ statistics: JSON.stringify(document) });
  expect(imported.columns[0]!.rankError).toBeGreaterThan(0.1);
  expect(imported.columns[0]!.present).toBe(20_000);
  expect(evaluated(imported, 0).features[0]!.metrics.ks!.lower).toBe(0);
});

test('values that only the constraints name are known, with none of the rows', () => {
  const { statistics, constraints } = foreign(exact);
  const rules = JSON.parse(constraints) as { features: any[] };
  rules.features[2].string_constraints.domains.push('d');
  const { bins, counts } = importModelMonitor({ statistics, constraints: JSON.stringify(rules) }).columns[2]!;
  expect(bins).toMatchObject({ values: expect.arrayContaining(['d']) as unknown });
  expect(counts[3]).toBe(0);
});

test.each([
  ['[', 'statistics.json: not a JSON object'],
  ['{}', 'it has no list of features'],
  ['{"features":[{"name":"x","inferred_type":"Unknown"}]}', 'feature x is of type "Unknown" without statistics'],
  ['{"features":[{"name":"x","inferred_type":"Integral","numerical_statistics":{"common":{"num_present":3}}}]}', 'neither a sketch nor buckets'],
])('%s is refused', (statistics, message) => {
  expect(() => importModelMonitor({ statistics })).toThrow(message);
});
