import { unzipSync, zipSync } from 'fflate';
import { ADMINISTRATOR, AwsError } from '../../../twin/service';
import { CodePipelineService } from '../../../twin/services/codepipeline';
import { FakeWorld, START } from './step-functions.support';

/* eslint-disable @typescript-eslint/no-explicit-any -- shapes of the API */
const TYPE = 'AWS::CodePipeline::Pipeline';
const ROLE = 'arn:aws:iam::111122223333:role/pipeline';
const ACTION_ROLE = 'arn:aws:iam::111122223333:role/action';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let world: FakeWorld;
let service: CodePipelineService;
let objects: Map<string, Uint8Array>;
let invocations: Array<{ time: number; job: any }>;

beforeEach(() => {
  world = new FakeWorld();
  service = world.add(new CodePipelineService(world));
  objects = new Map([['source/code.zip', zipSync({ 'input.json': Buffer.from('{"rows":7}') })]]);
  invocations = [];
  world.answers['s3:GetBucketVersioning'] = () => ({ Status: 'Enabled' });
  world.answers['s3:GetObject'] = ({ Bucket, Key, VersionId }) => {
    const Body = objects.get(`${Bucket}/${Key}`);
    if (Body === undefined) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
    return { Body, VersionId: VersionId ?? 'v1', ETag: '"e1"', LastModified: START };
  };
  world.answers['s3:PutObject'] = ({ Bucket, Key, Body }) => { objects.set(`${Bucket}/${Key}`, Body); return {}; };
  world.answers['lambda:Invoke'] = ({ Payload }) => {
    invocations.push({ time: world.clock.now() - START.getTime(), job: JSON.parse(Buffer.from(Payload).toString())['CodePipeline.job'] });
    return { StatusCode: 202 };
  };
});

const type = (Category: string, Provider: string) => ({ ActionTypeId: { Category, Owner: 'AWS', Provider, Version: '1' } });
const s3Source = { Name: 'Code', ...type('Source', 'S3'), Namespace: 'Source', OutputArtifacts: [{ Name: 'Code' }], Configuration: { S3Bucket: 'source', S3ObjectKey: 'code.zip', PollForSourceChanges: false } };
const lambda = (fields: any = {}) => ({ Name: 'Invoke', ...type('Invoke', 'Lambda'), ...fields, Configuration: { FunctionName: 'deploy', ...fields.Configuration } });
const approval = (fields: any = {}) => ({ Name: 'Approve', ...type('Approval', 'Manual'), ...fields });
const stage = (Name: string, ...Actions: any[]) => ({ Name, Actions });

const properties = (stages: any[], fields: object = {}) => ({
  RoleArn: ROLE, PipelineType: 'V2', ExecutionMode: 'QUEUED', ArtifactStore: { Type: 'S3', Location: 'artifacts' },
  Stages: [stage('Source', s3Source), ...stages], ...fields,
});
const create = (stages: any[], fields?: object) => world.create(TYPE, 'Pipe', properties(stages, fields));
const call = (operation: string, input: object) => world.call({ service: 'codepipeline', operation, input, caller: ADMINISTRATOR });
const start = async (input: object = {}) => (await call('StartPipelineExecution', { name: 'test-Pipe', ...input })).pipelineExecutionId as string;
const executions = async () => ((await call('ListPipelineExecutions', { pipelineName: 'test-Pipe' })).pipelineExecutionSummaries as any[]).reverse();
const actions = async () => ((await call('ListActionExecutions', { pipelineName: 'test-Pipe' })).actionExecutionDetails as any[]).reverse();
const stageStates = async () => (await call('GetPipelineState', { name: 'test-Pipe' })).stageStates as any[];
const succeed = (job: any, result: object = {}) => call('PutJobSuccessResult', { jobId: job.id, ...result });

async function decide(status: string): Promise<void> {
  const found = (await stageStates()).flatMap(({ stageName, actionStates }) => actionStates.map((action: any) => ({ stageName, ...action })))
    .find(({ latestExecution }) => latestExecution?.token !== undefined);
  await call('PutApprovalResult', { pipelineName: 'test-Pipe', stageName: found.stageName, actionName: found.actionName, token: found.latestExecution.token, result: { status, summary: 'looked at' } });
  await world.clock.advance(MINUTE);
}

