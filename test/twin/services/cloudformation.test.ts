import { request } from 'http';
import { CfnCustomResource, CfnResource, CustomResource, type Stack } from 'aws-cdk-lib';
import { Twin, type Operation, type Service, type World } from '../../../twin';
import { FakeService, stopTwins, synth } from '../template/fakes';

type Event = Record<string, any>; // eslint-disable-line @typescript-eslint/no-explicit-any
type Answer = (event: Event) => object | string | undefined;

const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:answerer';

/** Stands in for Lambda: takes a custom resource's event and answers it over HTTP, half a minute later. */
class FakeLambda implements Service {
  readonly name = 'lambda';
  readonly resources = {};
  readonly events: Event[] = [];
  answer: Answer = () => ({});

  constructor(private readonly world: World) {}

  readonly operations: Record<string, Operation> = {
    Invoke: {
      authorize: ({ FunctionName }) => [{ action: 'lambda:InvokeFunction', resource: FunctionName }],
      run: ({ Payload }) => {
        const event = JSON.parse(Buffer.from(Payload).toString());
        this.events.push(event);
        this.world.clock.after(30_000, 'answer', async () => {
          const answer = this.answer(event);
          if (answer === undefined) return;
          const { StackId, RequestId, LogicalResourceId, PhysicalResourceId = 'made' } = event;
          const body = typeof answer === 'string' ? answer
            : JSON.stringify({ Status: 'SUCCESS', StackId, RequestId, LogicalResourceId, PhysicalResourceId, ...answer });
          await this.world.clock.io('put', put(event.ResponseURL, body));
        });
        return { StatusCode: 202 };
      },
    },
  };

  remaining(): string[] {
    return [];
  }
}

function put(url: string, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { method: 'PUT', headers: { 'content-length': Buffer.byteLength(body) } }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode!));
    }).on('error', reject).end(body);
  });
}

const custom = (stack: Stack, properties: Record<string, unknown> = {}) => {
  const resource = new CustomResource(stack, 'Thing', { serviceToken: FUNCTION, resourceType: 'Custom::Thing', properties });
  (resource.node.defaultChild as CfnCustomResource).overrideLogicalId('Thing');
  return resource;
};

async function start(directory: string): Promise<{ twin: Twin; lambda: FakeLambda; fake: FakeService }> {
  let lambda: FakeLambda | undefined;
  const fake = new FakeService();
  const twin = await Twin.fromAssembly(directory, { authorization: 'off', services: (world) => [(lambda = new FakeLambda(world)), fake] });
  twins.push(twin);
  return { twin, lambda: lambda!, fake };
}

const twins: Twin[] = [];
afterEach(async () => {
  await stopTwins();
  for (const twin of twins.splice(0)) await twin.stop();
});

