import { Mishaps } from '../../scripts/iam/mishaps';
import { AwsError } from '../../twin';
import type { SageMakerService } from '../../twin/services/sagemaker';
import { after, trained } from './bad-input/runs';
import { stackAssembly } from './support/assembly';
import { Loop } from './support/loop';
import { leftBehind } from './support/steps/destroyed';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

/** Of wall time; a loop takes half a minute on an idle machine. */
const LIMIT = 300_000;

let assembly: ReturnType<typeof stackAssembly>;
let loop: Loop;
let mishaps: Mishaps;

beforeAll(() => { assembly = stackAssembly({}); });
afterAll(() => { assembly.remove(); });
beforeEach(async () => {
  mishaps = new Mishaps();
  loop = await Loop.deploy(assembly.directory, { faults: mishaps });
}, LIMIT);
afterEach(async () => { await loop.twin.stop(); });

/** Destroys the stack; nothing is left, and nothing comes back within a day. */
async function destroyed(): Promise<void> {
  await loop.twin.destroy();
  expect(loop.twin.cloudFormation.stacks.all().at(-1)!.status).toBe('DELETE_COMPLETE');
  // A build is left to itself; without its role it fails before long.
  await loop.advance(10);
  expect(leftBehind(loop.twin)).toEqual([]);
  await loop.advance(24 * 60);
  expect(leftBehind(loop.twin)).toEqual([]);
}

/** A training run whose jobs take half an hour, until one of them has its data and works on them. */
async function trainingUntil(atWork: () => Promise<boolean>): Promise<void> {
  Object.assign(loop.twin.service<SageMakerService>('sagemaker').jobs.conditions, { trainingSeconds: 1800, transformSeconds: 1800 });
  const { trainingPipeline } = loop.names;
  await loop.expectSucceeded(trainingPipeline, await loop.ended(trainingPipeline, 0, 60));
  await loop.handInDays(7);
  await loop.markComplete();
  await loop.until('a job is at work', atWork, 120);
}

/** Approves a first candidate. */
async function approved(): Promise<void> {
  const { trainingPipeline } = loop.names;
  await loop.expectSucceeded(trainingPipeline, await loop.ended(trainingPipeline, 0, 60));
  await loop.handInDays(7);
  expect(await trained(loop)).toMatchObject({ status: 'Succeeded' });
  const [{ ModelPackageArn }] = await loop.account.pending();
  await loop.account.approve(ModelPackageArn);
}

describe('cdk destroy leaves nothing, and meets no error, in the middle of', () => {
  test('the very first build', async () => {
    await loop.advance(1);
    expect((await loop.call('codebuild', 'ListBuilds')).ids).toHaveLength(1);
    await destroyed();
  }, LIMIT);

  test('training', async () => {
    await trainingUntil(async () => (await loop.call('sagemaker', 'ListTrainingJobs', { StatusEquals: 'InProgress' })).TrainingJobSummaries
      .some(({ SecondaryStatus }: any) => SecondaryStatus === 'Training'));
    await destroyed();
    const { TrainingJobSummaries: [{ TrainingJobStatus }] } = await loop.call('sagemaker', 'ListTrainingJobs');
    expect(TrainingJobStatus).toBe('Stopped');
  }, LIMIT);

  test('the answers to the hold-out', async () => {
    await trainingUntil(async () => {
      const { TransformJobSummaries: [job] } = await loop.call('sagemaker', 'ListTransformJobs', { StatusEquals: 'InProgress' });
      return job !== undefined && (await loop.call('sagemaker', 'DescribeTransformJob', { TransformJobName: job.TransformJobName })).TransformStartTime !== undefined;
    });
    await destroyed();
    const { TransformJobSummaries: [{ TransformJobStatus }] } = await loop.call('sagemaker', 'ListTransformJobs');
    expect(TransformJobStatus).toBe('Stopped');
    // The run had made a model for it.
    expect((await loop.call('sagemaker', 'ListModels')).Models).toEqual([]);
  }, LIMIT);

  test('a release', async () => {
    await approved();
    await loop.until('the endpoint is being made', async () => (await loop.call('sagemaker', 'ListEndpoints')).Endpoints.some(({ EndpointStatus }: any) => EndpointStatus === 'Creating'), 30);
    await destroyed();
  }, LIMIT);

  test('a scan of many shards', async () => {
    expect(await after(loop, loop.names.releasePipeline, approved)).toMatchObject({ status: 'Succeeded' });
    // Of several hours that nobody scanned, each is a shard at least.
    await loop.call('events', 'DisableRule', { Name: await loop.resource('AWS::Events::Rule', 'MonitorSchedule') });
    for (let hours = 0; hours < 3; hours++) await loop.serveHour();
    const stateMachineArn = await loop.resource('AWS::StepFunctions::StateMachine', 'Monitor');
    const busy = new AwsError('TooManyRequestsException', 'Rate exceeded', 429);
    // Lambda is busy longer than the endpoints take to retire, and the shards are tried again until it is not.
    void mishaps.during(busy, ({ operation, input }) => operation === 'Invoke' && /MonitorScan/.test((input as { FunctionName: string }).FunctionName),
      () => loop.twin.clock.sleep(600_000));
    const { executionArn } = await loop.call('states', 'StartExecution', { stateMachineArn, input: JSON.stringify({ scheduledAt: new Date(loop.now).toISOString() }) });
    await loop.advance(1);
    const { mapRuns: [{ mapRunArn }] } = await loop.call('states', 'ListMapRuns', { executionArn });
    expect((await loop.call('states', 'ListExecutions', { mapRunArn, statusFilter: 'RUNNING' })).executions.length).toBeGreaterThan(1);
    await destroyed();
    expect(await loop.call('states', 'DescribeExecution', { executionArn })).toMatchObject({ status: 'ABORTED' });
  }, LIMIT);
});
