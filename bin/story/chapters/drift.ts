import { expect, type Stage } from '../story';
import { shortArn } from './first-model';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** d. The traffic changes: drift is found, a retraining waits for enough labelled flights, wins, is released, and all is calm again. */
export async function drift(stage: Stage): Promise<string> {
  const { account, source, options, moments } = stage;
  const { names, twin } = account;
  const { clock } = twin;
  const begun = clock.now();
  const run = (limit: number, condition: () => Promise<boolean>) => source.run(options.shifted, clock.now() + limit, condition);
  const mark = (kind: 'alarm' | 'training' | 'approval' | 'release', text: string) => { moments.push({ time: clock.now(), kind, text }); };
  moments.push({ time: begun, kind: 'traffic', text: `the traffic changes: ${options.shifted.name}` });

  expect(await run(DAY, async () => await account.alarmState(names.driftAlarm) === 'ALARM'), 'drift was not detected within 24 hours');
  const detected = clock.now();
  mark('alarm', 'drift alarm');

  const before = (await account.executions(names.trainingPipeline)).length;
  const pending = (await account.pending()).length;
  let waited = '';
  const started = await run(21 * DAY, async () => {
    if ((await account.executions(names.trainingPipeline)).length > before) return true;
    const state = await account.readJson(names.artifactsBucket, `state/${names.loop}/retraining.json`);
    if (/^wait: .*fresh labelled rows/.test(state.decision)) waited ||= state.decision;
    return false;
  });
  expect(started, 'no retraining started within 21 days');
  expect(waited !== '', 'start-retraining did not say that it waits for fresh rows');
  mark('training', 'retraining starts');
  const retrained = clock.now();

  const registered = await run(DAY, async () => {
    const [newest] = await account.executions(names.trainingPipeline);
    if (newest!.status === 'Failed') expect(false, `the retraining failed: ${await account.failure(names.trainingPipeline, newest!.pipelineExecutionId)}`);
    return (await account.pending()).length > pending;
  });
  expect(registered, `the retraining registered no candidate within a day: ${await lastJudgement(stage)}`);
  const candidate = (await account.pending()).at(-1);
  const judgement = await judgementOf(stage, candidate.ModelPackageArn);
  await account.approve(candidate.ModelPackageArn);
  mark('approval', `${shortArn(candidate.ModelPackageArn)} is approved`);

  const releases = (await account.executions(names.releasePipeline)).length;
  expect(await run(DAY, async () => {
    const all = await account.executions(names.releasePipeline);
    return all.length > releases && all[0]!.status !== 'InProgress';
  }), 'the release did not end within a day');
  const [release] = await account.executions(names.releasePipeline);
  expect(release!.status === 'Succeeded', `the release failed: ${await account.failure(names.releasePipeline, release!.pipelineExecutionId)}`);
  mark('release', 'the retrained model is released');

  expect(await run(2 * DAY, async () => await account.alarmState(names.driftAlarm) === 'OK'), 'the drift alarm did not return to OK within two days of the release');
  mark('alarm', 'drift alarm is OK again');
  const trainings = (await account.executions(names.trainingPipeline)).length;
  await run(3 * DAY, async () => false);
  expect((await account.executions(names.trainingPipeline)).length === trainings, 'a second retraining started');
  expect(await account.alarmState(names.driftAlarm) === 'OK', 'the drift alarm rang again');
  return `drift found after ${((detected - begun) / HOUR).toFixed(0)} h; "${waited}"; retrained after ${((retrained - begun) / DAY).toFixed(1)} days: `
    + `${judgement.candidateValue.toFixed(3)} against the champion's ${judgement.championValue.toFixed(3)} on the same hold-out; released; alarm OK, no second retraining`;
}

async function judgementOf({ account }: Stage, packageArn: string): Promise<{ candidateValue: number; championValue: number }> {
  const { CustomerMetadataProperties } = await account.call('sagemaker', 'DescribeModelPackage', { ModelPackageName: packageArn });
  return account.readJson(account.names.artifactsBucket, `runs/${CustomerMetadataProperties.run}/judgement.json`);
}

async function lastJudgement({ account }: Stage): Promise<string> {
  const keys = (await account.keys(account.names.artifactsBucket, 'runs/')).filter((key) => key.endsWith('judgement.json'));
  const judged = await Promise.all(keys.map(async (key) => (await account.readJson(account.names.artifactsBucket, key)).reason as string));
  return judged.at(-1) ?? 'nothing was judged';
}
