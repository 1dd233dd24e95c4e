import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand, CompleteMultipartUploadCommand, CopyObjectCommand, CreateBucketCommand, CreateMultipartUploadCommand,
  DeleteBucketCommand, DeleteObjectCommand, DeleteObjectsCommand, GetBucketLocationCommand, GetObjectCommand, GetObjectTaggingCommand, HeadBucketCommand,
  HeadObjectCommand, ListObjectsV2Command, ListObjectVersionsCommand, PutBucketLifecycleConfigurationCommand, PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand, PutObjectCommand, S3Client, UploadPartCommand, ListBucketsCommand, GetBucketPolicyCommand, PutBucketPolicyCommand,
} from '@aws-sdk/client-s3';
import { KmsService } from '../../../twin/services/kms';
import { S3Service } from '../../../twin/services/s3';
import { ACCOUNT, REGION, TestAccount } from '../http/test-account';

const DAY = 24 * 60 * 60 * 1000;

let account: TestAccount;
let s3: S3Client;
const Bucket = 'data-bucket';

beforeEach(async () => {
  account = await TestAccount.start({ services: (world) => [new S3Service(world), new KmsService(world)] });
  s3 = new S3Client(account.client());
  await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: REGION } }));
});

afterEach(async () => {
  s3.destroy();
  await account.stop();
});

const put = (Key: string, Body: string | Buffer = 'x', more = {}) => s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const read = async (Key: string, more = {}) => {
  const answer = await s3.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return answer.Body!.transformToString();
};
const versioned = () => s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));

describe('objects', () => {
  test('come back as they were put, with their headers and metadata', async () => {
    const answer = await put('a/b c+ü.csv', 'hour,late\n1,0\n', { ContentType: 'text/csv', Metadata: { origin: 'test' }, CacheControl: 'no-store' });
    expect(answer.ETag).toBe(`"${createHash('md5').update('hour,late\n1,0\n').digest('hex')}"`);
    const object = await s3.send(new GetObjectCommand({ Bucket, Key: 'a/b c+ü.csv' }));
    expect(await object.Body!.transformToString()).toBe('hour,late\n1,0\n');
    expect(object).toMatchObject({
      ContentType: 'text/csv', Metadata: { origin: 'test' }, CacheControl: 'no-store', ContentLength: 14, ServerSideEncryption: 'AES256',
      LastModified: new Date('2026-03-01T10:00:00Z'),
    });
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'a/b c+ü.csv' }));
    expect(head).toMatchObject({ ContentLength: 14, ETag: answer.ETag });
  });

  test('stream in as aws-chunked with a trailing checksum, and out again', async () => {
    const content = Buffer.alloc(300_000, 'abcdefg');
    await s3.send(new PutObjectCommand({ Bucket, Key: 'stream', Body: Readable.from([content.subarray(0, 100_000), content.subarray(100_000)]), ContentLength: content.length }));
    const object = await s3.send(new GetObjectCommand({ Bucket, Key: 'stream', ChecksumMode: 'ENABLED' }));
    expect(Buffer.from(await object.Body!.transformToByteArray()).equals(content)).toBe(true);
    expect(object.ChecksumCRC32).toEqual(expect.any(String));
    expect(object.ContentEncoding).toBeUndefined();
  });

  test('of no bytes are objects too', async () => {
    await put('_SUCCESS', '');
    expect(await read('_SUCCESS')).toBe('');
  });

  test('a wrong checksum is refused', async () => {
    await expect(put('k', 'content', { ChecksumSHA256: Buffer.alloc(32).toString('base64') })).rejects.toMatchObject({ name: 'BadDigest' });
  });

  test('ranges give part of the content', async () => {
    await put('k', '0123456789');
    const object = await s3.send(new GetObjectCommand({ Bucket, Key: 'k', Range: 'bytes=2-4' }));
    expect(await object.Body!.transformToString()).toBe('234');
    expect(object).toMatchObject({ ContentRange: 'bytes 2-4/10', ContentLength: 3, $metadata: { httpStatusCode: 206 } });
    expect(await read('k', { Range: 'bytes=-3' })).toBe('789');
    await expect(read('k', { Range: 'bytes=10-' })).rejects.toMatchObject({ name: 'InvalidRange', $metadata: { httpStatusCode: 416 } });
  });

  test('what is not there is told apart', async () => {
    await expect(read('nothing')).rejects.toMatchObject({ name: 'NoSuchKey', $metadata: { httpStatusCode: 404 } });
    await expect(s3.send(new HeadObjectCommand({ Bucket, Key: 'nothing' }))).rejects.toMatchObject({ name: 'NotFound' });
    await expect(s3.send(new GetObjectCommand({ Bucket: 'no-such-bucket', Key: 'k' }))).rejects.toMatchObject({ name: 'NoSuchBucket' });
    await expect(s3.send(new HeadBucketCommand({ Bucket: 'no-such-bucket' }))).rejects.toMatchObject({ name: 'NotFound' });
    const location = await s3.send(new GetBucketLocationCommand({ Bucket }));
    expect(location.LocationConstraint).toBe(REGION);
  });

  test('every response carries the virtual time, and the date by which a caller from outside signs', async () => {
    const answer = await fetch(`${account.front.endpoint}/${Bucket}`);
    expect(Number(answer.headers.get('x-twin-time'))).toBe(Date.parse('2026-03-01T10:00:00Z'));
    expect(Math.abs(Date.parse(answer.headers.get('date')!) - Date.now())).toBeLessThan(60_000);
    expect(answer.status).toBe(403);
  });
});

