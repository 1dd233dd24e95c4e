import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SFNClient } from '@aws-sdk/client-sfn';
import { handler as startHeartbeat } from '../../../lambda/monitoring/start-heartbeat';
import { handler as retireEndpoint } from '../../../lambda/serving/retire-endpoint';
import { context } from '../delivery/support';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

const STACK = 'arn:aws:cloudformation:eu-west-1:123456789012:stack/flights/1';
Object.assign(process.env, {
  MONITOR_NAME: 'm', ENDPOINT_NAME: 'flights', METRIC_NAMESPACE: 'Mlops', STACK_ID: STACK,
  WORKFLOW_ARN: 'arn:aws:states:eu-west-1:123456789012:stateMachine:w',
});
const request = (RequestType: string): any => ({
  RequestType, ResponseURL: 'https://cloudformation.example/answer', StackId: STACK, RequestId: 'r-1', LogicalResourceId: 'L', PhysicalResourceId: 'id',
  ResourceType: 'Custom::EndpointRetirement', ResourceProperties: { Name: 'flights' },
});
const failing = (name: string, httpStatusCode: number) => async () => { throw Object.assign(new Error(`${name} it is`), { name, $metadata: { httpStatusCode } }); };

const HANDLERS: ReadonlyArray<[string, (refusal: () => Promise<never>) => Promise<unknown>]> = [
  ['start-heartbeat', (refusal) => {
    jest.spyOn(CloudWatchClient.prototype, 'send').mockImplementation(refusal as never);
    return startHeartbeat(request('Create'), context);
  }],
  ['retire-endpoint', (refusal) => {
    jest.spyOn(CloudFormationClient.prototype, 'send').mockImplementation(async () => ({ Stacks: [{ StackStatus: 'DELETE_IN_PROGRESS' }] }) as never);
    jest.spyOn(SFNClient.prototype, 'send').mockImplementation(refusal as never);
    return retireEndpoint(request('Delete'), context);
  }],
];

describe.each(HANDLERS)('CloudFormation is told by %s', (_name, call) => {
  let answers: any[];
  beforeEach(() => {
    answers = [];
    jest.spyOn(console, 'error').mockImplementation(() => undefined);
    jest.spyOn(globalThis, 'fetch').mockImplementation(async (_url, init) => {
      answers.push(JSON.parse(init!.body as string));
      return { ok: true } as Response;
    });
  });
  afterEach(() => { jest.restoreAllMocks(); });

  test('nothing yet, when AWS did not answer: Lambda tries again', async () => {
    await expect(call(failing('ThrottlingException', 400) as never)).rejects.toThrow('ThrottlingException it is');
    await expect(call(failing('InternalFailure', 500) as never)).rejects.toThrow('InternalFailure it is');
    expect(answers).toEqual([]);
  });

  test('why, when AWS refused', async () => {
    await call(failing('AccessDeniedException', 400) as never);
    expect(answers).toMatchObject([{ Status: 'FAILED', RequestId: 'r-1', PhysicalResourceId: 'id', Reason: expect.stringContaining('AccessDeniedException it is') }]);
  });
});
