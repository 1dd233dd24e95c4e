import { IMAGE, MINUTE, ROLE, setUp } from './fake-hosting';

const BLUE_GREEN = (routing: object, termination = 300) => ({
  BlueGreenUpdatePolicy: { TrafficRoutingConfiguration: { WaitIntervalInSeconds: 300, ...routing }, TerminationWaitInSeconds: termination },
});
const CANARY = BLUE_GREEN({ Type: 'CANARY', CanarySize: { Type: 'INSTANCE_COUNT', Value: 1 } });

async function withAlarm(context: ReturnType<typeof setUp>) {
  const alarm = {
    AlarmName: 'errors', Namespace: 'AWS/SageMaker', MetricName: 'Invocation5XXErrors', Statistic: 'Sum', Period: 60, EvaluationPeriods: 1, Threshold: 0,
    ComparisonOperator: 'GreaterThanThreshold', TreatMissingData: 'notBreaching',
    Dimensions: [{ Name: 'EndpointName', Value: 'flights' }, { Name: 'VariantName', Value: 'main' }, { Name: 'EndpointConfigName', Value: 'two' }],
  };
  await context.call('PutMetricAlarm', alarm, 'monitoring');
  return { ...CANARY, AutoRollbackConfiguration: { Alarms: [{ AlarmName: 'errors' }] } };
}

/** Requests evenly spread in virtual time; those that fail are only counted. */
function traffic(context: ReturnType<typeof setUp>, minutes: number, perSecond = 1) {
  const start = context.world.clock.now();
  for (let index = 0; index < minutes * 60 * perSecond; index++) {
    context.world.clock.at(start + (index * 1000) / perSecond, 'request', () => context.invoke().then(() => undefined, () => undefined));
  }
}

test('the first deployment', async () => {
  const { world, call, model, config, describe, statuses, invoke, servers } = setUp();
  await expect(config('one', 'one')).rejects.toThrow('Could not find model');
  await model('one');
  await config('one', 'one');
  await expect(config('one', 'one')).rejects.toThrow('Cannot create already existing endpoint configuration');
  await call('CreateEndpoint', { EndpointName: 'Flights', EndpointConfigName: 'one', Tags: [{ Key: 'stack', Value: 'x' }] });
  expect(await describe()).toMatchObject({ EndpointStatus: 'Creating', EndpointArn: 'arn:aws:sagemaker:us-east-1:123456789012:endpoint/flights' });
  await expect(invoke()).rejects.toMatchObject({ code: 'ValidationError' });
  for (const operation of ['UpdateEndpoint', 'DeleteEndpoint']) {
    await expect(call(operation, { EndpointName: 'flights', EndpointConfigName: 'one' })).rejects.toThrow('Cannot update in-progress endpoint');
  }
  await world.clock.advance(5 * MINUTE);
  expect(await describe()).toMatchObject({ EndpointStatus: 'InService', ProductionVariants: [{ CurrentInstanceCount: 2, CurrentWeight: 1 }] });
  expect(statuses()).toEqual(['CREATING', 'IN_SERVICE']);
  expect((await call('ListTags', { ResourceArn: 'arn:aws:sagemaker:us-east-1:123456789012:endpoint/flights' })).Tags).toEqual([{ Key: 'stack', Value: 'x' }]);
  await call('DeleteEndpoint', { EndpointName: 'flights' });
  await world.clock.advance(5 * MINUTE);
  await expect(describe()).rejects.toThrow('Could not find endpoint "arn:');
  expect(servers.running.size).toBe(0);
});

