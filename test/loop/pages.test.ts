import { ADMINISTRATOR, type PagePlan } from '../../twin';
import { quiet, trained } from './bad-input/runs';
import { shortLoopAssembly } from './support/assembly';
import { Loop } from './support/loop';
import { assembleShortLoop, runShortLoop } from './support/short-loop';

/** AWS may return fewer results than were asked for; never more than one is the least that a token has to make up for. */
const ONE_AT_A_TIME: PagePlan = { most: () => 1 };

describe('when every page of every listing holds one result', () => {
  const assembly = assembleShortLoop();
  afterAll(() => { assembly.remove(); });

  test('the short loop turns all the same', async () => {
    const { broken } = await runShortLoop(assembly.directory, { pages: ONE_AT_A_TIME });
    expect(broken).toBeUndefined();
  }, 300_000);
});

describe('a retraining', () => {
  let assembly: { directory: string; remove(): void };
  let loop: Loop;

  beforeAll(async () => {
    assembly = shortLoopAssembly();
    loop = await Loop.deploy(assembly.directory, { pages: ONE_AT_A_TIME });
    await loop.handInDays(2);
    await quiet(loop);
  }, 180_000);

  afterAll(async () => {
    await loop?.twin.stop();
    assembly?.remove();
  });

  /** What start-retraining decides now. */
  async function decision(): Promise<string> {
    const FunctionName = await loop.resource('AWS::Lambda::Function', 'RetrainingStart');
    const call = loop.twin.call({ service: 'lambda', operation: 'Invoke', input: { FunctionName, Payload: Buffer.from('{}') }, caller: ADMINISTRATOR });
    const [{ Payload }] = await Promise.all([call, loop.twin.advance({ seconds: 30 })]);
    return JSON.parse(Buffer.from(Payload).toString()).decision;
  }

  async function drift(): Promise<void> {
    await loop.call('monitoring', 'SetAlarmState', { AlarmName: loop.names.driftAlarm, StateValue: 'ALARM', StateReason: 'as if it had drifted' });
  }

  test('is not started beside a training run, though a later one has been stopped already', async () => {
    const start = async () => (await loop.call('codepipeline', 'StartPipelineExecution', { name: loop.names.trainingPipeline })).pipelineExecutionId;
    await start();
    await loop.advance(2);
    const pipelineExecutionId = await start();
    await loop.advance(1);
    await loop.call('codepipeline', 'StopPipelineExecution', { pipelineName: loop.names.trainingPipeline, pipelineExecutionId, abandon: true });
    await loop.advance(1);
    expect((await loop.account.executions(loop.names.trainingPipeline)).slice(0, 2).map(({ status }) => status)).toEqual(['Stopped', 'InProgress']);
    await drift();
    expect(await decision()).toBe('wait: a training run is already under way');
    await quiet(loop);
  }, 120_000);

  test('is not started beside a candidate that waits for approval, though it is not the first of its group', async () => {
    await trained(loop);
    for (const { ModelPackageArn } of await loop.account.pending()) {
      await loop.call('sagemaker', 'UpdateModelPackage', { ModelPackageArn, ModelApprovalStatus: 'Rejected' });
    }
    await loop.call('monitoring', 'SetAlarmState', { AlarmName: loop.names.driftAlarm, StateValue: 'OK', StateReason: 'as if it had not' });
    await drift();
    await loop.advance(1);
    expect(await trained(loop)).toMatchObject({ status: 'Succeeded' });
    expect(await loop.account.pending()).toHaveLength(1);
    expect(await decision()).toBe('wait: a trained candidate is waiting to be approved or released');
  }, 120_000);
});
