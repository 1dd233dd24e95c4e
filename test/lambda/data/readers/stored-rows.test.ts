import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { gzipSync } from 'node:zlib';
import { labelledCsv } from '../../../../bin/story/flights';
import { type StoredObject, storedRows } from '../../../../lambda/data/readers/stored-rows';
import { COAST, flightsDuring } from '../../../loop/support/airline';

/** The same flights in each format. The Parquet file was written from them by hyparquet-writer 0.17, in row groups of 400 rows. */
const START = Date.parse('2001-02-01T00:00:00Z');
const CSV = labelledCsv(flightsDuring(START - 2 * 86_400_000, START, COAST, 10));
const [COLUMNS, ...ROWS] = CSV.trimEnd().split('\n').map((line) => line.split(',')) as [string[], ...string[][]];
const JSON_LINES = ROWS.map((row) => `${JSON.stringify(Object.fromEntries(COLUMNS.map((column, i) => [column, i >= 1 && i <= 4 ? Number(row[i]) : row[i]])))}\n`).join('');
const PARQUET = readFileSync(path.join(__dirname, 'flights.parquet'));

function stored(content: string | Uint8Array, chunk = 1000): StoredObject & { read: number; closed: boolean } {
  const bytes = Buffer.from(content);
  const object = {
    name: 's3://data/flights', size: bytes.length, read: 0, closed: false,
    async* open() {
      try {
        for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
      } finally {
        object.closed = true;
      }
    },
    slice(start: number, end: number) {
      object.read += end - start;
      return Promise.resolve(bytes.subarray(start, end));
    },
  };
  return object;
}

async function read(...[format, object, columns]: Parameters<typeof storedRows>) {
  const rows: string[][] = [];
  let header: readonly string[] = [];
  for await (const batch of storedRows(format, object, columns).read()) {
    header = batch.columns;
    rows.push(...batch.rows.map((row) => [...row]));
  }
  return { header, rows };
}

test.each([
  ['csv', 'csv', CSV], ['csv, packed', 'csv', gzipSync(CSV)], ['json lines', 'json-lines', JSON_LINES], ['json lines, packed', 'json-lines', gzipSync(JSON_LINES)],
  ['parquet', 'parquet', PARQUET],
] as const)('%s gives the same texts', async (_, format, content) => {
  expect(await read(format, stored(content))).toEqual({ header: COLUMNS, rows: ROWS });
});

test('of parquet only the columns needed are read, unless one of them is not there', async () => {
  const [whole, part, lacking] = [stored(PARQUET), stored(PARQUET), stored(PARQUET)];
  await read('parquet', whole);
  expect(await read('parquet', part, ['late', 'departure'])).toEqual({ header: ['late', 'departure'], rows: ROWS.map(([departure, late]) => [late, departure]) });
  expect(part.read).toBeLessThan(whole.read);
  expect((await read('parquet', lacking, ['delayed', 'departure'])).header).toEqual(COLUMNS);
});

test.each([
  ['parquet where csv is said', 'csv', PARQUET, "the object is Parquet, but the dataset's format is CSV; name the format in the dataset, or write the object anew"],
  ['parquet where json lines are said', 'json-lines', PARQUET, "the object is Parquet, but the dataset's format is JSON Lines"],
  ['csv where parquet is said', 'parquet', CSV, 'not a Parquet file, or an incomplete one; write it again, or name the format it has'],
  ['half a parquet file', 'parquet', PARQUET.subarray(0, 4000), 'not a Parquet file, or an incomplete one'],
  ['a parquet file with a page overwritten', 'parquet', Buffer.concat([PARQUET.subarray(0, 2000), Buffer.alloc(2500, 0xff), PARQUET.subarray(4500)]), 'rows from 1 on cannot be decoded'],
  ['an empty object where parquet is said', 'parquet', '', 'not a Parquet file, or an incomplete one'],
  ['csv where json lines are said', 'json-lines', CSV, 'line 1: not a JSON object; every line must be one object with a member per column'],
  ['a packed file cut off', 'csv', gzipSync(CSV).subarray(0, 500), 'begins as gzip but cannot be unpacked'],
] as const)('%s is told, and the object is let go', async (_, format, content, reason) => {
  const object = stored(content);
  await expect(read(format, object)).rejects.toThrow(reason);
  await expect(read(format, object)).rejects.toMatchObject({ name: 'DatasetError', object: 's3://data/flights' });
  if (format !== 'parquet') expect(object.closed).toBe(true);
});

test('an object that cannot be read is not taken for one of another format', async () => {
  const gone = new Error('access denied');
  const fails: StoredObject = { ...stored(PARQUET), open: async function* () { throw gone; }, slice: () => Promise.reject(gone) };
  for (const format of ['csv', 'json-lines', 'parquet'] as const) await expect(read(format, fails)).rejects.toBe(gone);
  async function* cutOff() {
    yield gzipSync(CSV).subarray(0, 500);
    throw gone;
  }
  await expect(read('csv', { ...stored(CSV), open: cutOff })).rejects.toBe(gone);
});

test.each(['constructor', '__proto__'])('a member %s that a line leaves out has no value', async (name) => {
  expect((await read('json-lines', stored(`{"${name}":"a","x":1}\n{"x":2}\n`))).rows).toEqual([['a', '1'], ['', '2']]);
});

test('an object that unpacks to a thousand times its size is refused by name, before it has been unpacked', async () => {
  const bomb = stored(gzipSync(`a,b\n${'1,2\n'.repeat(30_000_000)}`), 64 * 1024);
  await expect(read('csv', bomb)).rejects.toMatchObject({ name: 'DatasetError', object: 's3://data/flights', message: expect.stringContaining('unpacks to more than 200 times its size') });
  expect(bomb.closed).toBe(true);
}, 30_000);
