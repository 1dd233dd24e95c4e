import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { DatasetDescription } from '../../../lib/data/resolve-dataset.contract';
import { csvRows, DatasetError, jsonLinesRows, LIMITS, type RowSource } from '../../core';
import { parquetRows } from './parquet-rows';

/** An object of a dataset, read as a stream or in ranges. */
export interface StoredObject {
  readonly name: string;
  readonly size: number;
  open(): AsyncIterable<Uint8Array>;
  slice(start: number, end: number): Promise<Uint8Array>;
}

type Format = DatasetDescription['format'];

const TITLES: Record<Format, string> = { 'csv': 'CSV', 'json-lines': 'JSON Lines', 'parquet': 'Parquet' };
const GZIP = [0x1f, 0x8b];
const PARQUET = [0x50, 0x41, 0x52, 0x31];

/**
 * The rows of an object in the dataset's format. Text may be compressed by gzip, which its first bytes tell, whatever its name.
 * `columns` are the only ones needed; a format that stores columns apart reads no others.
 */
export function storedRows(format: Format, object: StoredObject, columns?: readonly string[]): RowSource {
  const text = { name: object.name, open: () => textOf(format, object) };
  if (format === 'csv') return csvRows(text);
  if (format === 'json-lines') return jsonLinesRows(text);
  return parquetRows({ name: object.name, open: async () => ({ byteLength: object.size, slice: sliceOf(object) }) }, { columns });
}

function sliceOf({ size, slice }: StoredObject) {
  return async (start: number, end = size): Promise<ArrayBuffer> => {
    if (end <= start) return new ArrayBuffer(0);
    const bytes = await slice(start, end);
    return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  };
}

async function* textOf(format: Format, { name, open }: StoredObject): AsyncIterable<Uint8Array> {
  const chunks = open()[Symbol.asyncIterator]();
  try {
    const first = await chunks.next();
    if (first.done) return;
    const beginsWith = (bytes: readonly number[]) => bytes.every((byte, i) => first.value[i] === byte);
    if (beginsWith(PARQUET)) {
      throw new DatasetError('other-format', name, undefined, `the object is Parquet, but the dataset's format is ${TITLES[format]}; name the format in the dataset, or write the object anew`);
    }
    const all = restored(first.value, chunks);
    yield* beginsWith(GZIP) ? unzipped(name, all) : all;
  } finally {
    await chunks.return?.();
  }
}

async function* restored(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncIterable<Uint8Array> {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

async function* unzipped(name: string, chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let taken = 0;
  let given = 0;
  async function* counted(): AsyncIterable<Uint8Array> {
    for await (const chunk of chunks) {
      taken += chunk.length;
      yield chunk;
    }
  }
  const packed = Readable.from(counted());
  const gunzip = createGunzip();
  let broken: Error | undefined;
  packed.on('error', (error) => { broken = error; gunzip.destroy(error); }).pipe(gunzip);
  try {
    for await (const chunk of gunzip as AsyncIterable<Uint8Array>) {
      given += chunk.length;
      if (given > Math.max(LIMITS.unpackedBytes, LIMITS.unpackedRatio * taken)) {
        throw new DatasetError('other-format', name, undefined, `the object unpacks to more than ${LIMITS.unpackedRatio} times its size, as rows of data do not; write it again without gzip, or move it out of the dataset's prefix`);
      }
      yield chunk;
    }
  } catch (error) {
    if (error instanceof DatasetError) throw error;
    // What went wrong with reading the object is no fault of its content.
    if (broken) throw broken;
    throw new DatasetError('other-format', name, undefined, `the object begins as gzip but cannot be unpacked (${(error as Error).message}); write it again`);
  }
}
