import type { S3Client } from '@aws-sdk/client-s3';
import type { Logger } from '@aws-lambda-powertools/logger';
import { digest } from '../../adapters/digest';
import { readBytes, s3Uri, streamObject, writeObject } from '../../adapters/objects';
import { readRowFile, RowFileWriter, rowsInFile, rowsOfLines, type RejectReason, type RowsOfLine, type TimedRow } from '../../core';
import { filesByHour, type CaptureFile } from '../scan/capture-files';

const ROWS_PER_FILE = 256 * 1024;
const PATTERN = /([0-9a-f]{16})-(\d+)(?:-last-(\d+))?\.bin$/;

export interface RowFilesOptions {
  readonly s3: S3Client;
  readonly bucket: string;
  /** Where the files to be read lie, by hour below it. */
  readonly source: string;
  /** Where their rows are kept, by hour below it. */
  readonly folder: string;
  /** How lines are read; one answer for each hour. */
  readonly rowsOf: (hour: string) => RowsOfLine;
  /** Whatever else decides what the rows are. */
  readonly layout: unknown;
  readonly logger: Logger;
  /** Most rows of a kept file. @default - ten megabytes of them */
  readonly rowsPerFile?: number;
}

/** The rows of some hours. */
export interface RowFiles {
  readonly rows: number;
  /** Lines that could not be read. */
  readonly rejected: number;
  readonly keys: readonly string[];
}

interface Part {
  readonly key: string;
  readonly rows: number;
  readonly number: number;
  /** Of the last part: how many lines of all were rejected. */
  readonly rejected?: number;
}

/**
 * Reads each hour's files once, and keeps what a join needs of them. The name of a kept file says which files it was made from, so an hour to
 * which another file comes is read again, and nothing else is.
 */
export async function keepRows(options: RowFilesOptions, hours: readonly string[]): Promise<RowFiles> {
  const { s3, bucket, source, folder } = options;
  const files = await filesByHour(s3, bucket, source, hours);
  const kept = await filesByHour(s3, bucket, folder, hours);
  const parts: Part[] = [];
  for (const hour of hours) {
    if (files.get(hour)!.length === 0) continue;
    const id = digest([files.get(hour)!.map(({ key, etag }) => [key, etag]), options.layout], 16);
    for (const part of completeParts(kept.get(hour)!, id) ?? await readHour(options, hour, files.get(hour)!, id)) parts.push(part);
  }
  return {
    rows: parts.reduce((sum, { rows }) => sum + rows, 0),
    rejected: parts.reduce((sum, { rejected = 0 }) => sum + rejected, 0),
    keys: parts.map(({ key }) => key),
  };
}

/** The rows, file by file. */
export async function* readRows(s3: S3Client, bucket: string, { keys }: RowFiles): AsyncIterable<Iterable<TimedRow>> {
  for (const key of keys) yield readRowFile(await readBytes(s3, { bucket, key }), s3Uri(bucket, key));
}

/** The parts of this id if none is missing. */
function completeParts(kept: readonly CaptureFile[], id: string): Part[] | undefined {
  const parts = kept.flatMap(({ key, size }): Part[] => {
    const [, foundId, number, rejected] = PATTERN.exec(key) ?? [];
    return foundId === id ? [{ key, rows: rowsInFile(size), number: Number(number), ...(rejected !== undefined && { rejected: Number(rejected) }) }] : [];
  });
  const last = parts.find(({ rejected }) => rejected !== undefined);
  return last && parts.length === last.number + 1 ? parts : undefined;
}

/** Reads the files of an hour in bounded memory. The last part is written when all others are there. */
async function readHour({ s3, bucket, folder, rowsOf, logger, rowsPerFile = ROWS_PER_FILE }: RowFilesOptions, hour: string, files: readonly CaptureFile[], id: string): Promise<Part[]> {
  const writer = new RowFileWriter(rowsPerFile);
  const rejects = new Map<RejectReason, number>();
  const parts: Part[] = [];
  const write = async (rejected?: number) => {
    const number = parts.length;
    const key = `${folder}${hour.replace(/[-T]/g, '/')}/${id}-${number}${rejected === undefined ? '' : `-last-${rejected}`}.bin`;
    parts.push({ key, rows: writer.rows, number, ...(rejected !== undefined && { rejected }) });
    await writeObject(s3, { bucket, key }, writer.take(), 'application/octet-stream');
  };
  for (const { key } of files) {
    const lines = rowsOfLines(streamObject(s3, { bucket, key }), rowsOf(hour), (reason, offset) => {
      if (!rejects.has(reason)) logger.warn(`a line is rejected: ${reason}`, { key, offset });
      rejects.set(reason, (rejects.get(reason) ?? 0) + 1);
    });
    for await (const rows of lines) {
      for (const { row, time } of rows) {
        if (writer.isFull) await write();
        writer.add(row, time);
      }
    }
  }
  await write([...rejects.values()].reduce((sum, count) => sum + count, 0));
  return parts;
}