describe('conditional writes', () => {
  test('If-None-Match creates once', async () => {
    await put('state.json', '{}', { IfNoneMatch: '*' });
    await expect(put('state.json', '{"a":1}', { IfNoneMatch: '*' })).rejects.toMatchObject({ name: 'PreconditionFailed', $metadata: { httpStatusCode: 412 } });
    expect(await read('state.json')).toBe('{}');
  });

  test('If-Match replaces only what was seen', async () => {
    const { ETag } = await put('state.json', '1');
    await put('state.json', '2', { IfMatch: ETag });
    await expect(put('state.json', '3', { IfMatch: ETag })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await expect(put('missing', '3', { IfMatch: ETag })).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  test('a deleted object may be created anew', async () => {
    await versioned();
    await put('k', '1');
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    await put('k', '2', { IfNoneMatch: '*' });
    expect(await read('k')).toBe('2');
  });

  test('conditional reads', async () => {
    const { ETag } = await put('k');
    await expect(read('k', { IfMatch: '"other"' })).rejects.toMatchObject({ $metadata: { httpStatusCode: 412 } });
    await expect(read('k', { IfNoneMatch: ETag })).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
  });
});

describe('versions', () => {
  test('every put adds one, a delete adds a marker, and each can be read', async () => {
    await versioned();
    const first = await put('k', 'one');
    const second = await put('k', 'two');
    const marker = await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    expect(marker).toMatchObject({ DeleteMarker: true });
    await expect(read('k')).rejects.toMatchObject({ name: 'NoSuchKey' });
    expect(await read('k', { VersionId: first.VersionId })).toBe('one');
    const listed = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    expect(listed.Versions!.map(({ VersionId, IsLatest }) => [VersionId, IsLatest])).toEqual([[second.VersionId, false], [first.VersionId, false]]);
    expect(listed.DeleteMarkers).toMatchObject([{ VersionId: marker.VersionId, IsLatest: true }]);
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId: marker.VersionId }));
    expect(await read('k')).toBe('two');
    await expect(read('k', { VersionId: 'nope' })).rejects.toMatchObject({ name: 'NoSuchVersion' });
  });

  test('a bucket with versions is not empty', async () => {
    await versioned();
    const { VersionId } = await put('k');
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    await expect(s3.send(new DeleteBucketCommand({ Bucket }))).rejects.toMatchObject({ name: 'BucketNotEmpty', $metadata: { httpStatusCode: 409 } });
    const { DeleteMarkers } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    const Objects = [{ Key: 'k', VersionId }, { Key: 'k', VersionId: DeleteMarkers![0]!.VersionId }];
    expect((await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))).Deleted).toHaveLength(2);
    await s3.send(new DeleteBucketCommand({ Bucket }));
    expect((await s3.send(new ListBucketsCommand({}))).Buckets ?? []).toEqual([]);
  });
});

