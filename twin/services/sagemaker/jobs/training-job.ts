import type { LocalImage } from '../../../jobs/container';
import type { World } from '../../../world';
import type { TagStore } from '../tags';
import type { Job, JobStatus } from './job-store';

export interface Transition {
  readonly Status: string;
  readonly StartTime: Date;
  EndTime?: Date;
  readonly StatusMessage: string;
}

export interface TrainingJob extends Job {
  readonly image: LocalImage;
  secondary: string;
  readonly transitions: Transition[];
  billableSeconds: number;
  trainingSeconds: number;
  metrics: Array<{ MetricName: string; Value: number; Timestamp: Date }>;
}

const MESSAGES: Readonly<Record<string, string>> = {
  Pending: 'Waiting for capacity', Starting: 'Launching requested ML instances', Downloading: 'Downloading input data', Training: 'Training image download completed. Training in progress.',
  Uploading: 'Uploading generated training model', Completed: 'Training job completed', Failed: 'Training job failed', Stopping: 'Stopping the training job',
  Stopped: 'Training job stopped', Interrupted: 'Spot capacity was taken back', MaxRuntimeExceeded: 'Training job runtime exceeded MaxRuntimeInSeconds provided',
  MaxWaitTimeExceeded: 'Training job wait time exceeded MaxWaitTimeInSeconds provided',
};

/** Moves a job on and tells the account's event bus. */
export function transition(world: World, tags: TagStore, job: TrainingJob, secondary: string, status: JobStatus = job.status, failureReason?: string): void {
  const now = world.clock.date();
  const last = job.transitions.at(-1);
  if (last !== undefined) last.EndTime = now;
  const ended = status === 'Completed' || status === 'Failed' || status === 'Stopped';
  job.transitions.push({ Status: secondary, StartTime: now, StatusMessage: failureReason ?? MESSAGES[secondary] ?? secondary, ...(ended ? { EndTime: now } : {}) });
  job.secondary = secondary;
  job.status = status;
  job.modifiedAt = now;
  if (failureReason !== undefined) job.failureReason = failureReason;
  if (ended) job.endedAt = now;
  world.publish({
    source: 'aws.sagemaker', 'detail-type': 'SageMaker Training Job State Change', resources: [job.arn],
    detail: { ...inMilliseconds(describeTrainingJob(job)), Tags: tags.asObject(job.arn) },
  });
}

/** Where the job's output goes. */
export function outputFolder(job: TrainingJob): string {
  return `${job.input.OutputDataConfig.S3OutputPath.replace(/\/+$/, '')}/${job.name}/output`;
}

/** Where the model is, once the job has completed. */
export function modelArtifacts(job: TrainingJob): string {
  return `${outputFolder(job)}/${job.input.OutputDataConfig.CompressionType === 'NONE' ? 'model/' : 'model.tar.gz'}`;
}

export function describeTrainingJob(job: TrainingJob): Record<string, unknown> {
  return {
    ...job.input,
    TrainingJobName: job.name, TrainingJobArn: job.arn, TrainingJobStatus: job.status, SecondaryStatus: job.secondary,
    CreationTime: job.createdAt, LastModifiedTime: job.modifiedAt, SecondaryStatusTransitions: job.transitions,
    EnableNetworkIsolation: job.input.EnableNetworkIsolation ?? false,
    EnableInterContainerTrafficEncryption: job.input.EnableInterContainerTrafficEncryption ?? false,
    EnableManagedSpotTraining: job.input.EnableManagedSpotTraining ?? false,
    ...(job.startedAt !== undefined ? { TrainingStartTime: job.startedAt } : {}),
    ...(job.endedAt !== undefined && job.startedAt !== undefined
      ? { TrainingEndTime: job.endedAt, ...seconds('TrainingTimeInSeconds', job.trainingSeconds), ...seconds('BillableTimeInSeconds', job.billableSeconds) } : {}),
    // Part of every response, whether or not the job has written anything there yet.
    ModelArtifacts: { S3ModelArtifacts: modelArtifacts(job) },
    ...(job.failureReason !== undefined ? { FailureReason: job.failureReason } : {}),
    ...(job.metrics.length > 0 ? { FinalMetricDataList: job.metrics } : {}),
  };
}

/** Times are counted from one second; a job that never trained has none. */
function seconds(member: string, value: number): Record<string, number> {
  return value === 0 ? {} : { [member]: Math.ceil(value) };
}

/** Events carry times as milliseconds. */
export function inMilliseconds(value: Record<string, unknown>): Record<string, unknown> {
  return JSON.parse(JSON.stringify(value, function replace(this: Record<string, unknown>, key, item: unknown) {
    return this[key] instanceof Date ? (this[key] as Date).getTime() : item;
  })) as Record<string, unknown>;
}
