import { mkdtempSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { DefaultStackSynthesizer, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { Artifact, ExecutionMode, Pipeline, PipelineType } from 'aws-cdk-lib/aws-codepipeline';
import { LambdaInvokeAction, S3SourceAction, S3Trigger, StateMachineInput, StepFunctionInvokeAction } from 'aws-cdk-lib/aws-codepipeline-actions';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { DefinitionBody, Pass, StateMachine, TaskInput } from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { ADMINISTRATOR, everyPage, Twin } from '../../../twin';
import { synth } from '../template/fakes';

/* eslint-disable @typescript-eslint/no-explicit-any -- shapes of the API */
/** Looks twice; at the second look it reads its artifact, and tries to read what is none of its business. */
const HANDLER = `
const sdk = (name) => require(require.resolve('@aws-sdk/client-' + name, { paths: [${JSON.stringify(process.cwd())}] }));
const { CodePipelineClient, PutJobSuccessResultCommand, PutJobFailureResultCommand } = sdk('codepipeline');
const { S3Client, GetObjectCommand } = sdk('s3');
const codepipeline = new CodePipelineClient({});

exports.job = async (event) => {
  const { id, data } = event['CodePipeline.job'];
  try {
    if (!data.continuationToken) return await codepipeline.send(new PutJobSuccessResultCommand({ jobId: id, continuationToken: 'again' }));
    const s3 = new S3Client({ credentials: data.artifactCredentials });
    const { bucketName, objectKey } = data.inputArtifacts[0].location.s3Location;
    const text = await (await s3.send(new GetObjectCommand({ Bucket: bucketName, Key: objectKey }))).Body.transformToString();
    const foreign = await s3.send(new GetObjectCommand({ Bucket: process.env.SOURCE, Key: 'code.zip' })).then(() => 'read', (error) => error.name);
    await codepipeline.send(new PutJobSuccessResultCommand({ jobId: id, outputVariables: { Text: text, Foreign: foreign } }));
  } catch (error) {
    await codepipeline.send(new PutJobFailureResultCommand({ jobId: id, failureDetails: { type: 'JobFailed', message: error.name + ': ' + error.message } }));
  }
};

exports.task = async ({ text }) => ({ length: text.length });
`;

function app(): string {
  const code = mkdtempSync(join(tmpdir(), 'twin-handler-'));
  writeFileSync(join(code, 'index.js'), HANDLER);
  return synth((stack: Stack) => {
    const source = new Bucket(stack, 'Source', { bucketName: 'the-source', versioned: true, removalPolicy: RemovalPolicy.DESTROY });
    const artifactBucket = new Bucket(stack, 'Artifacts', { removalPolicy: RemovalPolicy.DESTROY });
    const runtime = Runtime.NODEJS_22_X;
    const job = new LambdaFunction(stack, 'Job', { runtime, handler: 'index.job', code: Code.fromAsset(code), environment: { SOURCE: source.bucketName }, retryAttempts: 0 });
    const task = new LambdaFunction(stack, 'Task', { runtime, handler: 'index.task', code: Code.fromAsset(code) });
    const machine = new StateMachine(stack, 'Machine', {
      stateMachineName: 'measure',
      definitionBody: DefinitionBody.fromChainable(
        new LambdaInvoke(stack, 'Measure', { lambdaFunction: task, payload: TaskInput.fromJsonPathAt('$'), outputPath: '$.Payload' }).next(new Pass(stack, 'Done')),
      ),
    });
    const output = new Artifact('Code');
    const look = new LambdaInvokeAction({ actionName: 'Look', lambda: job, inputs: [output], variablesNamespace: 'Look' });
    new Pipeline(stack, 'Pipeline', {
      pipelineName: 'the-pipeline', pipelineType: PipelineType.V2, executionMode: ExecutionMode.QUEUED, artifactBucket,
      stages: [
        { stageName: 'Source', actions: [new S3SourceAction({ actionName: 'Code', bucket: source, bucketKey: 'code.zip', output, trigger: S3Trigger.NONE })] },
        { stageName: 'Look', actions: [look] },
        { stageName: 'Measure', actions: [new StepFunctionInvokeAction({ actionName: 'Measure', stateMachine: machine, stateMachineInput: StateMachineInput.literal({ text: look.variable('Text') }) })] },
      ],
    });
  }, { synthesizer: new DefaultStackSynthesizer() });
}

test('a pipeline of the CDK\'s own actions runs, every role held to its policies', async () => {
  const twin = await Twin.fromAssembly(app());
  const call = (service: string, operation: string, input: Record<string, unknown>): Promise<any> => everyPage((page) => twin.call({ service, operation, input: page, caller: ADMINISTRATOR }), input);
  const executions = async () => (await call('codepipeline', 'ListPipelineExecutions', { pipelineName: 'the-pipeline' })).pipelineExecutionSummaries;
  try {
    await twin.deploy();
    await twin.advance({ minutes: 5 });
    expect(await executions()).toMatchObject([{ status: 'Failed', statusSummary: expect.stringContaining("The object with key 'code.zip'") }]);

    await call('s3', 'PutObject', { Bucket: 'the-source', Key: 'code.zip', Body: Buffer.from('four') });
    await call('codepipeline', 'StartPipelineExecution', { name: 'the-pipeline' });
    await twin.advance({ minutes: 5 });
    const { actionExecutionDetails: actions } = await call('codepipeline', 'ListActionExecutions', { pipelineName: 'the-pipeline' });
    expect((await executions())[0]).toMatchObject({ status: 'Succeeded' });
    const [measure, look] = actions;
    expect(look.output.outputVariables).toEqual({ Text: 'four', Foreign: 'AccessDenied' });
    const execution = await call('states', 'DescribeExecution', { executionArn: measure.output.outputVariables.ExecutionArn });
    expect(JSON.parse(execution.output)).toEqual({ length: 4 });
    expect(twin.record.filter(({ error, operation }) => error === 'AccessDenied' || (error === 'AccessDeniedException' && operation !== 'GetObject'))).toHaveLength(1);
  } finally {
    await twin.stop();
  }
});
