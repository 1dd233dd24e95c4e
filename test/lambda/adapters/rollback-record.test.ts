import { CreateBucketCommand, DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { RollbackRecord } from '../../../lambda/adapters/rollback-record';
import { KmsService } from '../../../twin/services/kms';
import { S3Service } from '../../../twin/services/s3';
import { REGION, TestAccount } from '../../twin/http/test-account';

let account: TestAccount;
let s3: S3Client;
const at = { Bucket: 'artifacts', Key: 'state/flights/rolled-back.json' };
const record = () => new RollbackRecord(s3, `s3://${at.Bucket}/${at.Key}`);
const rolledBack = (minute: number, reason = 'errors fired') => ({ endpoint: 'flights', at: new Date(minute * 60_000).toISOString(), reason });

beforeAll(async () => {
  account = await TestAccount.start({ services: (world) => [new S3Service(world), new KmsService(world)] });
  s3 = new S3Client(account.client());
  await s3.send(new CreateBucketCommand({ Bucket: at.Bucket, CreateBucketConfiguration: { LocationConstraint: REGION } }));
});

afterEach(() => s3.send(new DeleteObjectCommand(at)));

afterAll(async () => {
  s3.destroy();
  await account.stop();
});

test('nothing is remembered before the first rollback, and forgetting that writes nothing', async () => {
  await record().forget('package/1');
  expect(await record().packages()).toEqual({});
  expect(account.record.some(({ operation }) => operation === 'PutObject')).toBe(false);
});

test('packages are remembered until they are forgotten; a long reason is cut', async () => {
  await record().remember('package/1', rolledBack(1));
  await record().remember('package/2', rolledBack(2, 'x'.repeat(2_000)));
  expect(await record().packages()).toEqual({ 'package/1': rolledBack(1), 'package/2': rolledBack(2, 'x'.repeat(500)) });
  await record().forget('package/1');
  expect(Object.keys(await record().packages())).toEqual(['package/2']);
});

test('an approval does not take away a rollback that came after it', async () => {
  await record().remember('package/1', rolledBack(5));
  await record().forget('package/1', rolledBack(4).at);
  expect(await record().packages()).toEqual({ 'package/1': rolledBack(5) });
  await record().forget('package/1', rolledBack(6).at);
  expect(await record().packages()).toEqual({});
});

test('writers at the same time lose nothing of each other', async () => {
  await record().remember('package/0', rolledBack(0));
  await Promise.all([record().remember('package/1', rolledBack(1)), record().forget('package/0'), record().remember('package/2', rolledBack(2))]);
  expect(Object.keys(await record().packages()).sort()).toEqual(['package/1', 'package/2']);
});

test('the object stays small: the newest fifty are kept', async () => {
  for (let version = 1; version <= 52; version++) await record().remember(`package/${version}`, rolledBack(version));
  const versions = Object.keys(await record().packages());
  expect(versions).toHaveLength(50);
  expect(versions).not.toContain('package/2');
  expect(versions).toContain('package/52');
});
