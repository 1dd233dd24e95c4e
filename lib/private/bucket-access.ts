import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { IBucket } from 'aws-cdk-lib/aws-s3';

/** Key prefixes, unless said otherwise; `''` is the whole bucket. */
export interface BucketAccess {
  readonly read?: string[];
  /** Particular versions of objects. */
  readonly readVersions?: string[];
  readonly write?: string[];
  /** Keys of single objects. */
  readonly readKeys?: string[];
  /** Keys of single objects. */
  readonly writeKeys?: string[];
  /** Writing in several parts, as a distributed map writes its results. */
  readonly writeInParts?: string[];
  readonly delete?: string[];
  /**
   * Listing, and an honest 404 for a missing object instead of a 403. S3 names no prefix when it answers a read, so a
   * prefix condition would take the 404 away.
   */
  readonly list?: boolean;
  /** Listing under these prefixes only. */
  readonly listUnder?: string[];
  /** For a role that runs code of others: it may use the key through S3 alone, not on ciphertext of its own choice. @default false */
  readonly keyThroughS3Only?: boolean;
}

/** Keys that a bucket's older objects are encrypted under. A bucket itself knows the key of new ones only. */
const formerKeys = new WeakMap<IBucket, IKey[]>();

export function readAlsoUnder(bucket: IBucket, keys: IKey[]): void {
  formerKeys.set(bucket, keys);
}

export function formerKeysOf(bucket: IBucket): readonly IKey[] {
  return formerKeys.get(bucket) ?? [];
}

/** The CDK's `grantRead` and `grantWrite` allow whole families of actions; this one allows what is asked. */
export function grantBucketAccess(grantee: iam.IGrantable, bucket: IBucket, access: BucketAccess): void {
  const allow = (actions: string[], resourceArns: string[], conditions?: Record<string, Record<string, unknown>>) =>
    iam.Grant.addToPrincipal({ grantee, actions, resourceArns, conditions });
  const objects = (prefixes: string[]) => prefixes.map((prefix) => bucket.arnForObjects(`${prefix}*`));
  const exactly = (keys: string[]) => keys.map((key) => bucket.arnForObjects(key));

  if (access.read) allow(['s3:GetObject'], objects(access.read));
  if (access.readKeys) allow(['s3:GetObject'], exactly(access.readKeys));
  if (access.readVersions) allow(['s3:GetObjectVersion'], objects(access.readVersions));
  if (access.write) allow(['s3:PutObject'], objects(access.write));
  if (access.writeKeys) allow(['s3:PutObject'], exactly(access.writeKeys));
  if (access.writeInParts) allow(['s3:PutObject', 's3:ListMultipartUploadParts', 's3:AbortMultipartUpload'], objects(access.writeInParts));
  if (access.delete) allow(['s3:DeleteObject'], objects(access.delete));
  if (access.list) allow(['s3:ListBucket'], [bucket.bucketArn]);
  if (access.listUnder) allow(['s3:ListBucket'], [bucket.bucketArn], { StringLike: { 's3:prefix': access.listUnder.map((prefix) => `${prefix}*`) } });

  const viaS3 = { StringEquals: { 'kms:ViaService': `s3.${Stack.of(bucket).region}.amazonaws.com` } };
  const allowKey = (each: IKey, ...actions: string[]) => {
    if (access.keyThroughS3Only) allow(actions, [each.keyArn], viaS3);
    else each.grant(grantee, ...actions);
  };
  const key = bucket.encryptionKey;
  const reads = access.read ?? access.readKeys ?? access.readVersions;
  if (reads) for (const each of [...(key ? [key] : []), ...formerKeysOf(bucket)]) allowKey(each, 'kms:Decrypt');
  if (key && (access.write || access.writeKeys)) allowKey(key, 'kms:GenerateDataKey');
  // Parts are decrypted to be put together.
  if (key && access.writeInParts) allowKey(key, 'kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey');
}
