import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { SFNClient } from '@aws-sdk/client-sfn';
import { handler } from '../../../lambda/serving/retire-endpoint';
import { context } from '../delivery/support';

/* eslint-disable @typescript-eslint/no-explicit-any -- requests and answers have the shapes of CloudFormation and the AWS SDK */

const STACK = 'arn:aws:cloudformation:eu-west-1:123456789012:stack/flights/1';
const TYPE = 'Custom::EndpointRetirement';
Object.assign(process.env, { STACK_ID: STACK, WORKFLOW_ARN: 'arn:aws:states:eu-west-1:123456789012:stateMachine:w', AWS_REGION: 'eu-west-1' });

interface Listed {
  readonly id: string;
  readonly physicalId: string;
  readonly status: string;
  readonly type?: string;
}

let answers: any[];
let begun: any[];

/** A stack in a status, with these resources. */
function stack(StackStatus: string, ...resources: Listed[]): void {
  jest.spyOn(CloudFormationClient.prototype, 'send').mockImplementation(async ({ constructor: { name } }: any) => (name === 'DescribeStacksCommand' ? { Stacks: [{ StackStatus }] } : {
    StackResourceSummaries: resources.map(({ id, physicalId, status, type = TYPE }) => ({ LogicalResourceId: id, PhysicalResourceId: physicalId, ResourceStatus: status, ResourceType: type })),
  }) as never);
}

beforeEach(() => {
  [answers, begun] = [[], []];
  jest.spyOn(console, 'error').mockImplementation(() => undefined);
  jest.spyOn(SFNClient.prototype, 'send').mockImplementation(async ({ input }: any) => { begun.push(JSON.parse(input.input)); return {} as never; });
  jest.spyOn(globalThis, 'fetch').mockImplementation(async (_url, init) => {
    answers.push(JSON.parse(init!.body as string));
    return { ok: true } as Response;
  });
  jest.useFakeTimers({ now: new Date('2026-03-02T09:00:00Z'), doNotFake: ['nextTick', 'setImmediate', 'setTimeout'] });
});
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

const ID = 'EndpointRetirement/flights/2026-03-01T00:00:00.000Z';
const request = (RequestType: string, more: object = {}): any => ({
  RequestType, ResponseURL: 'https://cloudformation.example/answer', StackId: STACK, RequestId: 'r-1', LogicalResourceId: 'Own', ResourceType: TYPE,
  ResourceProperties: { Name: 'flights' }, ...(RequestType === 'Create' ? {} : { PhysicalResourceId: ID }), ...more,
});
const own = (status: string): Listed => ({ id: 'Own', physicalId: ID, status });

/** What becomes of a Delete: `begins`, `nothing`, or the error that makes Lambda ask again. */
async function outcome(more: object = {}): Promise<string> {
  const failure = await handler(request('Delete', more), context).then(() => undefined, (error: Error) => error.message);
  if (failure !== undefined) return failure;
  expect(begun.length + answers.length).toBe(1);
  return begun.length === 1 ? 'begins' : answers[0].Status === 'SUCCESS' ? 'nothing' : answers[0].Reason;
}

