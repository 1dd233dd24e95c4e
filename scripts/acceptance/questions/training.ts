import { deployedOf, type Run } from '../run';
import { stackResource } from '../stack-resources';
import { NotAnswered, type Answer, type Question } from './question';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

/** What the workflow makes of its training job being stopped. */
export async function stopJob(run: Run, executionArn: string, TrainingJobName: string): Promise<Answer> {
  const { cloud, tempo } = run;
  await cloud.call('sagemaker', 'StopTrainingJob', { TrainingJobName }).catch(() => undefined); // it may have ended
  const job = await tempo.until('the training job to stop', async () => {
    const found = await cloud.call('sagemaker', 'DescribeTrainingJob', { TrainingJobName });
    return !['InProgress', 'Stopping'].includes(found.TrainingJobStatus) && found;
  }, { minutes: 30, everySeconds: 10 });
  if (job.TrainingJobStatus !== 'Stopped') return { answer: 'not answered', evidence: `the job was ${job.TrainingJobStatus} before it could be stopped` };
  const ended = await tempo.until('the task to end', async () => {
    const [first] = await history(run, executionArn, ({ taskSucceededEventDetails, taskFailedEventDetails }) => [taskSucceededEventDetails, taskFailedEventDetails]
      .some((details) => details?.resource === 'createTrainingJob.sync'));
    return first;
  }, { minutes: 30, everySeconds: 10 });
  await cloud.call('states', 'StopExecution', { executionArn }).catch(() => undefined); // its run is over as far as anybody asks
  return {
    answer: ended.type === 'TaskFailed' ? 'a task with .sync fails if its job was stopped' : 'a task with .sync succeeds if its job was stopped',
    evidence: JSON.stringify({ type: ended.type, error: ended.taskFailedEventDetails?.error, cause: ended.taskFailedEventDetails?.cause?.slice(0, 200) }),
  };
}

export const quotaErrorName: Question = {
  name: 'quota-error-name',
  changes: 'nothing',
  async ask(run) {
    const stateMachineArn = await trainingWorkflow(run);
    const executions = await run.cloud.list('states', 'ListExecutions', 'executions', { stateMachineArn });
    for (const { executionArn } of executions) {
      const [refused] = await history(run, executionArn, ({ taskFailedEventDetails }) => /limit/i.test(`${taskFailedEventDetails?.error} ${taskFailedEventDetails?.cause}`));
      if (refused !== undefined) return { answer: `the error is ${refused.taskFailedEventDetails.error}`, evidence: refused.taskFailedEventDetails.cause.slice(0, 300) };
    }
    throw new NotAnswered('the account\'s quotas sufficed for every job; it takes one whose quota for spot training of ml.m5.large is 0');
  },
};

export const transformOutput: Question = {
  name: 'transform-output',
  changes: 'nothing',
  async ask(run) {
    const bucket = deployedOf(run).artifactsBucket;
    const found = await run.cloud.list('s3', 'ListObjectsV2', 'Contents', { Bucket: bucket, Prefix: 'rows/answers/' });
    const key: string | undefined = found.map(({ Key }) => Key).find((each: string) => each.endsWith('.out'));
    if (key === undefined) throw new Error('no batch transform has left answers below rows/answers/');
    const [, below] = /\/(?:candidate|champion)\/(.*)$/.exec(key)!;
    const lines = (await run.cloud.read(bucket, key)).toString('utf8').split('\n');
    const empty = lines.slice(0, -1).filter((line) => line.trim() === '').length;
    return {
      answer: `answers lie ${below!.includes('/') ? 'in a folder below' : 'directly below'} the output path, ${empty > 0 ? 'with' : 'without'} empty lines between them`,
      evidence: `${below}: ${lines.length} lines, ${empty} of them empty`,
    };
  },
};

/** A training job of the loop's that has completed. */
export async function completedTrainingJob(run: Run): Promise<any> {
  const executions = await run.cloud.list('states', 'ListExecutions', 'executions', { stateMachineArn: await trainingWorkflow(run) });
  for (const { executionArn } of executions) {
    const [done] = await history(run, executionArn, ({ taskSucceededEventDetails }) => taskSucceededEventDetails?.resource === 'createTrainingJob.sync');
    if (done !== undefined) return run.cloud.call('sagemaker', 'DescribeTrainingJob', { TrainingJobName: JSON.parse(done.taskSucceededEventDetails.output).TrainingJobName });
  }
  throw new Error('no training job of the loop has completed');
}

export function trainingWorkflow(run: Run): Promise<string> {
  return stackResource(run, 'AWS::StepFunctions::StateMachine', 'Training');
}

export async function history({ cloud }: Run, executionArn: string, matches: (event: any) => boolean): Promise<any[]> {
  return (await cloud.list('states', 'GetExecutionHistory', 'events', { executionArn })).filter(matches);
}
