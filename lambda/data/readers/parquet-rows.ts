import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetRead, parquetSchema } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { DatasetError, type RowBatch, type RowSource } from '../../core';

/** A stored Parquet object: its length, and any range of its bytes. */
export interface ParquetObject {
  readonly name: string;
  open(): Promise<AsyncBuffer>;
}

/** Rows handed on at a time; what is held in memory is a row group, whose size its writer chose. */
const SLICE_ROWS = 8192;

/** Values of one row group, which is held as a whole: 22 million took 1.1 GB. */
const MOST_VALUES = 25_000_000;

export interface ParquetOptions {
  /**
   * The only columns to read.
   * @default - all of them; also where the object lacks one of these
   */
  readonly columns?: readonly string[];
  /** Values a row group may hold in the columns that are read. @default 25 million */
  readonly mostValues?: number;
}

/** Rows of a Parquet object with flat columns, as the texts a CSV of the same table would hold. */
export function parquetRows(object: ParquetObject, options: ParquetOptions = {}): RowSource {
  return { name: object.name, read: () => readParquet(object, options) };
}

async function* readParquet({ name, open }: ParquetObject, { columns: wanted, mostValues = MOST_VALUES }: ParquetOptions): AsyncIterable<RowBatch> {
  const file = await open();
  const metadata = await parsing(name, file, () => 'not a Parquet file, or an incomplete one; write it again, or name the format it has',
    (watched) => parquetMetadataAsync(watched));
  const present = columnsOf(name, metadata);
  const columns = wanted?.every((column) => present.includes(column)) ? wanted : present;
  const most = Math.floor(mostValues / Math.max(1, columns.length));
  const large = metadata.row_groups.find(({ num_rows: rows }) => Number(rows) > most);
  if (large) {
    throw new DatasetError('row-group-too-large', name, undefined, `a row group has ${large.num_rows} rows of ${columns.length} columns;`
      + ` write row groups of at most ${most} rows`);
  }
  let groupStart = 0;
  for (const group of metadata.row_groups) {
    const length = Number(group.num_rows);
    const values = await parsing(name, file, ({ message }) => `rows from ${groupStart + 1} on cannot be decoded (${message}); write it again`,
      (watched) => readGroup({ file: watched, metadata, groupStart, length, columns }));
    for (let from = 0; from < length; from += SLICE_ROWS) {
      const places = Array.from({ length: Math.min(SLICE_ROWS, length - from) }, (_, i) => from + i);
      yield {
        columns,
        lines: places.map((place) => groupStart + place + 1),
        rows: places.map((place) => values.map((column) => textOf(column[place]))),
      };
    }
    groupStart += length;
  }
}

interface Group {
  readonly file: AsyncBuffer;
  readonly metadata: FileMetaData;
  readonly groupStart: number;
  readonly length: number;
  readonly columns: readonly string[];
}

/** The values of a row group, column by column: decoded once, whereas asking for slices of it would decode it for each. */
async function readGroup({ file, metadata, groupStart, length, columns }: Group): Promise<unknown[][]> {
  const values = columns.map(() => new Array<unknown>(length));
  await parquetRead({
    file, metadata, compressors, columns: [...columns], rowStart: groupStart, rowEnd: groupStart + length,
    onChunk: ({ columnName, columnData, rowStart }) => {
      const column = values[columns.indexOf(columnName)]!;
      for (let i = 0; i < columnData.length; i++) column[rowStart - groupStart + i] = columnData[i];
    },
  });
  return values;
}

/** Runs a step of reading; what goes wrong in it is the object's fault, unless the object could not be read at all. */
async function parsing<T>(name: string, file: AsyncBuffer, fault: (cause: Error) => string, step: (file: AsyncBuffer) => Promise<T>): Promise<T> {
  let unread: unknown;
  const watched: AsyncBuffer = {
    byteLength: file.byteLength,
    slice: (start, end) => Promise.resolve(file.slice(start, end)).catch((error: unknown) => { unread = error; throw error; }),
  };
  try {
    return await step(watched);
  } catch (error) {
    if (unread !== undefined) throw unread;
    throw new DatasetError('not-parquet', name, undefined, fault(error as Error));
  }
}

function columnsOf(name: string, metadata: FileMetaData): string[] {
  const nested = parquetSchema(metadata).children.filter(({ children }) => children.length > 0);
  if (nested.length > 0) {
    throw new DatasetError('ragged-row', name, undefined, `column ${nested[0]!.element.name} is nested; write each of its members as a column of its own`);
  }
  return parquetSchema(metadata).children.map(({ element }) => element.name);
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return value instanceof Date ? value.toISOString() : String(value);
}
