import type { ApplicationAutoScalingService } from '../../../../twin/services/application-autoscaling';
import { MINUTE, setUp as setUpHosting } from '../sagemaker/fake-hosting';

const RESOURCE = { ServiceNamespace: 'sagemaker', ResourceId: 'endpoint/flights/variant/main', ScalableDimension: 'sagemaker:variant:DesiredInstanceCount' };

function setUp() {
  const context = setUpHosting();
  const { world } = context;
  const scaling = (operation: string, input: object = {}) => context.call(operation, { ...RESOURCE, ...input }, 'application-autoscaling');
  const policy = (TargetValue: number) => scaling('PutScalingPolicy', {
    PolicyName: 'track', PolicyType: 'TargetTrackingScaling',
    TargetTrackingScalingPolicyConfiguration: { TargetValue, PredefinedMetricSpecification: { PredefinedMetricType: 'SageMakerVariantInvocationsPerInstance' } },
  });
  const traffic = (minutes: number, perMinute: number) => {
    const start = world.clock.now();
    for (let index = 0; index < minutes * perMinute; index++) {
      world.clock.at(start + (index * MINUTE) / perMinute, 'request', () => context.invoke().then(() => undefined));
    }
  };
  const count = async () => (await context.describe()).ProductionVariants[0].DesiredInstanceCount;
  return { ...context, scaling, policy, traffic, count };
}

test('instances follow the traffic, out and in, within their limits', async () => {
  const { world, inService, scaling, policy, traffic, count } = setUp();
  await inService();
  await scaling('RegisterScalableTarget', { MinCapacity: 1, MaxCapacity: 4 });
  const { Alarms } = await policy(10);
  expect(Alarms.map(({ AlarmName }: { AlarmName: string }) => AlarmName)).toEqual([
    expect.stringMatching(/^TargetTracking-endpoint\/flights\/variant\/main-AlarmHigh-/), expect.stringMatching(/-AlarmLow-/),
  ]);
  traffic(15, 60);
  await world.clock.advance(15 * MINUTE);
  expect(await count()).toBe(4);
  traffic(60, 4);
  await world.clock.advance(60 * MINUTE);
  expect(await count()).toBe(1);
  const { ScalingActivities } = await scaling('DescribeScalingActivities');
  expect(ScalingActivities.length).toBeGreaterThanOrEqual(2);
});

test('a target holds its variant and the instance type until it is deregistered', async () => {
  const { call, config, inService, scaling, policy } = setUp();
  await inService();
  await config('two', 'one', { variant: { InstanceType: 'ml.m5.xlarge' } });
  await config('three', 'one', { variant: { VariantName: 'other' } });
  await scaling('RegisterScalableTarget', { MinCapacity: 1, MaxCapacity: 4 });
  await policy(10);
  for (const EndpointConfigName of ['two', 'three']) {
    await expect(call('UpdateEndpoint', { EndpointName: 'flights', EndpointConfigName })).rejects.toThrow('The variant(s) "["main"]" must be deregistered');
  }
  await scaling('DeregisterScalableTarget');
  expect((await call('DescribeAlarms', {}, 'monitoring')).MetricAlarms).toEqual([]);
  await call('UpdateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'two' });
  await expect(scaling('DeregisterScalableTarget')).rejects.toMatchObject({ code: 'ObjectNotFoundException' });
});

describe('permissions that the caller needs beside those of Application Auto Scaling itself', () => {
  const needs = async (operation: string, input: object = {}) => {
    const { world, inService } = setUp();
    await inService();
    const { authorize } = world.service<ApplicationAutoScalingService>('application-autoscaling').operations[operation]!;
    return authorize({ ...RESOURCE, MinCapacity: 1, MaxCapacity: 4, ...input }, undefined as never).filter(({ action }) => !action.startsWith('application-autoscaling:'));
  };
  /** The policy for SageMaker endpoints in "Application Auto Scaling identity-based policy examples". */
  const DOCUMENTED = [
    'cloudwatch:DeleteAlarms', 'cloudwatch:DescribeAlarms', 'cloudwatch:PutMetricAlarm',
    'sagemaker:DescribeEndpoint', 'sagemaker:DescribeEndpointConfig', 'sagemaker:UpdateEndpointWeightsAndCapacities',
  ];

  test.each([['RegisterScalableTarget', ['iam:CreateServiceLinkedRole']], ['PutScalingPolicy', []]])('%s: those that AWS documents', async (operation, more) => {
    expect([...new Set((await needs(operation)).map(({ action }) => action))].sort()).toEqual([...DOCUMENTED, ...more].sort());
  });

  test('alarms are asked for without a name, and by the names that a policy gives them', async () => {
    const alarms = (await needs('PutScalingPolicy')).filter(({ action }) => action === 'cloudwatch:PutMetricAlarm');
    expect(alarms.map(({ resource }) => resource.split(':alarm:')[1])).toEqual(['', expect.stringMatching(/^TargetTracking-endpoint\/flights\/variant\/main-/)]);
  });

  // As the delete handlers of both resource types have it in CloudFormation's registry.
  test.each(['DeregisterScalableTarget', 'DeleteScalingPolicy'])('%s: none', async (operation) => {
    expect(await needs(operation, { PolicyName: 'track' })).toEqual([]);
  });

  test('what is missing is reported by Application Auto Scaling itself', async () => {
    const [first] = await needs('RegisterScalableTarget');
    expect(first!.refusal).toMatchObject({ code: 'ValidationException', message: `User is missing the following permissions: ${first!.action}` });
  });
});

test('what cannot be scaled is refused', async () => {
  const burstable = setUp();
  await burstable.inService({ variant: { InstanceType: 'ml.t2.medium' } });
  await expect(burstable.scaling('RegisterScalableTarget', { MinCapacity: 1, MaxCapacity: 4 })).rejects.toThrow('burstable');
  const { inService, scaling } = setUp();
  await inService();
  const register = (input: object) => scaling('RegisterScalableTarget', { MinCapacity: 1, MaxCapacity: 4, ...input });
  await expect(register({ ResourceId: 'endpoint/none/variant/main' })).rejects.toThrow('does not exist');
  await expect(register({ ResourceId: 'flights' })).rejects.toThrow('endpoint/NAME/variant/NAME');
  await expect(register({ MinCapacity: 0 })).rejects.toThrow('MinCapacity 0');
});

test('deleting the endpoint takes the target and its alarms away, if the caller may', async () => {
  const { world, call, inService, scaling, policy, sageMaker } = setUp();
  await inService();
  await scaling('RegisterScalableTarget', { MinCapacity: 2, MaxCapacity: 4 });
  await policy(10);
  const needed = sageMaker.operations.DeleteEndpoint!.authorize({ EndpointName: 'flights' }, undefined as never).map(({ action }) => action);
  expect(needed).toEqual(['sagemaker:DeleteEndpoint', 'application-autoscaling:DeleteScalingPolicy', 'application-autoscaling:DeregisterScalableTarget']);
  await call('DeleteEndpoint', { EndpointName: 'flights' });
  await world.clock.advance(5 * MINUTE);
  expect((await scaling('DescribeScalableTargets')).ScalableTargets).toEqual([]);
  expect((await call('DescribeAlarms', {}, 'monitoring')).MetricAlarms).toEqual([]);
});
