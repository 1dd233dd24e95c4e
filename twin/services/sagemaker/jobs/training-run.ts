import * as fs from 'node:fs';
import * as path from 'node:path';
import { tarGz } from '../../../jobs/archive';
import { listFolder, readFolder } from '../../../jobs/folder';
import { removeScratch, scratchRoot } from '../../../jobs/run-job';
import type { World } from '../../../world';
import { architectureOf } from '../architecture';
import type { TagStore } from '../tags';
import type { JobConditions } from './conditions';
import { executionRole } from './execution-role';
import { REASON_LIMIT, Stopped } from './job-store';
import { runLogged } from './logged-container';
import { DataError, JobData } from './s3-data';
import type { TrainingJob } from './training-job';
import { modelArtifacts, outputFolder, transition } from './training-job';

const SECOND = 1_000;
const STARTING_SECONDS = 75;
const DOWNLOADING_SECONDS = 20;
const UPLOADING_SECONDS = 15;
const STOPPING_SECONDS = 30;
const POLL_SECONDS = 60;
const DAY_SECONDS = 86_400;
/** How long SageMaker looks for instances of a job that does not say. */
const PENDING_SECONDS = 3_600;
export const LOG_GROUP = '/aws/sagemaker/TrainingJobs';

/** A job whose end is neither success nor the user's stop. */
class Ended extends Error {
  constructor(readonly secondary: string, readonly status: 'Failed' | 'Stopped', readonly reason?: string) {
    super(secondary);
  }
}

/** The life of one training job, on the virtual clock. */
export class TrainingRun {
  private readonly data: JobData;
  private readonly root: string;

  constructor(
    private readonly world: World, private readonly tags: TagStore, private readonly conditions: JobConditions, private readonly job: TrainingJob,
  ) {
    this.data = new JobData(world, executionRole(job.input.RoleArn));
    this.root = scratchRoot(world, job.name);
  }

  async run(): Promise<void> {
    const { job } = this;
    try {
      await this.untilTrained();
      this.to('Completed', 'Completed');
    } catch (error) {
      if (error instanceof Stopped) {
        await this.world.clock.sleep(STOPPING_SECONDS * SECOND, `stop ${job.name}`);
        this.to('Stopped', 'Stopped');
      } else if (error instanceof Ended) this.to(error.secondary, error.status, error.reason);
      else if (error instanceof DataError) this.to('Failed', 'Failed', error.message.slice(0, REASON_LIMIT));
      else throw error;
    } finally {
      removeScratch(this.root);
    }
  }

  private async untilTrained(): Promise<void> {
    const { job } = this;
    for (;;) {
      await this.capacity();
      this.to('Starting');
      await this.pass(STARTING_SECONDS);
      this.to('Downloading');
      await this.download();
      await this.pass(DOWNLOADING_SECONDS);
      job.startedAt ??= this.world.clock.date();
      this.to('Training');
      if (!this.spot || !this.conditions.takeInterruption(this.instanceType)) break;
      await this.pass(this.conditions.trainingSeconds / 2);
      job.billableSeconds += this.conditions.trainingSeconds / 2;
      this.to('Interrupted');
      await this.pass(POLL_SECONDS);
    }
    const limit: number = job.input.StoppingCondition.MaxRuntimeInSeconds ?? DAY_SECONDS;
    await this.pass(Math.min(this.conditions.trainingSeconds, limit));
    job.trainingSeconds = Math.min(this.conditions.trainingSeconds, limit);
    job.billableSeconds += job.trainingSeconds;
    if (limit < this.conditions.trainingSeconds) throw new Ended('MaxRuntimeExceeded', 'Stopped');
    await this.train();
    this.to('Uploading');
    await this.upload();
    await this.pass(UPLOADING_SECONDS);
  }

  /** Waits until there is an instance, as long as the job allows. */
  private async capacity(): Promise<void> {
    const { input } = this.job;
    const waitUntil = this.job.createdAt.getTime() + SECOND * (this.spot ? input.StoppingCondition.MaxWaitTimeInSeconds : input.StoppingCondition.MaxPendingTimeInSeconds ?? PENDING_SECONDS);
    while (!this.conditions.hasCapacity(this.instanceType, this.spot)) {
      if (this.job.secondary !== 'Pending') this.to('Pending');
      if (this.world.clock.now() >= waitUntil) {
        if (this.spot) throw new Ended('MaxWaitTimeExceeded', 'Stopped');
        throw new Ended('Failed', 'Failed', 'CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML instance type.');
      }
      await this.pass(Math.min(POLL_SECONDS, (waitUntil - this.world.clock.now()) / SECOND));
    }
  }

