import {
  Accumulator, addPredictionBaseline, Baseline, criticalFeatureDrift, csvRows, DriftPolicy, evaluateWindow, featuresOf, modelMonitorFigures, reportMetrics,
  violationsDocument,
} from '../../../../lambda/core';
import { seededRandom } from '../../../../lambda/core/random';
import { baselineOf, HOUR, normals, textObject } from '../support';

const START = Date.UTC(2026, 1, 1);
const window = { start: new Date(START), end: new Date(START + 24 * HOUR) };
let baseline: Baseline;

/** Thirty days; `hour` follows the clock, `x` is normal, `city` has forty values of falling frequency. */
beforeAll(async () => {
  const draw = drawer(1);
  const rows = Array.from({ length: 30 * 24 * 60 }, (_, i) => {
    const time = Date.UTC(2026, 0, 1) + i * 60_000;
    const { hour, x, city } = draw(time);
    return `${new Date(time).toISOString()},${hour},${x},${city}`;
  });
  baseline = await baselineOf(['t,hour,x,city', ...rows].join('\n'), { time: 't' });
});

function drawer(seed: number) {
  const random = seededRandom(seed);
  const normal = normals(seed + 1000);
  return (time: number) => ({ hour: new Date(time).getUTCHours(), x: normal(), city: `city-${Math.floor(40 * random() ** 2)}` });
}

type Row = ReturnType<ReturnType<typeof drawer>>;

function production(rows: number, change: (row: Row) => unknown[] = ({ hour, x, city }) => [hour, x, city], seed = 2, answer?: (i: number) => number): Accumulator {
  const accumulator = new Accumulator(baseline);
  const draw = drawer(seed);
  for (let i = 0; i < rows; i++) {
    const time = START + (i * 24 * HOUR) / rows;
    const cell = accumulator.cellAt(time);
    change(draw(time)).forEach((value, column) => accumulator.add(column, value as string, cell));
    if (answer) accumulator.add(3, answer(i), cell);
    accumulator.rows++;
  }
  return accumulator;
}

const evaluate = (accumulator: Accumulator, policy?: Partial<DriftPolicy>) => evaluateWindow({ baseline, accumulator, window, policy });
const drifted = (accumulator: Accumulator) => evaluate(accumulator).features.filter(({ state }) => state === 'drift').map(({ name }) => name);

test('ordinary traffic is ok', () => {
  const report = evaluate(production(2000));
  expect(report).toMatchObject({ state: 'ok', reason: 'no feature drifts', rows: 2000, violations: [] });
  expect(reportMetrics(report)).toMatchObject({ DriftDetected: 0, FeaturesDrifted: 0, WindowInsufficient: 0, RowsAnalyzed: 2000 });
});

test.each<[string, string, (row: Row) => unknown[]]>([
  ['a shifted mean', 'x', ({ hour, x, city }) => [hour, x + 0.4, city]],
  ['a wider spread', 'x', ({ hour, x, city }) => [hour, x * 1.6, city]],
  ['a rhythm two hours later', 'hour', ({ hour, x, city }) => [hour < 22 ? hour + 2 : hour, x, city]],
  ['a frequent value that is gone', 'city', ({ hour, x, city }) => [hour, x, city === 'city-0' ? 'city-1' : city]],
  ['values never seen', 'city', ({ hour, x, city }) => [hour, x, city === 'city-2' ? 'city-new' : city]],
])('%s is drift of that feature alone', (_, feature, change) => {
  expect(drifted(production(2000, change))).toEqual([feature]);
});

test('a shift half-way through the window does not hide itself as correlation', () => {
  const half = Accumulator.sum(baseline, [production(1000), production(1000, ({ hour, x, city }) => [hour, x + 1, city], 3)]);
  const report = evaluate(half).features.find(({ name }) => name === 'x')!;
  expect(report).toMatchObject({ state: 'drift' });
});

test('a single row, however far out, is no drift of its own, and hides none', () => {
  const once = (shift: number) => {
    let rows = 0;
    return production(2000, ({ hour, x, city }) => [hour, rows++ === 1000 ? 1e9 : x + shift, city]);
  };
  const [, x] = evaluate(once(0)).features;
  expect(x!.metrics.wasserstein!.lower).toBeGreaterThan(x!.thresholds.wasserstein);
  expect(x).toMatchObject({ state: 'ok' });
  expect(x!.score).toBeLessThan(1);
  expect(drifted(once(0.25))).toEqual(['x']);
});

