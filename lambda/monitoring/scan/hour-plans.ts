import type { S3Client } from '@aws-sdk/client-s3';
import { ARTIFACT_KEYS } from '../../../lib/data/artifact-keys.contract';
import { ACCUMULATOR_FILES, type HourPlan, type Shard } from '../../../lib/monitoring/drift-monitor.contract';
import { writeState } from '../../adapters/objects';
import type { CaptureFile } from './capture-files';
import { readPlan, type HourLedger } from './ledger';
import { packShards } from './pack';

export interface HourPlanOptions {
  readonly bucket: string;
  readonly monitor: string;
  readonly shardBytes: number;
}

/** An hour as it is found: the files captured in it, and what of them is planned and scanned under a baseline. */
export interface FoundHour {
  readonly hour: string;
  readonly files: readonly CaptureFile[];
  readonly ledger: HourLedger;
  readonly baselineHash: string;
}

/** Shards of an hour that are still to be scanned: those of earlier plans that were left undone, and one plan for files in none yet. */
export function unscannedShards(s3: S3Client, { bucket, monitor, shardBytes }: HourPlanOptions): (found: FoundHour) => Promise<Shard[]> {
  async function addPlan({ hour, ledger, baselineHash }: FoundHour, files: readonly CaptureFile[]): Promise<Shard[]> {
    const number = Math.max(-1, ...ledger.plans.keys()) + 1;
    const packed = packShards(files, shardBytes);
    const shards = packed.map((ranges, index) => ({ id: ACCUMULATOR_FILES.shardId(number, index, packed.length, files.length), ranges }));
    const planKey = `${ARTIFACT_KEYS.accumulators(monitor, baselineHash)}${ACCUMULATOR_FILES.folder(hour)}${ACCUMULATOR_FILES.plan(number)}`;
    // Fails if another scan planned this hour meanwhile; the next try reads its plan.
    await writeState<HourPlan>(s3, { bucket, key: planKey }, { shards }, undefined);
    return shards.map(({ id }) => ({ id, hour, planKey }));
  }

  return async (found) => {
    const { hour, files, ledger } = found;
    if (ledger.isFullyScanned && ledger.scannedObjects === files.length) return [];
    const there = new Set(files.map(({ key }) => key));
    const planned = new Set<string>();
    const unscanned: Shard[] = [];
    for (const [number, planKey] of ledger.plans) {
      (await readPlan(s3, bucket, planKey)).shards.forEach(({ id, ranges }, index) => {
        for (const { key } of ranges) planned.add(key);
        if (ledger.isScanned(number, index)) return;
        const gone = ranges.some(({ key }) => !there.has(key));
        unscanned.push({ id, hour, planKey, ...(gone && { filesGone: true as const }) });
      });
    }
    const fresh = files.filter((file) => !planned.has(file.key));
    return fresh.length > 0 ? [...unscanned, ...await addPlan(found, fresh)] : unscanned;
  };
}