describe('a custom resource', () => {
  const simple = synth((stack) => { custom(stack, { count: 3, on: true, nested: { list: [1, false] } }); });

  test('is asked with every property as text, answers by PUT, and gives its data', async () => {
    const { twin, lambda, fake } = await start(synth((stack) => {
      const resource = custom(stack, { count: 3, on: true, nested: { list: [1, false] } });
      new CfnResource(stack, 'User', { type: 'Test::Fake::Thing', properties: { Name: 'user', Value: resource.getAttString('Url'), Refs: [resource.ref] } });
    }));
    lambda.answer = () => ({ PhysicalResourceId: 'my-id', Data: { Url: 'https://x' } });
    await twin.deploy();
    const { stackId } = twin.cloudFormation.stacks.find('Test')!;
    expect(lambda.events).toEqual([{
      RequestType: 'Create', ServiceToken: FUNCTION, ResponseURL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:/), StackId: stackId,
      RequestId: expect.stringMatching(/^[0-9a-f-]{36}$/), LogicalResourceId: 'Thing', ResourceType: 'Custom::Thing',
      ResourceProperties: { ServiceToken: FUNCTION, count: '3', on: 'true', nested: { list: ['1', 'false'] } },
    }]);
    expect(fake.things.get('user')).toMatchObject({ Value: 'https://x', Refs: ['my-id'] });
    // Two resources of a second each, and half a minute's wait.
    expect(twin.clock.now() - Date.parse('2026-01-01')).toBe(32_000);
    await twin.destroy();
    expect(lambda.events[1]).toMatchObject({ RequestType: 'Delete', PhysicalResourceId: 'my-id' });
    expect(twin.remaining()).toEqual([]);
  });

  test('that does not answer fails after its time-out, and is asked to delete what it may have made', async () => {
    const { twin, lambda } = await start(synth((stack) => {
      (custom(stack).node.defaultChild as CfnResource).addPropertyOverride('ServiceTimeout', 600);
    }));
    lambda.answer = ({ RequestType }) => (RequestType === 'Create' ? undefined : {});
    await expect(twin.deploy()).rejects.toThrow(/ROLLBACK_COMPLETE: Thing \(Custom::Thing\): CloudFormation did not receive a response/);
    expect(lambda.events.map(({ RequestType }) => RequestType)).toEqual(['Create', 'Delete']);
    expect(lambda.events[1]!.PhysicalResourceId).toMatch(/^Test-Thing-/);
    expect(twin.clock.now() - Date.parse('2026-01-01')).toBe(1_000 + 600_000 + 1_000 + 30_000);
  });

  test.each<[string, Answer, RegExp]>([
    ['FAILED with its reason', () => ({ Status: 'FAILED', Reason: 'no luck' }), /Message returned: no luck/],
    ['no JSON', () => 'oops', /the body is not JSON/],
    ['no physical id', () => ({ PhysicalResourceId: '' }), /Invalid PhysicalResourceId/],
    ['too much', () => ({ Data: { text: 'x'.repeat(5_000) } }), /Response object is too long/],
    ['to somebody else', () => ({ RequestId: 'other' }), /RequestId is "other"/],
  ])('that answers %s fails the stack', async (_name, answer, message) => {
    const { twin, lambda } = await start(simple);
    lambda.answer = (event) => (event.RequestType === 'Create' ? answer(event) : {});
    await expect(twin.deploy()).rejects.toThrow(message);
    expect(twin.cloudFormation.stacks.find('Test')?.status).toBe('ROLLBACK_COMPLETE');
    expect(lambda.events[1]).toMatchObject({ RequestType: 'Delete', PhysicalResourceId: expect.stringMatching(/^(made|Test-Thing-.*)$/) });
  });

  test('is told old and new properties on update, and to delete what it replaced', async () => {
    const { twin, lambda } = await start(synth((stack) => { custom(stack, { size: 1 }); }));
    await twin.deploy();
    await twin.update(synth((stack) => { custom(stack, { size: 2 }); }));
    expect(lambda.events[1]).toMatchObject({
      RequestType: 'Update', PhysicalResourceId: 'made', ResourceProperties: { size: '2' }, OldResourceProperties: { size: '1' },
    });
    lambda.answer = ({ RequestType }) => (RequestType === 'Update' ? { PhysicalResourceId: 'other' } : {});
    await twin.update(synth((stack) => { custom(stack, { size: 3 }); }));
    expect(lambda.events.slice(2).map(({ RequestType, PhysicalResourceId, ResourceProperties }) => [RequestType, PhysicalResourceId, ResourceProperties.size]))
      .toEqual([['Update', 'made', '3'], ['Delete', 'made', '2']]);
  });

  test('is told the way back when the update fails, and to delete what it made on the way', async () => {
    const build = (size: number, broken = false) => synth((stack) => {
      const resource = custom(stack, { size });
      if (broken) new CfnResource(stack, 'Broken', { type: 'Test::Fake::Thing', properties: { Name: 'broken', Value: resource.ref } });
    });
    const { twin, lambda, fake } = await start(build(1));
    lambda.answer = ({ RequestType, ResourceProperties: { size }, PhysicalResourceId }) => ({ PhysicalResourceId: RequestType === 'Delete' ? PhysicalResourceId : `of size ${size}` });
    await twin.deploy();
    fake.failing.add('create Broken');
    await expect(twin.update(build(2, true))).rejects.toThrow('UPDATE_ROLLBACK_COMPLETE');
    expect(lambda.events.slice(1).map(({ RequestType, PhysicalResourceId, ResourceProperties }) => [RequestType, PhysicalResourceId, ResourceProperties.size])).toEqual([
      ['Update', 'of size 1', '2'], ['Update', 'of size 2', '1'], ['Delete', 'of size 2', '2'],
    ]);
    expect(twin.cloudFormation.stacks.find('Test')!.resources.get('Thing')!.handle!.physicalId).toBe('of size 1');
  });

  test('that an update removes is asked three times to go, and then left', async () => {
    const { twin, lambda } = await start(synth((stack) => {
      custom(stack);
      new CfnResource(stack, 'Other', { type: 'Test::Fake::Thing', properties: { Name: 'other' } });
    }));
    await twin.deploy();
    lambda.answer = () => ({ Status: 'FAILED', Reason: 'still in use' });
    await twin.update(synth((stack) => { new CfnResource(stack, 'Other', { type: 'Test::Fake::Thing', properties: { Name: 'other' } }); }));
    expect(lambda.events.slice(1).map(({ RequestType }) => RequestType)).toEqual(['Delete', 'Delete', 'Delete']);
    expect(twin.cloudFormation.stacks.find('Test')!.status).toBe('UPDATE_COMPLETE');
    const { StackEvents } = await twin.call({ service: 'cloudformation', operation: 'DescribeStackEvents', input: { StackName: 'Test' }, caller: { kind: 'administrator' } });
    expect(StackEvents.filter(({ ResourceStatus }: Event) => ResourceStatus === 'DELETE_FAILED')).toHaveLength(3);
  });

  test('is not asked again if nothing changed', async () => {
    const { twin, lambda } = await start(simple);
    await twin.deploy();
    await twin.deploy();
    expect(lambda.events).toHaveLength(1);
  });

  test('whose deletion fails leaves the stack in DELETE_FAILED', async () => {
    const { twin, lambda } = await start(simple);
    await twin.deploy();
    lambda.answer = () => ({ Status: 'FAILED', Reason: 'still in use' });
    await expect(twin.destroy()).rejects.toThrow(/DELETE_FAILED: Thing \(Custom::Thing\): .*still in use/);
    lambda.answer = () => ({});
    await twin.destroy();
    expect(twin.remaining()).toEqual([]);
  });

  test('sees its stack being deleted', async () => {
    const { twin, lambda } = await start(simple);
    await twin.deploy();
    const seen: string[] = [];
    lambda.answer = () => {
      seen.push(twin.cloudFormation.stacks.find('Test')!.status);
      return {};
    };
    await twin.destroy();
    expect(seen).toEqual(['DELETE_IN_PROGRESS']);
  });
});

