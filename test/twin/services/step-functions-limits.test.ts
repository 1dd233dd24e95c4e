import { ADMINISTRATOR } from '../../../twin/service';
import { StepFunctionsService } from '../../../twin/services/step-functions';
import { FakeWorld, functionAnswer, objectStore } from './step-functions.support';

/* eslint-disable @typescript-eslint/no-explicit-any -- state data */
const ROLE = 'arn:aws:iam::111122223333:role/machine';
const FUNCTION = 'arn:aws:lambda:eu-west-1:111122223333:function:judge';
const TYPE = 'AWS::StepFunctions::StateMachine';
/** Quotas of Step Functions, "Maximum input or output size for a task, state, or execution": 256 KiB of UTF-8. */
const LIMIT = 262_144;

let world: FakeWorld;
let objects: Map<string, Buffer>;
beforeEach(() => {
  world = new FakeWorld();
  world.add(new StepFunctionsService(world));
  objects = new Map();
  Object.assign(world.answers, objectStore(objects));
});

const create = (definition: object, properties: object = {}) => world.create(TYPE, 'Machine', { DefinitionString: JSON.stringify(definition), RoleArn: ROLE, ...properties });
const call = (operation: string, input: object) => world.call({ service: 'states', operation, input, caller: ADMINISTRATOR });

async function run(definition: object, input: unknown = {}): Promise<any> {
  const { physicalId } = await create(definition);
  const { executionArn } = await call('StartExecution', { stateMachineArn: physicalId, input: JSON.stringify(input) });
  await world.clock.settle();
  const { output, ...described } = await call('DescribeExecution', { executionArn });
  return { ...described, output: output === undefined ? undefined : JSON.parse(output) };
}

async function events(executionArn: string): Promise<any[]> {
  return (await call('GetExecutionHistory', { executionArn, maxResults: 1000 })).events;
}

const only = (state: object, name = 'Only') => ({ StartAt: name, States: { [name]: { End: true, ...state } } });
const ask = { Type: 'Task', Resource: FUNCTION };
/** JSON of so many bytes. */
const text = (bytes: number) => 'x'.repeat(bytes - 2);
const shards = (fields: object = {}, processor: object = { ...ask, End: true }) => only({
  Type: 'Map', Label: 'Shards',
  ItemReader: { Resource: 'arn:aws:states:::s3:getObject', ReaderConfig: { InputType: 'JSON' }, Parameters: { Bucket: 'in', Key: 'shards.json' } },
  ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, StartAt: 'Scan', States: { Scan: processor } },
  ...fields,
});
const writer = { ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'out', Prefix: 'scan' } } };
const items = (values: readonly unknown[]) => { objects.set('shards.json', Buffer.from(JSON.stringify(values))); };

