import { AwsError, type Operation, type Principal } from '../../../twin/service';
import { SchedulerService } from '../../../twin/services/scheduler';
import { SqsService } from '../../../twin/services/sqs';
import { SmallWorld, START } from './lambda.world';

const HOUR = 3_600_000;

describe('schedules', () => {
  let world: SmallWorld;
  let scheduler: SchedulerService;
  let calls: Array<{ time: number; input: any; caller: Principal }>; // eslint-disable-line @typescript-eslint/no-explicit-any
  let answer: () => void;

  beforeEach(async () => {
    world = await new SmallWorld().open();
    scheduler = world.add(new SchedulerService(world));
    world.add(new SqsService(world));
    calls = [];
    answer = () => {};
    const recorded: Operation = {
      authorize: () => [],
      run: (input, { caller }) => {
        calls.push({ time: world.clock.now() - START.getTime(), input, caller });
        answer();
      },
    };
    world.add({ name: 'lambda', operations: { Invoke: recorded }, resources: {}, remaining: () => [] });
    world.add({ name: 'states', operations: { StartExecution: recorded }, resources: {}, remaining: () => [] });
  });
  afterEach(() => world.close());

  const create = (properties: Record<string, unknown>) => world.create('AWS::Scheduler::Schedule', 'S', {
    Name: 's', ScheduleExpression: 'rate(1 hour)', FlexibleTimeWindow: { Mode: 'OFF' }, Target: { Arn: world.arn('lambda', 'function:f'), RoleArn: world.role('r') }, ...properties,
  });

  test('call their target as its role, which must trust the Scheduler', async () => {
    await create({ Target: { Arn: world.arn('lambda', 'function:f'), RoleArn: world.role('r'), Input: '{"a":1}' } });
    await world.clock.advance(2 * HOUR);
    expect(calls.map(({ time }) => time)).toEqual([HOUR, 2 * HOUR]);
    expect(calls[0]).toMatchObject({ input: { Payload: Buffer.from('{"a":1}') }, caller: { kind: 'role', roleArn: world.role('r') } });
    expect(world.called('sts', 'AssumeRole')[0]!.caller).toEqual({
      kind: 'service', service: 'scheduler.amazonaws.com', sourceArn: world.arn('scheduler', 'schedule-group/default'), sourceAccount: world.account,
    });
  });

  test('call any operation there is', async () => {
    await create({ Target: { Arn: 'arn:aws:scheduler:::aws-sdk:sfn:startExecution', RoleArn: world.role('r'), Input: '{"stateMachineArn":"arn:aws:states:eu-west-1:123456789012:stateMachine:m"}' } });
    await world.clock.advance(HOUR);
    expect(calls[0]!.input.stateMachineArn).toContain('stateMachine:m');
    await expect(create({ Name: 'no', Target: { Arn: 'arn:aws:scheduler:::aws-sdk:sfn:doNothing', RoleArn: world.role('r') } })).rejects.toThrow('the twin cannot call the target');
  });

  test('keep to their dates, and stop when disabled or deleted', async () => {
    await create({ StartDate: '2026-02-01T10:30:00Z', EndDate: '2026-02-01T12:00:00Z' });
    await world.clock.advance(10 * HOUR);
    expect(calls.map(({ time }) => time)).toEqual([2.5 * HOUR, 3.5 * HOUR]);
    const handle = await create({ Name: 'second' });
    await world.update('AWS::Scheduler::Schedule', 'S', {
      Name: 'second', State: 'DISABLED', ScheduleExpression: 'rate(1 hour)', FlexibleTimeWindow: { Mode: 'OFF' }, Target: { Arn: world.arn('lambda', 'function:f'), RoleArn: world.role('r') },
    }, handle);
    await world.clock.advance(5 * HOUR);
    expect(calls).toHaveLength(2);
  });

  test('keep what cannot be delivered', async () => {
    answer = () => { throw new AwsError('AccessDeniedException', 'no', 403); };
    const dead = (await world.create('AWS::SQS::Queue', 'd', { QueueName: 'd' })).attributes!.Arn;
    await create({ ScheduleExpression: 'at(2026-02-01T09:00:00)', Target: { Arn: world.arn('lambda', 'function:f'), RoleArn: world.role('r'), Input: '{"a":1}', DeadLetterConfig: { Arn: dead } } });
    await world.clock.advance(HOUR);
    expect(world.service<SqsService>('sqs').bodies(dead)).toEqual(['{"a":1}']);
    expect(scheduler.runs).toMatchObject([{ schedule: 's', outcome: 'dead-lettered', attempts: 1 }]);
  });

  test.each([
    [{ FlexibleTimeWindow: { Mode: 'FLEXIBLE' } }, 'mode OFF, not FLEXIBLE'],
    [{ ScheduleExpression: 'cron(1)' }, 'ScheduleExpression is not valid'],
    [{ ScheduleExpressionTimezone: 'Mars/Olympus' }, 'Invalid ScheduleExpressionTimezone Mars/Olympus'],
    [{ GroupName: 'none' }, 'Schedule group none does not exist'],
  ])('with %j are refused', async (properties, message) => {
    await expect(create(properties)).rejects.toThrow(message);
  });

  test('go with their group', async () => {
    const group = await world.create('AWS::Scheduler::ScheduleGroup', 'G', { Name: 'g' });
    await create({ GroupName: 'g' });
    await world.remove('AWS::Scheduler::ScheduleGroup', 'G', group);
    expect(scheduler.remaining()).toEqual([]);
    await world.clock.advance(HOUR);
    expect(calls).toEqual([]);
  });
});
