import { readFileSync } from 'fs';
import { join } from 'path';
import { Duration, Fn, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { EndpointAlarms, Hosting, ModelEndpoint, Rollout, type ModelEndpointProps } from '../../../lib';
import type { StageDescriptor } from '../../../lib/serving/release-descriptor.contract';
import { list, ROOT, outline, resource, resources, statementsOf, surroundings, templateOf, testApp } from '../fixtures';

function endpoint(props: Partial<ModelEndpointProps> = {}) {
  let made!: ModelEndpoint;
  const template = templateOf((stack) => { made = new ModelEndpoint(stack, 'Endpoint', { ...surroundings(stack), ...props }); });
  return { template, made };
}
const stage = (props: Partial<ModelEndpointProps>): StageDescriptor => endpoint(props).made._stage('Production');

const { template, made } = endpoint();

test('its name is known at synthesis, lower case, with room for the hash of a release', () => {
  expect(made.endpointName).toMatch(/^[a-z0-9](-*[a-z0-9])*$/);
  expect(made.endpointName.length).toBeLessThanOrEqual(52);
  expect(endpoint({ endpointName: 'flight-delay' }).made.endpointName).toBe('flight-delay');
});

test('its log group belongs to the stack, has an end, and is not in the way of the next deployment', () => {
  const group = resource(template, 'AWS::Logs::LogGroup', 'EndpointLogs');
  expect(group.Properties).toMatchObject({ LogGroupName: `/aws/sagemaker/Endpoints/${made.endpointName}`, RetentionInDays: 90 });
  expect(group.DeletionPolicy).toBe('Delete');
});

describe('rollouts', () => {
  test.each([
    ['one instance, by default', {}, { kind: 'all-at-once', canaryPercentage: 0, bakeSeconds: 600 }],
    ['two instances, by default', { hosting: Hosting.realTime({ instanceCount: 2 }) }, { kind: 'canary', canaryPercentage: 10 }],
    ['a fleet that may have one instance or more', { hosting: Hosting.realTime({ autoscaling: { maximumInstances: 8, invocationsPerInstance: 500 } }) }, { kind: 'canary', canaryPercentage: 10 }],
    ['a fleet that cannot grow', { hosting: Hosting.realTime({ autoscaling: { maximumInstances: 1, invocationsPerInstance: 500 } }) }, { kind: 'all-at-once' }],
    ['all at once, by choice', { hosting: Hosting.realTime({ instanceCount: 2 }), rollout: Rollout.allAtOnce({ bake: Duration.minutes(5) }) }, { kind: 'all-at-once', bakeSeconds: 300 }],
    ['a small canary', { hosting: Hosting.realTime({ instanceCount: 10 }), rollout: Rollout.canary({ canaryPercentage: 10 }) }, { kind: 'canary', canaryPercentage: 10 }],
  ])('%s', (_, props, expected) => {
    expect(stage(props).rollout).toMatchObject(expected);
  });

  test('the bake is longer than the alarms that watch it', () => {
    const { rollout, rollbackAlarms } = stage({});
    expect(rollout.bakeSeconds).toBeGreaterThanOrEqual(rollbackAlarms.periodSeconds * rollbackAlarms.evaluationPeriods + 120);
  });

  test.each<[string, Rollout]>([
    ['an hour in all', Rollout.allAtOnce({ bake: Duration.minutes(55), keepOldFleet: Duration.minutes(5) })],
    ['the old fleet goes with the bake', Rollout.allAtOnce({ bake: Duration.minutes(4), keepOldFleet: Duration.seconds(0) })],
    ['a short bake with an old fleet that stays', Rollout.allAtOnce({ bake: Duration.seconds(0), keepOldFleet: Duration.minutes(4) })],
    ['nothing to watch', Rollout.allAtOnce({ bake: Duration.seconds(0), keepOldFleet: Duration.seconds(0), automaticRollback: false })],
  ])('accepted: %s', (_, rollout) => {
    expect(() => stage({ rollout })).not.toThrow();
  });

  test('instances that SageMaker cannot watch are accepted with the words that say so', () => {
    expect(() => stage({ hosting: Hosting.realTime({ instanceType: 'ml.inf1.xlarge' }), rollout: Rollout.allAtOnce({ automaticRollback: false }) })).not.toThrow();
  });

  test.each([0, 51, 12.5])('a canary of %d per cent is refused', (canaryPercentage) => {
    expect(() => stage({ hosting: Hosting.realTime({ instanceCount: 2 }), rollout: Rollout.canary({ canaryPercentage }) })).toThrow(/canaryPercentage is .*; give a whole number from 1 to 50/);
  });
});

describe('alarms', () => {
  const alarm = (id: string, of = template) => resource(of, 'AWS::CloudWatch::Alarm', `EndpointAlarms${id}`).Properties;

  test('latency is counted in microseconds', () => {
    expect(alarm('Latency')).toMatchObject({ MetricName: 'ModelLatency', ExtendedStatistic: 'p99', Threshold: 2_000_000 });
    const strict = endpoint({ alarms: { maximumLatency: Duration.millis(150) } });
    expect(alarm('Latency', strict.template).Threshold).toBe(150_000);
    expect(strict.made._stage('Production').rollbackAlarms.maximumLatencyMicroseconds).toBe(150_000);
  });

  test('an explicit zero is a limit', () => {
    expect(alarm('Errors', endpoint({ alarms: { maximumErrorShare: 0 } }).template)).toMatchObject({ Threshold: 0, ComparisonOperator: 'GreaterThanThreshold' });
  });

  test('what the model refuses as a client\'s error is not among its own errors', () => {
    const { Metrics, Threshold } = alarm('ModelErrors');
    const names = Object.fromEntries(Metrics.filter(({ MetricStat }: any) => MetricStat).map(({ Id, MetricStat }: any) => [Id, `${MetricStat.Stat} of ${MetricStat.Metric.MetricName} each ${MetricStat.Period} s`]));
    expect(names).toEqual({
      requests: 'Sum of Invocations each 60 s', serverErrors: 'Sum of Invocation5XXErrors each 60 s',
      modelErrors: 'Sum of InvocationModelErrors each 60 s', clientErrors: 'Sum of Invocation4XXErrors each 60 s',
    });
    expect(Metrics.filter(({ Expression }: any) => Expression).map(({ Id, Expression, ReturnData }: any) => [Id, Expression, ReturnData ?? true])).toEqual([
      [expect.any(String), 'MAX([serverErrors, failures]) / requests', true], ['failures', 'modelErrors - clientErrors', false],
    ]);
    expect(Threshold).toBe(0.01);
  });

  test('instance metrics have a namespace of their own, and processors count as their sum', () => {
    expect(alarm('Cpu')).toMatchObject({ Namespace: '/aws/sagemaker/Endpoints', Threshold: 180 });
    expect(alarm('Cpu', endpoint({ hosting: Hosting.realTime({ instanceType: 'ml.c4.8xlarge' }) }).template).Threshold).toBe(90 * 36);
    expect(alarm('Memory')).toMatchObject({ Namespace: '/aws/sagemaker/Endpoints', Threshold: 90 });
    expect(alarm('Errors').Namespace).toBe('AWS/SageMaker');
  });

  test.each([
    ['a size of its own', 'ml.m7.metal', "'ml.m7.metal', which does not tell its number of processors"], ['a token', Fn.ref('Type'), 'not known at synthesis'],
  ])('of a type that is %s there is no alarm on processors, and a warning', (_, instanceType, reason) => {
    const stack = new Stack(testApp());
    const { alarms } = new EndpointAlarms(stack, 'Alarms', { endpointName: 'flights', instanceType });
    expect(alarms.map(({ node }) => node.id)).toEqual(['Errors', 'ModelErrors', 'Latency', 'Memory']);
    Annotations.fromStack(stack).hasWarning('/Default/Alarms', Match.stringLikeRegexp(`instanceType is ${reason}, so there is no alarm on saturated processors`));
  });

  test('before the first release nothing is red, and each says how bad it is and where to read on', () => {
    const runbook = readFileSync(join(ROOT, 'docs', 'runbook.md'), 'utf8');
    for (const { Properties } of Object.values(resources(template, 'AWS::CloudWatch::Alarm'))) {
      expect(Properties.TreatMissingData).toBe('notBreaching');
      const [, anchor] = /^\[(?:critical|warning)\] .*\. Runbook: https:\/\/\S+#([a-z-]+)$/.exec(Properties.AlarmDescription)!;
      expect(runbook).toContain(`<a id="${anchor}"></a>`);
    }
  });
});

describe('handlers that CodePipeline invokes', () => {
  test('are run again by Lambda if they were killed, or their report was not taken: a look may be repeated', () => {
    const configs = Object.values(resources(template, 'AWS::Lambda::EventInvokeConfig'));
    expect(configs.map(({ Properties }) => Properties.MaximumRetryAttempts)).toEqual([2, 2]);
  });

  test('know what they need', () => {
    expect(resource(template, 'AWS::Lambda::Function', 'EndpointDeploy').Properties.Environment.Variables).toMatchObject({
      CAPTURE_BUCKET: { Ref: expect.stringMatching(/^DataCaptured/) }, STACK_ID: { Ref: 'AWS::StackId' }, NETWORK_ISOLATION: 'true',
      EXECUTION_ROLE_ARN: { 'Fn::GetAtt': [expect.stringMatching(/^EndpointExecutionRole/), 'Arn'] },
    });
  });
});

test('an endpoint that scales: its deploy role changes alarms of scaling policies, and no other ones of other names', () => {
  const scaled = endpoint({ hosting: Hosting.realTime({ instanceCount: 2, autoscaling: { minimumInstances: 2, maximumInstances: 4, invocationsPerInstance: 100 } }) });
  const statements = statementsOf(resource(scaled.template, 'AWS::IAM::Role', 'EndpointDeployRole')).filter(({ Action }) => list(Action).includes('cloudwatch:PutMetricAlarm'));
  expect(statements.map(({ Resource, Condition }) => [JSON.stringify(Resource).match(/:alarm:[^"]*/g), Condition])).toEqual([
    [[':alarm:', ':alarm:TargetTracking-*', ...['errors', 'latency'].map((suffix) => `:alarm:${scaled.made.endpointName}-??????????-${suffix}`)], undefined],
  ]);
});

test.each([-1, 101, 0.5])('capturing %d per cent is refused', (capturePercentage) => {
  expect(() => endpoint({ capturePercentage })).toThrow(/capturePercentage is .*; give a whole number from 0 to 100/);
});

test('outline', () => { expect(outline(template)).toMatchSnapshot(); });