describe('a Delete begins the retirement', () => {
  test.each<[string, string, Listed[]]>([
    ['of a stack that is deleted', 'DELETE_IN_PROGRESS', [own('DELETE_IN_PROGRESS')]],
    ['of a stack that is deleted, though the list lags behind', 'DELETE_IN_PROGRESS', [own('CREATE_COMPLETE')]],
    ['of a stack whose creation is rolled back', 'ROLLBACK_IN_PROGRESS', [own('DELETE_IN_PROGRESS')]],
    ['of a resource that an update has removed', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', [own('DELETE_IN_PROGRESS')]],
    ['of a resource that an update has removed, and that is listed no more', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', []],
    ['of a resource whose name was changed', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', [{ ...own('UPDATE_COMPLETE'), physicalId: 'EndpointRetirement/departures/2026-03-02T00:00:00.000Z' }]],
    ['of a resource that an update made which failed', 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', [own('DELETE_IN_PROGRESS')]],
  ])('%s', async (_, status, resources) => {
    stack(status, ...resources);
    expect(await outcome()).toBe('begins');
  });
});

describe('a Delete does nothing', () => {
  test.each<[string, string, Listed[]]>([
    ['whose logical id has changed: another resource stands for the endpoint', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', [own('DELETE_IN_PROGRESS'), { ...own('CREATE_COMPLETE'), id: 'Other' }]],
    ['made anew under another logical id by an update that failed', 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', [own('DELETE_IN_PROGRESS'), { ...own('UPDATE_COMPLETE'), id: 'Other' }]],
    ['of a stack that is created', 'CREATE_IN_PROGRESS', [own('DELETE_IN_PROGRESS')]],
    ['of a stack that is updated', 'UPDATE_IN_PROGRESS', [own('DELETE_IN_PROGRESS')]],
    ['of an import that is rolled back', 'IMPORT_ROLLBACK_IN_PROGRESS', [own('DELETE_IN_PROGRESS')]],
    ['of a stack at rest', 'UPDATE_COMPLETE', [own('UPDATE_COMPLETE')]],
  ])('for a resource %s', async (_, status, resources) => {
    stack(status, ...resources);
    expect(await outcome()).toBe('nothing');
  });

  test('for a resource of another stack, or of an earlier release of the library', async () => {
    stack('DELETE_IN_PROGRESS');
    expect(await outcome({ StackId: `${STACK}2` })).toBe('nothing');
    answers = [];
    expect(await outcome({ ResourceProperties: {}, PhysicalResourceId: 'endpoint-retirement' })).toBe('nothing');
  });

  test('in the rollback of an update when its id does not say since when it exists', async () => {
    stack('UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', own('DELETE_IN_PROGRESS'));
    expect(await outcome({ PhysicalResourceId: 'flights-Own-1A2B3C4D5E6F' })).toBe('nothing');
  });
});

describe('a Delete of the loop itself', () => {
  const loop = { ResourceType: 'Custom::LoopRetirement', PhysicalResourceId: 'LoopRetirement/flights/2026-03-01T00:00:00.000Z', ResourceProperties: { Name: 'flights', OnDeletion: {}, OnRollback: {} } };

  test.each([
    ['DELETE_IN_PROGRESS', 'begins'], ['ROLLBACK_IN_PROGRESS', 'begins'], ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'nothing'], ['UPDATE_ROLLBACK_IN_PROGRESS', 'nothing'],
    ['UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', 'nothing'], ['IMPORT_ROLLBACK_IN_PROGRESS', 'nothing'], ['ROLLBACK_COMPLETE', 'nothing'],
  ])('of a stack in %s: %s', async (status, expected) => {
    stack(status);
    expect(await outcome(loop)).toBe(expected);
  });

  test('does nothing in a creation that is rolled back when the resource itself was never made', async () => {
    stack('ROLLBACK_IN_PROGRESS');
    expect(await outcome({ ...loop, PhysicalResourceId: 'flights-Loop-1A2B3C4D5E6F' })).toBe('nothing');
  });
});

test('a Delete is asked again by Lambda as long as the stack, after an update, still has the resource', async () => {
  stack('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', own('CREATE_COMPLETE'));
  expect(await outcome()).toBe(`stack ${STACK} still has Own; endpoint flights was not retired`);
  expect([...answers, ...begun]).toEqual([]);
});

describe('the physical id', () => {
  const idAfter = async (RequestType: string, more: object = {}) => {
    await handler(request(RequestType, more), context);
    return answers.at(-1).PhysicalResourceId as string;
  };

  test('says what the resource stands for, and since when', async () => {
    expect(await idAfter('Create')).toBe('EndpointRetirement/flights/2026-03-02T09:00:00.000Z');
  });

  test('stays as long as the name does, and changes with it', async () => {
    expect(await idAfter('Update')).toBe(ID);
    expect(await idAfter('Update', { ResourceProperties: { Name: 'departures' } })).toBe('EndpointRetirement/departures/2026-03-02T09:00:00.000Z');
  });

  test('is taken as it comes when the resource is deleted', async () => {
    stack('UPDATE_COMPLETE');
    expect(await idAfter('Delete', { PhysicalResourceId: 'flights-Own-1A2B3C4D5E6F' })).toBe('flights-Own-1A2B3C4D5E6F');
  });
});
