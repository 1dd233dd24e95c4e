import { ADMINISTRATOR, AwsError } from '../../../../twin/service';
import { CloudWatchService } from '../../../../twin/services/cloudwatch';
import { FakeWorld } from './fake-world';

const TOPIC = 'arn:aws:sns:us-east-1:123456789012:alarms';
const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:react';
const MINUTE = 60_000;

function setUp() {
  const world = new FakeWorld();
  const service = world.add(new CloudWatchService(world));
  world.stubs['sns:Publish'] = () => ({ MessageId: '1' });
  world.stubs['lambda:Invoke'] = () => ({ StatusCode: 202 });
  const call = (operation: string, input: object) => world.call({ service: 'monitoring', operation, input, caller: ADMINISTRATOR });
  const put = (value: number, name = 'Errors') => call('PutMetricData', { Namespace: 'Test', MetricData: [{ MetricName: name, Value: value }] });
  const state = async (name = 'alarm') => {
    const { MetricAlarms, CompositeAlarms } = await call('DescribeAlarms', { AlarmNames: [name], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] });
    return [...MetricAlarms, ...CompositeAlarms][0];
  };
  const alarm = (settings: object = {}) => call('PutMetricAlarm', {
    AlarmName: 'alarm', Namespace: 'Test', MetricName: 'Errors', Statistic: 'Sum', Period: 60, EvaluationPeriods: 1, Threshold: 0,
    ComparisonOperator: 'GreaterThanThreshold', TreatMissingData: 'notBreaching', AlarmActions: [TOPIC], OKActions: [], ...settings,
  });
  return { world, service, call, put, state, alarm };
}

