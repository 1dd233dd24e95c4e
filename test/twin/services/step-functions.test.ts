import { ADMINISTRATOR, AwsError } from '../../../twin/service';
import { StepFunctionsService } from '../../../twin/services/step-functions';
import { FakeWorld, functionAnswer, objectStore, START } from './step-functions.support';

/* eslint-disable @typescript-eslint/no-explicit-any -- state data */
const ROLE = 'arn:aws:iam::111122223333:role/machine';
const FUNCTION = 'arn:aws:lambda:eu-west-1:111122223333:function:judge';
const HOUR = 3_600_000;
const TYPE = 'AWS::StepFunctions::StateMachine';

let world: FakeWorld;
beforeEach(() => {
  world = new FakeWorld();
  world.add(new StepFunctionsService(world));
});

const create = (definition: object, properties: object = {}) => world.create(TYPE, 'Machine', { DefinitionString: JSON.stringify(definition), RoleArn: ROLE, ...properties });
const call = (operation: string, input: object) => world.call({ service: 'states', operation, input, caller: ADMINISTRATOR });

async function start(definition: object, input: unknown = {}, properties: object = {}): Promise<string> {
  const { physicalId } = await create(definition, properties);
  return (await call('StartExecution', { stateMachineArn: physicalId, name: 'run', input: JSON.stringify(input) })).executionArn;
}

async function run(definition: object, input: unknown = {}, { days = 1, properties = {} } = {}): Promise<any> {
  const executionArn = await start(definition, input, properties);
  await world.clock.advance(days * 24 * HOUR);
  const described = await call('DescribeExecution', { executionArn });
  return { ...described, output: described.output === undefined ? undefined : JSON.parse(described.output) };
}

const only = (state: object) => ({ StartAt: 'Only', States: { Only: { End: true, ...state } } });
const invoke = (fields: object = {}) => ({ Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Parameters: { FunctionName: FUNCTION, 'Payload.$': '$' }, ...fields });

