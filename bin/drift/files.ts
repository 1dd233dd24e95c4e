import { createReadStream, readdirSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import * as path from 'node:path';
import { createGunzip } from 'node:zlib';
import { csvRows, jsonLinesRows, type RowSource } from '../../lambda/core';
import { parquetRows } from '../../lambda/data/readers/parquet-rows';
import type { Progress } from './progress';

/** The files that paths name: themselves, or all below a folder, in the order of their names. */
export function filesOf(paths: readonly string[], endings: RegExp): string[] {
  const files = paths.flatMap((each) => {
    if (!statSync(each, { throwIfNoEntry: false })) throw new Error(`there is no '${each}'; give files or folders that exist`);
    if (!statSync(each).isDirectory()) return [each];
    return readdirSync(each, { recursive: true, encoding: 'utf8' }).map((name) => path.join(each, name)).filter((name) => endings.test(name) && statSync(name).isFile());
  });
  if (files.length === 0) throw new Error(`no files in ${paths.map((each) => `'${each}'`).join(', ') || 'nothing'}; give files that end in ${endings.source}`);
  return files.sort();
}

/** The bytes of a file, decompressed; progress counts those on the disk. */
export async function* bytesOf(file: string, progress: Progress): AsyncIterable<Uint8Array> {
  const stream = createReadStream(file, { highWaterMark: 256 * 1024 }).on('data', (chunk) => progress.advance(chunk.length));
  if (!file.endsWith('.gz')) {
    yield* stream;
    return;
  }
  const gunzip = createGunzip();
  stream.on('error', (error) => gunzip.destroy(error)).pipe(gunzip);
  yield* gunzip;
}

export const TABLES = /\.(csv|jsonl|ndjson)(\.gz)?$|\.parquet$/;

/** The rows of a table, by the ending of its name. */
export function rowsOf(file: string, progress: Progress): RowSource {
  if (!TABLES.test(file)) throw new Error(`'${file}' is of no known kind; give .csv or .jsonl, either with .gz, or .parquet`);
  if (file.endsWith('.parquet')) return parquetRows({ name: file, open: () => parquetFile(file, progress) });
  const object = { name: file, open: () => bytesOf(file, progress) };
  return /\.csv(\.gz)?$/.test(file) ? csvRows(object) : jsonLinesRows(object);
}

async function parquetFile(file: string, progress: Progress) {
  const { size: byteLength } = statSync(file);
  return {
    byteLength,
    async slice(start: number, end = byteLength): Promise<ArrayBuffer> {
      const handle = await open(file);
      try {
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(end - start), 0, end - start, start);
        progress.advance(bytesRead);
        return buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + bytesRead) as ArrayBuffer;
      } finally {
        await handle.close();
      }
    },
  };
}