describe('an execution', () => {
  test('starts with the pipeline, takes the source, and tells EventBridge', async () => {
    await create([stage('Go', lambda({ InputArtifacts: [{ Name: 'Code' }] }))]);
    await world.clock.advance(MINUTE);
    const { job } = invocations[0]!;
    expect(job).toMatchObject({
      accountId: '111122223333',
      data: {
        actionConfiguration: { configuration: { FunctionName: 'deploy' } },
        inputArtifacts: [{ name: 'Code', revision: 'v1', location: { type: 'S3', s3Location: { bucketName: 'artifacts' } } }],
      },
    });
    expect(objects.get(`artifacts/${job.data.inputArtifacts[0].location.s3Location.objectKey}`)).toEqual(objects.get('source/code.zip'));
    expect(JSON.parse(job.data.artifactCredentials.sessionToken).sessionPolicy.Statement[0].Resource).toEqual(['arn:aws:s3:::artifacts/*']);
    await succeed(job);
    await world.clock.advance(MINUTE);
    expect(await executions()).toMatchObject([{ status: 'Succeeded', trigger: { triggerType: 'CreatePipeline' }, sourceRevisions: [{ revisionId: 'v1' }] }]);
    expect(world.events.map((event) => `${event['detail-type'].split(' ')[1]} ${event.detail.stage ?? ''} ${event.detail.state}`)).toEqual([
      'Pipeline  STARTED', 'Stage Source STARTED', 'Action Source STARTED', 'Action Source SUCCEEDED', 'Stage Source SUCCEEDED',
      'Stage Go STARTED', 'Action Go STARTED', 'Action Go SUCCEEDED', 'Stage Go SUCCEEDED', 'Pipeline  SUCCEEDED',
    ]);
  });

  test('a source that is not there fails it, with the reason where people look', async () => {
    objects.clear();
    await create([stage('Go', lambda())]);
    await world.clock.advance(MINUTE);
    expect(await executions()).toMatchObject([{ status: 'Failed', statusSummary: expect.stringContaining("The object with key 'code.zip'") }]);
    expect((await actions())[0].output.executionResult.errorDetails).toMatchObject({ code: 'ConfigurationError' });
  });

  test('a service that stumbles is asked again', async () => {
    let calls = 0;
    const read = world.answers['s3:GetObject']!;
    world.answers['s3:GetObject'] = (input, caller) => {
      calls += 1;
      if (calls < 3) throw new AwsError('SlowDown', 'Please reduce your request rate.', 503);
      return read(input, caller);
    };
    await create([stage('Go', lambda())]);
    await world.clock.advance(MINUTE);
    expect(calls).toBe(3);
    expect(invocations).toHaveLength(1);
  });

  test('each action acts under its own role, assumed by the pipeline\'s', async () => {
    await create([stage('Go', lambda({ RoleArn: ACTION_ROLE }))]);
    await world.clock.advance(MINUTE);
    expect(world.called('lambda', 'Invoke')[0]!.caller).toMatchObject({ roleArn: ACTION_ROLE });
    expect(world.called('s3', 'GetObject')[0]!.caller).toMatchObject({ roleArn: ROLE });
    world.answers['sts:AssumeRole'] = ({ RoleArn }, caller) => {
      if (RoleArn === ACTION_ROLE && caller.kind === 'role') throw new AwsError('AccessDenied', 'not trusted', 403);
      return {};
    };
    await start();
    await succeed(invocations[0]!.job);
    await world.clock.advance(MINUTE);
    expect((await executions()).at(-1)).toMatchObject({ status: 'Failed', statusSummary: expect.stringContaining('not trusted') });
  });

  test('variables are resolved, and reach configurations through namespaces', async () => {
    await create([
      stage('One', lambda({ Namespace: 'One', Configuration: { UserParameters: '{"package":"#{variables.package}","code":"#{Source.VersionId}","run":"#{codepipeline.PipelineExecutionId}"}' } })),
      stage('Two', lambda({ Configuration: { UserParameters: '#{One.Answer}' } })),
    ], { Variables: [{ Name: 'package', DefaultValue: 'none' }] });
    await world.clock.advance(MINUTE);
    await succeed(invocations[0]!.job);
    const id = await start({ variables: [{ name: 'package', value: 'p1' }] });
    await world.clock.advance(MINUTE);
    const last = invocations.at(-1)!.job;
    expect(JSON.parse(last.data.actionConfiguration.configuration.UserParameters)).toEqual({ package: 'p1', code: 'v1', run: id });
    await succeed(last, { outputVariables: { Answer: 'x'.repeat(1001) } });
    await world.clock.advance(MINUTE);
    expect((await executions()).at(-1)).toMatchObject({ status: 'Failed', statusSummary: expect.stringContaining('1001 characters') });
    await expect(start({ variables: [{ name: 'nope', value: 'x' }] })).rejects.toThrow(/declares no variable 'nope'/);
  });

  test('a request token stands for one execution; a revision can be asked for', async () => {
    await create([stage('Go', lambda())]);
    await world.clock.advance(MINUTE);
    const sourceRevisions = [{ actionName: 'Code', revisionType: 'S3_OBJECT_VERSION_ID', revisionValue: 'v7' }];
    const id = await start({ clientRequestToken: 't', sourceRevisions });
    expect(await start({ clientRequestToken: 't' })).toBe(id);
    await world.clock.advance(MINUTE);
    expect((await call('GetPipelineExecution', { pipelineName: 'test-Pipe', pipelineExecutionId: id })).pipelineExecution.artifactRevisions).toMatchObject([{ revisionId: 'v7' }]);
  });

  test('an update runs the pipeline only if it says so', async () => {
    const handle = await create([stage('Go', lambda())]);
    await world.clock.advance(MINUTE);
    expect((await world.update(TYPE, 'Pipe', properties([stage('Go', lambda())]), handle)).attributes).toEqual({ Version: '2' });
    expect(await executions()).toHaveLength(1);
    await world.update(TYPE, 'Pipe', properties([stage('Go', lambda())], { RestartExecutionOnUpdate: true }), handle);
    expect(await executions()).toHaveLength(2);
    await world.delete(TYPE, 'Pipe', handle);
    expect(service.remaining()).toEqual([]);
  });
});