describe('flow', () => {
  test('waits and retries pass on the virtual clock, with back-off, and are told to EventBridge', async () => {
    const times: number[] = [];
    world.answers['lambda:Invoke'] = functionAnswer(() => {
      times.push((world.clock.now() - START.getTime()) / 1000);
      if (times.length < 3) throw Object.assign(new Error('not yet'), { name: 'NotReady' });
      return { ok: true };
    });
    const { status, output } = await run({
      StartAt: 'Wait',
      States: {
        Wait: { Type: 'Wait', Seconds: 3600, Next: 'Ask' },
        Ask: invoke({ Retry: [{ ErrorEquals: ['NotReady'], IntervalSeconds: 10, BackoffRate: 3, MaxAttempts: 5 }], OutputPath: '$.Payload', End: true }),
      },
    });
    expect({ status, output }).toEqual({ status: 'SUCCEEDED', output: { ok: true } });
    expect(times).toEqual([3600, 3610, 3640]);
    expect(world.events.map(({ detail }) => detail.status)).toEqual(['RUNNING', 'SUCCEEDED']);
  });

  test('choices see absence, presence and the context', async () => {
    const definition = {
      StartAt: 'Which',
      States: {
        Which: { Type: 'Choice', Choices: [{ Variable: '$.champion', IsPresent: false, Next: 'First' }], Default: 'Compare' },
        First: { Type: 'Pass', Parameters: { 'name.$': '$$.Execution.Name', 'state.$': '$$.State.Name', 'given.$': '$$.Execution.Input.rows' }, End: true },
        Compare: { Type: 'Fail', ErrorPath: '$.error', CausePath: '$.why' },
      },
    };
    expect((await run(definition, { rows: 3 })).output).toEqual({ name: 'run', state: 'First', given: 3 });
    world = new FakeWorld();
    world.add(new StepFunctionsService(world));
    expect(await run(definition, { champion: 1, error: 'Worse', why: 'by 0.1' })).toMatchObject({ status: 'FAILED', error: 'Worse', cause: 'by 0.1' });
  });

  test('an intrinsic keeps the quotes inside JSON', async () => {
    const { output } = await run(only({ Type: 'Pass', Parameters: { 'text.$': 'States.JsonToString($.a)', 'both.$': "States.Format('it\\'s {}', $.n)" } }), { a: { b: 'say "x"' }, n: 1 });
    expect(output).toEqual({ text: '{"b":"say \\"x\\""}', both: "it's 1" });
  });

  test('the error of a function reaches Catch under its own name, with its JSON as cause', async () => {
    world.answers['lambda:Invoke'] = functionAnswer(() => { throw Object.assign(new Error('no rows'), { name: 'EmptyDataset' }); });
    const { output } = await run({
      StartAt: 'Ask',
      States: {
        Ask: invoke({ Catch: [{ ErrorEquals: ['EmptyDataset'], ResultPath: '$.problem', Next: 'Nothing' }], Next: 'Nothing' }),
        Nothing: { Type: 'Succeed' },
      },
    }, { kept: true });
    expect(output).toEqual({ kept: true, problem: { Error: 'EmptyDataset', Cause: JSON.stringify({ errorType: 'EmptyDataset', errorMessage: 'no rows' }) } });
  });

  test('a map gives each iteration its own context and the execution\'s input; a failing branch ends the others', async () => {
    const mapped = await run(only({
      Type: 'Map', ItemsPath: '$.items', MaxConcurrency: 2,
      ItemSelector: { 'item.$': '$$.Map.Item.Value', 'index.$': '$$.Map.Item.Index', 'tag.$': '$.tag' },
      ItemProcessor: { StartAt: 'Inner', States: { Inner: { Type: 'Pass', Parameters: { 'item.$': '$.item', 'tag.$': '$.tag', 'all.$': '$$.Execution.Input.tag' }, End: true } } },
    }), { items: ['a', 'b', 'c'], tag: 't' });
    expect(mapped.output).toEqual(['a', 'b', 'c'].map((item) => ({ item, tag: 't', all: 't' })));

    world = new FakeWorld();
    world.add(new StepFunctionsService(world));
    const branches = await run(only({
      Type: 'Parallel',
      Branches: [{ StartAt: 'Long', States: { Long: { Type: 'Wait', Seconds: 7200, End: true } } }, { StartAt: 'No', States: { No: { Type: 'Fail', Error: 'Stop', Cause: 'now' } } }],
    }));
    expect(branches).toMatchObject({ status: 'FAILED', error: 'Stop', cause: 'now', stopDate: START });
  });

  test.each([
    ['of the machine', { TimeoutSeconds: 60, ...only({ Type: 'Wait', Seconds: 3600 }) }, { status: 'TIMED_OUT' }],
    ['of a task', only({ ...invoke(), Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken', Parameters: { QueueUrl: 'q', MessageBody: { 'token.$': '$$.Task.Token' } }, TimeoutSeconds: 90 }), { status: 'FAILED', error: 'States.Timeout' }],
  ])('time-out %s', async (_, definition, expected) => {
    world.answers['sqs:SendMessage'] = () => ({ MessageId: 'm' });
    expect(await run(definition)).toMatchObject(expected);
  });

  test('a task waits for whoever holds its token', async () => {
    let token = '';
    world.answers['sns:Publish'] = ({ Message }) => { token = JSON.parse(Message).token; return { MessageId: 'm' }; };
    const executionArn = await start(only({
      Type: 'Task', Resource: 'arn:aws:states:::sns:publish.waitForTaskToken', Parameters: { TopicArn: 't', Message: { 'token.$': '$$.Task.Token' } },
    }));
    await world.clock.advance(HOUR);
    await call('SendTaskSuccess', { taskToken: token, output: '{"by":"hand"}' });
    await world.clock.settle();
    expect(await call('DescribeExecution', { executionArn })).toMatchObject({ status: 'SUCCEEDED', output: '{"by":"hand"}' });
  });
});

describe('jobs', () => {
  const train = only({ Type: 'Task', Resource: 'arn:aws:states:::sagemaker:createTrainingJob.sync', Parameters: { 'TrainingJobName.$': '$$.Execution.Name', RoleArn: 'r', OutputDataConfig: { S3OutputPath: 's3://b' } } });
  const job = (ends: string, after = HOUR) => {
    world.answers['sagemaker:CreateTrainingJob'] = () => ({ TrainingJobArn: 'arn:job' });
    world.answers['sagemaker:ListTags'] = () => ({ Tags: [] });
    world.answers['sagemaker:StopTrainingJob'] = () => ({});
    world.answers['sagemaker:DescribeTrainingJob'] = ({ TrainingJobName }) => ({
      TrainingJobName, CreationTime: START, TrainingJobStatus: world.clock.now() - START.getTime() >= after ? ends : 'InProgress',
    });
  };

  test('.sync resumes on the end of the job with its description, and marks the job', async () => {
    job('Completed');
    const { output, stopDate } = await run(train);
    expect(output).toEqual({ TrainingJobName: 'run', CreationTime: START.getTime(), TrainingJobStatus: 'Completed' });
    expect(stopDate.getTime() - START.getTime()).toBeLessThan(HOUR + 60_001);
    expect(world.called('sagemaker', 'CreateTrainingJob')[0]!.caller).toMatchObject({ kind: 'role', roleArn: ROLE });
  });

  test.each(['Failed', 'Stopped'])('a job that ended as %s fails the task with its description', async (ends) => {
    job(ends);
    const { status, error, cause } = await run(train);
    expect({ status, error, ended: JSON.parse(cause).TrainingJobStatus }).toEqual({ status: 'FAILED', error: 'States.TaskFailed', ended: ends });
  });

  test.each([
    ['Stopped', 'SUCCEEDED'],
    ['Failed', 'FAILED'],
  ])('in the other reading a job that was stopped completes its task, with a result that says so (%s)', async (ends, status) => {
    world.service<StepFunctionsService>('states').conditions.stoppedJob = 'completes';
    job(ends);
    const { output, cause, ...ended } = await run(train);
    expect(ended.status).toBe(status);
    expect((output ?? JSON.parse(cause)).TrainingJobStatus).toBe(ends);
  });

  test('a look at the job that is throttled is followed by another', async () => {
    job('Completed');
    const look = world.answers['sagemaker:DescribeTrainingJob']!;
    let looks = 0;
    world.answers['sagemaker:DescribeTrainingJob'] = (input, caller) => {
      looks += 1;
      if (looks % 2 === 1) throw new AwsError('ThrottlingException', 'Rate exceeded');
      return look(input, caller);
    };
    expect(await run(train)).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('stopping the execution stops the job', async () => {
    job('Completed', Infinity);
    const executionArn = await start(train);
    await world.clock.advance(HOUR);
    await call('StopExecution', { executionArn, error: 'Enough' });
    await world.clock.settle();
    expect(world.called('sagemaker', 'StopTrainingJob')).toHaveLength(1);
    expect(await call('DescribeExecution', { executionArn })).toMatchObject({ status: 'ABORTED', error: 'Enough' });
  });

  test('a refused call fails under the integration\'s name for it', async () => {
    job('Completed');
    world.answers['sagemaker:CreateTrainingJob'] = () => { throw new AwsError('ResourceLimitExceeded', 'no such quota'); };
    const { cause, ...refused } = await run(train);
    expect(refused).toMatchObject({ status: 'FAILED', error: 'SageMaker.ResourceLimitExceededException' });
    // The code is in the name alone; the cause is the SDK's message: aws-sdk-java-v2, AwsServiceException.getMessage().
    expect(cause).toMatch(/^no such quota \(Service: SageMaker, Status Code: 400, Request ID: [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\)$/);
    world.denied.add('sagemaker:CreateTrainingJob');
    const { executionArn } = await call('StartExecution', { stateMachineArn: world.arn('states', 'stateMachine:test-Machine') });
    await world.clock.settle();
    expect(await call('DescribeExecution', { executionArn })).toMatchObject({ status: 'FAILED', error: 'SageMaker.AmazonSageMakerException' });
  });

  test('without leave for the managed rule the machine is not created', async () => {
    world.denied.add('events:PutTargets');
    await expect(create(train)).rejects.toThrow(/not authorized to create managed-rule/);
    await expect(create(only({ Type: 'Pass' }))).resolves.toBeDefined();
  });
});

/* https://repost.aws/knowledge-center/step-functions-stuck-deleting-status, and the delete handler of AWS's own resource provider, which polls DescribeStateMachine. */
describe('deleting a state machine', () => {
  const twoStates = {
    StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 3600, Next: 'After' }, After: { Type: 'Pass', End: true } },
  };
  const deleting = async (definition: object) => {
    const executionArn = await start(definition);
    const [stateMachineArn] = executionArn.replace(':execution:', ':stateMachine:').split(/:run$/);
    await world.clock.settle();
    const outcome = { done: false, failed: undefined as string | undefined };
    void world.delete(TYPE, 'Machine', { physicalId: stateMachineArn! }).then(() => { outcome.done = true; }, ({ code }) => { outcome.failed = code; });
    await world.clock.settle();
    return { executionArn, stateMachineArn: stateMachineArn!, outcome };
  };

  test('leaves running executions alone, and starts no other', async () => {
    const { executionArn, stateMachineArn, outcome } = await deleting(twoStates);
    await world.clock.advance(HOUR / 2);
    expect(outcome.done).toBe(false);
    expect(await call('DescribeExecution', { executionArn })).toMatchObject({ status: 'RUNNING' });
    expect(await call('DescribeStateMachine', { stateMachineArn })).toMatchObject({ status: 'DELETING' });
    await expect(call('StartExecution', { stateMachineArn })).rejects.toMatchObject({ code: 'StateMachineDeleting' });
    await expect(create(twoStates)).rejects.toMatchObject({ code: 'StateMachineDeleting' });
  });

  test('ends an execution at its next transition, and the machine after the last one', async () => {
    const { executionArn, stateMachineArn, outcome } = await deleting(twoStates);
    await world.clock.advance(HOUR + 60_000);
    expect(outcome.done).toBe(true);
    await expect(call('DescribeStateMachine', { stateMachineArn })).rejects.toMatchObject({ code: 'StateMachineDoesNotExist' });
    expect(await call('DescribeExecution', { executionArn })).toMatchObject({ status: 'FAILED', error: 'States.Runtime', cause: 'State machine test-Machine has been deleted.' });
  });

  test('is done at once when the executions were stopped', async () => {
    const { executionArn, outcome } = await deleting(twoStates);
    await call('StopExecution', { executionArn });
    await world.clock.advance(60_000);
    expect(outcome.done).toBe(true);
  });

  test('fails after two hours, as CloudFormation waits no longer', async () => {
    const { outcome } = await deleting({ StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 4 * 3600, End: true } } });
    await world.clock.advance(2 * HOUR + 60_000);
    expect(outcome.failed).toBe('NotStabilized');
  });
});

describe('distributed map', () => {
  const objects = new Map<string, Buffer>();
  const shards = (fields: object = {}, processor: object = invoke({ OutputPath: '$.Payload', End: true })) => only({
    Type: 'Map', Label: 'Shards',
    ItemReader: { Resource: 'arn:aws:states:::s3:getObject', ReaderConfig: { InputType: 'JSONL' }, Parameters: { 'Bucket.$': '$.bucket', Key: 'shards.jsonl' } },
    ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, StartAt: 'Scan', States: { Scan: processor } },
    ...fields,
  });
  beforeEach(() => {
    objects.clear();
    objects.set('shards.jsonl', Buffer.from([1, 2, 3, 4, 5].map((shard) => JSON.stringify({ shard })).join('\n')));
    Object.assign(world.answers, objectStore(objects));
    world.answers['lambda:Invoke'] = functionAnswer(({ Items, shard }) => {
      if (shard === 3) throw Object.assign(new Error('truncated'), { name: 'BadShard' });
      return Items === undefined ? shard * 10 : Items.map((item: any) => item.shard);
    });
  });

  test('batches, and writes the results where it is told', async () => {
    const { output } = await run(shards({
      ItemBatcher: { MaxItemsPerBatch: 2, BatchInput: { 'window.$': '$.window' } },
      ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'out', Prefix: 'scan' } },
    }), { bucket: 'in', window: 'w1' });
    const { Key } = output.ResultWriterDetails;
    const manifest = JSON.parse(objects.get(Key)!.toString());
    const results = JSON.parse(objects.get(manifest.ResultFiles.SUCCEEDED[0].Key)!.toString());
    expect(results.map(({ Output }: any) => JSON.parse(Output))).toEqual([[1, 2], [3, 4], [5]]);
    expect(JSON.parse(results[2].Input)).toEqual({ BatchInput: { window: 'w1' }, Items: [{ shard: 5 }] });
  });

  test('one failure is one too many unless tolerated', async () => {
    expect(await run(shards(), { bucket: 'in' })).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' });
    const tolerant = await world.create(TYPE, 'Tolerant', { DefinitionString: JSON.stringify(shards({ ToleratedFailurePercentage: 20 })), RoleArn: ROLE });
    const { executionArn } = await call('StartExecution', { stateMachineArn: tolerant.physicalId, input: '{"bucket":"in"}' });
    await world.clock.settle();
    const output = JSON.parse((await call('DescribeExecution', { executionArn })).output);
    expect(output.filter((one: unknown) => typeof one === 'number')).toEqual([10, 20, 40, 50]);
    expect(output.find((one: any) => one.Status === 'FAILED')).toMatchObject({ Error: 'BadShard' });
    const { mapRuns } = await call('ListMapRuns', { executionArn });
    expect((await call('DescribeMapRun', { mapRunArn: mapRuns[0].mapRunArn })).itemCounts).toMatchObject({ succeeded: 4, failed: 1, total: 5 });
  });

  test('needs leave to start executions of its own machine', async () => {
    const { physicalId } = await create(shards());
    world.denied.add('states:StartExecution');
    await expect(call('StartExecution', { stateMachineArn: physicalId })).rejects.toThrow(/not authorized/);
  });

  test('lists objects page by page, and an unreadable source has a name', async () => {
    world.answers['s3:ListObjectsV2'] = ({ ContinuationToken }) => ({
      Contents: [{ Key: ContinuationToken ?? 'first', ETag: '"e"', LastModified: START, Size: 3 }], NextContinuationToken: ContinuationToken ? undefined : 'second',
    });
    const listing = { ItemReader: { Resource: 'arn:aws:states:::s3:listObjectsV2', Parameters: { Bucket: 'in', Prefix: 'x/' } } };
    const { output } = await run(shards(listing, { Type: 'Pass', OutputPath: '$.Key', End: true }));
    expect(output).toEqual(['first', 'second']);

    world.denied.add('s3:ListObjectsV2');
    const { executionArn } = await call('StartExecution', { stateMachineArn: world.arn('states', 'stateMachine:test-Machine') });
    await world.clock.settle();
    expect(await call('DescribeExecution', { executionArn })).toMatchObject({ error: 'States.ItemReaderFailed' });
  });
});

