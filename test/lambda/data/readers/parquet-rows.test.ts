import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import type { RowBatch } from '../../../../lambda/core';
import { type ParquetOptions, parquetRows } from '../../../../lambda/data/readers/parquet-rows';

function inMemory(bytes: Uint8Array, options?: ParquetOptions) {
  const buffer = Uint8Array.from(bytes).buffer;
  return parquetRows({ name: 'table.parquet', open: () => Promise.resolve({ byteLength: buffer.byteLength, slice: (start, end) => buffer.slice(start, end) }) }, options);
}

test('gives the texts a csv would hold, row by row, with the columns of the file', async () => {
  const source = inMemory(readFileSync(path.resolve('node_modules/vega-datasets/data/flights-3m.parquet')));
  const batches: RowBatch[] = [];
  for await (const batch of source.read()) {
    batches.push(batch);
    if (batches.length === 2) break;
  }
  expect(batches[0]!.columns).toEqual(['date', 'delay', 'distance', 'origin', 'destination']);
  expect(batches[0]!.rows[0]).toEqual(['2001-01-01T00:01:00.000Z', '33', '2176', 'LAS', 'PHL']);
  expect(batches[1]!.lines[0]).toBe(batches[0]!.rows.length + 1);
  expect(batches[1]!.rows[0]!.every((text) => text !== '')).toBe(true);
});

test('a file that is no parquet is told by name', async () => {
  const read = async () => { for await (const _ of inMemory(new TextEncoder().encode('x,y\n1,2\n')).read()); };
  await expect(read()).rejects.toThrow('table.parquet: not a Parquet file, or an incomplete one; write it again, or name the format it has');
});

test('row groups that would not fit are refused before anything is read', async () => {
  const bytes = readFileSync(path.join(__dirname, 'flights.parquet'));
  const read = async (options: ParquetOptions) => { for await (const _ of inMemory(bytes, options).read()); };
  await expect(read({ mostValues: 7 * 399 })).rejects.toThrow('table.parquet: a row group has 400 rows of 7 columns; write row groups of at most 399 rows');
  await read({ mostValues: 7 * 400 });
  await read({ mostValues: 400, columns: ['late'] });
});
