import { LABEL, labelledCsv, TIME } from '../../../../bin/story/flights';
import type { SageMakerService } from '../../../../twin/services/sagemaker';
import type { StepFunctionsService } from '../../../../twin/services/step-functions';
import { COAST, flightsDuring } from '../airline';
import { expectThat } from '../expectations';
import { DAY, HOUR, PREFIX, START, type Loop } from '../loop';

const SOON = 60;

/** However a job ends, its run says so in a sentence that a person understands. */
export async function failedJobsSayWhy(loop: Loop): Promise<void> {
  const { jobs: { conditions } } = loop.twin.service<SageMakerService>('sagemaker');
  await withFile(loop, sixHours(loop, START.getTime() - 2 * DAY, 2), async () => {
    await expectSentence(loop, await startWorkflow(loop), /^training job \S+ failed: .*neither 0 nor 1/s);
  });
  await withFile(loop, sixHours(loop, START.getTime(), 0), async () => {
    await expectSentence(loop, await startWorkflow(loop), /the training rows have two labels, of which the \d+ rows of the hold-out have one only/);
  });

  // Whether Step Functions takes a job that was stopped for a failed one is not documented.
  const stepFunctions = loop.twin.service<StepFunctionsService>('states').conditions;
  for (const reading of ['completes', 'fails'] as const) {
    stepFunctions.stoppedJob = reading;
    await stopJob(loop, 'Training', /^training job \S+-train did not complete: Stopped/);
    await stopJob(loop, 'Transform', /^transform job \S+-cand did not complete: Stopped/);
    const spotIsBack = conditions.quota('ml.m5.large', 'spot training job', 0);
    await stopJob(loop, 'Training', /^training job \S+-retry did not complete: Stopped/);
    spotIsBack();
  }

  // Transforms take no spot capacity.
  const capacityIsBack = conditions.shortage('ml.m5.large', { onDemand: true });
  await expectSentence(loop, await startWorkflow(loop), /^the model could not answer the hold-out and the training rows \(transform job \S+\): CapacityError/);
  capacityIsBack();
}

/** Once more what the pipeline has started; by hand, without another image. */
export async function startWorkflow(loop: Loop): Promise<string> {
  const stateMachineArn = await loop.resource('AWS::StepFunctions::StateMachine', 'Training');
  const { executions: [latest] } = await loop.call('states', 'ListExecutions', { stateMachineArn, statusFilter: 'SUCCEEDED' });
  const { input } = await loop.call('states', 'DescribeExecution', { executionArn: latest.executionArn });
  return (await loop.call('states', 'StartExecution', { stateMachineArn, input })).executionArn;
}

async function stopJob(loop: Loop, kind: 'Training' | 'Transform', sentence: RegExp): Promise<void> {
  const run = await startWorkflow(loop);
  await loop.call('sagemaker', `Stop${kind}Job`, { [`${kind}JobName`]: await runningJob(loop, kind) });
  await expectSentence(loop, run, sentence);
}

export async function ended(loop: Loop, executionArn: string): Promise<{ status: string; cause: string; name: string }> {
  let execution = { status: 'RUNNING', cause: '', name: '' };
  await loop.until('a run comes to an end', async () => {
    execution = await loop.call('states', 'DescribeExecution', { executionArn });
    return execution.status !== 'RUNNING';
  }, 3 * SOON);
  return execution;
}

export async function expectSentence(loop: Loop, executionArn: string, sentence: RegExp): Promise<void> {
  const { status, cause } = await ended(loop, executionArn);
  expectThat('a run whose job fails has failed', status === 'FAILED', `it is ${status}`);
  expectThat('a run says what became of its job', sentence.test(cause), `it says: ${cause}`);
}

export async function runningJob(loop: Loop, kind: 'Training' | 'Transform', suffix = ''): Promise<string> {
  let name: string | undefined;
  await loop.until(`a ${kind.toLowerCase()} job runs`, async () => {
    const { [`${kind}JobSummaries`]: [newest] } = await loop.call('sagemaker', `List${kind}Jobs`, { StatusEquals: 'InProgress' });
    name = newest?.[`${kind}JobName`];
    return name?.endsWith(suffix) ?? false;
  }, SOON);
  return name!;
}

/** Six hours of flights that all have the same label. */
function sixHours(loop: Loop, from: number, label: number): string {
  return labelledCsv(flightsDuring(from, from + 6 * HOUR, COAST, 10)).replace(LABEL, loop.label).replace(TIME, loop.time).replace(/^(\d[^,]*),\d,/gm, `$1,${label},`);
}

async function withFile(loop: Loop, text: string, work: () => Promise<void>): Promise<void> {
  const at = { Bucket: loop.names.dataBucket, Key: `${PREFIX}odd.csv` };
  await loop.account.upload(at.Bucket, at.Key, text);
  await work();
  await loop.call('s3', 'DeleteObject', at);
}