describe('a job', () => {
  beforeEach(async () => {
    await create([stage('Go', lambda())]);
    await world.clock.advance(MINUTE);
  });

  test('goes on under new ids with its token, until a final report', async () => {
    const first = invocations[0]!;
    await succeed(first.job, { continuationToken: '{"step":1}' });
    await world.clock.advance(MINUTE);
    const second = invocations[1]!;
    expect(second.time).toBe(MINUTE + 30_000);
    expect(second.job.id).not.toBe(first.job.id);
    expect(second.job.data.continuationToken).toBe('{"step":1}');
    await expect(succeed(second.job, { continuationToken: 'x', outputVariables: { A: '1' } })).rejects.toMatchObject({ code: 'ValidationException' });
    await succeed(second.job, { outputVariables: { A: '1' } });
    await expect(succeed(second.job)).rejects.toMatchObject({ code: 'InvalidJobStateException' });
    await expect(succeed(first.job)).rejects.toMatchObject({ code: 'InvalidJobStateException' });
    await expect(succeed({ id: 'nope' })).rejects.toMatchObject({ code: 'JobNotFoundException' });
    await world.clock.advance(MINUTE);
    expect((await actions())[1].output.outputVariables).toEqual({ A: '1' });
  });

  test('fails with what the function says, and after twenty minutes of silence', async () => {
    await call('PutJobFailureResult', { jobId: invocations[0]!.job.id, failureDetails: { type: 'JobFailed', message: 'rolled back' } });
    await world.clock.advance(MINUTE);
    expect((await executions())[0]).toMatchObject({ status: 'Failed', statusSummary: 'action Invoke: rolled back' });
    await start();
    await world.clock.advance(19 * MINUTE);
    expect((await executions()).at(-1).status).toBe('InProgress');
    await world.clock.advance(2 * MINUTE);
    expect((await executions()).at(-1)).toMatchObject({ status: 'Failed', statusSummary: expect.stringContaining('failed to return a result') });
    await expect(succeed(invocations[1]!.job)).rejects.toMatchObject({ code: 'InvalidJobStateException' });
  });

  test('knows its pipeline for those who ask', async () => {
    const { jobDetails } = await call('GetJobDetails', { jobId: invocations[0]!.job.id });
    expect(jobDetails.data.pipelineContext).toMatchObject({ pipelineName: 'test-Pipe', stage: { name: 'Go' }, action: { name: 'Invoke' } });
  });

  test('ends after a day, however often it goes on', async () => {
    for (let hour = 0; hour < 24; hour += 0.25) {
      await succeed(invocations.at(-1)!.job, { continuationToken: 'again' }).catch(() => {});
      await world.clock.advance(15 * MINUTE);
    }
    await world.clock.advance(MINUTE);
    expect((await executions())[0]).toMatchObject({ status: 'Failed', statusSummary: expect.stringContaining('within 1440 minutes') });
  });
});