test('a container that never answers its ping fails the endpoint, after a while', async () => {
  const { world, call, model, config, describe } = setUp();
  await model('one', { HEALTH: 'bad' });
  await config('one', 'one');
  await call('CreateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'one' });
  await world.clock.advance(5 * MINUTE);
  expect((await describe()).EndpointStatus).toBe('Creating');
  await world.clock.advance(10 * MINUTE);
  expect(await describe()).toMatchObject({ EndpointStatus: 'Failed', FailureReason: expect.stringContaining('did not pass the ping health check') });
  await expect(call('UpdateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'one' })).rejects.toThrow('has failed');
  await call('DeleteEndpoint', { EndpointName: 'flights' });
});

test('a canary moves a part of the traffic, then all of it, then lets the old fleet go', async () => {
  const context = setUp();
  const { world, call, model, config, describe, inService, sageMaker, servers } = context;
  await inService();
  await model('two');
  await config('two', 'two');
  await call('UpdateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'two', DeploymentConfig: CANARY });
  await world.clock.advance(4 * MINUTE);
  expect(await describe()).toMatchObject({
    EndpointStatus: 'Updating', EndpointConfigName: 'one',
    PendingDeploymentSummary: { EndpointConfigName: 'two', ProductionVariants: [{ VariantStatus: [{ Status: 'Baking', StatusMessage: expect.stringContaining('canary capacity of 1 instance') }] }] },
  });
  for (let index = 0; index < 200; index++) await context.invoke();
  const [blue, green] = sageMaker.fleetsOf('flights');
  expect(blue!.requests + green!.requests).toBe(200);
  expect(Math.abs(green!.requests - 100)).toBeLessThan(30);
  await world.clock.advance(5 * MINUTE);
  const before = blue!.requests;
  for (let index = 0; index < 20; index++) await context.invoke();
  expect(blue!.requests).toBe(before);
  await world.clock.advance(10 * MINUTE);
  const described = await describe();
  expect(described).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: 'two' });
  expect(described.PendingDeploymentSummary).toBeUndefined();
  expect([...servers.running]).toEqual(['two']);
});

test('an alarm of the new fleet rolls back within five minutes, silently', async () => {
  const context = setUp();
  const { world, call, model, config, describe, inService, statuses, sageMaker } = context;
  await inService();
  await model('two', { STATUS: '500' });
  await config('two', 'two');
  const DeploymentConfig = await withAlarm(context);
  traffic(context, 20, 5);
  await call('UpdateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'two', DeploymentConfig });
  await world.clock.advance(20 * MINUTE);
  const described = await describe();
  expect(described).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: 'one' });
  expect(described.FailureReason).toBeUndefined();
  expect(statuses()).toEqual(['CREATING', 'IN_SERVICE', 'UPDATING', 'ROLLING_BACK', 'IN_SERVICE']);
  const [blue, green] = sageMaker.fleetsOf('flights');
  expect(blue!.errors).toBe(0);
  expect(green!.errors).toBe(green!.requests);
  expect(green!.rolledBackAt!.getTime() - green!.firstErrorAt!.getTime()).toBeLessThan(5 * MINUTE);
  expect(world.calls.find(({ operation }) => operation === 'DescribeAlarms')!.caller).toEqual({ kind: 'role', roleArn: 'arn:aws:iam::123456789012:role/serving', sessionName: 'SageMaker' });
});

test('without the alarm the bad fleet goes live', async () => {
  const context = setUp();
  const { world, call, model, config, describe, inService } = context;
  await inService();
  await model('two', { STATUS: '500' });
  await config('two', 'two');
  traffic(context, 20);
  await call('UpdateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'two', DeploymentConfig: CANARY });
  await world.clock.advance(20 * MINUTE);
  expect(await describe()).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: 'two' });
});

// "WaitIntervalInSeconds: the waiting time between incremental steps"; all at once has one step (API reference of TrafficRoutingConfig).
test.each([[0, 'two'], [300, 'one']])('all at once, alarms are watched while the old fleet is kept, and not between steps (%d s: ends on config %s)', async (termination, ends) => {
  const context = setUp();
  const { world, call, model, config, describe, inService } = context;
  await inService();
  await model('two', { STATUS: '500' });
  await config('two', 'two');
  const { AutoRollbackConfiguration } = await withAlarm(context);
  traffic(context, 20);
  await call('UpdateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'two', DeploymentConfig: { ...BLUE_GREEN({ Type: 'ALL_AT_ONCE' }, termination), AutoRollbackConfiguration } });
  await world.clock.advance(20 * MINUTE);
  expect(await describe()).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: ends });
});