  private async download(): Promise<void> {
    const { input } = this.job;
    const data = path.join(this.root, 'input', 'data');
    for (const folder of [data, path.join(this.root, 'input', 'config'), path.join(this.root, 'model'), path.join(this.root, 'output', 'data')]) fs.mkdirSync(folder, { recursive: true });
    for (const channel of input.InputDataConfig ?? []) {
      await this.data.download(channel.DataSource.S3DataSource, path.join(data, channel.ChannelName), { gzip: channel.CompressionType === 'Gzip' });
    }
    if (input.CheckpointConfig !== undefined) await this.data.download({ S3Uri: folderUri(input.CheckpointConfig.S3Uri) }, this.checkpoints!, { optional: true });
    const config = (name: string, value: unknown) => fs.writeFileSync(path.join(this.root, 'input', 'config', name), JSON.stringify(value));
    config('hyperparameters.json', input.HyperParameters ?? {});
    config('resourceconfig.json', {
      current_host: 'algo-1', current_instance_type: this.instanceType, hosts: ['algo-1'], network_interface_name: 'eth0', topology: null,
    });
    config('inputdataconfig.json', Object.fromEntries((input.InputDataConfig ?? []).map((channel: any) => [channel.ChannelName, { // eslint-disable-line @typescript-eslint/no-explicit-any
      TrainingInputMode: channel.InputMode ?? input.AlgorithmSpecification.TrainingInputMode,
      S3DistributionType: channel.DataSource.S3DataSource.S3DataDistributionType ?? 'FullyReplicated', RecordWrapperType: channel.RecordWrapperType ?? 'None',
    }])));
  }

  private async train(): Promise<void> {
    const { job } = this;
    const result = await runLogged(this.world, job, {
      label: `training job ${job.name}`, logGroup: LOG_GROUP, image: job.image, architecture: architectureOf(this.instanceType), mlRoot: this.root, isolated: job.input.EnableNetworkIsolation === true,
      entrypoint: job.input.AlgorithmSpecification.ContainerEntrypoint, arguments: job.input.AlgorithmSpecification.ContainerArguments ?? ['train'],
      identity: { TRAINING_JOB_NAME: job.name, TRAINING_JOB_ARN: job.arn },
    }, (reason) => new Ended('Failed', 'Failed', `AlgorithmError: CannotStartContainerError. Please make sure the container can be run with 'docker run <image> train'. `
      + `Please refer SageMaker documentation for details. It is possible that the Dockerfile's entrypoint is not properly defined, or missing permissions. ${reason}`.slice(0, REASON_LIMIT)));
    this.measure(result.lines);
    if (result.timedOut) throw new Ended('MaxRuntimeExceeded', 'Stopped');
    if (result.exitCode !== 0) {
      if (job.input.CheckpointConfig !== undefined) await this.keepCheckpoints();
      throw new Ended('Failed', 'Failed', failureOf(this.root, result.exitCode));
    }
  }

  private async upload(): Promise<void> {
    const { job } = this;
    const { KmsKeyId, CompressionType } = job.input.OutputDataConfig;
    const target = outputFolder(job);
    const model = path.join(this.root, 'model');
    if (CompressionType === 'NONE') await this.data.upload(model, `${target}/model`, KmsKeyId);
    else await this.data.put(modelArtifacts(job), tarGz(readFolder(model)), KmsKeyId);
    const output = path.join(this.root, 'output', 'data');
    if (fs.existsSync(output) && listFolder(output).length > 0) await this.data.put(`${target}/output.tar.gz`, tarGz(readFolder(output)), KmsKeyId);
    if (job.input.CheckpointConfig !== undefined) await this.keepCheckpoints();
  }

  private async keepCheckpoints(): Promise<void> {
    await this.data.upload(this.checkpoints!, folderUri(this.job.input.CheckpointConfig.S3Uri), this.job.input.OutputDataConfig.KmsKeyId);
  }

  /** Metrics that the job's definitions find in the log; the last value of each counts. */
  private measure(lines: readonly string[]): void {
    for (const { Name, Regex } of this.job.input.AlgorithmSpecification.MetricDefinitions ?? []) {
      const values = lines.flatMap((line) => new RegExp(Regex).exec(line)?.[1] ?? []).map(Number).filter(Number.isFinite);
      if (values.length > 0) this.job.metrics.push({ MetricName: Name, Value: values.at(-1)!, Timestamp: this.world.clock.date() });
    }
  }

  private get checkpoints(): string | undefined {
    const local = this.job.input.CheckpointConfig?.LocalPath ?? '/opt/ml/checkpoints';
    return path.join(this.root, local.replace(/^\/opt\/ml/, ''));
  }

  private get spot(): boolean {
    return this.job.input.EnableManagedSpotTraining === true;
  }

  private get instanceType(): string {
    return this.job.input.ResourceConfig.InstanceType;
  }

  /** Lets virtual time pass; a job that was told to stop meanwhile goes no further, nor one that has waited too long. */
  private async pass(seconds: number): Promise<void> {
    await this.world.clock.sleep(seconds * SECOND, `training job ${this.job.name}`);
    if (this.job.stopRequested) throw new Stopped();
    const wait: number | undefined = this.spot ? this.job.input.StoppingCondition.MaxWaitTimeInSeconds : undefined;
    if (wait !== undefined && this.world.clock.now() > this.job.createdAt.getTime() + wait * SECOND) throw new Ended('MaxWaitTimeExceeded', 'Stopped');
  }

  private to(secondary: string, status: TrainingJob['status'] = this.job.status, reason?: string): void {
    transition(this.world, this.tags, this.job, secondary, status, reason);
  }
}

/** The container's own words, if it left any. */
function failureOf(root: string, exitCode: number): string {
  const file = path.join(root, 'output', 'failure');
  const text = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trim() : '';
  const ending = `, exit code: ${exitCode}`;
  return `AlgorithmError: ${text === '' ? 'See job logs for more information' : text}`.slice(0, REASON_LIMIT - ending.length) + ending;
}

function folderUri(uri: string): string {
  return uri.endsWith('/') ? uri : `${uri}/`;
}
