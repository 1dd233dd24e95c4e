import type { SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { S3Client } from '@aws-sdk/client-s3';
import { ARTIFACT_KEYS, CONSTRAINTS_FILE, STATISTICS_FILE } from '../../../lib/data/artifact-keys.contract';
import type { ScanPlan } from '../../../lib/monitoring/drift-monitor.contract';
import { keep } from '../../adapters/keep';
import { describePackage } from '../../adapters/model-packages';
import { parseS3Uri, readText, s3Uri, writeObject } from '../../adapters/objects';
import { isTransient } from '../../adapters/transient';
import { parseBaseline, readForeignBaseline, serializeBaseline } from '../../core';

export interface BaselinePlaces {
  readonly monitor: string;
  readonly artifactsBucket: string;
  readonly windowHours: number;
  /** For packages that carry no baseline of ours. */
  readonly imported?: { readonly statisticsUri: string; readonly constraintsUri?: string };
}

type PlannedBaseline = Pick<ScanPlan, 'statisticsUri' | 'constraintsUri' | 'baselineHash'>;

/** Finds the baseline of a package: its own if it lies among the artifacts, else the imported one, else the reason why there is none. */
export function baselineFinder(s3: S3Client, sagemaker: SageMakerClient, places: BaselinePlaces): (packageArn: string) => Promise<PlannedBaseline | { reason: string }> {
  const { monitor, artifactsBucket: bucket, windowHours, imported } = places;
  // Ours never change under their keys.
  const hashOf = keep(2, async (uri) => parseBaseline(await readText(s3, parseS3Uri(uri))).hash);

  async function given(uri: string): Promise<string> {
    try {
      return await readText(s3, parseS3Uri(uri));
    } catch (error) {
      if (isTransient(error)) throw error;
      throw new Error(`the imported baseline ${uri} cannot be read (${String(error)}); correct importedBaseline of the drift monitor, or put the file there`, { cause: error });
    }
  }

  /** Files of somebody else may change under their keys: a scan counts by a copy, whose key names its content. */
  async function copyOf({ statisticsUri, constraintsUri }: NonNullable<BaselinePlaces['imported']>): Promise<PlannedBaseline> {
    const baseline = readForeignBaseline({
      statistics: await given(statisticsUri), constraints: constraintsUri === undefined ? undefined : await given(constraintsUri),
      window: { lengthSeconds: windowHours * 3600, cellSeconds: 3600 },
    });
    const { statistics, constraints, hash } = serializeBaseline(baseline);
    const folder = ARTIFACT_KEYS.importedBaseline(monitor, hash);
    const [statisticsKey, constraintsKey] = [`${folder}${STATISTICS_FILE}`, `${folder}${CONSTRAINTS_FILE}`];
    await writeObject(s3, { bucket, key: constraintsKey }, constraints, 'application/json');
    await writeObject(s3, { bucket, key: statisticsKey }, statistics, 'application/json');
    return { statisticsUri: s3Uri(bucket, statisticsKey), constraintsUri: s3Uri(bucket, constraintsKey), baselineHash: hash };
  }

  return async (packageArn) => {
    const registered = (await describePackage(sagemaker, packageArn)).DriftCheckBaselines?.ModelDataQuality;
    const statisticsUri = registered?.Statistics?.S3Uri;
    if (statisticsUri !== undefined && parseS3Uri(statisticsUri).bucket === bucket) {
      return { statisticsUri, constraintsUri: registered?.Constraints?.S3Uri ?? '', baselineHash: await hashOf(statisticsUri) };
    }
    if (imported) return copyOf(imported);
    const reason = statisticsUri === undefined ? `${packageArn} was registered without a drift-check baseline`
      : `the baseline of ${packageArn} is ${statisticsUri}, outside of the artifacts bucket`;
    return { reason: `${reason}; register it by the training workflow, or give the drift monitor an importedBaseline` };
  };
}