describe('data of a state', () => {
  const large = { Type: 'Pass', Result: text(200_000), ResultPath: '$.large' };

  test.each([
    ['what a state returns', only({ Type: 'Pass', Result: text(LIMIT + 1) }), {}],
    ['what a function returns', only(ask), {}],
    ['the parameters of a task', only({ ...ask, Parameters: { 'a.$': '$.a', 'b.$': '$.a' } }), { a: text(200_000) }],
    ['a result placed in the input', only({ ...large, ResultPath: '$.b' }), { a: text(100_000) }],
    ['the results of an inline map', only({ Type: 'Map', ItemProcessor: only({ Type: 'Pass', Result: text(100_000) }, 'Inner') }), [1, 2, 3]],
    ['the results of a Parallel', only({ Type: 'Parallel', Branches: [only(large, 'One'), only(large, 'Two')] }), {}],
  ])('%s: beyond 256 KiB the execution fails, whatever is caught', async (_, definition, input) => {
    world.answers['lambda:Invoke'] = functionAnswer(() => text(LIMIT + 1));
    const { Only: state } = definition.States as any;
    const caught = state.Type === 'Pass' ? definition : {
      StartAt: 'Only', States: { Only: { ...state, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }] }, Caught: { Type: 'Succeed' } },
    };
    expect(await run(caught, input)).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });

  test('bytes of UTF-8 are counted, and the limit itself is allowed', async () => {
    expect(await run(only({ Type: 'Pass', Result: 'ä'.repeat(LIMIT / 2 - 1) }))).toMatchObject({ status: 'SUCCEEDED' });
    const { physicalId } = await world.create(TYPE, 'Other', { DefinitionString: JSON.stringify(only({ Type: 'Pass', Result: 'ä'.repeat(LIMIT / 2) })), RoleArn: ROLE });
    const { executionArn } = await call('StartExecution', { stateMachineArn: physicalId });
    await world.clock.settle();
    expect(await call('DescribeExecution', { executionArn })).toMatchObject({ error: 'States.DataLimitExceeded' });
  });

  // Recorded on AWS: snapshots of LocalStack's tests/aws/services/stepfunctions/v2/error_handling/test_states_errors.py.
  test('a state\'s and a function\'s result are refused in AWS\'s words, and leave AWS\'s events', async () => {
    const passed = await run(only({ Type: 'Pass', Result: text(LIMIT + 1) }));
    expect(passed.cause).toMatch(/^The state\/task 'Only' returned a result with a size exceeding the maximum number of bytes service limit\./);
    expect((await events(passed.executionArn)).map(({ type }) => type)).toEqual(['ExecutionStarted', 'PassStateEntered', 'ExecutionFailed']);
    world = new FakeWorld();
    world.add(new StepFunctionsService(world));
    world.answers['lambda:Invoke'] = functionAnswer(() => text(LIMIT + 1));
    const asked = await events((await run(only(ask))).executionArn);
    expect(asked.map(({ type }) => type)).toEqual([
      'ExecutionStarted', 'TaskStateEntered', 'LambdaFunctionScheduled', 'LambdaFunctionStarted', 'LambdaFunctionFailed', 'ExecutionFailed',
    ]);
    expect(asked[4].lambdaFunctionFailedEventDetails).toMatchObject({ error: 'States.DataLimitExceeded', cause: expect.stringContaining(`The state/task '${FUNCTION}' returned`) });
  });

  test('an execution is not started with more', async () => {
    const { physicalId } = await create(only({ Type: 'Pass' }));
    await expect(call('StartExecution', { stateMachineArn: physicalId, input: JSON.stringify(text(LIMIT + 1)) })).rejects.toMatchObject({ code: 'InvalidExecutionInput' });
  });

  test('a history holds 25,000 events', async () => {
    const { status, executionArn } = await run({
      StartAt: 'Turn', States: { Turn: { Type: 'Choice', Choices: [{ Variable: '$.end', IsPresent: true, Next: 'End' }], Default: 'Turn' }, End: { Type: 'Succeed' } },
    });
    expect(status).toBe('FAILED');
    const { events: [last] } = await call('GetExecutionHistory', { executionArn, reverseOrder: true, maxResults: 1 });
    expect(last).toMatchObject({ type: 'ExecutionFailed', executionFailedEventDetails: { cause: expect.stringContaining('25000') } });
  });
});