describe('executions', () => {
  test('a name stands for one input', async () => {
    const { physicalId } = await create(only({ Type: 'Wait', Seconds: 60 }));
    const first = await call('StartExecution', { stateMachineArn: physicalId, name: 'n', input: '{"a":1}' });
    expect(await call('StartExecution', { stateMachineArn: physicalId, name: 'n', input: '{"a":1}' })).toEqual(first);
    await expect(call('StartExecution', { stateMachineArn: physicalId, name: 'n', input: '{"a":2}' })).rejects.toThrow(/Already Exists/);
    await world.clock.advance(HOUR);
    await expect(call('StartExecution', { stateMachineArn: physicalId, name: 'n', input: '{"a":1}' })).rejects.toMatchObject({ code: 'ExecutionAlreadyExists' });
  });

  test('a nested execution hands its output on', async () => {
    const inner = await world.create(TYPE, 'Inner', { DefinitionString: JSON.stringify(only({ Type: 'Pass', Result: { answer: 42 } })), RoleArn: ROLE });
    const { output } = await run(only({ Type: 'Task', Resource: 'arn:aws:states:::states:startExecution.sync:2', Parameters: { StateMachineArn: inner.physicalId, Input: { a: 1 } }, OutputPath: '$.Output' }));
    expect(output).toEqual({ answer: 42 });
  });

  test('aws-sdk calls speak PascalCase both ways', async () => {
    world.answers['codepipeline:StartPipelineExecution'] = (input) => ({ pipelineExecutionId: `${input.name}/${input.variables[0].value}` });
    const { output } = await run(only({
      Type: 'Task', Resource: 'arn:aws:states:::aws-sdk:codepipeline:startPipelineExecution',
      Parameters: { Name: 'train', Variables: [{ Name: 'reason', 'Value.$': '$.reason' }] },
    }), { reason: 'drift' });
    expect(output).toEqual({ PipelineExecutionId: 'train/drift' });
  });

  test('the history is logged as far as the level says, by leave of the role', async () => {
    const logging = { LoggingConfiguration: { Level: 'ERROR', IncludeExecutionData: true, Destinations: [{ CloudWatchLogsLogGroup: { LogGroupArn: world.arn('logs', 'log-group:/states/m:*') } }] } };
    const written: any[] = [];
    let policy: any;
    world.answers['logs:DescribeResourcePolicies'] = () => ({});
    world.answers['logs:PutResourcePolicy'] = ({ policyDocument }) => { policy = JSON.parse(policyDocument); };
    world.answers['logs:CreateLogStream'] = () => ({});
    world.answers['logs:PutLogEvents'] = (input) => { written.push(input); };
    await run({ StartAt: 'No', States: { No: { Type: 'Fail', Error: 'Stop', Cause: 'now' } } }, {}, { properties: logging });
    expect(policy.Statement[0].Resource).toBe(world.arn('logs', 'log-group:/states/m:log-stream:*'));
    expect(written.map(({ logGroupName, logEvents }) => [logGroupName, JSON.parse(logEvents[0].message)])).toMatchObject([
      ['/states/m', { type: 'ExecutionFailed', details: { error: 'Stop', cause: 'now' } }],
    ]);
    world.denied.add('logs:CreateLogDelivery');
    await expect(world.create(TYPE, 'Other', { DefinitionString: JSON.stringify(only({ Type: 'Pass' })), RoleArn: ROLE, ...logging })).rejects.toThrow(/not authorized to access the Log Destination/);
  });

  test('the history tells what happened', async () => {
    const executionArn = await start(only({ Type: 'Pass', Result: 1 }));
    await world.clock.settle();
    const { events } = await call('GetExecutionHistory', { executionArn });
    expect(events.map(({ type }: any) => type)).toEqual(['ExecutionStarted', 'PassStateEntered', 'PassStateExited', 'ExecutionSucceeded']);
  });
});

