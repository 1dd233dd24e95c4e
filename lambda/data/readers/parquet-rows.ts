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

/** Rows of a Parquet object with flat columns, as the texts a CSV of the same table would hold. */
export function parquetRows(object: ParquetObject): RowSource {
  return { name: object.name, read: () => readParquet(object) };
}

async function* readParquet({ name, open }: ParquetObject): AsyncIterable<RowBatch> {
  const file = await open();
  const metadata = await metadataOf(name, file);
  const columns = columnsOf(name, metadata);
  let groupStart = 0;
  for (const group of metadata.row_groups) {
    const length = Number(group.num_rows);
    const values = await readGroup({ file, metadata, groupStart, length, columns });
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
    file, metadata, compressors, rowStart: groupStart, rowEnd: groupStart + length,
    onChunk: ({ columnName, columnData, rowStart }) => {
      const column = values[columns.indexOf(columnName)]!;
      for (let i = 0; i < columnData.length; i++) column[rowStart - groupStart + i] = columnData[i];
    },
  });
  return values;
}

async function metadataOf(name: string, file: AsyncBuffer): Promise<FileMetaData> {
  try {
    return await parquetMetadataAsync(file);
  } catch {
    throw new DatasetError('not-parquet', name, undefined, 'not a Parquet file, or an incomplete one; write it again');
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
