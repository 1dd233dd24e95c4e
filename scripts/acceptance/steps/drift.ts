import { CHANGED } from '../data';
import { executions } from '../pipelines';
import { deployedOf, type Run, type Step } from '../run';
import { approveAndRelease, expectHealthy, trained } from './first-model';

/** Labels of the changed traffic come in this often, minutes of the account. */
const LABELS_EVERY = 10;

export const drift: Step = {
  name: 'drift',
  expects: 'the changed traffic puts the drift alarm into ALARM, and every request is answered',
  minutes: 210,
  async run(run) {
    const { driftAlarm, monitor, artifactsBucket, trainingPipeline } = deployedOf(run);
    run.seen.trainingsBeforeDrift = await executions(run, trainingPipeline);
    const labels = new Labels(run);
    const state = await run.tempo.until(`alarm ${driftAlarm}`, async () => {
      await labels.handIn();
      const { MetricAlarms: [alarm] } = await run.cloud.call('monitoring', 'DescribeAlarms', { AlarmNames: [driftAlarm] });
      return alarm.StateValue === 'ALARM' && `${alarm.StateValue}: ${alarm.StateReason}`;
    }, { minutes: 420 });
    run.log.expect('the drift alarm fires', true, state);
    const reports = await run.cloud.list('s3', 'ListObjectsV2', 'Contents', { Bucket: artifactsBucket, Prefix: `monitoring/${monitor}/reports/` });
    const newest = reports.map(({ Key }) => Key as string).filter((key) => key.endsWith('.json') && !key.includes('violations')).sort().at(-1);
    const report = newest === undefined ? undefined : await run.cloud.readJson(artifactsBucket, newest);
    const drifted = (report?.features ?? []).filter(({ state: each }: { state: string }) => each === 'drift').map(({ name }: { name: string }) => name);
    run.log.expect('the newest report names what drifted', drifted.length > 0, drifted.join(', ') || `nothing, in ${newest}`);
    expectHealthy(run, 'requests are answered meanwhile');
  },
};

/** Labels of the changed traffic, as they become known. */
class Labels {
  private next = 0;

  constructor(private readonly run: Run) {}

  async handIn(): Promise<void> {
    if (performance.now() < this.next) return;
    await this.run.data.handIn(deployedOf(this.run).dataBucket, CHANGED);
    this.next = performance.now() + LABELS_EVERY * 60_000 / this.run.place.speed;
  }
}

export const retraining: Step = {
  name: 'retraining',
  expects: 'the alarm starts one retraining, whose package beats the champion on the same hold-out, is approved and served',
  minutes: 80,
  async run(run) {
    const { trainingPipeline, artifactsBucket, loop } = deployedOf(run);
    const known = run.seen.trainingsBeforeDrift!;
    const labels = new Labels(run);
    const decision = await run.tempo.until('a retraining to start', async () => {
      await labels.handIn();
      return (await executions(run, trainingPipeline)).length > known.length && (await run.cloud.readJson(artifactsBucket, `state/${loop}/retraining.json`)).decision as string;
    }, { minutes: 180 });
    run.log.expect('the alarm starts a retraining, once there are enough labels newer than the drift', decision.startsWith('start: '), decision);
    run.seen.retrainedPackage = await trained(run, known, 'the changed traffic\'s labels');
    const { CustomerMetadataProperties } = await run.cloud.call('sagemaker', 'DescribeModelPackage', { ModelPackageName: run.seen.retrainedPackage });
    const { candidateValue, championValue } = await run.cloud.readJson(artifactsBucket, `runs/${CustomerMetadataProperties.run}/judgement.json`);
    run.log.expect('the candidate is better than the champion', candidateValue > championValue, `${candidateValue} against ${championValue}`);
    await approveAndRelease(run, run.seen.retrainedPackage, 'retraining');
    expectHealthy(run, 'requests are answered throughout, by the old model or the new');
  },
};
