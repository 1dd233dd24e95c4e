import { Accumulator, Baseline, evaluateWindow, Preset, reportMetrics, robustConstant, robustDistance } from '../../../../lambda/core';
import { ColumnMetrics, ColumnReport } from '../../../../lambda/core';
import { judgeByPreset } from '../../../../lambda/core/policy/presets';
import { baselineOf } from '../support';

/** A column of numbers with these metrics, as a rule sees it. */
function numbers(metrics: Partial<ColumnMetrics>, { rows = 1000, baselineRows = 1e9, ordinary }: { rows?: number; baselineRows?: number; ordinary?: ColumnReport['ordinary'] } = {}) {
  return {
    metrics: { psi: 0, jensenShannon: 0, logP: 0, missingShare: 0, invalidShare: 0, ...metrics }, ordinary,
    column: { bins: { kind: 'ordinal', edges: new Float64Array(0) }, present: baselineRows }, counted: { present: rows },
  } as unknown as Parameters<typeof judgeByPreset>[1];
}
const ks = (value: number) => ({ ks: { lower: value, upper: value }, wasserstein: { lower: value, upper: value } });

test('deequ: the robust distance subtracts what chance explains', () => {
  expect(robustConstant(0.003)).toBeCloseTo(1.8, 1);
  expect(robustDistance(0.25, 4, 4)).toBe(0);
  expect(robustDistance(0.3, 10_000, 10_000)).toBeCloseTo(0.3 - 1.8 * Math.sqrt(2e-4), 12);
});

test('model monitor needs 324 rows before its robust distance can be exceeded at all', () => {
  const drifts = (rows: number, method?: 'Robust' | 'Simple') => judgeByPreset({ name: 'model-monitor', method }, numbers(ks(0.2), { rows }))!.drift;
  expect([drifts(320), drifts(330), drifts(50, 'Simple')]).toEqual([false, true, true]);
});

test('evidently drifts from its threshold on; its Jensen-Shannon distance is by the natural logarithm', () => {
  const drifts = (metrics: Partial<ColumnMetrics>) => judgeByPreset({ name: 'evidently' }, numbers(metrics))!.drift;
  expect([drifts({ wasserstein: { lower: 0.1, upper: 0.2 } }), drifts({ wasserstein: { lower: 0.099, upper: 0.2 } })]).toEqual([true, false]);
  // 0.1 by the natural logarithm is 0.12 in base 2.
  expect([drifts({ jensenShannon: 0.11 }), drifts({ jensenShannon: 0.13 })]).toEqual([false, true]);
});

test('nannyml compares with the reference\'s own chunks, and cannot tell without them', () => {
  const ordinary = { jensenShannon: 0.2, wasserstein: 0.3 };
  const judged = (metrics: Partial<ColumnMetrics>) => judgeByPreset({ name: 'nannyml' }, numbers(metrics, { ordinary }))!.drift;
  expect([judged({ jensenShannon: 0.25 }), judged({ jensenShannon: 0.15, ...ks(0.29) }), judged({ jensenShannon: 0.15, ...ks(0.31) })]).toEqual([true, false, true]);
  expect(judgeByPreset({ name: 'nannyml' }, numbers({ jensenShannon: 0.9 }))).toBeUndefined();
});

