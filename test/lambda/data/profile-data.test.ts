import { Readable } from 'node:stream';
import { S3Client } from '@aws-sdk/client-s3';
import { csvRows } from '../../../lambda/core';
import { handler } from '../../../lambda/data/profile-data';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

afterEach(() => { jest.restoreAllMocks(); });

test('a probe is one line of CSV with as many fields as there are features, whatever the texts hold', async () => {
  Object.assign(process.env, {
    POWERTOOLS_LOG_LEVEL: 'SILENT', ARTIFACTS_BUCKET: 'artifacts', WINDOW_HOURS: '24', QUALITY: JSON.stringify({ minimumRows: 1, maximumMissingShare: 1 }),
    DATASET: JSON.stringify({ labelColumn: 'late', timeColumn: 'time', ignoredColumns: ['id'] }),
  });
  const texts = ['"two\nlines"', '"Boston, MA"', '"""Logan"""', 'plain'];
  const train = `time,late,id,origin,distance\n${texts.map((text, i) => `2001-02-01T0${i}:00:00Z,${i % 2},${i},${text},${i}\n`).join('')}`;
  const written = new Map<string, string>();
  jest.spyOn(S3Client.prototype, 'send').mockImplementation(async ({ constructor: { name }, input }: any) => {
    if (name === 'ListObjectsV2Command') return { Contents: [{ Key: 'runs/r/train/part-00000.csv' }] };
    if (name === 'GetObjectCommand') return { Body: Readable.from([Buffer.from(train)]) };
    return written.set(input.Key, String(input.Body));
  });
  const { probeUri } = await handler({ run: 'r', trainUri: 's3://artifacts/runs/r/train/' }, {} as never);
  const lines = written.get(probeUri.replace('s3://artifacts/', ''))!.trimEnd().split('\n');
  expect(lines).toHaveLength(3);
  const asked: string[][] = [];
  async function* open() { yield Buffer.from(`origin,distance\n${lines.join('\n')}\n`); }
  for await (const { rows } of csvRows({ name: 'probes', open }).read()) asked.push(...rows.map((row) => [...row]));
  expect(asked).toEqual([['Boston, MA', '1'], ['"Logan"', '2'], ['plain', '3']]);
});