test('too few rows are insufficient, not ok, and emit no drift figures', () => {
  const report = evaluate(production(200, ({ x, city }) => [3, x + 3, city]));
  expect(report.state).toBe('insufficient');
  expect(report.reason).toMatch(/effective rows.* are needed/);
  expect(Object.keys(reportMetrics(report)).sort()).toEqual(['RowsAnalyzed', 'RowsRejected', 'WindowInsufficient']);
});

test('no rows at all are insufficient', () => {
  expect(evaluate(Accumulator.empty(baseline)).state).toBe('insufficient');
});

test('a window not fully scanned is insufficient', () => {
  expect(evaluateWindow({ baseline, accumulator: production(2000, ({ hour, x, city }) => [hour, x + 1, city]), window, coverage: 0.5 }))
    .toMatchObject({ state: 'insufficient', reason: '50.0 % of the window has been scanned, 95.0 % are needed' });
});

test.each<[string, string, (row: Row) => unknown[]]>([
  ['data_type_check', 'x', ({ hour, city }) => [hour, 'oops', city]],
  ['completeness_check', 'x', ({ hour, x, city }) => [hour, hour % 2 ? '' : x, city]],
])('%s is a fault of the data, not drift', (kind, feature, change) => {
  const report = evaluate(production(2000, change));
  expect(report.state).toBe('schema');
  expect(violationsDocument(report).violations).toEqual([expect.objectContaining({ feature_name: feature, constraint_check_type: kind })]);
  expect(reportMetrics(report).DataQualityViolations).toBe(1);
});

test('many unreadable records are a fault of the data', () => {
  const accumulator = production(2000);
  for (let offset = 0; offset < 500; offset++) accumulator.rejects.add('columns', { object: 'k', offset });
  expect(evaluate(accumulator)).toMatchObject({ state: 'schema', reason: expect.stringContaining('500 of 2500 records cannot be read (20.0 %)') });
  expect(evaluate(accumulator).violations).toContainEqual(expect.objectContaining({ constraint_check_type: 'missing_column_check' }));
});

test('predictions are compared with an early stretch of production where the baseline does not know them', () => {
  const random = seededRandom(9);
  const first = production(2000, undefined, 4, () => random());
  const same = evaluateWindow({ baseline, accumulator: production(2000, undefined, 5, () => random()), window, predictionReference: first });
  expect(same.prediction).toMatchObject({ state: 'ok' });
  const lower = evaluateWindow({ baseline, accumulator: production(2000, undefined, 5, () => random() ** 2), window, predictionReference: first });
  expect(lower).toMatchObject({ state: 'drift', reason: expect.stringContaining('prediction') });
  expect(reportMetrics(lower).PredictionDrift).toBeGreaterThan(1);
  expect(evaluate(first).prediction).toBeUndefined();
});

test('the ordinary level of predictions has a margin, that of features none', async () => {
  const random = seededRandom(3);
  // Answers that swing with the day, so that what is ordinary is learned and lies above every fixed limit.
  const answers = Array.from({ length: 30 * 24 * 20 }, (_, i) => `${new Date(Date.UTC(2026, 0, 1) + i * 180_000).toISOString()},${(Math.floor(i / 480) % 7) / 10 + random() / 10}`);
  const known = await addPredictionBaseline(baseline, { sources: [csvRows(textObject('reference.csv', ['time,score', ...answers].join('\n')))], column: 'score', time: 'time' });
  const traffic = (column: number) => {
    const accumulator = new Accumulator(known);
    const draw = drawer(2);
    for (let i = 0; i < 2000; i++) {
      const cell = accumulator.cellAt(START + i * 43_200);
      const { hour, x, city } = draw(START + i * 43_200);
      [hour, x, city, 0.35].forEach((value, at) => accumulator.add(at, value, cell));
      accumulator.rows++;
    }
    const at = (predictionMargin: number) => evaluateWindow({ baseline: known, accumulator, window, policy: { predictionMargin } });
    const ks = (margin: number) => [...at(margin).features, at(margin).prediction!][column]!.thresholds.ks;
    return ks(1.25) / ks(1);
  };
  expect(traffic(3)).toBeCloseTo(1.25, 10);
  expect(traffic(0)).toBe(1);
});

