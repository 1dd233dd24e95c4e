import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, DescribeAlarmsCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DescribeEndpointCommand, SageMakerClient, CreateModelCommand } from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SeededFaults, type Fault } from '../../../twin/http';
import { AwsError, type Operation, type Service } from '../../../twin/service';
import { ACCOUNT, REGION, TestAccount } from './test-account';

/* eslint-disable @typescript-eslint/no-explicit-any -- the point is the shape on the way through */

const received: Record<string, any> = {};

function fake(name: string, operations: Record<string, (input: any) => unknown>): Service {
  const made = Object.entries(operations).map(([operation, run]): [string, Operation] => [operation, {
    authorize: () => [],
    run(input) {
      received[operation] = input;
      return run(input) as object;
    },
  }]);
  return { name, operations: Object.fromEntries(made), resources: {}, remaining: () => [] };
}

const CREATED = new Date('2026-02-03T04:05:06.789Z');

const services = () => [
  fake('sagemaker', {
    CreateModel: () => ({ ModelArn: 'arn:model' }),
    DescribeEndpoint: ({ EndpointName }) => {
      if (EndpointName === 'defect') throw new TypeError('a defect');
      if (EndpointName === 'unlike') return { EndpointName, EndpointStatus: 'Serving', internal: 1 };
      if (EndpointName !== 'there') throw new AwsError('ValidationException', `Could not find endpoint "${EndpointName}".`);
      return {
        EndpointName, EndpointArn: 'arn:aws:sagemaker:eu-west-1:111122223333:endpoint/there', EndpointStatus: 'InService', CreationTime: CREATED, LastModifiedTime: CREATED,
        ProductionVariants: [{ VariantName: 'main', CurrentWeight: 0.5, CurrentInstanceCount: 2 }],
      };
    },
    InvokeEndpoint: ({ Body }) => ({ Body: Buffer.from(`got ${Buffer.from(Body).toString()}`), ContentType: 'text/csv', InvokedProductionVariant: 'main' }),
  }),
  fake('monitoring', {
    PutMetricData: () => undefined,
    DescribeAlarms: () => { throw new AwsError('ResourceNotFound', 'no such alarm', 404); },
  }),
  fake('cloudformation', {
    DescribeStacks: ({ StackName }) => {
      if (StackName === 'gone') throw new AwsError('ValidationError', 'Stack with id gone does not exist');
      return { Stacks: [{
        StackName, CreationTime: CREATED, StackStatus: 'CREATE_COMPLETE', Tags: [{ Key: 'a', Value: '<&">' }, { Key: 'b', Value: '2' }],
        Outputs: [{ OutputKey: 'Url', OutputValue: 'x' }], DisableRollback: false,
      }] };
    },
  }),
  fake('lambda', {
    Invoke: ({ Payload }) => ({ StatusCode: 200, FunctionError: 'Unhandled', ExecutedVersion: '$LATEST', Payload: Buffer.from(Payload) }),
  }),
];

let account: TestAccount;
let fault: Fault | undefined;

beforeEach(async () => {
  fault = undefined;
  account = await TestAccount.start({ services, authorization: 'off', faults: { decide: () => fault } });
});
afterEach(() => account.stop());

describe('AWS JSON', () => {
  test('takes and gives timestamps, lists and numbers', async () => {
    const answer = await new SageMakerClient(account.client()).send(new DescribeEndpointCommand({ EndpointName: 'there' }));
    expect(answer).toMatchObject({
      EndpointStatus: 'InService', CreationTime: CREATED, ProductionVariants: [{ VariantName: 'main', CurrentWeight: 0.5, CurrentInstanceCount: 2 }],
    });
    expect(answer.$metadata.requestId).toBe('00000000-0000-4000-8000-000000000001');
  });

  test('errors keep code and message', async () => {
    await expect(new SageMakerClient(account.client()).send(new DescribeEndpointCommand({ EndpointName: 'missing' }))).rejects.toMatchObject({
      name: 'ValidationException', message: 'Could not find endpoint "missing".', $metadata: { httpStatusCode: 400 },
    });
  });

  test('CloudWatch speaks it with its old error codes', async () => {
    const client = new CloudWatchClient(account.client());
    await client.send(new PutMetricDataCommand({ Namespace: 'Test', MetricData: [{ MetricName: 'm', Timestamp: CREATED, Values: [1.5, 2] }] }));
    expect(received['PutMetricData']).toEqual({ Namespace: 'Test', MetricData: [{ MetricName: 'm', Timestamp: CREATED, Values: [1.5, 2] }] });
    await expect(client.send(new DescribeAlarmsCommand({}))).rejects.toMatchObject({ message: 'no such alarm' });
  });
});

