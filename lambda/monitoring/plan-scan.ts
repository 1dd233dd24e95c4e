import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { S3Client } from '@aws-sdk/client-s3';
import { Logger } from '@aws-lambda-powertools/logger';
import { ARTIFACT_KEYS, SHARDS_FILE } from '../../lib/data/artifact-keys.contract';
import {
  PLAN_SCAN_ENV, SCAN_CAPACITY, type PlannedScan, type PlanScanEvent, type PlanScanResult, type ScanPlan, type Shard,
} from '../../lib/monitoring/drift-monitor.contract';
import { lazyHandler } from '../adapters/lazy-handler';
import { servedModel, type ServedModel } from '../adapters/model-packages';
import { writeJson } from '../adapters/objects';
import { baselineFinder } from './scan/baseline-finder';
import { captureFiles } from './scan/capture-files';
import { chooseShards } from './scan/choose-shards';
import { unscannedShards } from './scan/hour-plans';
import { hoursBetween, startOfHour, trailingWindow } from './scan/hours';
import { readLedgers } from './scan/ledger';

const HOUR = 3_600_000;

/**
 * Finds what of the trailing window is still to be counted under the baseline of the model now serving: the newest hour,
 * files that came late, and after a release the whole window.
 */
export const handler = lazyHandler<PlanScanEvent, PlanScanResult>(() => {
  const env = PLAN_SCAN_ENV.read(process.env);
  const bucket = env.ARTIFACTS_BUCKET;
  const monitor = env.MONITOR_NAME;
  const windowHours = Number(env.WINDOW_HOURS);
  const shardLimit = Number(env.SCAN_CONCURRENCY) * SCAN_CAPACITY.rounds;
  const s3 = new S3Client();
  const sagemaker = new SageMakerClient();
  const logger = new Logger({ serviceName: 'plan-scan' });
  const baselineOf = baselineFinder(s3, sagemaker, {
    monitor, artifactsBucket: bucket, windowHours,
    imported: env.IMPORTED_STATISTICS_URI === undefined ? undefined : { statisticsUri: env.IMPORTED_STATISTICS_URI, constraintsUri: env.IMPORTED_CONSTRAINTS_URI },
  });
  const unscanned = unscannedShards(s3, { bucket, monitor, shardBytes: Number(env.SHARD_BYTES) });

  async function planFor({ packageArn, servingSince, endpointCreated }: ServedModel, scheduledAt: string): Promise<{ plan: ScanPlan; shards: readonly Shard[] } | { reason: string }> {
    const baseline = await baselineOf(packageArn);
    if ('reason' in baseline) return baseline;
    const { start, end } = trailingWindow(Date.parse(scheduledAt), windowHours);
    const hours = hoursBetween(start, end);
    const files = await captureFiles(s3, env.CAPTURE_BUCKET, env.ENDPOINT_NAME, hours);
    const ledgers = await readLedgers(s3, bucket, monitor, baseline.baselineHash, hours);
    const { shards, countedFrom } = await chooseShards(hours, end, shardLimit, (hour) => (
      unscanned({ hour, files: files.get(hour)!, ledger: ledgers.get(hour)!, baselineHash: baseline.baselineHash })));
    const covered = startOfHour(end) - Math.max(startOfHour(countedFrom), endpointCreated.getTime());
    const plan = {
      monitor, scheduledAt, windowStart: start, windowEnd: end, packageArn, servingSince: servingSince.toISOString(), ...baseline,
      countedFrom, coverage: Math.max(0, covered) / (windowHours * HOUR),
    };
    return { plan, shards };
  }

  /** A list of several shards goes to S3: the workflow's state has no room for many. */
  async function listed(shards: readonly Shard[], execution: string): Promise<Pick<PlannedScan, 'shard' | 'shardsKey' | 'resultsPrefix'>> {
    if (shards.length < 2) return { shard: shards[0] };
    if (!execution) throw new Error('the event names no execution, below whose name the shards are listed; start the scan by its workflow');
    const resultsPrefix = `${ARTIFACT_KEYS.scans(monitor)}${execution}`;
    const shardsKey = `${resultsPrefix}/${SHARDS_FILE}`;
    await writeJson(s3, { bucket, key: shardsKey }, shards);
    return { shardsKey, resultsPrefix };
  }

  return async ({ scheduledAt, execution }) => {
    const served = await servedModel(sagemaker, env.ENDPOINT_NAME);
    const planned = served === undefined ? { reason: `endpoint ${env.ENDPOINT_NAME} does not serve a registered model yet` } : await planFor(served, scheduledAt);
    if ('reason' in planned) {
      logger.info(`idle: ${planned.reason}`);
      return { status: 'idle', scheduledAt, reason: planned.reason };
    }
    const { plan, shards } = planned;
    logger.info('planned', { window: [plan.windowStart, plan.windowEnd], countedFrom: plan.countedFrom, shards: shards.length, coverage: plan.coverage });
    return { status: 'planned', plan, shardCount: shards.length, ...await listed(shards, execution) };
  };
});
