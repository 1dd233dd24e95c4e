import { CloudWatchService } from '../../../twin/services/cloudwatch';
import { LambdaService, type Moment } from '../../../twin/services/lambda';
import { LogsService } from '../../../twin/services/logs';
import { SqsService } from '../../../twin/services/sqs';
import type { CallRequest } from '../../../twin/world';
import { SmallWorld, START } from './lambda.world';

/* eslint-disable @typescript-eslint/no-explicit-any -- payloads are the tests' own */

const MINUTE = 60_000;
const FAILING = 'exports.handler = async (event) => { console.log(`run ${Date.now()}`); throw new Error(`no ${event.n}`); }';

describe('events owed to a function', () => {
  let world: SmallWorld;
  let lambda: LambdaService;
  let throttled: (call: CallRequest) => boolean;

  beforeEach(async () => {
    throttled = () => false;
    world = await new SmallWorld({ faults: { decide: (call) => (throttled(call) ? 'throttle' : undefined) } }).open();
    lambda = world.add(new LambdaService(world));
    world.add(new LogsService(world));
    world.add(new SqsService(world));
  });
  afterEach(() => world.close());

  const send = (name: string, event: unknown) => world.call(world.as('lambda', 'Invoke', { FunctionName: name, InvocationType: 'Event', Payload: Buffer.from(JSON.stringify(event)) }));
  const queue = async (name: string): Promise<string> => (await world.create('AWS::SQS::Queue', name, { QueueName: name })).attributes!.Arn;
  const messages = (arn: string) => world.service<SqsService>('sqs').bodies(arn).map((body) => JSON.parse(body));
  const runs = (name: string) => world.service<LogsService>('logs').lines(`/aws/lambda/${name}`)
    .flatMap(({ message }) => /run (\d+)/.exec(message)?.[1] ?? []).map((time) => Number(time) - START.getTime());
  const metric = (name: string, MetricName: string) => {
    const { metrics } = world.service<CloudWatchService>('monitoring');
    return metrics.seriesOf({ Namespace: 'AWS/Lambda', MetricName, Dimensions: [{ Name: 'FunctionName', Value: name }] }).over(0, Number.MAX_SAFE_INTEGER, 'Sum');
  };

  test('are answered at once and handled once', async () => {
    await world.function('fine', 'exports.handler = async () => { console.log(`run ${Date.now()}`); }');
    expect(await send('fine', {})).toMatchObject({ StatusCode: 202 });
    expect(lambda.pendingEvents).toBe(1);
    await world.clock.advance(10 * MINUTE);
    expect(lambda.pendingEvents).toBe(0);
    expect(runs('fine')).toEqual([0]);
    expect(metric('fine', 'Errors')).toBe(0);
  });

  test('are tried again after one and two minutes, then told to the destination', async () => {
    const dead = await queue('dead');
    await world.function('failing', FAILING);
    await world.create('AWS::Lambda::EventInvokeConfig', 'C', { FunctionName: 'failing', Qualifier: '$LATEST', DestinationConfig: { OnFailure: { Destination: dead } } });
    await send('failing', { n: 1 });
    await world.clock.advance(10 * MINUTE);
    expect(runs('failing')).toEqual([0, MINUTE, 3 * MINUTE]);
    expect(messages(dead)).toEqual([{
      version: '1.0', timestamp: '2026-02-01T08:03:00.000Z',
      requestContext: { requestId: expect.any(String), functionArn: `${world.arn('lambda', 'function:failing')}:$LATEST`, condition: 'RetriesExhausted', approximateInvokeCount: 3 },
      requestPayload: { n: 1 },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      responsePayload: { errorType: 'Error', errorMessage: 'no 1', trace: expect.any(Array) },
    }]);
    expect(world.called('sqs', 'SendMessage')[0]!.caller).toEqual({ kind: 'role', roleArn: world.role('failing'), sessionName: 'failing' });
    expect(metric('failing', 'Errors')).toBe(3);
  });

  test('go to the dead-letter queue as they came, after as many tries as configured', async () => {
    const dead = await queue('dead');
    await world.function('failing', FAILING, { DeadLetterConfig: { TargetArn: dead } });
    await world.create('AWS::Lambda::EventInvokeConfig', 'C', { FunctionName: 'failing', Qualifier: '$LATEST', MaximumRetryAttempts: 0 });
    await send('failing', { n: 2 });
    await world.clock.advance(10 * MINUTE);
    expect(runs('failing')).toHaveLength(1);
    expect(messages(dead)).toEqual([{ n: 2 }]);
  });

  test('wait while the function is at its reserved concurrency', async () => {
    await world.function('single', 'exports.handler = async () => { console.log(`run ${Date.now()}`); await new Promise((r) => setTimeout(r, 5000)); }', { ReservedConcurrentExecutions: 1 });
    await send('single', {});
    await send('single', {});
    await world.clock.advance(10 * MINUTE);
    expect(runs('single')).toEqual([0, 7000]);
    expect(metric('single', 'Throttles')).toBe(3);
  });

  test('wait while the account is at its concurrency, which functions with a reservation do not share', async () => {
    lambda.accountConcurrency = 2;
    const slow = 'exports.handler = async () => { console.log(`run ${Date.now()}`); await new Promise((r) => setTimeout(r, 5000)); }';
    await world.function('reserved', slow, { ReservedConcurrentExecutions: 1 });
    await world.function('first', slow);
    await world.function('second', slow);
    for (const name of ['reserved', 'first', 'second']) await send(name, {});
    await world.clock.advance(1000);
    await expect(world.call(world.as('lambda', 'Invoke', { FunctionName: 'second' }))).rejects.toMatchObject({ code: 'TooManyRequestsException', details: { Reason: 'ConcurrentInvocationLimitExceeded' } });
    await world.clock.advance(10 * MINUTE);
    expect([runs('reserved'), runs('first'), runs('second')]).toEqual([[0], [0], [7000]]);
  });

  test('may come twice', async () => {
    lambda.faults = { duplicate: () => true };
    await world.function('fine', 'exports.handler = async () => { console.log(`run ${Date.now()}`); }');
    await send('fine', {});
    await world.clock.advance(MINUTE);
    expect(runs('fine')).toEqual([0, 0]);
  });

  test('an SDK\'s back-off takes virtual time only', async () => {
    let refused = 0;
    throttled = ({ operation }) => operation === 'GetFunction' && ++refused <= 2;
    await world.function('patient', `
      const { LambdaClient, GetFunctionCommand } = require('@aws-sdk/client-lambda');
      const client = new LambdaClient({ maxAttempts: 5 });
      exports.handler = async () => { await client.send(new GetFunctionCommand({ FunctionName: 'patient' })); return Date.now(); }`);
    const answer = await world.eventually(world.as('lambda', 'Invoke', { FunctionName: 'patient' }));
    expect(Number(answer.Payload.toString())).toBeGreaterThan(START.getTime());
    expect(world.called('lambda', 'GetFunction')).toHaveLength(3);
  });

  test('a process whose clock is wrong signs its calls anew, by the time of the answer; its next one is right again', async () => {
    await world.function('confused', `
      const { LambdaClient, GetFunctionCommand } = require('@aws-sdk/client-lambda');
      const client = new LambdaClient({});
      exports.handler = async () => { await client.send(new GetFunctionCommand({ FunctionName: 'confused' })); return Date.now(); }`);
    const invoke = async () => Number((await world.eventually(world.as('lambda', 'Invoke', { FunctionName: 'confused' }))).Payload.toString());
    for (const skew of [20 * MINUTE, 0, -20 * MINUTE]) {
      lambda.faults = { clockSkew: () => skew };
      expect(Math.abs(await invoke() - skew - world.clock.now())).toBeLessThan(MINUTE);
    }
    // What is signed wrongly is refused before it counts as a call.
    expect(world.called('lambda', 'GetFunction')).toHaveLength(3);
  });

  describe('in a process that is killed', () => {
    const CALLER = `
      const { LambdaClient, PutFunctionConcurrencyCommand } = require('@aws-sdk/client-lambda');
      const client = new LambdaClient({});
      exports.handler = async () => {
        for (const n of [1, 2]) await client.send(new PutFunctionConcurrencyCommand({ FunctionName: 'other', ReservedConcurrentExecutions: n }));
        return 'done';
      }`;

    test.each<[string, Moment, number]>([
      ['before it starts', { at: 'start' }, 0],
      ['before its first call', { at: 'request', call: 1 }, 0],
      ['after the first call\'s effect', { at: 'answer', call: 1 }, 1],
      ['between its calls', { at: 'request', call: 2 }, 1],
      ['when all is done', { at: 'end' }, 2],
    ])('%s', async (_when, wanted, effects) => {
      let struck = 0;
      lambda.faults = { crash: ({ functionName }, moment) => functionName === 'caller' && JSON.stringify(moment) === JSON.stringify(wanted) && struck++ === 0 };
      await world.function('other', 'exports.handler = async () => 1');
      await world.function('caller', CALLER);
      const invoke = () => world.eventually(world.as('lambda', 'Invoke', { FunctionName: 'caller' }));
      const crashed = await invoke();
      expect(crashed.FunctionError).toBe('Unhandled');
      expect(JSON.parse(crashed.Payload.toString())).toMatchObject({ errorType: 'Runtime.ExitError', errorMessage: expect.stringContaining('signal: killed') });
      expect(world.called('lambda', 'PutFunctionConcurrency')).toHaveLength(effects);
      expect((await invoke()).Payload.toString()).toBe('"done"');
    });

    test('a cold start is a process of its own', async () => {
      await world.function('counter', 'let n = 0; exports.handler = async () => ++n;');
      const invoke = async () => Number((await world.eventually(world.as('lambda', 'Invoke', { FunctionName: 'counter' }))).Payload.toString());
      expect([await invoke(), await invoke()]).toEqual([1, 2]);
      lambda.faults = { coldStart: () => true };
      expect(await invoke()).toBe(1);
    });
  });

  test('without permission to log, lines are lost and the denial recorded', async () => {
    const world2 = await new SmallWorld({ authorizer: { decide: (_principal, { action }) => ({ allowed: !action.startsWith('logs:') }) } }).open();
    try {
      world2.add(new LambdaService(world2));
      const logs = world2.add(new LogsService(world2));
      await world2.function('mute', 'exports.handler = async () => { console.log("x"); return 1; }');
      expect((await world2.eventually(world2.as('lambda', 'Invoke', { FunctionName: 'mute' }))).Payload.toString()).toBe('1');
      expect(logs.lines()).toEqual([]);
      expect(world2.called('logs', 'CreateLogStream')).toMatchObject([{ error: 'AccessDeniedException' }]);
    } finally {
      await world2.close();
    }
  });

  test('a metric in a log line is a metric', async () => {
    await world.function('metering', `exports.handler = async () => console.log(JSON.stringify({
      _aws: { Timestamp: Date.now(), CloudWatchMetrics: [{ Namespace: 'Mine', Dimensions: [['Name']], Metrics: [{ Name: 'Drift' }] }] }, Name: 'n', Drift: 0.25 }))`);
    await world.eventually(world.as('lambda', 'Invoke', { FunctionName: 'metering' }));
    const { metrics } = world.service<CloudWatchService>('monitoring');
    expect(metrics.seriesOf({ Namespace: 'Mine', MetricName: 'Drift', Dimensions: [{ Name: 'Name', Value: 'n' }] }).over(0, Number.MAX_SAFE_INTEGER, 'Maximum')).toBe(0.25);
  });

  test('who may invoke is in the function\'s policy, statement by statement', async () => {
    await world.function('guarded', 'exports.handler = async () => 1');
    await world.create('AWS::Lambda::Permission', 'P', {
      FunctionName: 'guarded', Action: 'lambda:InvokeFunction', Principal: 'events.amazonaws.com', SourceArn: world.arn('events', 'rule/r'), SourceAccount: world.account,
    });
    const [request] = lambda.operations.Invoke!.authorize({ FunctionName: 'guarded' }, {} as any);
    expect(request).toMatchObject({
      action: 'lambda:InvokeFunction', resource: world.arn('lambda', 'function:guarded'),
      resourcePolicy: {
        Statement: [{
          Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'lambda:InvokeFunction', Resource: world.arn('lambda', 'function:guarded'),
          Condition: { ArnLike: { 'AWS:SourceArn': world.arn('events', 'rule/r') }, StringEquals: { 'AWS:SourceAccount': world.account } },
        }],
      },
    });
  });

  test.each([
    [{ Runtime: 'java21' }, 'the twin cannot run functions of the runtime java21; it runs nodejs20.x, nodejs22.x, nodejs24.x'],
    [{ Timeout: 901 }, "Value '901' at 'Timeout' must be a whole number from 1 to 900"],
    [{ Environment: { Variables: { AWS_REGION: 'x' } } }, 'Reserved keys used in this request: AWS_REGION'],
    [{ PackageType: 'Image' }, 'package type Image'],
    [{ VpcConfig: { SubnetIds: ['s'] } }, 'does not have permissions to call CreateNetworkInterface on EC2'],
  ])('a function with %j is refused', async (properties, message) => {
    await expect(world.function('bad', '', properties)).rejects.toThrow(message);
  });
});
