import {
  CreateBucketCommand, DeleteObjectCommand, DeleteObjectsCommand, ListObjectVersionsCommand, PutBucketVersioningCommand, PutObjectCommand, S3Client,
} from '@aws-sdk/client-s3';
import { emptyBucket } from '../../../lambda/serving/retirement/empty-bucket';
import { KmsService } from '../../../twin/services/kms';
import { S3Service } from '../../../twin/services/s3';
import { REGION, TestAccount } from '../../twin/http/test-account';

const Bucket = 'captured';
let account: TestAccount;
let s3: S3Client;

beforeEach(async () => {
  account = await TestAccount.start({ services: (world) => [new S3Service(world), new KmsService(world)] });
  s3 = new S3Client(account.client());
  await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: REGION } }));
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
});

afterEach(async () => {
  s3.destroy();
  await account.stop();
});

const put = (Key: string) => s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
const left = async () => {
  const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
  return [...Versions, ...DeleteMarkers];
};

test('takes every version and marker', async () => {
  for (const key of ['a', 'a', 'b/c d+ü&<>"%41', 'line\nfeed\r\tand tab']) await put(key);
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));
  expect(await emptyBucket(s3, Bucket)).toBe(true);
  expect(await left()).toEqual([]);
});

test.each(['\u0001', '\u000b', '\u001f', '\ufffe'])('takes keys with %j, which no batch can name, beside others', async (character) => {
  const key = `a${character}b`;
  await expect(s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: key }] } }))).rejects.toMatchObject({ name: 'MalformedXML' });
  for (const each of ['plain', key, key]) await put(each);
  await s3.send(new DeleteObjectCommand({ Bucket, Key: key }));
  expect(await emptyBucket(s3, Bucket)).toBe(true);
  expect(await left()).toEqual([]);
});

test('has nothing to do in a bucket that is gone', async () => {
  expect(await emptyBucket(s3, 'never-there')).toBe(true);
});

test('leaves a bucket whole that holds something older than it may', async () => {
  await put('before');
  await account.clock.advance(60_000);
  const since = account.clock.date();
  await put('after');
  expect(await emptyBucket(s3, Bucket, since)).toBe(true);
  expect((await left()).map(({ Key }) => Key)).toEqual(['after', 'before']);
});

test('takes what was written in the very second', async () => {
  await put('a');
  const [{ LastModified } = {}] = await left();
  expect(await emptyBucket(s3, Bucket, new Date(LastModified!.getTime() + 999))).toBe(true);
  expect(await left()).toEqual([]);
});
