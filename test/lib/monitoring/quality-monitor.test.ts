import { readFileSync } from 'fs';
import { join } from 'path';
import { Duration, Lazy } from 'aws-cdk-lib';
import { BiasFacet, DataBuckets, ModelTask, QualityGate, QualityMonitor, type QualityMonitorProps, type QualityOptions } from '../../../lib';
import { JUDGED_METRICS } from '../../../lib/monitoring/quality-monitor.contract';
import { BIAS_MEASURES } from '../../../lib/training/bias-facet.contract';
import { biasMetrics, JUDGED_FIGURES } from '../../../lambda/core';
import { isNeededBy } from '../../../scripts/wires/dependencies';
import type { Template as WiredTemplate } from '../../../scripts/wires/template';
import { loopTemplate, outline, resource, resources, surroundings, templateOf } from '../fixtures';

function monitor(props: Partial<QualityMonitorProps> = {}) {
  return templateOf((stack) => {
    const { buckets, registry } = surroundings(stack);
    new QualityMonitor(stack, 'Quality', { buckets, registry, endpointName: 'flights', ...props });
  });
}
const facet = BiasFacet.ofValues('origin', ['BOS'], { limits: { DPPL: 0.1 } });
const template = monitor({ task: ModelTask.binaryClassification({ facets: [facet] }) });
const rulesOf = (given = template, id = 'QualityMeasure') => JSON.parse(resource(given, 'AWS::Lambda::Function', id).Properties.Environment.Variables.RULES);
const scheduleOf = (given = template) => resource(given, 'AWS::Events::Rule', 'QualitySchedule').Properties.ScheduleExpression;

test.each([
  [undefined, 'cron(25 0 * * ? *)', 86_400], [Duration.hours(6), 'cron(25 0/6 * * ? *)', 21_600], [Duration.hours(1), 'cron(25 0/1 * * ? *)', 3600], [Duration.days(7), 'cron(25 0 * * ? *)', 86_400],
])('windows of %s are measured once each, at least daily, and alarms count in the same turns', (window, schedule, period) => {
  const made = monitor({ window });
  expect(scheduleOf(made)).toBe(schedule);
  expect(resource(made, 'AWS::CloudWatch::Alarm', 'QualityDrop').Properties).toMatchObject({ MetricName: 'QualityDrift', Period: period, Threshold: 1, EvaluationPeriods: 3, DatapointsToAlarm: 2, TreatMissingData: 'ignore' });
  expect(resource(made, 'AWS::CloudWatch::Alarm', 'QualityHeartbeat').Properties).toMatchObject({ MetricName: 'ScansCompleted', Period: period, EvaluationPeriods: 3, TreatMissingData: 'breaching' });
  // CloudWatch looks back seven days at most.
  expect(3 * period).toBeLessThanOrEqual(7 * 86_400);
});

test('bias has an alarm where there are facets, and none where there are not', () => {
  expect(resource(template, 'AWS::CloudWatch::Alarm', 'QualityBias').Properties).toMatchObject({ MetricName: 'BiasExceeded', Threshold: 1, DatapointsToAlarm: 2, TreatMissingData: 'ignore' });
  expect(Object.keys(resources(monitor(), 'AWS::CloudWatch::Alarm')).filter((id) => /Bias/.test(id))).toEqual([]);
});

test('the handler knows the rules, and has defaults for what is not said', () => {
  expect(rulesOf()).toEqual({
    task: 'binary-classification', metric: 'auc', windowHours: 24, labelDelayHours: 168, minimumLabels: 100, minimumCoverage: 0, threshold: 0.5,
    facets: [{ feature: 'origin', values: ['BOS'], limits: { DPPL: 0.1 } }], favourableLabel: 1,
  });
  expect(rulesOf(monitor({ task: ModelTask.regression(), allowedDrop: 2 }))).toMatchObject({ task: 'regression', metric: 'rmse', allowedDrop: 2, facets: [] });
  const zero = ModelTask.binaryClassification({ threshold: 0, favourableLabel: 0, facets: [BiasFacet.above('age', 0, { limits: { DI: 0.8 } })] });
  expect(rulesOf(monitor({ task: zero }))).toMatchObject({ threshold: 0, favourableLabel: 0, facets: [{ feature: 'age', above: 0, limits: { DI: 0.8 } }] });
});