describe('REST with JSON', () => {
  test('InvokeEndpoint carries body and headers', async () => {
    const client = new SageMakerRuntimeClient(account.client());
    const answer = await client.send(new InvokeEndpointCommand({ EndpointName: 'there', Body: '1,2,3', ContentType: 'text/csv', InferenceId: 'id-1' }));
    expect(answer.Body.transformToString()).toBe('got 1,2,3');
    expect(answer).toMatchObject({ ContentType: 'text/csv', InvokedProductionVariant: 'main' });
    expect(received['InvokeEndpoint']).toMatchObject({ EndpointName: 'there', ContentType: 'text/csv', InferenceId: 'id-1' });
  });

  test('Lambda\'s Invoke takes an ARN in its path', async () => {
    const FunctionName = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:f`;
    const answer = await new LambdaClient(account.client()).send(new InvokeCommand({ FunctionName, Payload: '{"a":1}', InvocationType: 'RequestResponse' }));
    expect(answer).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled', ExecutedVersion: '$LATEST' });
    expect(answer.Payload!.transformToString()).toBe('{"a":1}');
    expect(received['Invoke']).toMatchObject({ FunctionName, InvocationType: 'RequestResponse' });
  });
});

describe('the query protocol', () => {
  test('takes a form and gives XML', async () => {
    const answer = await new CloudFormationClient(account.client()).send(new DescribeStacksCommand({ StackName: 'stack' }));
    expect(answer.Stacks).toMatchObject([{
      StackName: 'stack', CreationTime: CREATED, StackStatus: 'CREATE_COMPLETE', DisableRollback: false,
      Tags: [{ Key: 'a', Value: '<&">' }, { Key: 'b', Value: '2' }], Outputs: [{ OutputKey: 'Url', OutputValue: 'x' }],
    }]);
  });

  test('errors keep code and message', async () => {
    await expect(new CloudFormationClient(account.client()).send(new DescribeStacksCommand({ StackName: 'gone' }))).rejects.toMatchObject({
      name: 'ValidationError', message: 'Stack with id gone does not exist',
    });
  });
});

describe('what is refused', () => {
  test('a request that breaks the model, in the service\'s words and before it has an effect', async () => {
    delete received['CreateModel'];
    const client = new SageMakerClient(account.client());
    const command = new CreateModelCommand({ ModelName: 'bad_name', ExecutionRoleArn: 'x', PrimaryContainer: { Image: 'i', Mode: 'Both' as any } });
    await expect(client.send(command)).rejects.toMatchObject({ name: 'ValidationException', message: expect.stringContaining('validation errors detected: ') });
    const { message } = await client.send(command).catch((error: Error) => error) as Error;
    expect(message).toContain('Value \'bad_name\' at \'modelName\' failed to satisfy constraint: Member must satisfy regular expression pattern: ');
    expect(message).toContain('Value \'Both\' at \'primaryContainer.mode\' failed to satisfy constraint: Member must satisfy enum value set: [SingleModel, MultiModel]');
    expect(received['CreateModel']).toBeUndefined();
    expect(account.record.at(-1)).toMatchObject({ service: 'sagemaker', operation: 'CreateModel', error: 'ValidationException', authorized: [] });
  });

  test('a call without known keys', async () => {
    const client = new SageMakerClient({ ...account.client(), credentials: { accessKeyId: 'AKIAUNKNOWN', secretAccessKey: 'x' } });
    await expect(client.send(new DescribeEndpointCommand({ EndpointName: 'there' }))).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
  });

  test('another region', async () => {
    const client = new SageMakerClient({ ...account.client(), region: 'us-east-1' });
    await expect(client.send(new DescribeEndpointCommand({ EndpointName: 'there' }))).rejects.toThrow('not \'us-east-1\'; the twin runs eu-west-1');
  });

  test('an operation nobody implements, by name', async () => {
    const client = new SageMakerClient(account.client());
    await expect(account.call({ service: 'sagemaker', operation: 'DeleteModel', input: { ModelName: 'm' } })).rejects.toThrow('sagemaker:DeleteModel');
    await expect(new S3Client(account.client()).send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }))).rejects.toThrow('the twin does not implement s3:GetObject');
    client.destroy();
  });

  test('a defect of the twin says that it is one', async () => {
    await expect(new SageMakerClient(account.client()).send(new DescribeEndpointCommand({ EndpointName: 'defect' })))
      .rejects.toMatchObject({ name: 'TwinDefect', message: expect.stringContaining('TypeError: a defect') });
  });

  test('a response that its model does not allow is a defect of the twin, which names every problem', async () => {
    await expect(new SageMakerClient(account.client()).send(new DescribeEndpointCommand({ EndpointName: 'unlike' }))).rejects.toMatchObject({
      name: 'TwinDefect',
      message: expect.stringMatching(/DescribeEndpoint does not fit its model: .*'endpointArn'.*must not be null.*'Serving' at 'endpointStatus'.*'internal'.*not known/),
    });
  });
});

describe('faults', () => {
  const describeEndpoint = () => new SageMakerClient(account.client()).send(new DescribeEndpointCommand({ EndpointName: 'there' }));

  test.each([
    ['throttle', { name: 'ThrottlingException' }, false],
    ['server-error', { $metadata: { httpStatusCode: 500 } }, false],
    ['lost-request', { message: expect.stringContaining('socket hang up') }, false],
    ['lost-response', { message: expect.stringContaining('socket hang up') }, true],
  ] as const)('%s', async (kind, error, hadEffect) => {
    delete received['DescribeEndpoint'];
    fault = kind;
    await expect(describeEndpoint()).rejects.toMatchObject(error);
    expect(received['DescribeEndpoint'] !== undefined).toBe(hadEffect);
    fault = undefined;
    await describeEndpoint();
  });

  /* "response.destroy() … 'error' with an error with the message 'Error: aborted' and code 'ECONNRESET'" after the response's
   * event: Node.js, http.request. The SDK reads bodies of structures itself, inside of its retries. */
  test('broken-body: a structure is asked for again by the SDK', async () => {
    delete received['DescribeEndpoint'];
    fault = 'broken-body';
    const client = new SageMakerClient({ ...account.client(), maxAttempts: 2 });
    await expect(client.send(new DescribeEndpointCommand({ EndpointName: 'there' }))).rejects.toMatchObject({
      message: expect.stringContaining('aborted'), $metadata: { attempts: 2 },
    });
    expect(received['DescribeEndpoint']).toBeDefined();
  });

  test('a refusal of the service\'s own', async () => {
    fault = new AwsError('ResourceLimitExceeded', 'The account-level service limit is 0 Instances');
    await expect(describeEndpoint()).rejects.toMatchObject({ name: 'ResourceLimitExceeded' });
  });
});

test('seeded faults strike at their rates, the same ones again, and spare the administrator', () => {
  const caller = { kind: 'service', service: 's' } as const;
  const draw = (seed: number) => {
    const plan = new SeededFaults(seed, { percent: { throttle: 20, 'lost-response': 5 } });
    return Array.from({ length: 1000 }, () => plan.decide({ service: 's3', operation: 'PutObject', input: {}, caller }));
  };
  const drawn = draw(1);
  expect(draw(1)).toEqual(drawn);
  expect(draw(2)).not.toEqual(drawn);
  const count = (kind: Fault | undefined) => drawn.filter((fault) => fault === kind).length;
  expect(count('throttle')).toBeGreaterThan(150);
  expect(count('throttle')).toBeLessThan(250);
  expect(count('throttle') + count('lost-response') + count(undefined)).toBe(1000);
  const always = new SeededFaults(1, { percent: { throttle: 100 } });
  expect(always.decide({ service: 's3', operation: 'PutObject', input: {}, caller: { kind: 'administrator' } })).toBeUndefined();
  expect(() => new SeededFaults(1, { percent: { throttle: 101 } })).toThrow('101 percent');
});

test('plain paths can be mounted', async () => {
  account.front.mount('/hook/', ({ method, path, body }) => ({ status: 201, headers: {}, body: `${method} ${path} ${body.toString()}` }));
  const answer = await fetch(`${account.front.endpoint}/hook/1`, { method: 'PUT', body: 'done' });
  expect([answer.status, await answer.text()]).toEqual([201, 'PUT /hook/1 done']);
});

test('time stands still while a request is in flight, and moves while a call waits', async () => {
  const waiting = fake('states', {});
  (waiting.operations as Record<string, Operation>)['ListStateMachines'] = {
    authorize: () => [], run: async (_input, { world }) => { await world.clock.sleep(60_000); return { stateMachines: [] }; },
  };
  const slow = await TestAccount.start({ services: () => [waiting], authorization: 'off' });
  try {
    const { SFNClient, ListStateMachinesCommand } = await import('@aws-sdk/client-sfn');
    const answer = slow.clock.io('client', () => Promise.resolve()).then(() => new SFNClient(slow.client()).send(new ListStateMachinesCommand({})));
    // The client is outside the twin: real time passes until its request is there.
    while (slow.clock.nextDue() === undefined) await new Promise((resolve) => { setTimeout(resolve, 5); });
    await slow.clock.advance(60_000);
    expect((await answer).stateMachines).toEqual([]);
  } finally {
    await slow.stop();
  }
});
