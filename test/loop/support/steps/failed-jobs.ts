import { LABEL, labelledCsv, TIME } from '../../../../bin/story/flights';
import type { SageMakerService } from '../../../../twin/services/sagemaker';
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
    await expectSentence(loop, await startWorkflow(loop), /^evaluation job \S+ failed: .*have the same label/s);
  });

  let run = await startWorkflow(loop);
  await loop.call('sagemaker', 'StopTrainingJob', { TrainingJobName: await runningJob(loop, 'Training') });
  await expectSentence(loop, run, /^training job \S+ did not complete: Stopped/);

  run = await startWorkflow(loop);
  await loop.call('sagemaker', 'StopProcessingJob', { ProcessingJobName: await runningJob(loop, 'Processing') });
  await expectSentence(loop, run, /^evaluation job \S+ did not complete: Stopped/);

  // Evaluations take no spot capacity.
  const capacityIsBack = conditions.shortage('ml.m5.large', { onDemand: true });
  await expectSentence(loop, await startWorkflow(loop), /^evaluation job \S+ failed: CapacityError/);
  capacityIsBack();
}

/** Once more what the pipeline has started; by hand, without another image. */
async function startWorkflow(loop: Loop): Promise<string> {
  const stateMachineArn = await loop.resource('AWS::StepFunctions::StateMachine', 'Training');
  const { executions: [latest] } = await loop.call('states', 'ListExecutions', { stateMachineArn, statusFilter: 'SUCCEEDED' });
  const { input } = await loop.call('states', 'DescribeExecution', { executionArn: latest.executionArn });
  return (await loop.call('states', 'StartExecution', { stateMachineArn, input })).executionArn;
}

async function expectSentence(loop: Loop, executionArn: string, sentence: RegExp): Promise<void> {
  let ended = { status: 'RUNNING', cause: '' };
  await loop.until('a run whose job fails comes to an end', async () => {
    ended = await loop.call('states', 'DescribeExecution', { executionArn });
    return ended.status !== 'RUNNING';
  }, 3 * SOON);
  expectThat('a run whose job fails has failed', ended.status === 'FAILED', `it is ${ended.status}`);
  expectThat('a run says what became of its job', sentence.test(ended.cause), `it says: ${ended.cause}`);
}

async function runningJob(loop: Loop, kind: 'Training' | 'Processing'): Promise<string> {
  let name: string | undefined;
  await loop.until(`a ${kind.toLowerCase()} job runs`, async () => {
    const { [`${kind}JobSummaries`]: [newest] } = await loop.call('sagemaker', `List${kind}Jobs`, { StatusEquals: 'InProgress' });
    name = newest?.[`${kind}JobName`];
    return name !== undefined;
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