describe('definitions are refused by name and path', () => {
  test.each([
    ['an unknown field', only({ Type: 'Pass', Reslt: 1 }), 'Field "Reslt" is not supported at /States/Only'],
    ['a variable', only({ Type: 'Pass', Assign: { a: 1 } }), 'Field "Assign" is not supported at /States/Only'],
    ['JSONata', { QueryLanguage: 'JSONata', ...only({ Type: 'Succeed' }) }, 'QueryLanguage "JSONata" is not implemented'],
    ['an unknown integration', only({ Type: 'Task', Resource: 'arn:aws:states:::glue:startJobRun.sync' }), 'integration "glue:startJobRun" is not implemented'],
    ['a pattern the action lacks', only({ Type: 'Task', Resource: 'arn:aws:states:::sagemaker:createModel.sync' }), 'cannot be called with .sync'],
    ['a misspelt parameter', only({ Type: 'Task', Resource: 'arn:aws:states:::sagemaker:createTrainingJob.sync', Parameters: { ResourceConfig: { InstanceKind: 'x' } } }), 'The field "InstanceKind" is not supported by Step Functions at /States/Only/Parameters/ResourceConfig/InstanceKind'],
    ['a reader in an inline map', only({ Type: 'Map', ItemReader: {}, ItemProcessor: only({ Type: 'Pass' }) }), 'Field "ItemReader" needs ProcessorConfig.Mode "DISTRIBUTED"'],
    ['a misspelt retrier', only(invoke({ Retry: [{ ErrorEquals: ['States.ALL'], Interval: 1 }] })), 'Field "Interval" is not supported at /States/Only/Retry[0]'],
    ['a missing target', { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' } } }, 'B'],
    ['an unknown intrinsic', only({ Type: 'Pass', Parameters: { 'a.$': 'States.Upper($.x)' } }), 'intrinsic function States.Upper is not known'],
  ])('%s', async (_, definition, message) => {
    await expect(create(definition)).rejects.toMatchObject({ code: 'InvalidDefinition', message: expect.stringContaining(message) });
  });
});