describe('in the evaluation of a window', () => {
  let baseline: Baseline;
  /** Two columns of numbers, one of twenty categories. */
  beforeAll(async () => {
    baseline = await baselineOf(['x,y,c', ...Array.from({ length: 5000 }, (_, i) => `${i % 100},${(i * 7) % 100},${'abcdefghijklmnopqrst'[i % 20]}`)].join('\n'));
  });

  /** The ranks of x moved up by some of a hundred, y as before, and a share of the categories become `a`. */
  function window(rows: number, shift: number, moved = 0): Accumulator {
    const accumulator = new Accumulator(baseline);
    for (let i = 0; i < rows; i++) {
      const cell = accumulator.cellAt((i * 86_400_000) / rows);
      accumulator.add(0, (i % 100) + shift, cell);
      accumulator.add(1, (i * 7) % 100, cell);
      accumulator.add(2, i % 100 < moved * 100 ? 'a' : 'abcdefghijklmnopqrst'[i % 20]!, cell);
      accumulator.rows++;
    }
    return accumulator;
  }
  const evaluate = (accumulator: Accumulator, preset?: Preset, minimumRows?: number) => evaluateWindow({
    baseline, accumulator, window: { start: new Date(0), end: new Date(86_400_000) }, policy: { ...(preset && { preset }), ...(minimumRows !== undefined && { minimumRows }) },
  });
  const states = (report: ReturnType<typeof evaluate>) => report.features.map(({ state }) => state);

  test('a tool decides on so few rows as it does itself, unless a least number is given', () => {
    const few = window(100, 20);
    expect(states(evaluate(few))).toEqual(['insufficient', 'insufficient', 'insufficient']);
    const preset: Preset = { name: 'model-monitor', method: 'Simple' };
    const report = evaluate(few, preset);
    expect(states(report)).toEqual(['drift', 'ok', 'ok']);
    expect(report).toMatchObject({ state: 'drift', preset: 'model-monitor' });
    expect(report.features[0]!.reason).toBe('L-infinity distance 0.200, Model Monitor\'s threshold 0.100');
    expect(states(evaluate(few, preset, 101))).toEqual(['insufficient', 'insufficient', 'insufficient']);
    expect(evaluate(window(0, 0), preset).state).toBe('insufficient');
  });

  test('a dataset drifts for evidently from half of its columns on, for model monitor with the first', () => {
    const one = window(2000, 40);
    expect([evaluate(one, { name: 'evidently' }).state, evaluate(one, { name: 'model-monitor' }).state]).toEqual(['ok', 'drift']);
    expect(reportMetrics(evaluate(one, { name: 'evidently' }))).toMatchObject({ FeaturesDrifted: 1, FeatureDriftShare: 1 / 3, DriftDetected: 0 });
    expect(evaluate(window(2000, 40, 0.5), { name: 'evidently' }).state).toBe('drift');
    expect(evaluate(one, { name: 'evidently', driftShare: 0.3 }).state).toBe('drift');
  });

  test('without chunks of the baseline nannyml cannot tell, which is not "no drift"', () => {
    const report = evaluate(window(2000, 40), { name: 'nannyml' });
    expect(report.state).toBe('insufficient');
    expect(report.reason).toContain('build it with a time column');
  });

  test('the chi-squared method sees a change of categories that no single share shows', () => {
    // Half of the values are spread anew: no share moves by more than 0.05, but the test has 1000 rows.
    const accumulator = new Accumulator(baseline);
    for (let i = 0; i < 1000; i++) accumulator.add(2, 'abcdefghijklmnopqrst'[i % 2 === 0 ? i % 10 : i % 20]!, accumulator.cellAt(i * 86_400));
    accumulator.rows = 1000;
    const by = (preset: Preset) => evaluate(accumulator, preset).features[2]!;
    expect(by({ name: 'model-monitor', categoricalMethod: 'LInfinity' }).state).toBe('ok');
    const { state, reason, score } = by({ name: 'model-monitor', categoricalMethod: 'ChiSquared' });
    expect(state).toBe('drift');
    expect(reason).toMatch(/^p of the chi-squared test \d\.\de-\d+, Model Monitor's threshold 0\.100$/);
    expect(score).toBeGreaterThan(1);
    // A p far below the smallest double is still a finite figure.
    const none = new Accumulator(baseline);
    for (let i = 0; i < 20_000; i++) none.add(2, 'a', none.cellAt(i * 4000));
    none.rows = 20_000;
    expect(Number.isFinite(evaluate(none, { name: 'model-monitor', categoricalMethod: 'ChiSquared' }).features[2]!.score)).toBe(true);
  });
});
