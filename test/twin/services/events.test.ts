import { ConnectionLost } from '../../../twin/http';
import { ADMINISTRATOR, AwsError, type Operation, type Principal } from '../../../twin/service';
import { EventsService, seededEventFaults } from '../../../twin/services/events';
import { SqsService } from '../../../twin/services/sqs';
import { SmallWorld, START } from './lambda.world';

/* eslint-disable @typescript-eslint/no-explicit-any -- events are the tests' own */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('events', () => {
  let world: SmallWorld;
  let events: EventsService;
  let started: Array<{ time: number; input: any; caller: Principal }>;
  let answer: () => unknown;

  beforeEach(async () => {
    world = await new SmallWorld().open();
    events = world.add(new EventsService(world));
    world.add(new SqsService(world));
    started = [];
    answer = () => ({ executionArn: world.arn('states', 'execution:m:1'), startDate: world.clock.date() });
    const recorded: Operation = {
      authorize: () => [],
      run: (input, { caller }) => {
        started.push({ time: world.clock.now(), input, caller });
        return answer();
      },
    };
    world.add({ name: 'states', operations: { StartExecution: recorded }, resources: {}, remaining: () => [] });
    world.add({ name: 'lambda', operations: { Invoke: recorded }, resources: {}, remaining: () => [] });
    world.add({ name: 'codepipeline', operations: { StartPipelineExecution: recorded }, resources: {}, remaining: () => [] });
  });
  afterEach(() => world.close());

  const queue = async (name: string) => world.create('AWS::SQS::Queue', name, { QueueName: name });
  const bodies = (arn: string) => world.service<SqsService>('sqs').bodies(arn);
  const machine = () => world.arn('states', 'stateMachine:m');
  const target = (more = {}) => ({ Id: 't', Arn: machine(), RoleArn: world.role('starter'), ...more });
  const publish = (detail: Record<string, unknown> = {}) => world.publish({ source: 'aws.s3', 'detail-type': 'Object Created', detail, resources: ['arn:aws:s3:::b'] });

  test('a rule takes matching events to its target, whole', async () => {
    const rule = await world.create('AWS::Events::Rule', 'R', { Name: 'r', EventPattern: { source: ['aws.s3'], detail: { size: [{ numeric: ['>', 3] }] } }, Targets: [target()] });
    publish({ size: 3 });
    publish({ size: 4 });
    await world.clock.advance(0);
    expect(started).toHaveLength(1);
    expect(JSON.parse(started[0]!.input.input)).toEqual({
      version: '0', id: expect.any(String), source: 'aws.s3', 'detail-type': 'Object Created', account: world.account, region: 'eu-west-1',
      time: '2026-02-01T08:00:00Z', resources: ['arn:aws:s3:::b'], detail: { size: 4 },
    });
    expect(started[0]!.caller).toEqual({ kind: 'role', roleArn: world.role('starter'), sessionName: 'events' });
    expect(world.called('sts', 'AssumeRole')[0]!.caller).toMatchObject({ service: 'events.amazonaws.com', sourceArn: rule.attributes!.Arn });
    expect(events.deliveries).toMatchObject([{ rule: 'r', outcome: 'delivered', attempts: 1 }]);
  });

  test('a function is called by EventBridge itself, for the rule', async () => {
    const Arn = world.arn('lambda', 'function:f');
    await world.create('AWS::Events::Rule', 'R', { Name: 'r', EventPattern: { source: ['aws.s3'] }, Targets: [{ Id: 'f', Arn, Input: '{"fixed":true}' }] });
    publish();
    await world.clock.advance(0);
    expect(started[0]!.caller).toEqual({ kind: 'service', service: 'events.amazonaws.com', sourceArn: world.arn('events', 'rule/r'), sourceAccount: world.account });
    expect(started[0]!.input).toMatchObject({ FunctionName: Arn, InvocationType: 'Event', Payload: Buffer.from('{"fixed":true}') });
  });

  // Each row is an example of the user guide or an answer recorded from AWS; twin/services/events/input.ts names both.
  test.each([
    ['text with its quotes', '"bucket <b> of <aws.events.rule-name>"', '"bucket data of r"'],
    ['an absent field inside of quotes as nothing', '"none: <none>"', '"none: "'],
    ['an absent field outside of quotes as an empty string', '{"none": <none>}', '{"none": ""}'],
    ['strings, lists and numbers outside of quotes as JSON', '{"b": <b>, "tags": <tags>, "size": <size>}', '{"b": "data", "tags": ["a","b"], "size": 3}'],
    ['an object inside of quotes without its own', '"detail: <bucket>"', '"detail: {name:data}"'],
    ['text that looks like a variable as text', '"<hint>"', '"<b>"'],
    ['the event without its detail', '{"type": <aws.events.event>}', expect.stringMatching(/^\{"type": \{(?!.*"detail":).*"detailType":"Object Created"\}\}$/)],
  ])('an input transformer renders %s', async (_what, InputTemplate, expected) => {
    const InputPathsMap = { b: '$.detail.bucket.name', bucket: '$.detail.bucket', tags: '$.detail.tags', size: '$.detail.size', hint: '$.detail.hint', none: '$.detail.none' };
    await world.create('AWS::Events::Rule', 'R', { Name: 'r', EventPattern: { source: ['aws.s3'] }, Targets: [target({ InputTransformer: { InputTemplate, InputPathsMap } })] });
    publish({ bucket: { name: 'data' }, tags: ['a', 'b'], size: 3, hint: '<b>' });
    await world.clock.advance(0);
    expect(started[0]!.input.input).toEqual(expected);
  });

  test.each(['"why: <why>"', '{"why": <why>}', '{"why": "<why>"}'])('an input transformer escapes nothing: %s with quotes in the value is not delivered', async (InputTemplate) => {
    const dead = await queue('dead');
    const InputTransformer = { InputTemplate, InputPathsMap: { why: '$.detail.why' } };
    await world.create('AWS::Events::Rule', 'R', {
      Name: 'r', EventPattern: { source: ['aws.s3'] }, Targets: [target({ InputTransformer, DeadLetterConfig: { Arn: dead.attributes!.Arn } })],
    });
    publish({ why: 'no column "delay"' });
    await world.clock.advance(0);
    expect(started).toEqual([]);
    expect(events.deliveries).toMatchObject([{ outcome: 'dead-lettered', attempts: 1, error: expect.stringMatching(/not valid JSON: .*no column "delay"/) }]);
    expect(bodies(dead.attributes!.Arn)).toHaveLength(1);
  });

  test('a pipeline gets the variables of an input of its own', async () => {
    const InputTransformer = { InputTemplate: '{"variables": [{"name": "PackageArn", "value": <arn>}]}', InputPathsMap: { arn: '$.detail.arn' } };
    await world.create('AWS::Events::Rule', 'R', {
      EventPattern: { source: ['aws.s3'] }, Targets: [target({ Arn: world.arn('codepipeline', 'release'), InputTransformer })],
    });
    publish({ arn: 'x' });
    await world.clock.advance(0);
    expect(started[0]!.input).toEqual({ name: 'release', variables: [{ name: 'PackageArn', value: 'x' }] });
  });

  test('throttling and lost connections are retried, with growing waits', async () => {
    let failures = 0;
    answer = () => {
      failures += 1;
      if (failures === 1) throw new AwsError('ThrottlingException', 'slow down');
      if (failures === 2) throw new ConnectionLost('states', 'StartExecution');
      if (failures === 3) throw new AwsError('InternalFailure', 'oops', 500);
      return { executionArn: world.arn('states', 'execution:m:1'), startDate: world.clock.date() };
    };
    await world.create('AWS::Events::Rule', 'R', { EventPattern: { source: ['aws.s3'] }, Targets: [target()] });
    publish();
    await world.clock.advance(HOUR);
    expect(started.map(({ time }) => time - START.getTime())).toEqual([0, 1000, 3000, 7000]);
    expect(events.deliveries).toMatchObject([{ outcome: 'delivered', attempts: 4 }]);
  });

  test('a refusal goes straight to the dead-letter queue; without one it is lost, and recorded', async () => {
    answer = () => { throw new AwsError('AccessDeniedException', 'no'); };
    const dead = await queue('dead');
    await world.create('AWS::Events::Rule', 'A', { Name: 'a', EventPattern: { source: ['aws.s3'] }, Targets: [target({ DeadLetterConfig: { Arn: dead.attributes!.Arn } })] });
    await world.create('AWS::Events::Rule', 'B', { Name: 'b', EventPattern: { source: ['aws.s3'] }, Targets: [target()] });
    publish({ n: 1 });
    await world.clock.advance(0);
    expect(started).toHaveLength(2);
    expect(bodies(dead.attributes!.Arn).map((body) => JSON.parse(body).detail)).toEqual([{ n: 1 }]);
    expect(events.deliveries.map(({ rule, outcome }) => `${rule} ${outcome}`).sort()).toEqual(['a dead-lettered', 'b lost']);
  });

  test('gives up after the attempts it was given', async () => {
    answer = () => { throw new AwsError('ThrottlingException', 'slow down'); };
    const dead = await queue('dead');
    await world.create('AWS::Events::Rule', 'R', {
      EventPattern: { source: ['aws.s3'] }, Targets: [target({ RetryPolicy: { MaximumRetryAttempts: '2' }, DeadLetterConfig: { Arn: dead.attributes!.Arn } })],
    });
    publish();
    await world.clock.advance(HOUR);
    expect(started).toHaveLength(3);
    expect(bodies(dead.attributes!.Arn)).toHaveLength(1);
  });

  test('without a policy it gives up within 24 hours', async () => {
    answer = () => { throw new AwsError('ServiceUnavailable', 'down', 503); };
    await world.create('AWS::Events::Rule', 'R', { EventPattern: { source: ['aws.s3'] }, Targets: [target()] });
    publish();
    await world.clock.advance(25 * HOUR);
    expect(events.deliveries).toMatchObject([{ outcome: 'lost' }]);
    expect(events.deliveries[0]!.attempts).toBeGreaterThan(180);
  });

  test('a schedule fires on its times until it is disabled, and at once when enabled again', async () => {
    const { physicalId: Name } = await world.create('AWS::Events::Rule', 'R', { ScheduleExpression: 'rate(1 hour)', Targets: [target()] });
    await world.clock.advance(2 * HOUR);
    expect(started.map(({ time }) => time - START.getTime())).toEqual([HOUR, 2 * HOUR]);
    expect(JSON.parse(started[0]!.input.input)).toMatchObject({ source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {}, time: '2026-02-01T09:00:00Z' });
    await world.call(world.as('events', 'DisableRule', { Name }));
    await world.clock.advance(5 * HOUR);
    expect(started).toHaveLength(2);
    await world.call(world.as('events', 'EnableRule', { Name }));
    await world.clock.advance(HOUR);
    expect(started).toHaveLength(4);
  });

  test('a schedule\'s firing can be doubled, delayed and lost', async () => {
    const fates = [[0, 60_000], [HOUR / 2], []];
    events.faults = () => fates.shift() ?? [0];
    await world.create('AWS::Events::Rule', 'R', { ScheduleExpression: 'rate(1 hour)', Targets: [target()] });
    await world.clock.advance(4 * HOUR);
    expect(started.map(({ time }) => (time - START.getTime()) / HOUR)).toEqual([1, 1 + 1 / 60, 2.5, 4]);
  });

  test('PutEvents takes what is in order and names what is not', async () => {
    await world.create('AWS::Events::Rule', 'R', { EventPattern: { source: ['mine'] }, Targets: [target()] });
    const entry = { Source: 'mine', DetailType: 'd', Detail: '{"a":1}' };
    const output = await world.call(world.as('events', 'PutEvents', { Entries: [entry, { ...entry, Source: 'aws.s3' }, { ...entry, Detail: '[]' }] }));
    expect(output).toMatchObject({ FailedEntryCount: 2, Entries: [{ EventId: expect.any(String) }, { ErrorCode: 'NotAuthorizedForSourceException' }, { ErrorCode: 'MalformedDetail' }] });
    await world.clock.advance(0);
    expect(started).toHaveLength(1);
  });

  test('an event keeps its identity from bus to bus', async () => {
    const bus = await world.create('AWS::Events::EventBus', 'B', { Name: 'other' });
    await world.create('AWS::Events::Rule', 'R', { EventPattern: { source: ['aws.s3'] }, Targets: [target({ Arn: bus.attributes!.Arn })] });
    await world.create('AWS::Events::Rule', 'S', { EventBusName: 'other', EventPattern: { source: ['aws.s3'] }, Targets: [target()] });
    publish();
    await world.clock.advance(0);
    expect(JSON.parse(started[0]!.input.input).id).toBe(events.published[0]!.event.id);
  });

  test('can be doubled, delayed and lost, by seed', async () => {
    events.faults = seededEventFaults({ seed: 7, duplicated: 0.3, delayed: 0.3, dropped: 0.2 });
    await world.create('AWS::Events::Rule', 'R', { EventPattern: { source: ['aws.s3'] }, Targets: [target()] });
    for (let n = 0; n < 200; n++) publish({ n });
    await world.clock.advance(24 * HOUR);
    const numbers = started.map(({ input }) => JSON.parse(input.input).detail.n as number);
    const distinct = new Set(numbers).size;
    expect(distinct).toBeGreaterThan(140);
    expect(distinct).toBeLessThan(180);
    expect(numbers.length).toBeGreaterThan(distinct + 30);
    expect(numbers).not.toEqual([...numbers].sort((one, other) => one - other));
  });

  test('a rule with targets cannot be deleted; one without is', async () => {
    await world.create('AWS::Events::Rule', 'R', { Name: 'r', EventPattern: { source: ['aws.s3'] }, Targets: [target()] });
    const call = (operation: string, input: object) => world.call({ service: 'events', operation, input, caller: ADMINISTRATOR });
    await expect(call('DeleteRule', { Name: 'r' })).rejects.toThrow("Rule can't be deleted since it has targets.");
    await call('RemoveTargets', { Rule: 'r', Ids: ['t'] });
    await call('DeleteRule', { Name: 'r' });
    expect(events.remaining()).toEqual([]);
  });

  test.each([
    [{ Arn: 'arn:aws:kinesis:eu-west-1:123456789012:stream/s' }, 'the twin does not deliver events to'],
    [{ RoleArn: undefined }, 'RoleArn is required'],
    [{ Input: '1', InputPath: '$.detail' }, 'Only one of Input, InputPath, or InputTransformer'],
    [{ InputTransformer: { InputTemplate: '<x>' } }, 'InputTemplate for target t contains invalid placeholder x.'],
  ])('a target %j is refused', async (more, message) => {
    await expect(world.create('AWS::Events::Rule', 'R', { EventPattern: { source: ['a'] }, Targets: [target(more)] })).rejects.toThrow(message);
  });
});