describe('a loop', () => {
  const withQuality = (quality: QualityOptions, gate = QualityGate.atLeast('auc', 0.58)) => loopTemplate({ quality, gate });

  test('has no trace of it unless asked', () => {
    expect(JSON.stringify(loopTemplate().toJSON())).not.toMatch(/measure-quality|QualityDrift|ground-truth/);
  });

  test('measures by the metric of its gate, where production has it too', () => {
    expect(rulesOf(withQuality({}, QualityGate.atMost('log_loss', 0.5)), 'LoopQualityMeasure').metric).toBe('log_loss');
    expect(rulesOf(withQuality({ metric: 'f1' }), 'LoopQualityMeasure').metric).toBe('f1');
    expect(rulesOf(withQuality({}, QualityGate.atLeast('profit', 3)), 'LoopQualityMeasure').metric).toBe('auc');
  });

  test('says where labels go, shows it, is deleted before the buckets are emptied, and every alarm has its paragraph', () => {
    const loop = withQuality({ task: ModelTask.binaryClassification({ facets: [facet] }) });
    const [uri] = Object.entries(loop.toJSON().Outputs).filter(([id]) => id.endsWith('GroundTruthUri')).map(([, { Value }]: any) => Value);
    expect(JSON.stringify(uri)).toMatch(/s3:\/\/.*LoopDataCaptured.*\/ground-truth\/mlops-loop-endpoint/);
    expect(JSON.stringify(Object.values(resources(loop, 'AWS::CloudWatch::Dashboard'))[0]!.Properties.DashboardBody)).toMatch(/QualityDrift.*BiasExceeded/);
    const wired = loop.toJSON() as WiredTemplate;
    const idOf = (pattern: RegExp) => Object.keys(wired.Resources).find((id) => pattern.test(id))!;
    for (const gone of [/^LoopQualitySchedule/, /^LoopQualityMeasureRole/]) expect(isNeededBy(wired, idOf(gone), idOf(/^LoopRetirementLoop/))).toBe(true);
    const runbook = readFileSync(join(__dirname, '../../../docs/runbook.md'), 'utf8');
    const own = Object.entries(resources(loop, 'AWS::CloudWatch::Alarm')).filter(([id]) => /^LoopQuality/.test(id));
    expect(own).toHaveLength(3);
    for (const [, { Properties }] of own) {
      expect(Properties.AlarmActions).toEqual([{ Ref: expect.stringMatching(/^LoopAlarms/) }]);
      expect(runbook).toContain(`<a id="${/#([a-z-]+)$/.exec(Properties.AlarmDescription)![1]}"></a>`);
    }
  });
});