describe('lists', () => {
  const keys = async (more = {}) => (await s3.send(new ListObjectsV2Command({ Bucket, ...more }))).Contents?.map(({ Key }) => Key);

  test('are ordered, by prefix, with common prefixes', async () => {
    for (const key of ['b/2', 'a/1', 'b/1', 'c', 'b/x/1', 'B/1']) await put(key);
    expect(await keys()).toEqual(['B/1', 'a/1', 'b/1', 'b/2', 'b/x/1', 'c']);
    expect(await keys({ Prefix: 'b/' })).toEqual(['b/1', 'b/2', 'b/x/1']);
    const top = await s3.send(new ListObjectsV2Command({ Bucket, Delimiter: '/' }));
    expect(top.CommonPrefixes!.map(({ Prefix }) => Prefix)).toEqual(['B/', 'a/', 'b/']);
    expect(top.Contents!.map(({ Key }) => Key)).toEqual(['c']);
    expect(await keys({ StartAfter: 'b/1' })).toEqual(['b/2', 'b/x/1', 'c']);
    expect(await keys({ Prefix: 'zz' })).toBeUndefined();
  });

  test.each([undefined, '/'])('page through everything exactly once, delimiter %s', async (Delimiter) => {
    for (let index = 0; index < 7; index++) await put(`d${index % 3}/k${index}`);
    await put('e');
    const seen: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page: any = await s3.send(new ListObjectsV2Command({ Bucket, Delimiter, MaxKeys: 2, ContinuationToken })); // eslint-disable-line @typescript-eslint/no-explicit-any
      seen.push(...(page.Contents ?? []).map((object: { Key: string }) => object.Key), ...(page.CommonPrefixes ?? []).map((common: { Prefix: string }) => common.Prefix));
      expect(page.KeyCount).toBeLessThanOrEqual(2);
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    expect(seen.sort()).toEqual(Delimiter === undefined
      ? ['d0/k0', 'd0/k3', 'd0/k6', 'd1/k1', 'd1/k4', 'd2/k2', 'd2/k5', 'e']
      : ['d0/', 'd1/', 'd2/', 'e']);
  });

  test('of versions page through everything exactly once', async () => {
    await versioned();
    for (let index = 0; index < 5; index++) await put(`k${index % 2}`, String(index));
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k0' }));
    let total = 0;
    let KeyMarker: string | undefined;
    let VersionIdMarker: string | undefined;
    do {
      const page: any = await s3.send(new ListObjectVersionsCommand({ Bucket, MaxKeys: 2, KeyMarker, VersionIdMarker })); // eslint-disable-line @typescript-eslint/no-explicit-any
      total += (page.Versions?.length ?? 0) + (page.DeleteMarkers?.length ?? 0);
      ({ NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page);
    } while (KeyMarker !== undefined);
    expect(total).toBe(6);
  });
});

describe('copies and tags', () => {
  test('a copy shares content, metadata and tags', async () => {
    await put('from', 'content', { Metadata: { a: '1' }, Tagging: 'stage=raw' });
    await s3.send(new CopyObjectCommand({ Bucket, Key: 'to/here', CopySource: `${Bucket}/from` }));
    const object = await s3.send(new GetObjectCommand({ Bucket, Key: 'to/here' }));
    expect(await object.Body!.transformToString()).toBe('content');
    expect(object).toMatchObject({ Metadata: { a: '1' }, TagCount: 1 });
    expect((await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'to/here' }))).TagSet).toEqual([{ Key: 'stage', Value: 'raw' }]);
    await expect(s3.send(new CopyObjectCommand({ Bucket, Key: 'from', CopySource: `${Bucket}/from` }))).rejects.toMatchObject({ name: 'InvalidRequest' });
  });
});

describe('multipart uploads', () => {
  test('put together in order', async () => {
    const part = Buffer.alloc(5 * 1024 * 1024, 'p');
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'big', ContentType: 'application/gzip' }));
    const first = await s3.send(new UploadPartCommand({ Bucket, Key: 'big', UploadId, PartNumber: 1, Body: part }));
    const last = await s3.send(new UploadPartCommand({ Bucket, Key: 'big', UploadId, PartNumber: 2, Body: 'end' }));
    const Parts = [{ PartNumber: 1, ETag: first.ETag }, { PartNumber: 2, ETag: last.ETag }];
    await expect(s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: 'big', UploadId, MultipartUpload: { Parts: [...Parts].reverse() } })))
      .rejects.toMatchObject({ name: 'InvalidPartOrder' });
    const done = await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: 'big', UploadId, MultipartUpload: { Parts } }));
    expect(done.ETag).toMatch(/^"[0-9a-f]{32}-2"$/);
    expect((await s3.send(new HeadObjectCommand({ Bucket, Key: 'big' }))).ContentLength).toBe(part.length + 3);
    await expect(s3.send(new AbortMultipartUploadCommand({ Bucket, Key: 'big', UploadId }))).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });
});

