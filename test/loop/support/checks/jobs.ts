import { expectEqual, expectThat } from '../expectations';
import { HOUR, type Loop } from '../loop';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

/** Every job since then was kept apart, encrypted and bounded, and told what it works on. */
export async function jobsAreGuarded(loop: Loop, since: number): Promise<void> {
  const key = await loop.keyArn();
  const CreationTimeAfter = new Date(since);
  const { TrainingJobSummaries } = await loop.call('sagemaker', 'ListTrainingJobs', { CreationTimeAfter });
  for (const { TrainingJobName } of TrainingJobSummaries) await trainingIsGuarded(loop, await loop.call('sagemaker', 'DescribeTrainingJob', { TrainingJobName }), key);
  const { TransformJobSummaries } = await loop.call('sagemaker', 'ListTransformJobs', { CreationTimeAfter });
  for (const { TransformJobName } of TransformJobSummaries) transformIsGuarded(await loop.call('sagemaker', 'DescribeTransformJob', { TransformJobName }), key);
}

async function trainingIsGuarded(loop: Loop, job: any, key: string): Promise<void> {
  guarded(job.TrainingJobName, key, {
    volumeKey: job.ResourceConfig.VolumeKmsKeyId, outputKey: job.OutputDataConfig.KmsKeyId, isolated: job.EnableNetworkIsolation, limit: job.StoppingCondition.MaxRuntimeInSeconds,
  });
  const { InstanceCount, VolumeSizeInGB } = job.ResourceConfig;
  expectThat(`${job.TrainingJobName} says what it needs`, InstanceCount === 1 && VolumeSizeInGB > 0, `it needs ${InstanceCount} instances with ${VolumeSizeInGB} GiB`);
  for (const { ChannelName, ContentType } of job.InputDataConfig) expectEqual(`channel ${ChannelName} says what it carries`, ContentType, 'text/csv');
  if (!job.EnableManagedSpotTraining || job.TrainingJobStatus !== 'Completed') return;
  const checkpoints = job.CheckpointConfig === undefined ? [] : await loop.account.keys(loop.names.artifactsBucket, job.CheckpointConfig.S3Uri.split('/').slice(3).join('/'));
  expectThat('what a job on spot capacity has learned is kept for its next instance', checkpoints.length > 0, `${job.TrainingJobName} left no checkpoint`);
}

function transformIsGuarded(job: any, key: string): void {
  encrypted(job.TransformJobName, key, { volumeKey: job.TransformResources.VolumeKmsKeyId, outputKey: job.TransformOutput.KmsKeyId });
}

function encrypted(name: string, key: string, { volumeKey, outputKey }: { volumeKey: unknown; outputKey: unknown }): void {
  expectEqual(`the disk of ${name} is encrypted by the loop's key`, volumeKey, key);
  expectEqual(`what ${name} writes is encrypted by the loop's key`, outputKey, key);
}

function guarded(name: string, key: string, { volumeKey, outputKey, isolated, limit }: { volumeKey: unknown; outputKey: unknown; isolated: unknown; limit?: number }): void {
  encrypted(name, key, { volumeKey, outputKey });
  expectEqual(`${name} reaches nothing but its data`, isolated, true);
  // SageMaker's own limit is a day.
  expectThat(`${name} is stopped if it hangs`, (limit ?? Infinity) * 1000 <= 4 * HOUR, `its limit is ${limit ?? 'SageMaker\'s'} seconds`);
}
