import { evidentlyPreset, modelMonitorPreset, nannymlPreset, robustConstant, robustDistance } from '../../../../lambda/core';
import { ColumnReport, DriftReport } from '../../../../lambda/core';

const column = (name: string, metrics: Partial<ColumnReport['metrics']>, ordinary?: ColumnReport['ordinary']): ColumnReport => ({
  name, type: 'numeric', state: 'ok', reason: '', score: 0, rows: 1000, effectiveRows: 1000, designEffect: 1, ordinary,
  metrics: { psi: 0, jensenShannon: 0, logP: 0, adjustedLogP: 0, missingShare: 0, invalidShare: 0, ...metrics },
  thresholds: { psi: 0.1, ks: 0.1, wasserstein: 0.25 },
});
const report = (...features: ColumnReport[]): DriftReport => ({
  version: 1, baseline: '', window: { start: '', end: '' }, state: 'ok', reason: '', coverage: 1, rows: 1000, rejected: 0, rejects: {}, features, violations: [],
});
const ks = (value: number) => ({ ks: { lower: value, upper: value }, wasserstein: { lower: value, upper: value } });

test('deequ: the robust distance subtracts what chance explains', () => {
  expect(robustConstant(0.003)).toBeCloseTo(1.8, 1);
  expect(robustDistance(0.25, 4, 4)).toBe(0);
  expect(robustDistance(0.3, 10_000, 10_000)).toBeCloseTo(0.3 - 1.8 * Math.sqrt(2e-4), 12);
});

test('model monitor needs 324 rows before its robust distance can be exceeded at all', () => {
  const preset = modelMonitorPreset({ baselineRows: 1e9 });
  const extreme = (rows: number) => report({ ...column('x', ks(0.2)), rows });
  expect(preset.alarms(extreme(320))).toBe(false);
  expect(preset.alarms(extreme(330))).toBe(true);
  expect(modelMonitorPreset({ baselineRows: 1e9, method: 'Simple' }).alarms(extreme(50))).toBe(true);
  expect(preset.drifted(report(column('c', { largestShareDifference: 0.11 }), column('d', { largestShareDifference: 0.09 })))).toEqual(['c']);
});

test('evidently calls a dataset drifted from half of its columns on', () => {
  const preset = evidentlyPreset();
  const drifted = column('a', { wasserstein: { lower: 0.1, upper: 0.2 } });
  expect(preset.alarms(report(drifted, column('b', {}), column('c', {})))).toBe(false);
  expect(preset.alarms(report(drifted, column('b', {})))).toBe(true);
  // 0.1 by the natural logarithm is 0.12 in base 2.
  expect(preset.drifted(report(column('c', { jensenShannon: 0.11 }), column('d', { jensenShannon: 0.13 })))).toEqual(['d']);
});

test('nannyml compares with the reference\'s own chunks', () => {
  const ordinary = { jensenShannon: 0.2, wasserstein: 0.3 };
  expect(nannymlPreset().drifted(report(
    column('a', { jensenShannon: 0.25 }, ordinary), column('b', { jensenShannon: 0.15, ...ks(0.29) }, ordinary), column('c', { jensenShannon: 0.9 }),
  ))).toEqual(['a']);
});
