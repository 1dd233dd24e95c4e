import type { SageMakerService } from '../../twin/services/sagemaker';
import type { StepFunctionsService } from '../../twin/services/step-functions';
import { trained, quiet, type Outcome } from './bad-input/runs';
import { STOPPED, stopped } from './bad-input/stopped';
import { shortLoopAssembly } from './support/assembly';
import { Loop } from './support/loop';

/* Whether `.sync` fails on a job that was stopped is not documented: under either answer a job counts only if it completed. */

const INSTANCE = 'ml.m5.large';
let assembly: { directory: string; remove(): void };
let loop: Loop;

beforeAll(async () => {
  assembly = shortLoopAssembly();
  loop = await Loop.deploy(assembly.directory);
  await loop.handInDays(2);
  await quiet(loop);
}, 180_000);

afterAll(async () => {
  await loop?.twin.stop();
  assembly?.remove();
});

const conditions = () => loop.twin.service<SageMakerService>('sagemaker').jobs.conditions;

/** Newest first. */
async function trainingJobs(since: number): Promise<Array<{ TrainingJobName: string; SecondaryStatus: string }>> {
  return (await loop.call('sagemaker', 'ListTrainingJobs', { CreationTimeAfter: new Date(since - 1) })).TrainingJobSummaries;
}

async function expectFailed(outcome: Promise<Outcome>, reason: RegExp): Promise<void> {
  expect(await outcome).toMatchObject({ status: 'Failed', reason: expect.stringMatching(reason) });
}

describe.each(['fails', 'completes'] as const)('when a stopped job %s its task', (reading) => {
  let since: number;

  beforeEach(() => {
    since = loop.now;
    loop.twin.service<StepFunctionsService>('states').conditions.stoppedJob = reading;
  });

  test('training whose wait for spot capacity is over is run again on demand', async () => {
    const capacityIsBack = conditions().shortage(INSTANCE, { spot: true });
    expect(await trained(loop)).toMatchObject({ status: 'Succeeded' });
    capacityIsBack();
    expect(await trainingJobs(since)).toMatchObject([
      { TrainingJobName: expect.stringMatching(/-retry$/), SecondaryStatus: 'Completed' },
      { TrainingJobName: expect.stringMatching(/-train$/), SecondaryStatus: 'MaxWaitTimeExceeded' },
    ]);
  });

  test('training that took too long fails, and is not paid for twice', async () => {
    const { trainingSeconds } = conditions();
    conditions().trainingSeconds = 5 * 3600;
    await expectFailed(trained(loop), /training job \S+-train did not complete: MaxRuntimeExceeded; .* allow it more time$/);
    conditions().trainingSeconds = trainingSeconds;
    expect(await trainingJobs(since)).toHaveLength(1);
  });

  test('a model that takes too long to answer fails, and is not registered', async () => {
    const { transformSeconds } = conditions();
    conditions().transformSeconds = 6 * 3600;
    const before = await loop.account.pending();
    await expectFailed(trained(loop), /States\.Timeout|timed out/i);
    conditions().transformSeconds = transformSeconds;
    expect(await loop.account.pending()).toEqual(before);
  });

  test.each(['Training', 'Transform'] as const)('a job that somebody stops fails its run (%s)', async (kind) => {
    await expectFailed(stopped(loop, kind), STOPPED[kind]);
  });
});

describe('an account without instances', () => {
  test('of spot capacity trains on demand', async () => {
    const since = loop.now;
    const lift = conditions().quota(INSTANCE, 'spot training job', 0);
    expect(await trained(loop)).toMatchObject({ status: 'Succeeded' });
    lift();
    expect(await trainingJobs(since)).toMatchObject([{ TrainingJobName: expect.stringMatching(/-retry$/), SecondaryStatus: 'Completed' }]);
  });

  test('of any kind fails with the quota to ask for', async () => {
    const lifts = [conditions().quota(INSTANCE, 'spot training job', 0), conditions().quota(INSTANCE, 'training job', 0)];
    await expectFailed(trained(loop), /limit 'ml\.m5\.large for training job usage' is 0 Instances/);
    for (const lift of lifts) lift();
  });
});
