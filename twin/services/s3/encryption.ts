import { AwsError, type AuthorizationRequest } from '../../service';
import type { World } from '../../world';
import type { KmsService } from '../kms';
import type { Bucket, Encryption } from './bucket';
import { invalidArgument, notImplemented } from './errors';

/** The encryption a request asks for, else the bucket's own. */
export function encryptionOf(world: World, bucket: Bucket, input: Record<string, unknown>): Encryption {
  if (input['SSECustomerAlgorithm'] !== undefined) throw notImplemented('keys that the caller brings with the request (SSE-C)');
  const algorithm = input['ServerSideEncryption'] as string | undefined;
  const bucketKey = (input['BucketKeyEnabled'] as boolean | undefined) ?? bucket.encryption.bucketKey;
  const keyId = input['SSEKMSKeyId'] as string | undefined;
  if (algorithm === undefined && keyId === undefined) return bucket.encryption;
  if (algorithm === 'AES256') {
    if (keyId !== undefined) throw invalidArgument('x-amz-server-side-encryption', algorithm, 'Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms');
    return { algorithm };
  }
  if (algorithm !== 'aws:kms') throw notImplemented(`encryption by ${algorithm}`);
  return { algorithm, bucketKey, keyArn: keyId === undefined ? bucket.encryption.keyArn : asS3(() => kms(world).resolve(keyId)).arn };
}

/** Members of an answer that tell how an object is encrypted. */
export function encryptionMembers(world: World, encryption: Encryption): Record<string, unknown> {
  if (encryption.algorithm === 'AES256') return { ServerSideEncryption: 'AES256' };
  return {
    ServerSideEncryption: 'aws:kms',
    SSEKMSKeyId: encryption.keyArn ?? world.arn('kms', 'alias/aws/s3'),
    ...(encryption.bucketKey && { BucketKeyEnabled: true }),
  };
}

/** What S3 asks of KMS in the caller's name. AWS's own key allows it to everybody in the account. */
export function keyPermission(
  world: World, bucket: Bucket, key: string, encryption: Encryption, action: 'Decrypt' | 'GenerateDataKey',
): AuthorizationRequest[] {
  const { keyArn } = encryption;
  if (keyArn === undefined) return [];
  const encrypted = encryption.bucketKey ? bucket.arn : `${bucket.arn}/${key}`;
  return [asS3(() => kms(world).permission(action, keyArn, 's3', { 'aws:s3:arn': encrypted }))];
}

/** Refuses to read or write under a key that is disabled or about to be deleted. */
export function checkKeyUsable(world: World, encryption: Encryption): void {
  const { keyArn } = encryption;
  if (keyArn !== undefined) asS3(() => kms(world).resolve(keyArn).assertUsable());
}

/** S3 passes KMS's refusals on under a name of its own. */
function asS3<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof AwsError ? new AwsError(`KMS.${error.code}`, error.message) : error;
  }
}

function kms(world: World): KmsService {
  return world.service<KmsService>('kms');
}