describe('events', () => {
  test('go to EventBridge once the bucket is told to', async () => {
    await put('before');
    await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration: { EventBridgeConfiguration: {} } }));
    await put('train/_SUCCESS', '12345');
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'train/_SUCCESS' }));
    expect(account.events).toMatchObject([
      {
        source: 'aws.s3', 'detail-type': 'Object Created', resources: [`arn:aws:s3:::${Bucket}`],
        detail: { version: '0', bucket: { name: Bucket }, object: { key: 'train/_SUCCESS', size: 5 }, reason: 'PutObject', requester: ACCOUNT },
      },
      { 'detail-type': 'Object Deleted', detail: { 'deletion-type': 'Permanently Deleted', reason: 'DeleteObject' } },
    ]);
    expect((account.events[0]!.detail as { object: { etag: string } }).object.etag).not.toContain('"');
  });
});

describe('lifecycle', () => {
  test('expires objects at the midnight after their days', async () => {
    await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: {
      Rules: [{ ID: 'old', Status: 'Enabled', Filter: { Prefix: 'captured/' }, Expiration: { Days: 2 } }],
    } }));
    await put('captured/1');
    await put('kept/1');
    await account.clock.advance(2 * DAY);
    await s3.send(new HeadObjectCommand({ Bucket, Key: 'captured/1' }));
    await account.clock.advance(DAY);
    await expect(s3.send(new HeadObjectCommand({ Bucket, Key: 'captured/1' }))).rejects.toMatchObject({ name: 'NotFound' });
    await s3.send(new HeadObjectCommand({ Bucket, Key: 'kept/1' }));
  });

  test('in a versioned bucket leaves a marker, then removes old versions and the lonely marker', async () => {
    await versioned();
    await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules: [
      { Status: 'Enabled', Filter: {}, Expiration: { Days: 1 }, NoncurrentVersionExpiration: { NoncurrentDays: 1 } },
      { Status: 'Enabled', Filter: {}, Expiration: { ExpiredObjectDeleteMarker: true } },
    ] } }));
    await put('k');
    await account.clock.advance(2 * DAY);
    expect(await s3.send(new ListObjectVersionsCommand({ Bucket }))).toMatchObject({ Versions: [{ Key: 'k' }], DeleteMarkers: [{ Key: 'k' }] });
    await account.clock.advance(3 * DAY);
    const { Versions, DeleteMarkers } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    expect([Versions, DeleteMarkers]).toEqual([undefined, undefined]);
  });
});

