import { AwsError } from '../../../twin/service';
import { CloudWatchService } from '../../../twin/services/cloudwatch';
import { LogsService } from '../../../twin/services/logs';
import { compileFilter } from '../../../twin/services/logs/filter-pattern';
import { SmallWorld } from './lambda.world';

const DAY = 24 * 3_600_000;

describe('log groups', () => {
  let world: SmallWorld;
  let logs: LogsService;
  const place = { logGroupName: '/g', logStreamName: 's' };

  beforeEach(async () => {
    world = await new SmallWorld().open();
    logs = world.add(new LogsService(world));
    await world.create('AWS::Logs::LogGroup', 'G', { LogGroupName: '/g', RetentionInDays: 1 });
    await call('CreateLogStream', place);
  });
  afterEach(() => world.close());

  const call = (operation: string, input: object) => world.call(world.as('logs', operation, input));
  const put = (...messages: string[]) => call('PutLogEvents', { ...place, logEvents: messages.map((message) => ({ timestamp: world.clock.now(), message })) });

  test('give back what was put, forwards and by pages', async () => {
    await put('a', 'b', 'c');
    const first = await call('GetLogEvents', { ...place, startFromHead: true, limit: 2 });
    const second = await call('GetLogEvents', { ...place, nextToken: first.nextForwardToken });
    const last = await call('GetLogEvents', { ...place, nextToken: second.nextForwardToken });
    expect([first, second, last].map(({ events }) => events.map(({ message }: { message: string }) => message))).toEqual([['a', 'b'], ['c'], []]);
    expect(last.nextForwardToken).toBe(second.nextForwardToken);
    expect((await call('GetLogEvents', { ...place, limit: 1 })).events).toMatchObject([{ message: 'c' }]);
    expect((await call('FilterLogEvents', { logGroupName: '/g', filterPattern: '?a ?c' })).events).toMatchObject([{ message: 'a', logStreamName: 's' }, { message: 'c' }]);
  });

  test('forget after their retention', async () => {
    await put('old');
    await world.clock.advance(DAY / 2);
    await put('young');
    await world.clock.advance(DAY / 2 + 1);
    expect(logs.lines('/g').map(({ message }) => message)).toEqual(['young']);
  });

  test('make metrics of what their filters match', async () => {
    await world.create('AWS::Logs::MetricFilter', 'F', {
      LogGroupName: '/g', FilterPattern: '{ $.level = "ERROR" && $.ms > 10 }',
      MetricTransformations: [{ MetricName: 'Slow', MetricNamespace: 'Mine', MetricValue: '$.ms', Dimensions: [{ Key: 'Who', Value: '$.who' }] }],
    });
    await put('{"level":"ERROR","ms":20,"who":"w"}', '{"level":"ERROR","ms":5,"who":"w"}', '{"level":"INFO","ms":50,"who":"w"}', 'noise');
    const { metrics } = world.service<CloudWatchService>('monitoring');
    const series = metrics.seriesOf({ Namespace: 'Mine', MetricName: 'Slow', Dimensions: [{ Name: 'Who', Value: 'w' }] });
    expect(series.over(0, Number.MAX_SAFE_INTEGER, 'Sum')).toBe(20);
  });

  test('get a customer key only if its policy lets the service use it for them', async () => {
    let refuse = false;
    world.add({
      name: 'kms', resources: {}, remaining: () => [],
      operations: { GenerateDataKey: { authorize: () => [], run: () => { if (refuse) throw new AwsError('AccessDeniedException', 'no'); } } },
    });
    await world.create('AWS::Logs::LogGroup', 'H', { LogGroupName: '/h', KmsKeyId: 'k' });
    expect(world.called('kms', 'GenerateDataKey')[0]!.caller).toEqual({ kind: 'service', service: 'logs.eu-west-1.amazonaws.com' });
    refuse = true;
    await expect(world.create('AWS::Logs::LogGroup', 'I', { LogGroupName: '/i', KmsKeyId: 'k' })).rejects.toThrow('is not allowed to be used with Arn');
  });

  test('refuse disorder, reject what is too old, and are refused by name when they are not there', async () => {
    const now = world.clock.now();
    await expect(call('PutLogEvents', { ...place, logEvents: [{ timestamp: now, message: 'b' }, { timestamp: now - 1, message: 'a' }] })).rejects.toThrow('chronological order');
    expect(await call('PutLogEvents', { ...place, logEvents: [{ timestamp: now - 15 * DAY, message: 'a' }, { timestamp: now, message: 'b' }] }))
      .toMatchObject({ rejectedLogEventsInfo: { tooOldLogEventEndIndex: 1 } });
    await expect(call('DescribeLogStreams', { logGroupName: '/none' })).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
    await expect(call('CreateLogGroup', { logGroupName: '/g' })).rejects.toMatchObject({ code: 'ResourceAlreadyExistsException' });
    await expect(world.create('AWS::Logs::LogGroup', 'H', { RetentionInDays: 2 })).rejects.toThrow('Invalid retention value 2');
  });
});

test.each([
  ['', 'anything', true],
  ['ERROR', 'an ERROR here', true],
  ['ERROR timeout', 'ERROR only', false],
  ['"out of"', 'out of memory', true],
  ['ERROR -ignored', 'ERROR ignored', false],
  ['?a ?b', 'xbx', true],
  ['%te.t%', 'a test', true],
  ['{ $.a = 1 }', '{"a":1}', true],
  ['{ $.a = "1" }', '{"a":1}', true],
  ['{ $.a.b[1] = "x*" }', '{"a":{"b":["y","xyz"]}}', true],
  ['{ $.a != 1 }', '{"b":1}', false],
  ['{ $.a NOT EXISTS }', '{"b":1}', true],
  ['{ $.a IS NULL }', '{"a":null}', true],
  ['{ ($.a = 1 || $.a = 2) && $.b IS TRUE }', '{"a":2,"b":true}', true],
  ['{ $.a >= 2.5 }', '{"a":2}', false],
  ['{ $.a = %^x\\d$% }', '{"a":"x1"}', true],
  ['{ $.a = 1 }', 'not JSON', false],
])('the pattern %s on %s: %s', (pattern, message, expected) => {
  expect(compileFilter(pattern)(message) !== undefined).toBe(expected);
});

test.each(['{ $.a = 1', '{ a = 1 }', '{ $.a ~ 1 }', '{ ($.a = 1 }', '[a, b]'])('the pattern %s is refused', (pattern) => {
  expect(() => compileFilter(pattern)).toThrow('Invalid filter pattern');
});
