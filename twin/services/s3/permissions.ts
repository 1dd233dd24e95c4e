import type { AuthorizationRequest } from '../../service';
import type { Encryption, ObjectVersion } from './bucket';
import { encryptionOf, keyPermission } from './encryption';
import type { S3State } from './state';

type Input = Record<string, any>; // eslint-disable-line @typescript-eslint/no-explicit-any
type Context = AuthorizationRequest['context'];

/** The permissions that S3 asks for, with the bucket's policy. */
export class Permissions {
  constructor(private readonly state: S3State) {}

  bucket(action: string, bucketName: string, context?: Context): AuthorizationRequest {
    return { action: `s3:${action}`, resource: this.bucketArn(bucketName), resourcePolicy: this.state.policy(bucketName), ...(context && { context }) };
  }

  object(action: string, bucketName: string, key: string, context?: Context): AuthorizationRequest {
    return {
      action: `s3:${action}`, resource: `${this.bucketArn(bucketName)}/${key}`, resourcePolicy: this.state.policy(bucketName),
      ...(context && { context }),
    };
  }

  /** Reading an object. Who may not list the bucket does not learn that a key is absent: that is a denial too. */
  read(bucketName: string, key: string, versionId: string | undefined): AuthorizationRequest[] {
    const found = this.find(bucketName, key, versionId);
    const get = versionId === undefined
      ? this.object('GetObject', bucketName, key)
      : this.object('GetObjectVersion', bucketName, key, { 's3:VersionId': versionId });
    const bucket = this.state.buckets.get(bucketName);
    if (bucket === undefined) return [get];
    if (found === undefined) return [get, this.bucket(versionId === undefined ? 'ListBucket' : 'ListBucketVersions', bucketName)];
    return [get, ...keyPermission(this.state.world, bucket, key, found.encryption, 'Decrypt')];
  }

  /** Writing an object; `If-Match` lets the caller learn its ETag, which is reading. */
  write(input: Input): AuthorizationRequest[] {
    const { Bucket: bucketName, Key: key } = input as { Bucket: string; Key: string };
    const bucket = this.state.buckets.get(bucketName);
    const put = this.object('PutObject', bucketName, key, writeContext(input));
    if (bucket === undefined) return [put];
    return [
      put,
      ...(input['Tagging'] === undefined ? [] : [this.object('PutObjectTagging', bucketName, key)]),
      ...(input['IfMatch'] === undefined ? [] : [this.object('GetObject', bucketName, key)]),
      ...keyPermission(this.state.world, bucket, key, encryptionOf(this.state.world, bucket, input), 'GenerateDataKey'),
    ];
  }

  /** Parts are decrypted when they are put together, so a multipart upload needs both. */
  writePart(bucketName: string, key: string, encryption: Encryption | undefined): AuthorizationRequest[] {
    const bucket = this.state.buckets.get(bucketName);
    const put = this.object('PutObject', bucketName, key);
    if (bucket === undefined || encryption === undefined) return [put];
    return [
      put,
      ...keyPermission(this.state.world, bucket, key, encryption, 'GenerateDataKey'),
      ...keyPermission(this.state.world, bucket, key, encryption, 'Decrypt'),
    ];
  }

  private find(bucketName: string, key: string, versionId: string | undefined): ObjectVersion | undefined {
    return this.state.buckets.get(bucketName)?.find(key, versionId);
  }

  private bucketArn(name: string): string {
    return this.state.world.arn('s3', name, '', '');
  }
}

/** Condition keys by which a policy can demand encryption or conditional writes. */
function writeContext(input: Input): Context {
  const keys: ReadonlyArray<readonly [string, unknown]> = [
    ['s3:x-amz-server-side-encryption', input['ServerSideEncryption']],
    ['s3:x-amz-server-side-encryption-aws-kms-key-id', input['SSEKMSKeyId']],
    ['s3:x-amz-storage-class', input['StorageClass']],
    ['s3:x-amz-acl', input['ACL']],
    ['s3:if-none-match', input['IfNoneMatch']],
    ['s3:if-match', input['IfMatch']],
  ];
  const given = keys.filter(([, value]) => value !== undefined);
  return given.length === 0 ? undefined : Object.fromEntries(given.map(([key, value]) => [key, String(value)]));
}