describe('permissions', () => {
  const allow = (Action: string | string[], Resource: string | string[], more = {}) => ({ Effect: 'Allow', Action, Resource, ...more });
  const as = (principal: Parameters<TestAccount['client']>[0]) => new S3Client(account.client(principal));

  test('reading needs s3:GetObject on the key, and without s3:ListBucket a missing key is a denial', async () => {
    await put('a/1');
    const reader = as(account.roles.put('Reader', [allow('s3:GetObject', `arn:aws:s3:::${Bucket}/a/*`)]));
    await reader.send(new GetObjectCommand({ Bucket, Key: 'a/1' }));
    await expect(reader.send(new GetObjectCommand({ Bucket, Key: 'b' }))).rejects.toMatchObject({
      name: 'AccessDenied', $metadata: { httpStatusCode: 403 },
      message: `User: arn:aws:sts::${ACCOUNT}:assumed-role/Reader/test is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::${Bucket}/b `
        + 'because no identity-based policy allows the s3:GetObject action',
    });
    await expect(reader.send(new GetObjectCommand({ Bucket, Key: 'a/missing' }))).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  test('a condition on the prefix limits lists', async () => {
    const lister = as(account.roles.put('Lister', [allow('s3:ListBucket', `arn:aws:s3:::${Bucket}`, { Condition: { StringLike: { 's3:prefix': 'a/*' } } })]));
    await lister.send(new ListObjectsV2Command({ Bucket, Prefix: 'a/x' }));
    await expect(lister.send(new ListObjectsV2Command({ Bucket }))).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  test('the bucket\'s policy denies plain transport only', async () => {
    const role = account.roles.put('Writer', [allow('s3:*', '*')]);
    const deny = (Condition: object) => JSON.stringify({ Version: '2012-10-17', Statement: [{
      Effect: 'Deny', Principal: { AWS: '*' }, Action: 's3:*', Resource: [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`], Condition,
    }] });
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: deny({ Bool: { 'aws:SecureTransport': 'false' }, NumericLessThan: { 's3:TlsVersion': 1.2 } }) }));
    await as(role).send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: deny({ StringNotEquals: { 's3:x-amz-server-side-encryption': 'aws:kms' } }) }));
    await expect(as(role).send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }))).rejects.toMatchObject({
      message: expect.stringContaining('with an explicit deny in a resource-based policy'),
    });
    expect(JSON.parse((await s3.send(new GetBucketPolicyCommand({ Bucket }))).Policy!)).toMatchObject({ Version: '2012-10-17' });
  });

  test('a policy that names a role that is not there is refused', async () => {
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [{
      Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/Ghost` }, Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*`,
    }] });
    await expect(s3.send(new PutBucketPolicyCommand({ Bucket, Policy }))).rejects.toMatchObject({ name: 'MalformedPolicy', message: 'Invalid principal in policy' });
  });

  test('objects under a customer\'s key need the key as well', async () => {
    const key = await account.create('AWS::KMS::Key', {});
    await account.create('AWS::S3::Bucket', {
      BucketName: 'secret-bucket',
      BucketEncryption: { ServerSideEncryptionConfiguration: [{
        BucketKeyEnabled: true, ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key.attributes!['Arn'] },
      }] },
    });
    const written = await s3.send(new PutObjectCommand({ Bucket: 'secret-bucket', Key: 'k', Body: 'secret' }));
    expect(written).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: key.attributes!['Arn'], BucketKeyEnabled: true });
    expect(written.ETag).not.toContain(createHash('md5').update('secret').digest('hex'));

    const without = as(account.roles.put('Without', [allow('s3:GetObject', '*')]));
    await expect(without.send(new GetObjectCommand({ Bucket: 'secret-bucket', Key: 'k' }))).rejects.toMatchObject({
      name: 'AccessDenied', message: expect.stringContaining('kms:Decrypt'),
    });
    const viaS3 = { Condition: { StringEquals: { 'kms:ViaService': `s3.${REGION}.amazonaws.com`, 'kms:EncryptionContext:aws:s3:arn': 'arn:aws:s3:::secret-bucket' } } };
    const withKey = as(account.roles.put('With', [allow('s3:GetObject', '*'), allow('kms:Decrypt', key.attributes!['Arn'] as string, viaS3)]));
    await withKey.send(new GetObjectCommand({ Bucket: 'secret-bucket', Key: 'k' }));

    await account.call({ service: 'kms', operation: 'DisableKey', input: { KeyId: key.physicalId } });
    await expect(withKey.send(new GetObjectCommand({ Bucket: 'secret-bucket', Key: 'k' }))).rejects.toMatchObject({ name: 'KMS.DisabledException' });
  });
});

describe('CloudFormation', () => {
  test('makes a bucket from what the CDK writes, and refuses to delete it while it holds something', async () => {
    const properties = {
      BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
      LifecycleConfiguration: { Rules: [{ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 }, ExpirationInDays: 30, Status: 'Enabled' }] },
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
      Tags: [{ Key: 'a', Value: 'b' }],
      VersioningConfiguration: { Status: 'Enabled' },
    };
    const made = await account.create('AWS::S3::Bucket', properties, 'Data');
    expect(made).toMatchObject({ physicalId: 'stack-data-abcdef', attributes: { Arn: 'arn:aws:s3:::stack-data-abcdef' } });
    const { VersionId } = await s3.send(new PutObjectCommand({ Bucket: made.physicalId, Key: 'k', Body: 'x' }));
    expect(account.events).toHaveLength(1);
    const provider = account.provider('AWS::S3::Bucket');
    expect(() => provider.delete(account.request('AWS::S3::Bucket', properties), made)).toThrow(/not empty/);
    await s3.send(new DeleteObjectCommand({ Bucket: made.physicalId, Key: 'k', VersionId }));
    await provider.delete(account.request('AWS::S3::Bucket', properties), made);
  });

  test('refuses what nobody implements, by name', async () => {
    await expect(account.create('AWS::S3::Bucket', { NotificationConfiguration: { LambdaConfigurations: [] } }))
      .rejects.toThrow('NotificationConfiguration.LambdaConfigurations');
    await expect(account.create('AWS::S3::Bucket', { BucketName: 'Upper' })).rejects.toThrow('not valid');
  });
});