test('correlated requests count as fewer', () => {
  const normal = normals(77);
  const draws = drawer(8);
  const accumulator = new Accumulator(baseline);
  // 200 users with 25 requests each, of which one value is the user's own.
  for (let user = 0; user < 200; user++) {
    const mine = normal();
    for (let request = 0; request < 25; request++) {
      const time = START + ((user * 25 + request) * 24 * HOUR) / 5000;
      const { hour, city } = draws(time);
      [hour, mine, city].forEach((value, column) => accumulator.add(column, value, accumulator.cellAt(time)));
    }
  }
  const [hour, x, city] = evaluate(accumulator).features;
  expect(x!.effectiveRows).toBeLessThan(400);
  expect(hour!.effectiveRows).toBeGreaterThan(3500);
  expect(city!.effectiveRows).toBeGreaterThan(3500);
});

test('the policy\'s share of features', () => {
  const shifted = production(2000, ({ hour, x, city }) => [hour, x + 1, city]);
  expect(evaluate(shifted, { driftShare: 0.5 })).toMatchObject({ state: 'ok', reason: expect.stringContaining('1 of 3 features drift') });
  expect(evaluate(shifted, { driftShare: 0.3 }).state).toBe('drift');
});

test('a report is plain JSON', () => {
  const report = evaluate(production(500));
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  expect(featuresOf(baseline)).toHaveLength(report.features.length);
});

describe('critical features', () => {
  const report = (change?: (row: Row) => unknown[], rows = 2000) => evaluateWindow({
    baseline, accumulator: production(rows, change), window, criticalFeatures: ['x', 'colour'],
  });

  test('have a figure of their own, from 1 on only if they drift', () => {
    const [calm, moved, few] = [report(), report(({ hour, x, city }) => [hour, x + 0.4, city]), report(undefined, 100)].map((each) => criticalFeatureDrift(each, ['x', 'colour']));
    expect(calm).toEqual([{ feature: 'x', value: expect.any(Number) as number }]);
    expect(calm![0]!.value).toBeLessThan(1);
    expect(moved![0]!.value).toBeGreaterThan(1);
    expect(few).toEqual([]);
  });

  test('a score that chance explains stays below 1, a broken column does not', () => {
    const named = (state: 'ok' | 'schema', score: number) => {
      const [feature] = report().features;
      return criticalFeatureDrift({ ...report(), features: [{ ...feature!, name: 'x', state, score }] }, ['x'])[0]!.value;
    };
    expect(named('ok', 1.4)).toBeLessThan(1);
    expect(named('schema', 0.2)).toBe(1);
  });

  test('that the baseline does not know are told, not forgotten', () => {
    const { reason, violations, state } = report();
    expect(state).toBe('ok');
    expect(reason).toBe('no feature drifts; critical feature colour is unknown to the baseline');
    expect(violations).toEqual([{
      feature_name: 'colour', constraint_check_type: 'missing_column_check',
      description: 'critical feature colour is unknown to the baseline, which has hour, x, city; nobody watches it: correct criticalFeatures of the drift monitor',
    }]);
  });
});

describe('figures under Model Monitor\'s names', () => {
  const figures = (accumulator: Accumulator) =>
    Object.fromEntries(modelMonitorFigures(evaluate(accumulator), baseline, accumulator).map(({ name, values }) => [name, values])) as Record<string, any>;

  test('are three of a number, two of a category', () => {
    const found = figures(production(2000, ({ hour, x, city }) => [hour, x + 0.4, city]));
    expect(Object.keys(found)).toEqual([
      'feature_data_hour', 'feature_non_null_hour', 'feature_baseline_drift_hour',
      'feature_data_x', 'feature_non_null_x', 'feature_baseline_drift_x', 'feature_non_null_city', 'feature_baseline_drift_city',
    ]);
    expect(found.feature_baseline_drift_x).toBeGreaterThan(0.1);
    expect(found.feature_baseline_drift_city).toBeLessThan(0.1);
  });

  test('say what the values were and how many were there', () => {
    const accumulator = new Accumulator(baseline);
    const values = [0, 3, 3, 20];
    for (const value of [...values, '']) accumulator.add(0, value, accumulator.cellAt(START));
    accumulator.rows = 5;
    const { feature_data_hour: data, feature_non_null_hour: there } = figures(accumulator);
    expect(data).toEqual({ count: 4, sum: expect.closeTo(26, 3) as number, minimum: 0, maximum: 20 });
    expect(there).toBe(0.8);
  });

  test('have no distance where there are too few rows to tell one', () => {
    const names = Object.keys(figures(production(100)));
    expect(names).toContain('feature_non_null_x');
    expect(names.filter((name) => name.startsWith('feature_baseline_drift'))).toEqual([]);
    expect(figures(Accumulator.empty(baseline))).toEqual({});
  });
});