describe('stages', () => {
  test('QUEUED: executions enter a stage one at a time, in order', async () => {
    await create([stage('Go', lambda())]);
    await world.clock.advance(MINUTE);
    const ids = [await start(), await start()];
    await world.clock.advance(HOUR / 4);
    expect(invocations).toHaveLength(1);
    expect((await stageStates())[1].inboundExecutions.map(({ pipelineExecutionId }: any) => pipelineExecutionId)).toEqual(ids);
    await succeed(invocations[0]!.job);
    await world.clock.advance(MINUTE);
    expect((await stageStates())[1].latestExecution.pipelineExecutionId).toBe(ids[0]);
  });

  test('SUPERSEDED: the newest at the door takes the place of the older', async () => {
    await create([stage('Go', lambda())], { ExecutionMode: 'SUPERSEDED' });
    await world.clock.advance(MINUTE);
    await start();
    await world.clock.advance(MINUTE);
    await start();
    await world.clock.advance(MINUTE);
    expect((await executions()).map(({ status }) => status)).toEqual(['InProgress', 'Superseded', 'InProgress']);
  });

  test('PARALLEL: nobody waits', async () => {
    await create([stage('Go', lambda())], { ExecutionMode: 'PARALLEL' });
    await start();
    await world.clock.advance(MINUTE);
    expect(invocations).toHaveLength(2);
  });

  test('an entry condition skips the stage, and its variables stay unknown', async () => {
    const beforeEntry = (Result: string) => ({ BeforeEntry: { Conditions: [{ Result, Rules: [{ Name: 'Wanted', RuleTypeId: { Category: 'Rule', Owner: 'AWS', Provider: 'VariableCheck', Version: '1' }, Configuration: { Variable: '#{variables.package}', Value: 'none', Operator: 'NE' } }] }] } });
    await create([{ ...stage('Go', approval()), ...beforeEntry('SKIP') }], { Variables: [{ Name: 'package', DefaultValue: 'none' }] });
    await world.clock.advance(MINUTE);
    expect(await executions()).toMatchObject([{ status: 'Succeeded' }]);
    const [, go] = await stageStates();
    expect(go).toMatchObject({ latestExecution: { status: 'Skipped' }, beforeEntryConditionState: { latestExecution: { summary: "rule Wanted: 'none' NE 'none' does not hold" } } });
    await start({ variables: [{ name: 'package', value: 'p' }] });
    await world.clock.advance(MINUTE);
    expect((await stageStates())[1].latestExecution.status).toBe('InProgress');
  });

  test('an alarm can bar the way', async () => {
    world.answers['monitoring:DescribeAlarms'] = () => ({ MetricAlarms: [{ StateValue: world.clock.now() - START.getTime() > 3 * MINUTE ? 'ALARM' : 'OK', StateReason: 'too many errors' }] });
    const rule = { Name: 'Calm', RuleTypeId: { Category: 'Rule', Owner: 'AWS', Provider: 'CloudWatchAlarm', Version: '1' }, Configuration: { AlarmName: 'errors', WaitTime: '5' } };
    await create([{ ...stage('Go', lambda()), OnSuccess: { Conditions: [{ Result: 'FAIL', Rules: [rule] }] } }]);
    await world.clock.advance(MINUTE);
    await succeed(invocations[0]!.job);
    await world.clock.advance(HOUR);
    expect((await executions())[0]).toMatchObject({ status: 'Failed', statusSummary: expect.stringContaining('alarm errors is in state ALARM') });
  });

  test('a declared retry runs what failed once more; people can retry again', async () => {
    const failing = { ...stage('Go', lambda({ Name: 'First' }), lambda({ Name: 'Second', RunOrder: 2 })), OnFailure: { Result: 'RETRY', RetryConfiguration: { RetryMode: 'FAILED_ACTIONS' } } };
    await create([failing]);
    const fail = async () => {
      await call('PutJobFailureResult', { jobId: invocations.at(-1)!.job.id, failureDetails: { type: 'JobFailed', message: 'no' } });
      await world.clock.advance(MINUTE);
    };
    await world.clock.advance(MINUTE);
    await succeed(invocations[0]!.job);
    await world.clock.advance(MINUTE);
    await fail();
    expect((await actions()).map(({ actionName }) => actionName)).toEqual(['Code', 'First', 'Second', 'Second']);
    await fail();
    const [{ pipelineExecutionId, status }] = await executions();
    expect(status).toBe('Failed');
    await call('RetryStageExecution', { pipelineName: 'test-Pipe', stageName: 'Go', pipelineExecutionId, retryMode: 'ALL_ACTIONS' });
    await world.clock.advance(MINUTE);
    await succeed(invocations.at(-1)!.job);
    await world.clock.advance(MINUTE);
    await succeed(invocations.at(-1)!.job);
    await world.clock.advance(MINUTE);
    expect((await executions())[0].status).toBe('Succeeded');
  });

  test('a closed transition holds executions up', async () => {
    await create([stage('Go', lambda())], { DisableInboundStageTransitions: [{ StageName: 'Go', Reason: 'teardown' }] });
    await world.clock.advance(HOUR);
    expect(invocations).toHaveLength(0);
    expect((await stageStates())[1].inboundTransitionState).toMatchObject({ enabled: false, disabledReason: 'teardown' });
    await call('EnableStageTransition', { pipelineName: 'test-Pipe', stageName: 'Go', transitionType: 'Inbound' });
    await world.clock.advance(MINUTE);
    expect(invocations).toHaveLength(1);
  });

  test('stopping waits for the actions, or abandons them', async () => {
    await create([stage('Go', lambda()), stage('Then', lambda())]);
    await world.clock.advance(MINUTE);
    const [{ pipelineExecutionId }] = await executions();
    const stop = (abandon: boolean) => call('StopPipelineExecution', { pipelineName: 'test-Pipe', pipelineExecutionId, abandon, reason: 'enough' });
    await stop(false);
    await world.clock.advance(MINUTE);
    expect((await executions())[0].status).toBe('Stopping');
    await stop(true);
    await world.clock.advance(MINUTE);
    expect((await executions())[0]).toMatchObject({ status: 'Stopped', stopTrigger: { reason: 'enough' } });
    expect((await actions()).at(-1).status).toBe('Abandoned');
    await expect(succeed(invocations[0]!.job)).rejects.toMatchObject({ code: 'InvalidJobStateException' });
    await expect(stop(true)).rejects.toMatchObject({ code: 'PipelineExecutionNotStoppableException' });
  });
});

