import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { S3Client } from '@aws-sdk/client-s3';
import { Logger } from '@aws-lambda-powertools/logger';
import { ARTIFACT_KEYS } from '../../lib/data/artifact-keys.contract';
import {
  ACCUMULATOR_FILES, PLAN_SCAN_ENV, type HourPlan, type PlanScanEvent, type PlanScanResult, type ScanPlan, type Shard,
} from '../../lib/monitoring/drift-monitor.contract';
import { lazyHandler } from '../adapters/lazy-handler';
import { servedModel, type ServedModel } from '../adapters/model-packages';
import { writeState } from '../adapters/objects';
import { baselineFinder } from './scan/baseline-finder';
import { captureFiles, type CaptureFile } from './scan/capture-files';
import { hoursBetween, startOfHour, trailingWindow } from './scan/hours';
import { readLedgers, readPlan, type HourLedger } from './scan/ledger';
import { packShards } from './scan/pack';

const HOUR = 3_600_000;

/**
 * Finds what of the trailing window is still to be counted under the baseline of the model now serving: the newest hour,
 * files that came late, and after a release the whole window.
 */
export const handler = lazyHandler<PlanScanEvent, PlanScanResult>(() => {
  const env = PLAN_SCAN_ENV.read(process.env);
  const windowHours = Number(env.WINDOW_HOURS);
  const s3 = new S3Client();
  const sagemaker = new SageMakerClient();
  const logger = new Logger({ serviceName: 'plan-scan' });
  const baselineOf = baselineFinder(s3, sagemaker, {
    monitor: env.MONITOR_NAME, artifactsBucket: env.ARTIFACTS_BUCKET, windowHours,
    imported: env.IMPORTED_STATISTICS_URI === undefined ? undefined : { statisticsUri: env.IMPORTED_STATISTICS_URI, constraintsUri: env.IMPORTED_CONSTRAINTS_URI },
  });

  async function planFor(served: ServedModel, scheduledAt: string): Promise<ScanPlan | { reason: string }> {
    const baseline = await baselineOf(served.packageArn);
    if ('reason' in baseline) return baseline;
    const { start, end } = trailingWindow(Date.parse(scheduledAt), windowHours);
    const covered = startOfHour(end) - Math.max(startOfHour(start), served.endpointCreated.getTime());
    return {
      monitor: env.MONITOR_NAME, scheduledAt, windowStart: start, windowEnd: end,
      packageArn: served.packageArn, servingSince: served.servingSince.toISOString(),
      ...baseline,
      coverage: Math.max(0, covered) / (windowHours * HOUR),
    };
  }

  /** Shards of an hour still to be scanned: those of earlier plans that were left undone, and one plan for files in none yet. */
  async function shardsOf(hour: string, files: CaptureFile[], ledger: HourLedger, baselineHash: string): Promise<Shard[]> {
    if (ledger.isFullyScanned && ledger.scannedObjects === files.length) return [];
    const planned = new Set<string>();
    const todo: Shard[] = [];
    for (const [number, planKey] of ledger.plans) {
      (await readPlan(s3, env.ARTIFACTS_BUCKET, planKey)).shards.forEach(({ id, ranges }, index) => {
        for (const { key } of ranges) planned.add(key);
        if (!ledger.isScanned(number, index)) todo.push({ id, hour, planKey });
      });
    }
    const fresh = files.filter((file) => !planned.has(file.key));
    if (fresh.length > 0) todo.push(...await addPlan(hour, fresh, ledger, baselineHash));
    return todo;
  }

  async function addPlan(hour: string, files: CaptureFile[], ledger: HourLedger, baselineHash: string): Promise<Shard[]> {
    const number = Math.max(-1, ...ledger.plans.keys()) + 1;
    const packed = packShards(files);
    const shards = packed.map((ranges, index) => ({ id: ACCUMULATOR_FILES.shardId(number, index, packed.length, files.length), ranges }));
    const planKey = `${ARTIFACT_KEYS.accumulators(env.MONITOR_NAME, baselineHash)}${ACCUMULATOR_FILES.folder(hour)}${ACCUMULATOR_FILES.plan(number)}`;
    // Fails if another scan planned this hour meanwhile; the next try reads its plan.
    await writeState<HourPlan>(s3, { bucket: env.ARTIFACTS_BUCKET, key: planKey }, { shards }, undefined);
    return shards.map(({ id }) => ({ id, hour, planKey }));
  }

  return async ({ scheduledAt }) => {
    const served = await servedModel(sagemaker, env.ENDPOINT_NAME);
    const plan = served === undefined ? { reason: `endpoint ${env.ENDPOINT_NAME} does not serve a registered model yet` } : await planFor(served, scheduledAt);
    if ('reason' in plan) {
      logger.info(`idle: ${plan.reason}`);
      return { status: 'idle', scheduledAt, reason: plan.reason };
    }
    const hours = hoursBetween(plan.windowStart, plan.windowEnd);
    const files = await captureFiles(s3, env.CAPTURE_BUCKET, env.ENDPOINT_NAME, hours);
    const ledgers = await readLedgers(s3, env.ARTIFACTS_BUCKET, env.MONITOR_NAME, plan.baselineHash, hours);
    const shards: Shard[] = [];
    for (const hour of hours) shards.push(...await shardsOf(hour, files.get(hour)!, ledgers.get(hour)!, plan.baselineHash));
    logger.info('planned', { window: [plan.windowStart, plan.windowEnd], shards: shards.length, coverage: plan.coverage });
    return { status: 'planned', plan, shards, shardCount: shards.length };
  };
});
