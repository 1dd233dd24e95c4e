import type { S3Client } from '@aws-sdk/client-s3';
import { ACCUMULATOR_FILES } from '../../../lib/monitoring/drift-monitor.contract';
import { ahead } from '../../adapters/ahead';
import { keep } from '../../adapters/keep';
import { readBytes, writeObject } from '../../adapters/objects';
import { Accumulator, decodeAccumulator, encodeAccumulator, type Baseline } from '../../core';
import type { HourLedger } from './ledger';

/** Files that are fetched at the same time: S3 answers in tens of milliseconds, adding takes less than one. */
const READ_AHEAD = 32;
/** Hours of counts that a warm function keeps, some 60 KB each with 20 features. */
const KEPT_HOURS = 400;

interface Part {
  readonly hour: string;
  readonly key: string;
  /** Whether it is all of its hour. */
  readonly alone: boolean;
  readonly last: boolean;
}

/**
 * Adds up the hours of a window in two levels: the shards of an hour into its sum, which is kept, and those into the window. Counts are
 * integers, so the result has the same bits as if all shards had been added in one go. Only one file's counts are in memory at a time.
 */
export function windowCounts(s3: S3Client, bucket: string): (ledgers: ReadonlyMap<string, HourLedger>, folder: string, baseline: Baseline) => Promise<Accumulator> {
  const read = (key: string) => readBytes(s3, { bucket, key });
  // What is all of an hour is read again for every later window, and never changes under its key.
  const readKept = keep(KEPT_HOURS, read);

  return async (ledgers, folder, baseline) => {
    const window = new Accumulator(baseline);
    let hour = new Accumulator(baseline);
    const parts = [...ledgers].flatMap(([name, { counts }]) => counts.map((key, index): Part => (
      { hour: name, key, alone: counts.length === 1, last: index === counts.length - 1 })));
    const load = async (part: Part) => ({ part, bytes: await (part.alone ? readKept : read)(part.key) });
    for await (const { part, bytes } of ahead(parts, READ_AHEAD, load)) {
      const counts = decodeAccumulator(bytes, baseline);
      if (part.alone) {
        window.merge(counts);
        continue;
      }
      hour.merge(counts);
      if (!part.last) continue;
      const key = `${folder}${ACCUMULATOR_FILES.folder(part.hour)}${ACCUMULATOR_FILES.sum(ledgers.get(part.hour)!.plans.size)}`;
      await writeObject(s3, { bucket, key }, encodeAccumulator(hour), 'application/octet-stream');
      window.merge(hour);
      hour = new Accumulator(baseline);
    }
    return window;
  };
}