describe('a manual approval', () => {
  beforeEach(async () => {
    world.answers['sns:Publish'] = () => ({});
    await create([stage('Go', approval({ TimeoutInMinutes: 60, Configuration: { NotificationArn: 'arn:topic' } }))]);
    await world.clock.advance(MINUTE);
  });

  test('lets the execution on, once', async () => {
    const { token } = (await stageStates())[1].actionStates[0].latestExecution;
    await decide('Approved');
    expect(await executions()).toMatchObject([{ status: 'Succeeded' }]);
    await expect(call('PutApprovalResult', { pipelineName: 'test-Pipe', stageName: 'Go', actionName: 'Approve', token, result: { status: 'Approved', summary: '' } }))
      .rejects.toMatchObject({ code: 'ApprovalAlreadyCompletedException' });
    expect(world.called('sns', 'Publish')).toHaveLength(1);
  });

  test('or ends it', async () => {
    await decide('Rejected');
    expect(await executions()).toMatchObject([{ status: 'Failed', statusSummary: 'action Approve: Rejected: looked at' }]);
  });

  test('or runs out of time', async () => {
    await world.clock.advance(HOUR);
    expect(await executions()).toMatchObject([{ status: 'Failed', statusSummary: expect.stringContaining('within 60 minutes') }]);
  });
});