test.each([
  ['already in ALARM', 'ALARM', undefined],
  ['missing', undefined, 'Could not find the CloudWatch alarms [errors]'],
])('a rollback alarm that is %s ends the deployment before it moved any traffic', async (_what, state, reason) => {
  const context = setUp();
  const { world, call, model, config, describe, inService, sageMaker } = context;
  await inService();
  await model('two');
  await config('two', 'two');
  const DeploymentConfig = await withAlarm(context);
  if (state) await call('SetAlarmState', { AlarmName: 'errors', StateValue: state, StateReason: 'test' }, 'monitoring');
  else await call('DeleteAlarms', { AlarmNames: ['errors'] }, 'monitoring');
  await call('UpdateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'two', DeploymentConfig });
  await world.clock.advance(10 * MINUTE);
  const described = await describe();
  expect(described.EndpointConfigName).toBe('one');
  if (reason) expect(described.FailureReason).toContain(reason);
  else expect(described.FailureReason).toBeUndefined();
  expect(sageMaker.fleetsOf('flights')[1]!.requests).toBe(0);
});

test('what is refused at once', async () => {
  const { call, config, model, inService } = setUp();
  await inService();
  await model('two');
  await config('two', 'two');
  await config('small', 'two', { variant: { InitialInstanceCount: 1 } });
  const update = (input: object) => call('UpdateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'two', ...input });
  await expect(update({ EndpointConfigName: 'none' })).rejects.toThrow('Could not find endpoint configuration');
  await expect(update({ EndpointConfigName: 'small', DeploymentConfig: CANARY })).rejects.toThrow('at most 50%');
  await expect(update({ DeploymentConfig: { BlueGreenUpdatePolicy: { ...CANARY.BlueGreenUpdatePolicy, MaximumExecutionTimeoutInSeconds: 600 } } })).rejects.toThrow('MaximumExecutionTimeoutInSeconds');
  await expect(update({ DeploymentConfig: { RollingUpdatePolicy: {} } })).rejects.toThrow('RollingUpdatePolicy');
  await expect(update({ ExcludeRetainedVariantProperties: [{ VariantPropertyType: 'DesiredWeight' }] })).rejects.toThrow('RetainAllVariantProperties');
});

test('an endpoint whose configuration was deleted is never updated again', async () => {
  const { call, config, inService, describe } = setUp();
  await inService();
  await config('two', 'one');
  await call('DeleteEndpointConfig', { EndpointConfigName: 'one' });
  expect((await describe()).EndpointConfigName).toBe('one');
  await expect(call('UpdateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'two' })).rejects.toThrow('Could not find endpoint configuration "arn:aws:sagemaker:us-east-1:123456789012:endpoint-config/one"');
});

test('a scaled instance count survives an update only if it is retained', async () => {
  const { world, call, config, inService, describe } = setUp();
  await inService();
  await config('two', 'one');
  await config('three', 'one');
  await call('UpdateEndpointWeightsAndCapacities', { EndpointName: 'flights', DesiredWeightsAndCapacities: [{ VariantName: 'main', DesiredInstanceCount: 4 }] });
  await world.clock.advance(5 * MINUTE);
  const update = async (EndpointConfigName: string, RetainAllVariantProperties: boolean) => {
    await call('UpdateEndpoint', { EndpointName: 'flights', EndpointConfigName, RetainAllVariantProperties });
    await world.clock.advance(10 * MINUTE);
    return (await describe()).ProductionVariants[0].CurrentInstanceCount;
  };
  expect(await update('two', true)).toBe(4);
  expect(await update('three', false)).toBe(2);
});

test('a new configuration may not be seen at once', async () => {
  const { world, call, model, config, sageMaker } = setUp();
  sageMaker.conditions.consistencyDelay = 5_000;
  await model('one');
  await config('one', 'one');
  const create = () => call('CreateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'one' });
  await expect(create()).rejects.toMatchObject({ code: 'ValidationException', message: expect.stringContaining('Could not find endpoint configuration') });
  await world.clock.advance(5_000);
  await create();
});

test('what can be switched on: a shortage, a silent rollback, an update that is stuck, a patch', async () => {
  const { world, call, config, describe, inService, sageMaker } = setUp();
  await inService();
  await config('two', 'one', { variant: { InstanceType: 'ml.m5.xlarge' } });
  const update = async () => {
    await call('UpdateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'two' });
    await world.clock.advance(10 * MINUTE);
    const { EndpointStatus, EndpointConfigName, FailureReason } = await describe();
    return [EndpointStatus, EndpointConfigName, FailureReason];
  };
  const end = sageMaker.conditions.shortage('ml.m5.xlarge');
  expect(await update()).toEqual(['InService', 'one', expect.stringContaining('InsufficientInstanceCapacity')]);
  end();
  sageMaker.conditions.rollBackSilently('flights');
  expect(await update()).toEqual(['InService', 'one', undefined]);
  sageMaker.conditions.getStuck('flights');
  await call('UpdateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'two' });
  await world.clock.advance(180 * MINUTE);
  expect((await describe()).EndpointStatus).toBe('Updating');
  await world.clock.advance(360 * MINUTE);
  expect(await describe()).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: 'one', FailureReason: expect.stringContaining('MaximumExecutionTimeoutInSeconds') });
  sageMaker.endpoints.patch('flights', 3 * MINUTE);
  await expect(update()).rejects.toThrow('in-progress');
  await world.clock.advance(3 * MINUTE);
  expect(await update()).toEqual(['InService', 'two', undefined]);
});

test('a rollback that fails leaves an endpoint that answers by both fleets and takes no update', async () => {
  const context = setUp();
  const { world, call, model, config, describe, inService, sageMaker, servers } = context;
  await inService();
  await model('two');
  await config('two', 'two');
  sageMaker.conditions.rollBackSilently('flights');
  sageMaker.conditions.failRollback('flights');
  await call('UpdateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'two' });
  await world.clock.advance(10 * MINUTE);
  expect(await describe()).toMatchObject({ EndpointStatus: 'UpdateRollbackFailed', EndpointConfigName: 'one' });
  for (let index = 0; index < 100; index++) await context.invoke();
  expect(sageMaker.fleetsOf('flights').map(({ requests }) => requests > 20)).toEqual([true, true]);
  await expect(call('UpdateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'two' })).rejects.toThrow('in status UpdateRollbackFailed');
  await call('DeleteEndpoint', { EndpointName: 'flights' });
  await world.clock.advance(5 * MINUTE);
  expect(servers.running.size).toBe(0);
});

test('an endpoint out of service takes no requests and no update', async () => {
  const { call, describe, inService, invoke, sageMaker } = setUp();
  await inService();
  sageMaker.endpoints.takeOutOfService('flights');
  expect((await describe()).EndpointStatus).toBe('OutOfService');
  await expect(invoke()).rejects.toMatchObject({ code: 'ValidationError' });
  await expect(call('UpdateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'one' })).rejects.toThrow('in status OutOfService');
});

test('an update beyond the quota of the account is refused at once: it needs the new fleet beside the old one', async () => {
  const { world, call, config, inService, describe, sageMaker } = setUp();
  await inService();
  await config('two', 'one');
  const lift = sageMaker.conditions.quota('ml.m5.large', 3);
  const update = () => call('UpdateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'two' });
  await expect(update()).rejects.toMatchObject({
    code: 'ResourceLimitExceeded', message: expect.stringContaining('is 3 Instances, with current utilization of 2 Instances and a request delta of 2 Instances'),
  });
  expect(await describe()).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: 'one' });
  lift();
  await update();
  await world.clock.advance(10 * MINUTE);
  expect((await describe()).EndpointConfigName).toBe('two');
});

describe('the size of a canary', () => {
  /** Of an endpoint with so many instances, updated to a config with so many. */
  const update = async (running: number, next: number, CanarySize: object, input: object = {}) => {
    const { call, config, inService } = setUp();
    await inService({ variant: { InitialInstanceCount: running } });
    await config('two', 'one', { variant: { InitialInstanceCount: next } });
    return call('UpdateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'two', DeploymentConfig: BLUE_GREEN({ Type: 'CANARY', CanarySize }), ...input });
  };
  const percent = (Value: number) => ({ Type: 'CAPACITY_PERCENT', Value });
  const instances = (Value: number) => ({ Type: 'INSTANCE_COUNT', Value });
  const TOO_LARGE = /^The capacity size .* must be at most 50% of the variant's instances\.$/;

  // Half of three instances is one instance and a half: no percentage of them is a legal number of instances however it is rounded.
  test.each<[string, number, number, object]>([
    ['34 % of three', 3, 3, percent(34)], ['50 % of three', 3, 3, percent(50)], ['33 % of three', 3, 3, percent(33)], ['51 % of four', 4, 4, percent(51)], ['10 % of two', 2, 2, percent(10)],
    ['two of three', 3, 3, instances(2)], ['one of one', 1, 1, instances(1)],
    ['two of a new fleet of four beside an old one of two', 2, 4, instances(2)], ['one of a new fleet of one beside an old one of four', 4, 1, instances(1)],
  ])('%s is refused', async (_, running, next, size) => {
    await expect(update(running, next, size)).rejects.toThrow(TOO_LARGE);
  });

  test('one of one that is retained under a config of two is refused', async () => {
    await expect(update(1, 2, instances(1), { RetainAllVariantProperties: true })).rejects.toThrow(TOO_LARGE);
  });

  test.each<[string, number, object]>([['50 % of two', 2, percent(50)], ['25 % of four', 4, percent(25)], ['one of three', 3, instances(1)], ['two of five', 5, instances(2)]])('%s is accepted', async (_, count, size) => {
    await expect(update(count, count, size)).resolves.toBeDefined();
  });
});

// Developer guide, "Exclusions": such an endpoint "will fall back to using a blue/green deployment with all at once traffic shifting and no final baking period".
describe('what deployment guardrails leave out', () => {
  test.each<[string, object, object]>([
    ['Inf1 instances', { InstanceType: 'ml.inf1.xlarge' }, {}], ['containers of the AWS Marketplace', {}, { ProductId: 'prod-1' }],
  ])('%s: all traffic at once, no alarm is watched, no event of the deployment', async (_, variant, product) => {
    const context = setUp();
    const { world, call, config, describe, inService, sageMaker } = context;
    await inService({ variant });
    const { ModelPackageArn } = await call('CreateModelPackage', {
      ModelPackageName: 'bad', InferenceSpecification: { Containers: [{ Image: IMAGE, ModelDataUrl: 's3://models/m.tar.gz', Environment: { STATUS: '500' }, ...product }] },
    });
    await world.clock.advance(MINUTE);
    await call('CreateModel', { ModelName: 'two', ExecutionRoleArn: ROLE, PrimaryContainer: { ModelPackageName: ModelPackageArn } });
    await config('two', 'two', { variant });
    const DeploymentConfig = await withAlarm(context);
    traffic(context, 20);
    await call('UpdateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'two', DeploymentConfig });
    await world.clock.advance(6 * MINUTE);
    expect(await describe()).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: 'two' });
    expect(sageMaker.fleetsOf('flights')[0]!.share).toBe(0);
    expect(world.events.filter((event) => event['detail-type'] === 'SageMaker Endpoint Deployment State Change')).toEqual([]);
  });
});
