import * as fs from 'node:fs';
import * as path from 'node:path';
import type { LocalImage } from '../../../jobs/container';
import { removeScratch, scratchRoot } from '../../../jobs/run-job';
import type { World } from '../../../world';
import { architectureOf } from '../architecture';
import type { TagStore } from '../tags';
import type { JobConditions } from './conditions';
import { executionRole } from './execution-role';
import { REASON_LIMIT, setStatus, Stopped } from './job-store';
import type { Job, JobStatus } from './job-store';
import { runLogged } from './logged-container';
import { DataError, JobData } from './s3-data';
import { inMilliseconds } from './training-job';

export interface ProcessingJob extends Job {
  readonly image: LocalImage;
  exitMessage?: string;
}

const SECOND = 1_000;
const STARTING_SECONDS = 90;
const STOPPING_SECONDS = 30;
const POLL_SECONDS = 60;
const PENDING_SECONDS = 3_600;
const DAY_SECONDS = 86_400;
export const LOG_GROUP = '/aws/sagemaker/ProcessingJobs';
const CONFIG = 'config/processingjobconfig.json';

class Failed extends Error {}

/** The life of one processing job, on the virtual clock. */
export class ProcessingRun {
  private readonly data: JobData;
  private readonly root: string;

  constructor(
    private readonly world: World, private readonly tags: TagStore, private readonly conditions: JobConditions, private readonly job: ProcessingJob,
  ) {
    this.data = new JobData(world, executionRole(job.input.RoleArn));
    this.root = scratchRoot(world, job.name);
  }

  async run(): Promise<void> {
    try {
      changed(this.world, this.tags, this.job, 'InProgress');
      await this.untilProcessed();
      changed(this.world, this.tags, this.job, 'Completed');
    } catch (error) {
      if (error instanceof Stopped) {
        await this.world.clock.sleep(STOPPING_SECONDS * SECOND, `stop ${this.job.name}`);
        changed(this.world, this.tags, this.job, 'Stopped');
      } else if (error instanceof Failed || error instanceof DataError) {
        changed(this.world, this.tags, this.job, 'Failed', error.message.slice(0, REASON_LIMIT));
      } else throw error;
    } finally {
      removeScratch(this.root);
    }
  }

  private async untilProcessed(): Promise<void> {
    const { job } = this;
    const { InstanceType: instanceType } = job.input.ProcessingResources.ClusterConfig;
    for (const giveUp = job.createdAt.getTime() + PENDING_SECONDS * SECOND; !this.conditions.hasCapacity(instanceType, false);) {
      if (this.world.clock.now() >= giveUp) throw new Failed('CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML instance type.');
      await this.pass(POLL_SECONDS);
    }
    await this.pass(STARTING_SECONDS);
    await this.download();
    job.startedAt = this.world.clock.date();
    const limit: number = job.input.StoppingCondition?.MaxRuntimeInSeconds ?? DAY_SECONDS;
    await this.pass(Math.min(limit, this.conditions.processingSeconds));
    // "After the condition is met, the processing job is stopped." (ProcessingStoppingCondition)
    if (limit < this.conditions.processingSeconds) throw new Stopped();
    await this.process();
    for (const { S3Output: output } of job.input.ProcessingOutputConfig?.Outputs ?? []) {
      await this.data.upload(this.local(output.LocalPath), output.S3Uri, job.input.ProcessingOutputConfig.KmsKeyId);
    }
  }

  private async download(): Promise<void> {
    const { input } = this.job;
    for (const { S3Input: source } of input.ProcessingInputs ?? []) {
      await this.data.download(source, this.local(source.LocalPath), { gzip: source.S3CompressionType === 'Gzip' });
    }
    for (const { S3Output: output } of input.ProcessingOutputConfig?.Outputs ?? []) fs.mkdirSync(this.local(output.LocalPath), { recursive: true });
    fs.mkdirSync(path.join(this.root, 'config'), { recursive: true });
    fs.mkdirSync(path.join(this.root, 'output'), { recursive: true });
    const { RoleArn: _, ...config } = input;
    fs.writeFileSync(path.join(this.root, CONFIG), JSON.stringify({ ProcessingJobArn: this.job.arn, ProcessingJobName: this.job.name, ...config }));
    fs.writeFileSync(path.join(this.root, 'config', 'resourceconfig.json'), JSON.stringify({ current_host: 'algo-1', hosts: ['algo-1'] }));
  }

  private async process(): Promise<void> {
    const { job, world } = this;
    const result = await runLogged(world, job, {
      label: `processing job ${job.name}`, logGroup: LOG_GROUP, image: job.image,
      architecture: architectureOf(job.input.ProcessingResources.ClusterConfig.InstanceType), mlRoot: this.root, isolated: job.input.NetworkConfig?.EnableNetworkIsolation === true,
      entrypoint: job.input.AppSpecification.ContainerEntrypoint, arguments: job.input.AppSpecification.ContainerArguments,
      identity: { PROCESSING_JOB_NAME: job.name, PROCESSING_JOB_ARN: job.arn },
      identityFiles: [CONFIG],
    }, (reason) => new Failed('AlgorithmError: CannotStartContainerError. Please make sure the container can be run with the given entrypoint and arguments. '
      + `It is possible that the Dockerfile's entrypoint is not properly defined, or missing permissions. ${reason}`));
    const message = path.join(this.root, 'output', 'message');
    if (fs.existsSync(message)) job.exitMessage = fs.readFileSync(message, 'utf8').slice(0, REASON_LIMIT);
    if (result.timedOut) throw new Stopped();
    if (result.exitCode !== 0) throw new Failed(`AlgorithmError: See job logs for more information, exit code: ${result.exitCode}`);
  }

  private local(containerPath: string): string {
    if (!containerPath.startsWith('/opt/ml/')) throw new DataError(`ClientError: LocalPath ${containerPath} is not below /opt/ml/processing`);
    return path.join(this.root, containerPath.slice('/opt/ml/'.length));
  }

  private async pass(seconds: number): Promise<void> {
    await this.world.clock.sleep(seconds * SECOND, `processing job ${this.job.name}`);
    if (this.job.stopRequested) throw new Stopped();
  }
}

export function changed(world: World, tags: TagStore, job: ProcessingJob, status: JobStatus, failureReason?: string): void {
  setStatus(world, job, status, failureReason);
  world.publish({
    source: 'aws.sagemaker', 'detail-type': 'SageMaker Processing Job State Change', resources: [job.arn],
    detail: { ...inMilliseconds(describeProcessingJob(job)), Tags: tags.asObject(job.arn) },
  });
}

export function describeProcessingJob(job: ProcessingJob): Record<string, unknown> {
  return {
    ...job.input,
    ProcessingJobName: job.name, ProcessingJobArn: job.arn, ProcessingJobStatus: job.status, CreationTime: job.createdAt, LastModifiedTime: job.modifiedAt,
    ...(job.startedAt !== undefined ? { ProcessingStartTime: job.startedAt } : {}),
    ...(job.endedAt !== undefined ? { ProcessingEndTime: job.endedAt } : {}),
    ...(job.failureReason !== undefined ? { FailureReason: job.failureReason } : {}),
    ...(job.exitMessage !== undefined ? { ExitMessage: job.exitMessage } : {}),
  };
}
