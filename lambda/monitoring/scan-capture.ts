import { S3Client } from '@aws-sdk/client-s3';
import { Logger } from '@aws-lambda-powertools/logger';
import { ARTIFACT_KEYS } from '../../lib/data/artifact-keys.contract';
import { ACCUMULATOR_FILES, SCAN_CAPTURE_ENV, type ScanCaptureEvent, type ScanCaptureResult, type ShardRange } from '../../lib/monitoring/drift-monitor.contract';
import { keep } from '../adapters/keep';
import { lazyHandler } from '../adapters/lazy-handler';
import { parseS3Uri, readText, streamObject, writeObject } from '../adapters/objects';
import { Accumulator, encodeAccumulator, firstByte, parseBaseline, scanCapture, type Baseline } from '../core';
import { readPlan } from './scan/ledger';

/** Counts one shard of captured traffic into the bins of the baseline; the rows themselves leave no trace. */
export const handler = lazyHandler<ScanCaptureEvent, ScanCaptureResult>(() => {
  const env = SCAN_CAPTURE_ENV.read(process.env);
  const s3 = new S3Client();
  const logger = new Logger({ serviceName: 'scan-capture' });

  // A baseline never changes under its key.
  const baselineAt = keep(2, async (uri) => parseBaseline(await readText(s3, parseS3Uri(uri))));

  async function scan(range: ShardRange, baseline: Baseline, servingSince: string): Promise<Accumulator> {
    const { key, etag: version, start, end } = range;
    const from = firstByte({ start, end });
    const counted = await scanCapture({
      layout: baseline, object: { key, version, start, end }, predictionsSince: new Date(servingSince),
      // Nothing can be asked of an empty object by range. A range runs on to the object's end: its last line may too.
      bytes: end === 0 ? nothing() : streamObject(s3, { bucket: env.CAPTURE_BUCKET, key }, from === 0 ? {} : { range: `bytes=${from}-` }),
    });
    // SageMaker writes no file without a record: what was in this one is lost.
    if (end === 0) counted.rejects.add('empty-object', { object: key, offset: 0 });
    return counted;
  }

  return async ({ plan, shard }) => {
    const baseline = await baselineAt(plan.statisticsUri);
    const ranges = (await readPlan(s3, env.ARTIFACTS_BUCKET, shard.planKey)).shards.find(({ id }) => id === shard.id)?.ranges;
    if (ranges === undefined) throw new Error(`${shard.planKey} has no shard '${shard.id}'; start the scan again`);
    const sum = new Accumulator(baseline);
    for (const range of ranges) sum.merge(await scan(range, baseline, plan.servingSince));
    const accumulatorKey = `${ARTIFACT_KEYS.accumulators(plan.monitor, plan.baselineHash)}${ACCUMULATOR_FILES.folder(shard.hour)}${ACCUMULATOR_FILES.accumulator(shard.id)}`;
    await writeObject(s3, { bucket: env.ARTIFACTS_BUCKET, key: accumulatorKey }, encodeAccumulator(sum), 'application/octet-stream');
    logger.info('scanned', { hour: shard.hour, shard: shard.id, rows: sum.rows, rejected: sum.rejects.total });
    return { accumulatorKey, rows: sum.rows, rejected: sum.rejects.total };
  };
});

async function* nothing(): AsyncIterable<Uint8Array> { /* an object of zero bytes has no lines */ }
