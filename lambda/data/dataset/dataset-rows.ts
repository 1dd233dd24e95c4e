import type { S3Client } from '@aws-sdk/client-s3';
import type { DatasetDescription } from '../../../lib/data/resolve-dataset.contract';
import { readRange, s3Uri, streamObject } from '../../adapters/objects';
import { DatasetError, parseTime } from '../../core';
import { storedRows } from '../readers/stored-rows';
import type { PinnedObject } from './dataset-objects';

export interface TimedRow {
  readonly time: number;
  readonly fields: readonly string[];
}

export interface TimedRows {
  readonly columns: readonly string[];
  readonly rows: TimedRow[];
}

/**
 * The labelled rows of one pinned object, batch by batch, each with its time. A row without a label is passed over. Where only
 * times matter, a format that stores columns apart is read for label and time alone.
 */
export async function* labelledRows(
  s3: S3Client, bucket: string, { key, versionId, size }: PinnedObject, dataset: DatasetDescription, wanted: 'rows' | 'times' = 'rows',
): AsyncIterable<TimedRows> {
  const name = s3Uri(bucket, key);
  const source = storedRows(dataset.format, {
    name,
    size,
    open: () => streamObject(s3, { bucket, key }, { versionId }),
    slice: (start, end) => readRange(s3, { bucket, key }, { versionId, start, end }),
  }, wanted === 'times' ? [dataset.labelColumn, dataset.timeColumn] : undefined);
  let any = false;
  for await (const { columns, lines, rows } of source.read()) {
    const label = columnOf(name, columns, dataset.labelColumn, 'label');
    const time = columnOf(name, columns, dataset.timeColumn, 'time');
    any ||= rows.length > 0;
    yield {
      columns,
      rows: rows.flatMap((fields, index) => {
        if (fields[label]!.trim() === '') return [];
        const at = parseTime(fields[time]!);
        if (at === undefined) throw new DatasetError('bad-time', name, lines[index], `the column '${dataset.timeColumn}' holds no time; write it as ISO 8601`);
        return [{ time: at, fields }];
      }),
    };
  }
  if (!any) throw new DatasetError('no-rows', name, undefined, 'the object has no rows; remove it, or write it again');
}

function columnOf(name: string, columns: readonly string[], wanted: string, role: string): number {
  const index = columns.indexOf(wanted);
  if (index < 0) {
    throw new DatasetError('missing-column', name, 1, `there is no ${role} column '${wanted}', only ${columns.map((column) => `'${column}'`).join(', ')}; add it, or name another one in the dataset`);
  }
  return index;
}
