import type { S3Client } from '@aws-sdk/client-s3';
import { DeleteModelPackageCommand, type ModelPackageSummary, type SageMakerClient } from '@aws-sdk/client-sagemaker';
import { FUNCTION_LIMIT_MINUTES } from '../../../lib/serving/retire-endpoint.contract';
import { modelPackages, orUndefined } from '../../adapters/model-packages';
import { emptyBucket } from './empty-bucket';
import { lastStopped, stopRuns, type RunClients, type Runs } from './stop-runs';

export interface LoopClients extends RunClients {
  readonly s3: S3Client;
}

export interface RetiredLoop extends Runs {
  readonly packageGroup: string | undefined;
  readonly buckets: readonly string[];
  /** A group or bucket with anything older was not made empty for this loop, and is left as it is. */
  readonly since?: Date;
}

/** Stops what runs, then empties what nobody writes to any longer. Does what can be done now, and says what it waits for. */
export async function retireLoop(clients: LoopClients, loop: RetiredLoop, now: number): Promise<string | undefined> {
  const running = await stopRuns(clients, loop);
  if (running.length > 0) return running.join('; ');
  const { packageGroup, buckets, workflows, since } = loop;
  if (packageGroup === undefined && buckets.length === 0) return undefined;
  const quiet = ((await lastStopped(clients.sfn, workflows)) ?? -Infinity) + FUNCTION_LIMIT_MINUTES * 60_000;
  if (now < quiet) return `functions of the executions that were stopped may write until ${new Date(quiet).toISOString()}`;
  if (packageGroup !== undefined) await deletePackages(clients.sagemaker, packageGroup, since);
  for (const bucket of buckets) {
    if (!(await emptyBucket(clients.s3, bucket, since))) return `bucket ${bucket} is being emptied`;
  }
  return undefined;
}

/** Again as long as there is something: a run that was about to end may have registered one more. Nothing goes if any is older than `since`. */
async function deletePackages(sagemaker: SageMakerClient, group: string, since = new Date(0)): Promise<void> {
  for (;;) {
    const packages = await orUndefined(packagesOf(sagemaker, group)) ?? [];
    if (packages.some(({ CreationTime }) => CreationTime! < since)) return;
    for (const { ModelPackageArn } of packages) await orUndefined(sagemaker.send(new DeleteModelPackageCommand({ ModelPackageName: ModelPackageArn })));
    if (packages.length === 0) return;
  }
}

/** Listed as a whole before any is deleted, since what is deleted moves the pages. */
async function packagesOf(sagemaker: SageMakerClient, group: string): Promise<ModelPackageSummary[]> {
  const packages: ModelPackageSummary[] = [];
  for await (const each of modelPackages(sagemaker, { ModelPackageGroupName: group, MaxResults: 100 })) packages.push(each);
  return packages;
}