test.each<[string, Partial<QualityMonitorProps>, RegExp]>([
  ['an unknown metric', { metric: 'profit' }, /quality.metric is 'profit'; of a binary classification give accuracy, .*brier/],
  ['a metric of another task', { metric: 'auc', task: ModelTask.regression() }, /quality.metric is 'auc'; of a regression give mae, mse, rmse, r2/],
  ['no drop at all', { allowedDrop: 0 }, /quality.allowedDrop is 0; chance alone exceeds that/],
  ['five hours', { window: Duration.hours(5) }, /quality.window is 5 hours; give 1, 2, 3, 4, 6, 8 or 12 hours, or 1 to 7 days/],
  ['one and a half hours', { window: Duration.minutes(90) }, /quality.window is 1 hour 30 minutes/],
  ['eight days', { window: Duration.days(8) }, /quality.window is 8 days/],
  ['a delay of minutes', { labelDelay: Duration.minutes(90) }, /quality.labelDelay is 1 hour 30 minutes; give whole hours/],
  ['labels after the traffic is gone', { labelDelay: Duration.days(30) }, /quality.labelDelay is 30 days after windows of 1 day, but captured traffic is kept for 30 days only; lower it, or raise captureRetention/],
  ['one label', { minimumLabels: 1 }, /quality.minimumLabels is 1; give a whole number of at least 2/],
  ['more than all labels', { minimumCoverage: 1.5 }, /quality.minimumCoverage is 1.5; give a number from 0 to 1/],
  ['a threshold in percent', { task: ModelTask.binaryClassification({ threshold: 50 }) }, /quality.task.threshold is 50; give a number from 0 to 1/],
  ['a third class', { task: ModelTask.binaryClassification({ favourableLabel: 2 }) }, /quality.task.favourableLabel is 2; give 1 or 0/],
  ['too many facets', { task: ModelTask.binaryClassification({ facets: Array(17).fill(facet) }) }, /facets are 17; give at most 16/],
  ['a facet without values', { task: ModelTask.binaryClassification({ facets: [BiasFacet.ofValues('origin', [], { limits: { DI: 0.8 } })] }) }, /facet 'origin' has no values/],
  ['a facet without limits', { task: ModelTask.binaryClassification({ facets: [BiasFacet.above('age', 40, { limits: {} })] }) }, /facet 'age' has no limits/],
  ['a group that no row is in', { task: ModelTask.binaryClassification({ facets: [BiasFacet.ofValues('origin', ['BOS', 'LGA '], { limits: { DI: 0.8 } })] }) }, /facet 'origin' has the value 'LGA ', which no row has/],
  ['a window that is not known yet', { window: Duration.hours(Lazy.number({ produce: () => 1 })) }, /quality.window is a token; give a length that is known/],
  ['an unknown measure', { task: ModelTask.binaryClassification({ facets: [BiasFacet.above('age', 40, { limits: { XYZ: 1 } })] }) }, /facet 'age' limits XYZ; measures are CI, .*GE/],
  ['a ratio above one', { task: ModelTask.binaryClassification({ facets: [BiasFacet.above('age', 40, { limits: { DI: 1.25 } })] }) }, /the limit of DI of the facet 'age' is 1.25; give a number from 0 to 1/],
])('%s is refused', (_, props, message) => {
  expect(() => monitor(props)).toThrow(message);
});

test('a facet by a column that no request has is found, too', () => {
  const byDay = ModelTask.binaryClassification({ facets: [BiasFacet.ofValues('late', ['1'], { limits: { DI: 0.8 } })] });
  expect(() => loopTemplate({ quality: { task: byDay } })).toThrow(/facet by 'late', which is the label, the time or an ignored column/);
});

test('faults of quality are found before the loop makes anything', () => {
  expect(() => loopTemplate({ quality: { metric: 'profit' } })).toThrow(/quality.metric is 'profit'/);
});

test('captured traffic that is kept longer takes later labels', () => {
  templateOf((stack) => {
    const buckets = new DataBuckets(stack, 'Long', { captureRetention: Duration.days(60) });
    const { registry } = surroundings(stack);
    expect(() => new QualityMonitor(stack, 'Quality', { buckets, registry, endpointName: 'flights', labelDelay: Duration.days(59) })).not.toThrow();
  });
});

test('construct and handler know the same metrics and measures', () => {
  expect(Object.values(JUDGED_METRICS).flat()).toEqual(Object.keys(JUDGED_FIGURES));
  const nobody = { truePositives: 1, falsePositives: 1, trueNegatives: 1, falseNegatives: 1 };
  expect([...BIAS_MEASURES]).toEqual(Object.keys(biasMetrics(nobody, nobody)));
});

test('outline', () => { expect(outline(template)).toMatchSnapshot(); });
