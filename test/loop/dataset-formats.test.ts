import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { gzipSync } from 'node:zlib';
import { labelledCsv } from '../../bin/story/flights';
import { COAST, flightsDuring } from './support/airline';
import { shortLoopAssembly } from './support/assembly';
import { DAY, Loop, PREFIX, START } from './support/loop';
import { quiet, trained } from './bad-input/runs';

/* Whatever the format of the dataset, training gets the same CSV, and a model comes out. */

const CSV = labelledCsv(flightsDuring(START.getTime() - 2 * DAY, START.getTime(), COAST, 10));
const PARQUET = readFileSync(path.join(__dirname, '..', 'lambda', 'data', 'readers', 'flights.parquet'));

function jsonLines(csv: string): string {
  const [header, ...rows] = csv.trimEnd().split('\n').map((line) => line.split(','));
  return rows.map((row) => `${JSON.stringify(Object.fromEntries(header!.map((column, i) => [column, row[i]])))}\n`).join('');
}

/** The rows that training and evaluation were given, as one text. */
async function snapshot({ names: { artifactsBucket: Bucket }, account }: Loop): Promise<string> {
  const { Contents } = await account.call('s3', 'ListObjectsV2', { Bucket, Prefix: 'rows/' });
  const keys = (Contents as Array<{ Key: string }>).map(({ Key }) => Key).filter((key) => /^rows\/(train|holdout)\//.test(key));
  const texts = await Promise.all(keys.map(async (Key) => Buffer.from((await account.call('s3', 'GetObject', { Bucket, Key })).Body).toString('utf8')));
  const header = CSV.slice(0, CSV.indexOf('\n') + 1);
  // The training rows are older than the hold-out.
  return header + texts.map((text) => text.slice(header.length)).sort().join('');
}

test.each([
  ['json-lines', 'flights.jsonl.gz', gzipSync(jsonLines(CSV)), "is Parquet, but the dataset's format is JSON Lines", PARQUET],
  ['parquet', 'flights.parquet', PARQUET, 'not a Parquet file, or an incomplete one; write it again, or name the format it has', CSV],
] as const)('%s is pinned, profiled and trained on', async (datasetFormat, name, body, complaint, otherFormat) => {
  const assembly = shortLoopAssembly({ datasetFormat });
  const loop = await Loop.deploy(assembly.directory);
  try {
    await loop.twin.advance({ minutes: 1 });
    await quiet(loop);
    const { dataBucket } = loop.names;
    await loop.account.upload(dataBucket, `${PREFIX}other`, otherFormat);
    expect(await trained(loop)).toMatchObject({ status: 'Failed', reason: expect.stringContaining(complaint) });
    await loop.call('s3', 'DeleteObject', { Bucket: dataBucket, Key: `${PREFIX}other` });

    await loop.account.upload(dataBucket, `${PREFIX}${name}`, body);
    expect(await trained(loop)).toMatchObject({ status: 'Succeeded' });
    expect(await loop.account.pending()).toHaveLength(1);
    expect(await snapshot(loop)).toBe(CSV);
  } finally {
    await loop.twin.stop();
    assembly.remove();
  }
}, 180_000);