describe('a distributed map', () => {
  const results = 1400;
  beforeEach(() => { world.answers['lambda:Invoke'] = functionAnswer(() => ({ key: 'k'.repeat(190) })); });

  test('without ResultWriter the results of many children are too large for the state', async () => {
    items(Array.from({ length: results }, (_, shard) => ({ shard })));
    expect(await run(shards({ ResultPath: null }))).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });

  test('with ResultWriter it returns where they are', async () => {
    items(Array.from({ length: results }, (_, shard) => ({ shard })));
    const { output, executionArn } = await run(shards({ ...writer, ResultWriter: { ...writer.ResultWriter, WriterConfig: { Transformation: 'COMPACT', OutputType: 'JSON' } } }));
    const { mapRuns: [{ mapRunArn }] } = await call('ListMapRuns', { executionArn });
    const Key = `scan/${mapRunArn.split(':').pop()}/manifest.json`;
    expect(output).toEqual({ MapRunArn: mapRunArn, ResultWriterDetails: { Bucket: 'out', Key } });
    const manifest = JSON.parse(objects.get(Key)!.toString());
    expect(manifest).toMatchObject({ DestinationBucket: 'out', MapRunArn: mapRunArn, ResultFiles: { FAILED: [], PENDING: [], SUCCEEDED: [{ Key: Key.replace('manifest', 'SUCCEEDED_0') }] } });
    expect(JSON.parse(objects.get(manifest.ResultFiles.SUCCEEDED[0].Key)!.toString())).toHaveLength(results);
    expect(await call('DescribeMapRun', { mapRunArn })).toMatchObject({ itemCounts: { succeeded: results, resultsWritten: results } });
  });

  test('a run that fails exports what failed and what was not started', async () => {
    items([1, 2, 3, 4].map((shard) => ({ shard })));
    world.answers['lambda:Invoke'] = functionAnswer(({ shard }) => {
      if (shard === 2) throw Object.assign(new Error('truncated'), { name: 'BadShard' });
      return shard;
    });
    expect(await run(shards({ ...writer, MaxConcurrency: 1 }))).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' });
    const file = (name: string) => JSON.parse(objects.get([...objects.keys()].find((key) => key.endsWith(name))!)!.toString());
    expect(file('FAILED_0.json')).toMatchObject([{ Input: '{"shard":2}', Status: 'FAILED', Error: 'BadShard', RedriveStatus: 'REDRIVABLE' }]);
    expect(file('PENDING_0.json').map(({ Input, Status }: any) => [Input, Status])).toEqual([['{"shard":3}', 'PENDING'], ['{"shard":4}', 'PENDING']]);
    expect(file('SUCCEEDED_0.json')).toMatchObject([{ Output: '1', Status: 'SUCCEEDED', RedriveStatus: 'NOT_REDRIVABLE' }]);
  });

  test.each(['CreateMultipartUpload', 'UploadPart', 'ListParts'])('whose role may not %s cannot write its results, and leaves no upload behind', async (operation) => {
    items([1]);
    world.denied.add(`s3:${operation}`);
    expect(await run(shards(writer))).toMatchObject({ status: 'FAILED', error: 'States.ResultWriterFailed' });
    expect(world.called('s3', 'AbortMultipartUpload')).toHaveLength(operation === 'CreateMultipartUpload' ? 0 : 1);
    expect([...objects.keys()]).toEqual(['shards.json']);
  });

  test.each(['states:StartExecution', 'states:DescribeExecution'])('needs %s for its children', async (action) => {
    items([1]);
    const { physicalId } = await create(shards());
    const { executionArn } = await call('StartExecution', { stateMachineArn: physicalId }).finally(() => { world.denied.add(action); });
    await world.clock.settle();
    world.denied.clear();
    expect(await call('DescribeExecution', { executionArn })).toMatchObject({ status: 'FAILED', error: 'StepFunctions.AWSStepFunctionsException', cause: expect.stringContaining(action) });
  });

  // The guide to ItemReader: an item of up to 8 MB can be read if ItemSelector makes it small enough to start a child with.
  test('an item may be larger than a child\'s input, which ItemSelector makes of it', async () => {
    items([{ shard: 1, padding: text(1_000_000) }]);
    const selected = { ItemSelector: { 'shard.$': '$$.Map.Item.Value.shard' } };
    expect((await run(shards(selected, { Type: 'Pass', End: true }))).output).toEqual([{ shard: 1 }]);
    world = new FakeWorld();
    world.add(new StepFunctionsService(world));
    Object.assign(world.answers, objectStore(objects));
    expect(await run(shards({}, { Type: 'Pass', End: true }))).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });

  test('an item beyond 8 MB cannot be read', async () => {
    items([1, { padding: text(8 * 1024 ** 2) }]);
    expect(await run(shards({ ItemSelector: { 'shard.$': '$$.Map.Item.Value.shard' } }))).toMatchObject({
      status: 'FAILED', error: 'States.ItemReaderFailed', cause: expect.stringContaining('item 1 has more than 8388608 bytes'),
    });
  });

  test.each([
    ['no ExecutionType', shards({ ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED' }, ...only({ Type: 'Pass' }) } }), {}, 'ExecutionType "undefined" is not STANDARD or EXPRESS'],
    ['an Express workflow', shards(), { StateMachineType: 'EXPRESS' }, 'not supported in Express workflows at /States/Only'],
    ['a label of 41 characters', shards({ Label: 'x'.repeat(41) }), {}, 'at /States/Only/Label'],
    ['a label with a space', shards({ Label: 'a b' }), {}, 'at /States/Only/Label'],
    ['one label twice', only({ Type: 'Parallel', Branches: [shards(), shards()] }), {}, 'Label "Shards" is not unique at /States/Only/Branches[1]'],
    ['an empty ResultWriter', shards({ ResultWriter: {} }), {}, 'give WriterConfig, or Resource and Parameters'],
    ['a ResultWriter without a place', shards({ ResultWriter: { Resource: 'arn:aws:states:::s3:putObject' } }), {}, 'at /States/Only/ResultWriter'],
  ])('is refused with %s', async (_, definition, properties, message) => {
    await expect(create(definition, properties)).rejects.toMatchObject({ code: 'InvalidDefinition', message: expect.stringContaining(message) });
  });
});
