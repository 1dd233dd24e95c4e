import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { SFNClient, StateMachineDoesNotExist } from '@aws-sdk/client-sfn';
import { retireLoop, type LoopClients } from '../../../lambda/serving/retirement/retire-loop';
import { stopRuns } from '../../../lambda/serving/retirement/stop-runs';

/* eslint-disable @typescript-eslint/no-explicit-any -- commands and answers have the shapes of the AWS SDK */

const MINUTE = 60_000;
const WORKFLOW = 'arn:aws:states:eu-west-1:123456789012:stateMachine:training';

/** Real clients, so that the SDK's own paginators take them; what they send is answered by name of the operation. */
function clients(answers: Record<string, (input: any) => unknown>) {
  const sent: string[] = [];
  const send = async ({ constructor: { name }, input }: any) => {
    const operation = name.replace(/Command$/, '');
    sent.push([operation, input.executionArn ?? input.TrainingJobName ?? input.ProcessingJobName ?? input.ModelPackageName].filter((part) => part !== undefined).join(' '));
    return answers[operation]?.(input) ?? {};
  };
  const settings = { region: 'eu-west-1', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } };
  const [sagemaker, sfn] = [new SageMakerClient(settings), new SFNClient(settings)];
  jest.spyOn(sagemaker, 'send').mockImplementation(send as never);
  jest.spyOn(sfn, 'send').mockImplementation(send as never);
  return { sagemaker, sfn, sent };
}

const runs = { workflows: [WORKFLOW], jobPrefixes: ['flights-'] };

test('stops every running execution, on every page', async () => {
  const { sent, ...own } = clients({
    ListExecutions: ({ nextToken }) => (nextToken === undefined ? { executions: [], nextToken: '2' } : { executions: [{ executionArn: 'one' }, { executionArn: 'two' }] }),
  });
  expect(await stopRuns(own, runs)).toEqual([`2 executions of ${WORKFLOW} are being stopped`]);
  expect(sent.filter((call) => call.startsWith('Stop'))).toEqual(['StopExecution one', 'StopExecution two']);
});

test('stops jobs of its own names only, and waits for those that are stopping', async () => {
  const named = (kind: string, ...names: string[]) => ({ [`${kind}JobSummaries`]: names.map((name) => ({ [`${kind}JobName`]: name })) });
  const { sent, ...own } = clients({
    ListTrainingJobs: ({ StatusEquals }) => (StatusEquals === 'InProgress' ? named('Training', 'flights-1', 'other-flights-2') : named('Training')),
    ListProcessingJobs: ({ StatusEquals }) => (StatusEquals === 'Stopping' ? named('Processing', 'flights-3', 'my-flights-4') : named('Processing')),
  });
  expect(await stopRuns(own, runs)).toEqual(['1 training jobs flights-* are being stopped', '1 processing jobs flights-* are being stopped']);
  expect(sent.filter((call) => call.startsWith('Stop'))).toEqual(['StopTrainingJob flights-1']);
});

test('a job that ends before it can be stopped, and a workflow that is gone, are no errors', async () => {
  const { sent: _, ...own } = clients({
    ListExecutions: () => { throw new StateMachineDoesNotExist({ message: 'gone', $metadata: {} }); },
    ListTrainingJobs: ({ StatusEquals }) => ({ TrainingJobSummaries: StatusEquals === 'InProgress' ? [{ TrainingJobName: 'flights-1' }] : [] }),
    StopTrainingJob: () => { throw Object.assign(new Error('The request was rejected because the training job is in status Completed.'), { name: 'ValidationException' }); },
  });
  expect(await stopRuns(own, runs)).toEqual(['1 training jobs flights-* are being stopped']);
});

describe('what a stopped execution may still write to', () => {
  const stopped = Date.parse('2026-03-02T09:00:00Z');
  const retirement = (buckets: string[]) => {
    const { sent, ...own } = clients({ ListExecutions: ({ statusFilter }) => ({ executions: statusFilter === 'ABORTED' ? [{ stopDate: new Date(stopped) }, { stopDate: new Date(stopped - MINUTE) }] : [] }) });
    const s3 = { send: async () => { sent.push('S3'); return {}; } };
    return { sent, at: (now: number) => retireLoop({ ...own, s3 } as unknown as LoopClients, { ...runs, packageGroup: undefined, buckets }, now) };
  };

  test('is emptied when no function can be at work any more: fifteen minutes later', async () => {
    const { sent, at } = retirement(['artifacts']);
    expect(await at(stopped + 14 * MINUTE)).toBe('functions of the executions that were stopped may write until 2026-03-02T09:15:00.000Z');
    expect(sent).not.toContain('S3');
    expect(await at(stopped + 15 * MINUTE)).toBeUndefined();
    expect(sent).toContain('S3');
  });

  test('holds nothing up where nothing is emptied', async () => {
    expect(await retirement([]).at(stopped)).toBeUndefined();
  });
});

test.each([
  ['all packages of a group are deleted that was made for the loop', '2026-03-02T09:00:00Z', ['DeleteModelPackage p/1', 'DeleteModelPackage p/2']],
  ['a group with an older package keeps all', '2026-03-02T09:00:01Z', []],
])('%s', async (_, since, expected) => {
  let packages = [1, 2].map((n) => ({ ModelPackageArn: `p/${n}`, CreationTime: new Date(`2026-03-02T09:00:0${n - 1}Z`) }));
  const { sent, ...own } = clients({
    ListModelPackages: () => ({ ModelPackageSummaryList: packages }),
    DeleteModelPackage: ({ ModelPackageName }) => { packages = packages.filter(({ ModelPackageArn }) => ModelPackageArn !== ModelPackageName); return {}; },
  });
  expect(await retireLoop(own as unknown as LoopClients, { ...runs, packageGroup: 'flights', buckets: [], since: new Date(since) }, Date.parse(since))).toBeUndefined();
  expect(sent.filter((call) => call.startsWith('Delete'))).toEqual(expected);
});