test('an alarm starts without data, fires once on a transition, and returns when the data do', async () => {
  const { world, put, state, alarm } = setUp();
  await alarm({ AlarmActions: [TOPIC, FUNCTION] });
  expect((await state()).StateValue).toBe('INSUFFICIENT_DATA');
  await world.clock.advance(2 * MINUTE);
  expect((await state()).StateValue).toBe('OK');
  for (let minute = 0; minute < 3; minute++) {
    await put(2);
    await world.clock.advance(MINUTE);
  }
  await world.clock.advance(MINUTE);
  expect(await state()).toMatchObject({ StateValue: 'ALARM', StateReason: expect.stringContaining('1 out of the last 1 datapoint [2.0 (01/01/26 00:0') });
  const actions = world.calls.filter(({ service }) => service !== 'monitoring');
  expect(actions.map(({ service, caller }) => [service, caller])).toEqual([
    ['sns', { kind: 'service', service: 'cloudwatch.amazonaws.com', sourceArn: 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:alarm', sourceAccount: '123456789012' }],
    ['lambda', expect.objectContaining({ service: 'lambda.alarms.cloudwatch.amazonaws.com' })],
  ]);
  expect(JSON.parse(actions[0]!.input.Message)).toMatchObject({ NewStateValue: 'ALARM', OldStateValue: 'OK', Trigger: { Period: 60, Statistic: 'SUM' } });
  await world.clock.advance(10 * MINUTE);
  expect((await state()).StateValue).toBe('OK');
  expect(world.events.map(({ detail }) => (detail.state as { value: string }).value)).toEqual(['OK', 'ALARM', 'OK']);
  expect(world.events[1]).toMatchObject({
    source: 'aws.cloudwatch', 'detail-type': 'CloudWatch Alarm State Change', resources: ['arn:aws:cloudwatch:us-east-1:123456789012:alarm:alarm'],
    detail: { alarmName: 'alarm', previousState: { value: 'OK' }, configuration: { metrics: [{ metricStat: { metric: { name: 'Errors' }, stat: 'Sum' } }] } },
  });
});

test('a refused action is in the history and nowhere else', async () => {
  const { world, put, call, state, alarm } = setUp();
  world.stubs['sns:Publish'] = () => { throw new AwsError('AuthorizationError', 'no', 403); };
  await alarm();
  await put(1);
  await world.clock.advance(2 * MINUTE);
  expect((await state()).StateValue).toBe('ALARM');
  const { AlarmHistoryItems } = await call('DescribeAlarmHistory', { AlarmName: 'alarm', HistoryItemType: 'Action' });
  expect(AlarmHistoryItems).toHaveLength(1);
  expect(AlarmHistoryItems[0].HistorySummary).toContain('Failed to execute action');
});

test('the windows of a longer period slide minute by minute', async () => {
  const { world, put, state, alarm } = setUp();
  await alarm({ Period: 300, Threshold: 9 });
  await world.clock.advance(3 * MINUTE);
  await put(5);
  await world.clock.advance(4 * MINUTE);
  await put(5);
  await world.clock.advance(MINUTE + 15_000);
  expect((await state()).StateValue).toBe('ALARM');
});

test('metric math with FILL and IF', async () => {
  const { world, put, state, call } = setUp();
  const metric = (name: string) => ({ Metric: { Namespace: 'Test', MetricName: name }, Period: 60, Stat: 'Sum' });
  await call('PutMetricAlarm', {
    AlarmName: 'alarm', EvaluationPeriods: 1, Threshold: 5, ComparisonOperator: 'GreaterThanThreshold', TreatMissingData: 'ignore',
    Metrics: [
      { Id: 'errors', MetricStat: metric('Errors'), ReturnData: false }, { Id: 'requests', MetricStat: metric('Requests'), ReturnData: false },
      { Id: 'rate', Expression: 'IF(requests >= 10, 100 * FILL(errors, 0) / requests)' },
    ],
  });
  await put(9, 'Requests');
  await put(9, 'Errors');
  await world.clock.advance(2 * MINUTE);
  expect((await state()).StateValue).toBe('INSUFFICIENT_DATA');
  await put(20, 'Requests');
  await world.clock.advance(2 * MINUTE);
  expect((await state()).StateValue).toBe('OK');
  await put(20, 'Requests');
  await put(2, 'Errors');
  await world.clock.advance(2 * MINUTE);
  expect((await state()).StateValue).toBe('ALARM');
});

test('unknown metric math, anomaly detection and sub-minute periods are refused by name', async () => {
  const { call, alarm } = setUp();
  await expect(call('PutMetricAlarm', {
    AlarmName: 'x', EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: 'GreaterThanThreshold', Metrics: [{ Id: 'a', Expression: 'ANOMALY_DETECTION_BAND(m1)' }],
  })).rejects.toThrow('ANOMALY_DETECTION_BAND');
  await expect(alarm({ ComparisonOperator: 'LessThanLowerThreshold' })).rejects.toThrow('anomaly detection');
  await expect(alarm({ Period: 10 })).rejects.toThrow('10 seconds');
  await expect(alarm({ AlarmActions: ['arn:aws:automate:us-east-1:ec2:stop'] })).rejects.toThrow('ec2:stop');
});

test('a composite follows its children, and a suppressor holds its actions back', async () => {
  const { world, call, put, state, alarm } = setUp();
  await alarm({ AlarmName: 'drift', AlarmActions: [], TreatMissingData: 'ignore' });
  for (const AlarmName of ['quality', 'deploying']) await alarm({ AlarmName, AlarmActions: [], MetricName: AlarmName, TreatMissingData: 'ignore' });
  await expect(call('PutCompositeAlarm', { AlarmName: 'c', AlarmRule: 'ALARM(nothing)' })).rejects.toThrow('nothing');
  await call('PutCompositeAlarm', {
    AlarmName: 'any', AlarmRule: '(ALARM("drift") OR ALARM(quality)) AND NOT INSUFFICIENT_DATA(drift)', AlarmActions: [TOPIC],
    ActionsSuppressor: 'deploying', ActionsSuppressorWaitPeriod: 60, ActionsSuppressorExtensionPeriod: 120,
  });
  expect((await state('any')).StateValue).toBe('OK');
  const set = (AlarmName: string, StateValue: string) => call('SetAlarmState', { AlarmName, StateValue, StateReason: 'test' });
  const published = () => world.calls.filter(({ service }) => service === 'sns').length;
  await set('deploying', 'ALARM');
  await put(1);
  await world.clock.advance(75_000);
  await set('deploying', 'ALARM');
  expect(await state('any')).toMatchObject({ StateValue: 'ALARM', ActionsSuppressedBy: 'Alarm' });
  await set('deploying', 'OK');
  expect(await state('any')).toMatchObject({ ActionsSuppressedBy: 'ExtensionPeriod' });
  await world.clock.advance(110_000);
  expect(published()).toBe(0);
  await world.clock.advance(15_000);
  expect(published()).toBe(1);
  await expect(call('DeleteAlarms', { AlarmNames: ['drift'] })).rejects.toThrow('depending on it');
  await call('DeleteAlarms', { AlarmNames: ['any', 'drift', 'quality', 'deploying'] });
});

test('statistics: percentiles, sums, summaries', async () => {
  const { call } = setUp();
  const Timestamp = new Date('2026-01-01T00:00:30Z');
  await call('PutMetricData', { Namespace: 'Test', MetricData: [{ MetricName: 'Latency', Timestamp, Values: [1, 2, 3, 100], Counts: [50, 40, 9, 1], Unit: 'Microseconds' }] });
  const query = { Namespace: 'Test', MetricName: 'Latency', StartTime: new Date('2026-01-01T00:00:00Z'), EndTime: new Date('2026-01-01T00:05:00Z'), Period: 60 };
  const { Datapoints } = await call('GetMetricStatistics', { ...query, Statistics: ['Sum', 'SampleCount', 'Average', 'Minimum', 'Maximum'] });
  expect(Datapoints).toEqual([{ Timestamp: query.StartTime, Unit: 'Microseconds', Sum: 257, SampleCount: 100, Average: 2.57, Minimum: 1, Maximum: 100 }]);
  const extended = await call('GetMetricStatistics', { ...query, ExtendedStatistics: ['p50', 'p90', 'p99', 'p99.9'] });
  expect(extended.Datapoints[0].ExtendedStatistics).toEqual({ p50: 1, p90: 2, p99: 3, 'p99.9': 100 });
  await expect(call('PutMetricData', { Namespace: 'AWS/SageMaker', MetricData: [] })).rejects.toThrow('AWS/');
});

test('GetMetricData evaluates math over several periods, newest first', async () => {
  const { world, call, put } = setUp();
  for (const value of [1, 2, 3]) {
    await put(value);
    await world.clock.advance(MINUTE);
  }
  const metric = { Metric: { Namespace: 'Test', MetricName: 'Errors' }, Period: 60, Stat: 'Sum' };
  const get = (...MetricDataQueries: object[]) => call('GetMetricData', {
    StartTime: new Date('2026-01-01T00:00:00Z'), EndTime: new Date('2026-01-01T00:04:00Z'), MetricDataQueries: [{ Id: 'm', MetricStat: metric }, ...MetricDataQueries],
  });
  const { MetricDataResults } = await get({ Id: 'e', Expression: 'FILL(m, 0) * 2 - 1' }, { Id: 's', Expression: 'SUM(METRICS())' });
  expect(MetricDataResults.map(({ Id, Values }: { Id: string; Values: number[] }) => [Id, Values])).toEqual([['m', [3, 2, 1]], ['e', [-1, 5, 3, 1]], ['s', [3, 2, 1]]]);
  await expect(get({ Id: 'e', Expression: 'METRICS()' })).rejects.toThrow('several time series');
  await expect(get({ Id: 'e', Expression: 'other + 1' })).rejects.toThrow('other');
});

test('lines in the embedded metric format become metrics; unreadable ones are counted', async () => {
  const { world, service, call } = setUp();
  const line = (extra: object) => ({
    _aws: { Timestamp: world.clock.now(), CloudWatchMetrics: [{ Namespace: 'Drift', Dimensions: [['Endpoint']], Metrics: [{ Name: 'Score', Unit: 'None' }] }] }, ...extra,
  });
  service.ingestEmbeddedMetrics(line({ Endpoint: 'flights', Score: [0.5, 0.7] }));
  service.ingestEmbeddedMetrics(line({ Endpoint: 'flights' }));
  service.ingestEmbeddedMetrics({ level: 'INFO' });
  const { Metrics } = await call('ListMetrics', {});
  expect(Metrics).toEqual([
    { Namespace: 'Drift', MetricName: 'Score', Dimensions: [{ Name: 'Endpoint', Value: 'flights' }] },
    { Namespace: 'AWS/Logs', MetricName: 'EMFValidationErrors', Dimensions: [] },
  ]);
});
