import { Duration, Lazy, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { CategoricalComparison, DriftMonitor, DriftPreset, NumericalComparison, type DriftMonitorProps, type ImportedBaseline } from '../../../lib';
import { actionsOf, resource, resources, statementsOf, surroundings, templateOf, testApp } from '../fixtures';

function monitor(props: (stack: Stack) => Partial<DriftMonitorProps>) {
  return templateOf((stack) => {
    const { buckets, registry } = surroundings(stack);
    new DriftMonitor(stack, 'Monitor', { buckets, registry, endpointName: 'flights', ...props(stack) });
  });
}

// Prices are announced; that they are, is asserted below.
beforeEach(() => { jest.spyOn(console, 'error').mockImplementation(() => undefined); });
afterEach(() => { jest.restoreAllMocks(); });

const environmentOf = (template: ReturnType<typeof monitor>, handler: 'Plan' | 'Reduce') =>
  resource(template, 'AWS::Lambda::Function', `Monitor${handler}`).Properties.Environment.Variables;
const rulesOf = (template: ReturnType<typeof monitor>) => JSON.parse(environmentOf(template, 'Reduce').RULES);

describe('thresholds and presets', () => {
  test('reach the handler that decides', () => {
    expect(rulesOf(monitor(() => ({ thresholds: { psi: 0.2, wasserstein: 0.5 } })))).toEqual({ psi: 0.2, wasserstein: 0.5 });
    expect(rulesOf(monitor(() => ({ minimumRows: 500, preset: DriftPreset.nannyml() })))).toEqual({ minimumRows: 500, preset: { name: 'nannyml' } });
    expect(rulesOf(monitor(() => ({
      preset: DriftPreset.modelMonitor({ threshold: 0, numericalComparison: NumericalComparison.SIMPLE, categoricalThreshold: 0.05, categoricalComparison: CategoricalComparison.CHI_SQUARED }),
    })))).toEqual({ preset: { name: 'model-monitor', threshold: 0, method: 'Simple', categoricalThreshold: 0.05, categoricalMethod: 'ChiSquared' } });
  });

  test.each([
    ['one feature', DriftPreset.modelMonitor(), 'FeaturesDrifted', 1],
    ['half of them', DriftPreset.evidently(), 'FeatureDriftShare', 0.5],
    ['a given share', DriftPreset.evidently({ driftShare: 0.2 }), 'FeatureDriftShare', 0.2],
    ['one of them, where the share is none', DriftPreset.evidently({ driftShare: 0 }), 'FeaturesDrifted', 1],
  ])('the alarm rings with %s', (_, preset, metric, threshold) => {
    expect(resource(monitor(() => ({ preset })), 'AWS::CloudWatch::Alarm', 'MonitorDrift').Properties).toMatchObject({ MetricName: metric, Threshold: threshold });
  });
});

describe('critical features', () => {
  const template = monitor(() => ({ criticalFeatures: ['distance', 'origin/iata'] }));
  const alarms = Object.entries(resources(template, 'AWS::CloudWatch::Alarm')).filter(([id]) => id.startsWith('MonitorCriticalFeatures')).map(([, { Properties }]) => Properties);

  test('have an alarm each, on a metric with the feature as a dimension', () => {
    expect(alarms.map(({ Dimensions }) => Dimensions.find(({ Name }: any) => Name === 'Feature').Value).sort()).toEqual(['distance', 'origin/iata']);
    for (const alarm of alarms) {
      expect(alarm).toMatchObject({ MetricName: 'FeatureDrift', Namespace: 'CdkMlops', Threshold: 1, EvaluationPeriods: 4, DatapointsToAlarm: 3, TreatMissingData: 'ignore' });
      expect(alarm.Dimensions).toEqual(expect.arrayContaining([{ Name: 'Endpoint', Value: 'flights' }]));
      expect(alarm.AlarmDescription).toMatch(/the critical feature \S+ is no longer .*#feature-drift$/);
    }
  });

  test.each([['constructor', '__proto__'], ['a/b', 'a--b', 'a b']])('%s, %s: any name is one', (...names) => {
    const made = resources(monitor(() => ({ criticalFeatures: names })), 'AWS::CloudWatch::Alarm');
    expect(Object.keys(made).filter((id) => id.startsWith('MonitorCriticalFeatures'))).toHaveLength(names.length);
  });

  test('are told to the handler that decides', () => {
    expect(JSON.parse(environmentOf(template, 'Reduce').CRITICAL_FEATURES)).toEqual(['distance', 'origin/iata']);
    expect(environmentOf(monitor(() => ({})), 'Reduce')).not.toHaveProperty('CRITICAL_FEATURES');
  });
});

describe('metrics under Model Monitor\'s names', () => {
  function warned(modelMonitorMetrics: DriftMonitorProps['modelMonitorMetrics']): Annotations {
    const stack = new Stack(testApp(), 'Test');
    const { buckets, registry } = surroundings(stack);
    new DriftMonitor(stack, 'Monitor', { buckets, registry, endpointName: 'flights', modelMonitorMetrics });
    return Annotations.fromStack(stack);
  }

  test.each([
    [{ featureCount: 20 }, '\\$18\\.00 a month for 20 features'],
    [{ featureCount: 500 }, '\\$450\\.00 a month for 500 features'],
    [{}, '\\$0\\.90 a month for each feature'],
  ])('%p are announced with their price', (options, price) => {
    warned(options).hasWarning('/Test/Monitor', Match.stringLikeRegexp(price));
  });

  test('cost nothing unless asked for', () => {
    warned(undefined).hasNoWarning('*', Match.stringLikeRegexp('modelMonitorMetrics'));
    const reduce = resource(monitor(() => ({})), 'AWS::IAM::Role', 'MonitorReduceRole');
    expect(actionsOf(reduce)).not.toContain('cloudwatch:PutMetricData');
  });

  test('are published into their namespace, and into no other', () => {
    const template = monitor(() => ({ modelMonitorMetrics: { namespace: 'team/drift', scheduleName: 'flights-hourly' } }));
    expect(JSON.parse(environmentOf(template, 'Reduce').MODEL_MONITOR_METRICS)).toEqual({ namespace: 'team/drift', scheduleName: 'flights-hourly' });
    expect(statementsOf(resource(template, 'AWS::IAM::Role', 'MonitorReduceRole'))).toContainEqual({
      Effect: 'Allow', Action: 'cloudwatch:PutMetricData', Resource: '*', Condition: { StringEquals: { 'cloudwatch:namespace': 'team/drift' } },
    });
    expect(environmentOf(monitor(() => ({ modelMonitorMetrics: {} })), 'Reduce').MODEL_MONITOR_METRICS).toContain('"aws/sagemaker/Endpoints/data-metrics"');
  });
});

describe('an imported baseline', () => {
  const template = monitor((stack) => ({
    importedBaseline: {
      bucket: new Bucket(stack, 'Old', { bucketName: 'old', encryptionKey: new Key(stack, 'Key') }), statisticsKey: 'job/statistics.json', constraintsKey: 'job/constraints.json',
    },
  }));

  test('is read by the handler that plans, and nothing else of its bucket', () => {
    expect(JSON.stringify(environmentOf(template, 'Plan').IMPORTED_STATISTICS_URI)).toContain('/job/statistics.json');
    expect(JSON.stringify(environmentOf(template, 'Plan').IMPORTED_CONSTRAINTS_URI)).toContain('/job/constraints.json');
    const statements = JSON.stringify(statementsOf(resource(template, 'AWS::IAM::Role', 'MonitorPlanRole')));
    const old = Object.keys(resources(template, 'AWS::S3::Bucket')).find((id) => id.startsWith('Old'))!;
    const granted = [...statements.matchAll(new RegExp(`"${old}","Arn"\\]\\},"([^"]+)"`, 'g'))].map(([, key]) => key);
    expect(granted.sort()).toEqual(['/job/constraints.json', '/job/statistics.json']);
    const key = Object.keys(resources(template, 'AWS::KMS::Key')).find((id) => id.startsWith('Key'))!;
    expect(statements).toContain(`"Action":"kms:Decrypt","Effect":"Allow","Resource":{"Fn::GetAtt":["${key}"`);
  });

  test('without constraints none are looked for', () => {
    const alone = monitor((stack) => ({ importedBaseline: { bucket: Bucket.fromBucketName(stack, 'Old', 'old'), statisticsKey: 'statistics.json' } }));
    expect(environmentOf(alone, 'Plan')).not.toHaveProperty('IMPORTED_CONSTRAINTS_URI');
  });
});

const imported = (files: Omit<ImportedBaseline, 'bucket'>) => (stack: Stack) => ({ importedBaseline: { bucket: Bucket.fromBucketName(stack, 'Old', 'old'), ...files } });

test.each<[string, Partial<DriftMonitorProps> | ((stack: Stack) => Partial<DriftMonitorProps>), RegExp]>([
  ['a threshold of nothing', { thresholds: { psi: 0 } }, /thresholds\.psi is 0; give a number from 0\.01 to 10/],
  ['a distance above one', { thresholds: { ks: 1.5 } }, /thresholds\.ks is 1\.5; give a number from 0\.01 to 1$/],
  ['no number', { thresholds: { wasserstein: NaN } }, /thresholds\.wasserstein is NaN/],
  ['thresholds beside a preset', { thresholds: { psi: 0.2 }, preset: DriftPreset.nannyml() }, /drift\.thresholds is given, but drift\.preset decides without it; leave one of both out/],
  ['a rate beside a preset', { falseDiscoveryRate: 0.01, preset: DriftPreset.nannyml() }, /drift\.falseDiscoveryRate is given, but drift\.preset/],
  ['a preset\'s threshold above one', { preset: DriftPreset.modelMonitor({ threshold: 1.1 }) }, /preset\.threshold is 1\.1; give a number from 0 to 1/],
  ['a p of one', { preset: DriftPreset.modelMonitor({ categoricalThreshold: 1, categoricalComparison: CategoricalComparison.CHI_SQUARED }) }, /categoricalThreshold is 1, which no p/],
  ['more than all features', { preset: DriftPreset.evidently({ driftShare: 2 }) }, /preset\.driftShare is 2; give a number from 0 to 1/],
  ['eleven critical features', { criticalFeatures: 'abcdefghijk'.split('') }, /criticalFeatures names 11 features; name at most 10/],
  ['a critical feature without a name', { criticalFeatures: ['x', ''] }, /criticalFeatures\[1\] is ''; give a feature's name of 1 to 255 ASCII/],
  ['the same twice', { criticalFeatures: ['x', 'x'] }, /criticalFeatures names 'x' twice/],
  ['a critical feature that is not known yet', { criticalFeatures: [Lazy.string({ produce: () => 'x' })] }, /criticalFeatures holds a token; name the features, since each gets an alarm/],
  ['days that are not known yet', { window: Duration.days(Lazy.number({ produce: () => 1 })) }, /drift\.window is a token of days; give Duration\.hours/],
  ['AWS\'s own namespace', { modelMonitorMetrics: { namespace: 'AWS/SageMaker' } }, /namespace is 'AWS\/SageMaker'; CloudWatch keeps names that begin with AWS\//],
  ['a namespace of nothing', { modelMonitorMetrics: { namespace: '' } }, /namespace is ''; give 1 to 255/],
  ['a schedule with spaces', { modelMonitorMetrics: { scheduleName: 'every hour' } }, /scheduleName is 'every hour'; give 1 to 63/],
  ['half a feature', { modelMonitorMetrics: { featureCount: 0.5 } }, /featureCount is 0\.5; give a whole number of at least 1/],
  ['a folder as a file', imported({ statisticsKey: 'job/' }), /importedBaseline\.statisticsKey is 'job\/'; give the key of one object/],
  ['any file', imported({ statisticsKey: 'statistics.json', constraintsKey: '*' }), /importedBaseline\.constraintsKey is '\*'/],
])('%s is refused', (_, props, message) => {
  expect(() => monitor(typeof props === 'function' ? props : () => props)).toThrow(message);
});

test('every fault is told at once', () => {
  expect(() => monitor(() => ({ window: Duration.minutes(90), criticalFeatures: [''], thresholds: { ks: 2 } }))).toThrow(/3 faults/);
});
