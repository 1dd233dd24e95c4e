import type { S3Client } from '@aws-sdk/client-s3';
import { ARTIFACT_KEYS } from '../../../lib/data/artifact-keys.contract';
import type { DatasetDescription } from '../../../lib/data/resolve-dataset.contract';
import { ConcurrentWriteError, readState, writeState } from '../../adapters/objects';
import { currentObjects, type PinnedObject } from './dataset-objects';
import { labelledRows } from './dataset-rows';
import type { RowsByHour } from './window';

const HOUR = 3_600_000;

/** Rows per hour of each object version, so that every version is read and counted once. */
interface StoredIndex {
  readonly version: 1;
  readonly objects: Record<string, { versionId: string; hours: Record<string, number> }>;
}

export interface IndexedObject extends PinnedObject {
  readonly hours: RowsByHour;
}

export interface DatasetIndex {
  readonly objects: IndexedObject[];
  /** Over all objects. */
  readonly rows: RowsByHour;
}

/** What the dataset holds now. Reads only object versions that nobody has counted yet. */
export async function indexDataset(
  s3: S3Client, at: { dataBucket: string; prefix: string; artifactsBucket: string }, dataset: DatasetDescription,
): Promise<DatasetIndex> {
  const stored = { bucket: at.artifactsBucket, key: ARTIFACT_KEYS.datasetIndex(dataset.name) };
  const previous = await readState<StoredIndex>(s3, stored);
  const objects: IndexedObject[] = [];
  let changed = false;
  for (const object of await currentObjects(s3, at.dataBucket, at.prefix)) {
    const known = previous?.value.objects[object.key];
    const fresh = known?.versionId !== object.versionId;
    const hours = fresh ? await countHours(s3, at.dataBucket, object, dataset)
      : new Map(Object.entries(known.hours).map(([hour, count]) => [Number(hour), count]));
    changed ||= fresh;
    objects.push({ ...object, hours });
  }
  if (changed) {
    const value: StoredIndex = {
      version: 1, objects: Object.fromEntries(objects.map(({ key, versionId, hours }) => [key, { versionId, hours: Object.fromEntries(hours) }])),
    };
    try {
      await writeState(s3, stored, value, previous);
    } catch (error) {
      // The index only saves work. Whoever wrote it meanwhile counted the same objects.
      if (!(error instanceof ConcurrentWriteError)) throw error;
    }
  }
  const rows = new Map<number, number>();
  for (const { hours } of objects) for (const [hour, count] of hours) rows.set(hour, (rows.get(hour) ?? 0) + count);
  return { objects, rows };
}

async function countHours(s3: S3Client, bucket: string, object: PinnedObject, dataset: DatasetDescription): Promise<RowsByHour> {
  const hours = new Map<number, number>();
  for await (const { rows } of labelledRows(s3, bucket, object, dataset, 'times')) {
    for (const { time } of rows) {
      const hour = Math.floor(time / HOUR) * HOUR;
      hours.set(hour, (hours.get(hour) ?? 0) + 1);
    }
  }
  return hours;
}
