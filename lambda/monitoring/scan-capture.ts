import { S3Client } from '@aws-sdk/client-s3';
import { Logger } from '@aws-lambda-powertools/logger';
import { ARTIFACT_KEYS } from '../../lib/data/artifact-keys.contract';
import { ACCUMULATOR_FILES, SCAN_CAPTURE_ENV, type ScanCaptureEvent, type ScanCaptureResult, type ShardRange } from '../../lib/monitoring/drift-monitor.contract';
import { keep } from '../adapters/keep';
import { lazyHandler } from '../adapters/lazy-handler';
import { parseS3Uri, readText, streamObject, writeObject } from '../adapters/objects';
import { Accumulator, encodeAccumulator, firstByte, parseBaseline, scanCapture, type Baseline, type RejectReason } from '../core';
import { readPlan } from './scan/ledger';

/** Counts one shard of captured traffic into the bins of the baseline; the rows themselves leave no trace. */
export const handler = lazyHandler<ScanCaptureEvent, ScanCaptureResult>(() => {
  const env = SCAN_CAPTURE_ENV.read(process.env);
  const s3 = new S3Client();
  const logger = new Logger({ serviceName: 'scan-capture' });

  // A baseline never changes under its key.
  const baselineAt = keep(2, async (uri) => parseBaseline(await readText(s3, parseS3Uri(uri))));
  // Nor does the plan of an hour, whose shards a warm function gets one after another.
  const planAt = keep(2, (key) => readPlan(s3, env.ARTIFACTS_BUCKET, key));

  async function scan({ key, etag: version, start, end }: ShardRange, baseline: Baseline, servingSince: string, filesGone = false): Promise<Accumulator> {
    const count = (bytes: AsyncIterable<Uint8Array>) => scanCapture({ layout: baseline, object: { key, version, start, end }, predictionsSince: new Date(servingSince), bytes });
    /** The object counts as scanned, and its loss as a rejected record. */
    const lost = async (reason: RejectReason) => {
      const counted = await count(nothing());
      counted.rejects.add(reason, { object: key, offset: start });
      return counted;
    };
    // SageMaker writes no file without a record. Nothing can be asked of an empty object by range.
    if (end === 0) return lost('empty-object');
    const from = firstByte({ start, end });
    try {
      // A range runs on to the object's end: its last line may too.
      return await count(streamObject(s3, { bucket: env.CAPTURE_BUCKET, key }, from === 0 ? {} : { range: `bytes=${from}-` }));
    } catch (error) {
      if (filesGone && isMissing(error)) return lost('missing-object');
      throw error;
    }
  }

  return async ({ plan, shard }) => {
    const baseline = await baselineAt(plan.statisticsUri);
    const ranges = (await planAt(shard.planKey)).shards.find(({ id }) => id === shard.id)?.ranges;
    if (ranges === undefined) throw new Error(`${shard.planKey} has no shard '${shard.id}'; start the scan again`);
    const sum = new Accumulator(baseline);
    for (const range of ranges) sum.merge(await scan(range, baseline, plan.servingSince, shard.filesGone));
    const accumulatorKey = `${ARTIFACT_KEYS.accumulators(plan.monitor, plan.baselineHash)}${ACCUMULATOR_FILES.folder(shard.hour)}${ACCUMULATOR_FILES.accumulator(shard.id)}`;
    await writeObject(s3, { bucket: env.ARTIFACTS_BUCKET, key: accumulatorKey }, encodeAccumulator(sum), 'application/octet-stream');
    logger.info('scanned', { hour: shard.hour, shard: shard.id, rows: sum.rows, rejected: sum.rejects.total });
    return { accumulatorKey, rows: sum.rows, rejected: sum.rejects.total };
  };
});

/** S3 does not tell those who may not list a bucket that a key is absent: it denies the read. */
function isMissing(error: unknown): boolean {
  return error instanceof Error && (error.name === 'NoSuchKey' || error.name === 'AccessDenied');
}

async function* nothing(): AsyncIterable<Uint8Array> { /* an object of zero bytes has no lines */ }