describe('other actions', () => {
  test('CodeBuild: the build reads and writes artifacts; what it exports are variables', async () => {
    world.answers['codebuild:StartBuild'] = () => ({ build: { id: 'proj:1' } });
    world.answers['codebuild:BatchGetBuilds'] = () => ({ builds: [{ buildStatus: world.clock.now() - START.getTime() > 5 * MINUTE ? 'SUCCEEDED' : 'IN_PROGRESS', exportedEnvironmentVariables: [{ name: 'IMAGE', value: 'repo@sha256:1' }] }] });
    const request: any[] = [];
    const answer = world.answers['codebuild:StartBuild'];
    world.answers['codebuild:StartBuild'] = (input, caller) => { request.push(input); return answer(input, caller); };
    await create([
      stage('Build', { Name: 'Image', ...type('Build', 'CodeBuild'), Namespace: 'Build', InputArtifacts: [{ Name: 'Code' }], OutputArtifacts: [{ Name: 'Built' }], Configuration: { ProjectName: 'proj', EnvironmentVariables: '[{"name":"A","value":"1","type":"PLAINTEXT"}]' } }),
      stage('Go', lambda({ Configuration: { UserParameters: '#{Build.IMAGE}' }, InputArtifacts: [{ Name: 'Built' }] })),
    ]);
    await world.clock.advance(10 * MINUTE);
    expect(request[0]).toMatchObject({ projectName: 'proj', sourceTypeOverride: 'CODEPIPELINE', sourceLocationOverride: expect.stringMatching(/^artifacts\/test-Pipe\/Code\//) });
    expect(invocations[0]!.job.data.actionConfiguration.configuration.UserParameters).toBe('repo@sha256:1');
    expect(invocations[0]!.job.data.inputArtifacts[0].location.s3Location.objectKey).toBe(request[0].artifactsOverride.name);
  });

  test.each<[string, (pipelineExecutionId: string) => Promise<unknown>]>([
    ['abandoned', (pipelineExecutionId) => call('StopPipelineExecution', { pipelineName: 'test-Pipe', pipelineExecutionId, abandon: true })],
    ['deleted with its pipeline', () => world.delete(TYPE, 'Pipe', { physicalId: 'test-Pipe' })],
  ])('an execution that is %s leaves its build and its workflow running', async (_, end) => {
    world.answers['codebuild:StartBuild'] = () => ({ build: { id: 'proj:1' } });
    world.answers['codebuild:BatchGetBuilds'] = () => ({ builds: [{ buildStatus: 'IN_PROGRESS' }] });
    world.answers['states:DescribeStateMachine'] = () => ({ type: 'STANDARD' });
    world.answers['states:StartExecution'] = () => ({ executionArn: 'arn:execution' });
    world.answers['states:DescribeExecution'] = () => ({ status: 'RUNNING' });
    await create([stage('Work',
      { Name: 'Image', ...type('Build', 'CodeBuild'), InputArtifacts: [{ Name: 'Code' }], Configuration: { ProjectName: 'proj' } },
      { Name: 'Train', ...type('Invoke', 'StepFunctions'), Configuration: { StateMachineArn: 'arn:machine' } })]);
    await world.clock.advance(5 * MINUTE);
    const [{ pipelineExecutionId }] = await executions();
    await end(pipelineExecutionId);
    await world.clock.settle();
    const before = world.record.length;
    await world.clock.advance(HOUR);
    expect(world.record.length).toBe(before);
    expect(world.record.filter(({ operation }) => operation.startsWith('Stop')).map(({ service: name }) => name)).toEqual(expect.not.arrayContaining(['codebuild', 'states']));
  });

  test('Step Functions: input from a file of an artifact, output into one', async () => {
    const starts: any[] = [];
    world.answers['states:DescribeStateMachine'] = () => ({ type: 'STANDARD' });
    world.answers['states:StartExecution'] = (input) => { starts.push(input); return { executionArn: 'arn:execution' }; };
    let status = 'RUNNING';
    world.answers['states:DescribeExecution'] = () => ({ status, output: '{"auc":0.6}', error: 'Worse', cause: 'than the champion' });
    await create([stage('Train', { Name: 'Train', ...type('Invoke', 'StepFunctions'), Namespace: 'Train', InputArtifacts: [{ Name: 'Code' }], OutputArtifacts: [{ Name: 'Result' }], Configuration: { StateMachineArn: 'arn:machine', InputType: 'FilePath', Input: 'input.json', ExecutionNamePrefix: 'train' } })]);
    await world.clock.advance(HOUR);
    status = 'SUCCEEDED';
    await world.clock.advance(5 * MINUTE);
    const [, train] = await actions();
    expect(starts[0]).toEqual({ stateMachineArn: 'arn:machine', name: `train-${train.actionExecutionId}`, input: '{"rows":7}' });
    expect(train.output.outputVariables).toEqual({ StateMachineArn: 'arn:machine', ExecutionArn: 'arn:execution' });
    const { bucket, key } = train.output.outputArtifacts[0].s3location;
    expect(Buffer.from(unzipSync(objects.get(`${bucket}/${key}`)!)['output.json']!).toString()).toBe('{"auc":0.6}');
    status = 'FAILED';
    await start();
    await world.clock.advance(HOUR);
    expect((await executions()).at(-1).statusSummary).toContain('ended as FAILED: Worse: than the champion');
  });

  test('a connection reads a registered folder, and a push starts the pipeline', async () => {
    const arn = 'arn:aws:codeconnections:eu-west-1:111122223333:connection/c';
    service.connections.register(arn, 'team/model', __dirname);
    await world.create(TYPE, 'Pipe', { ...properties([stage('Go', lambda({ InputArtifacts: [{ Name: 'Code' }], Configuration: { UserParameters: '#{Source.CommitId}' } }))]), Stages: [
      stage('Source', { Name: 'Code', ...type('Source', 'CodeStarSourceConnection'), Namespace: 'Source', OutputArtifacts: [{ Name: 'Code' }], Configuration: { ConnectionArn: arn, FullRepositoryId: 'team/model', BranchName: 'main', DetectChanges: true } }),
      stage('Go', lambda({ InputArtifacts: [{ Name: 'Code' }], Configuration: { UserParameters: '#{Source.CommitId}' } })),
    ] });
    await world.clock.advance(MINUTE);
    expect(invocations[0]!.job.data.actionConfiguration.configuration.UserParameters).toMatch(/^[0-9a-f]{40}$/);
    expect(world.called('codepipeline', 'UseConnection')[0]!.authorized).toMatchObject([{ action: 'codeconnections:UseConnection', resource: arn }]);
    const { objectKey } = invocations[0]!.job.data.inputArtifacts[0].location.s3Location;
    expect(Object.keys(unzipSync(objects.get(`artifacts/${objectKey}`)!))).toContain('codepipeline.test.ts');
    service.push(arn, 'team/model', 'main');
    service.push(arn, 'team/model', 'other');
    expect(await executions()).toHaveLength(2);
  });
});

describe('declarations are refused by name and path', () => {
  test.each([
    ['an unknown provider', [stage('Go', { Name: 'X', ...type('Deploy', 'CloudFormation') })], {}, 'Stages[1].Actions[0].ActionTypeId: Deploy/AWS/CloudFormation/1 is not implemented'],
    ['an unknown key', [stage('Go', lambda({ Configuration: { Parameters: 'x' } }))], {}, 'Stages[1].Actions[0].Configuration.Parameters is not implemented'],
    ['polling', [stage('Go', lambda())], { Stages: [stage('Source', { ...s3Source, Configuration: { ...s3Source.Configuration, PollForSourceChanges: true } }), stage('Go', lambda())] }, 'does not poll'],
    ['an unknown rule', [{ ...stage('Go', lambda()), BeforeEntry: { Conditions: [{ Result: 'FAIL', Rules: [{ Name: 'R', RuleTypeId: { Category: 'Rule', Owner: 'AWS', Provider: 'DeploymentWindow', Version: '1' } }] }] } }], {}, 'Rule/AWS/DeploymentWindow/1 is not implemented'],
    ['a rollback', [{ ...stage('Go', lambda()), OnFailure: { Result: 'ROLLBACK' } }], {}, 'Stages[1].OnFailure.Result ROLLBACK is not implemented'],
    ['a missing artifact', [stage('Go', lambda({ InputArtifacts: [{ Name: 'Built' }] }))], {}, 'no action before it makes the artifact Built'],
    ['an unknown namespace', [stage('Go', lambda({ Configuration: { UserParameters: '#{Build.X}' } }))], {}, "no action before this one has the namespace 'Build'"],
    ['an undeclared variable', [stage('Go', lambda({ Configuration: { UserParameters: '#{variables.x}' } }))], {}, "the pipeline declares no variable 'x'"],
    ['a mode without its type', [stage('Go', lambda())], { PipelineType: 'V1' }, 'ExecutionMode QUEUED needs PipelineType V2'],
  ])('%s', async (_, stages, fields, message) => {
    await expect(create(stages, fields)).rejects.toMatchObject({ code: 'InvalidStructureException', message: expect.stringContaining(message) });
  });

  test('a role that does not trust CodePipeline', async () => {
    world.answers['sts:AssumeRole'] = () => { throw new AwsError('AccessDenied', 'no', 403); };
    await expect(create([stage('Go', lambda())])).rejects.toThrow('no');
  });
});