describe('the API', () => {
  const call = (twin: Twin, operation: string, input: object = {}) =>
    twin.call({ service: 'cloudformation', operation, input, caller: { kind: 'administrator' } });

  test('describes stacks, resources and events', async () => {
    const { twin } = await start(synth((stack) => { new CfnResource(stack, 'One', { type: 'Test::Fake::Thing', properties: { Name: 'one' } }); }, { tags: { team: 'ml' } }));
    await twin.deploy();
    const { Stacks: [stack] } = await call(twin, 'DescribeStacks', { StackName: 'Test' });
    expect(stack).toMatchObject({ StackName: 'Test', StackStatus: 'CREATE_COMPLETE', Tags: [{ Key: 'team', Value: 'ml' }] });
    expect((await call(twin, 'DescribeStackResources', { StackName: 'Test' })).StackResources).toMatchObject([
      { LogicalResourceId: 'One', PhysicalResourceId: 'one', ResourceStatus: 'CREATE_COMPLETE' },
    ]);
    expect((await call(twin, 'ListStackResources', { StackName: 'Test' })).StackResourceSummaries).toHaveLength(1);
    const { StackEvents } = await call(twin, 'DescribeStackEvents', { StackName: 'Test' });
    expect(StackEvents.map(({ LogicalResourceId, ResourceStatus }: Event) => `${LogicalResourceId} ${ResourceStatus}`)).toEqual([
      'Test CREATE_COMPLETE', 'One CREATE_COMPLETE', 'One CREATE_IN_PROGRESS', 'Test CREATE_IN_PROGRESS',
    ]);
    await twin.destroy();
    await expect(call(twin, 'DescribeStacks', { StackName: 'Test' })).rejects.toMatchObject({
      code: 'ValidationError', message: 'Stack with id Test does not exist',
    });
    expect((await call(twin, 'DescribeStacks', { StackName: stack.StackId })).Stacks[0].StackStatus).toBe('DELETE_COMPLETE');
  });
});
