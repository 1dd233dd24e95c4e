import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  ConcurrentWriteError, listObjects, parseS3Uri, readBytes, readRange, readState, readText, s3Uri, streamObject, writeJson, writeObject, writeState,
} from '../../../lambda/adapters/objects';
import type { Fault } from '../../../twin/http';
import { KmsService } from '../../../twin/services/kms';
import { S3Service } from '../../../twin/services/s3';
import { REGION, TestAccount } from '../../twin/http/test-account';

let account: TestAccount;
let fault: Fault | undefined;
let s3: S3Client;
const bucket = 'state-bucket';
const at = { bucket, key: 'state/loop/retraining.json' };

beforeAll(async () => {
  account = await TestAccount.start({ services: (world) => [new S3Service(world), new KmsService(world)], faults: { decide: ({ operation }) => (operation === 'GetObject' ? fault : undefined) } });
  s3 = new S3Client(account.client());
  await s3.send(new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration: { LocationConstraint: REGION } }));
});

afterEach(async () => {
  fault = undefined;
  await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: at.key }));
});

afterAll(async () => {
  s3.destroy();
  await account.stop();
});

describe('state', () => {
  test('is nothing before it is first written', async () => {
    expect(await readState(s3, at)).toBeUndefined();
  });

  test('is written under the ETag that was read, any number of times', async () => {
    const first = await writeState(s3, at, { starts: 1 }, undefined);
    const second = await writeState(s3, at, { starts: 2 }, first);
    expect(second.etag).not.toBe(first.etag);
    expect(await readState(s3, at)).toEqual({ value: { starts: 2 }, etag: second.etag });
  });

  test.each<[string, (mine: Awaited<ReturnType<typeof writeState>> | undefined) => Promise<unknown>]>([
    ['is created by one of two', async () => writeState(s3, at, 'mine', undefined)],
    ['is not replaced under an ETag of the past', async (old) => writeState(s3, at, 'mine', old)],
  ])('%s', async (name, write) => {
    const old = name.includes('past') ? await writeState(s3, at, 'old', undefined) : undefined;
    await writeState(s3, at, 'theirs', old);
    await expect(write(old)).rejects.toThrow(new ConcurrentWriteError(`s3://${bucket}/${at.key} was written by someone else meanwhile`));
    expect((await readState(s3, at))?.value).toBe('theirs');
  });

  test('is not made again by who has read it before it was deleted', async () => {
    const old = await writeState(s3, at, 'old', undefined);
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: at.key }));
    await expect(writeState(s3, at, 'mine', old)).rejects.toThrow(ConcurrentWriteError);
    expect(await readState(s3, at)).toBeUndefined();
  });

  test('of many writers at once exactly one wins', async () => {
    const before = await writeState(s3, at, -1, undefined);
    const results = await Promise.allSettled([...Array(8).keys()].map((writer) => writeState(s3, at, writer, before)));
    const won = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(won).toHaveLength(1);
    expect(await readState(s3, at)).toEqual(won[0]);
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(ConcurrentWriteError);
  });

  test('any other error is what it is', async () => {
    await expect(writeState(s3, { bucket: 'no-such-bucket', key: 'a' }, 1, undefined)).rejects.toMatchObject({ name: 'NoSuchBucket' });
    await expect(readState(s3, { bucket: 'no-such-bucket', key: 'a' })).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });

  test('that is not JSON is an error, not nothing', async () => {
    await writeObject(s3, at, '{"starts":', 'application/json');
    await expect(readState(s3, at)).rejects.toThrow(SyntaxError);
  });
});

describe('objects', () => {
  test('are listed over pages, in key order', async () => {
    const keys = Array.from({ length: 1003 }, (_, index) => `many/${String(index).padStart(4, '0')}`);
    for (let index = 0; index < keys.length; index += 100) {
      await Promise.all(keys.slice(index, index + 100).map((key) => writeObject(s3, { bucket, key }, '-', 'text/plain')));
    }
    const listed: string[] = [];
    for await (const { Key } of listObjects(s3, bucket, 'many/')) listed.push(Key);
    expect(listed).toEqual(keys);
  });

  test('are read as text and from a byte on', async () => {
    await writeJson(s3, { bucket, key: 'a.json' }, { ü: 1 });
    expect(await readText(s3, { bucket, key: 'a.json' })).toBe('{"ü":1}');
    const chunks: Uint8Array[] = [];
    for await (const chunk of streamObject(s3, { bucket, key: 'a.json' }, { range: 'bytes=5-' })) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString('utf8')).toBe(':1}');
  });

  test('an URI is taken apart and put together', () => {
    expect(parseS3Uri('s3://bucket/a/b c.csv')).toEqual({ bucket: 'bucket', key: 'a/b c.csv' });
    expect(s3Uri('bucket', 'a/b c.csv')).toBe('s3://bucket/a/b c.csv');
    expect(() => parseS3Uri('https://bucket/a')).toThrow("'https://bucket/a' is not an S3 URI; expected s3://bucket/key");
  });
});

describe('a body that breaks off', () => {
  const all = async (chunks: AsyncIterable<Uint8Array>) => {
    for await (const _ of chunks) { /* only to its end */ }
  };
  const ways: Array<[string, (VersionId: string) => Promise<unknown>]> = [
    ['streamed', () => all(streamObject(s3, at))],
    ['read as a whole', () => readBytes(s3, at)],
    ['read as text', () => readText(s3, at)],
    ['read as a state', () => readState(s3, at)],
    ['read in a range', (versionId) => readRange(s3, at, { versionId, start: 0, end: 100 })],
  ];

  // The SDK reads the body through a stream of its own where it checks a checksum, and as Node.js gives it where there is none.
  describe.each([['with', true], ['without', false]])('%s a checksum', (_, checked) => {
    test.each(ways)('is transient, %s', async (_way, read) => {
      const client = checked ? s3 : new S3Client({ ...account.client(), requestChecksumCalculation: 'WHEN_REQUIRED' });
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: at.key, Body: `"${'a'.repeat(300_000)}"` }));
      fault = 'broken-body';
      await expect(read('null')).rejects.toMatchObject({
        name: 'TransientError', message: expect.stringMatching(/^s3:\/\/state-bucket\/state\/loop\/retraining\.json could not be read to its end: /),
      });
      fault = undefined;
      await expect(read('null')).resolves.not.toThrow();
    });
  });

  test('is not taken for what its reader throws', async () => {
    await writeObject(s3, at, 'a,b', 'text/csv');
    const reading = async () => { for await (const _ of streamObject(s3, at)) throw new RangeError('the reader\'s own'); };
    await expect(reading()).rejects.toThrow(new RangeError('the reader\'s own'));
  });
});
