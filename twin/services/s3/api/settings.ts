import { AwsError, type Operation } from '../../../service';
import type { Bucket, Encryption } from '../bucket';
import { checkBucketPolicy, parsePolicy } from '../bucket-policy';
import { notImplemented } from '../errors';
import { checkRules } from '../lifecycle-rule';
import { Permissions } from '../permissions';
import type { S3State } from '../state';
import { checkTags } from '../tags';

/* eslint-disable @typescript-eslint/no-explicit-any -- inputs are shaped by the model */

/** Reading and writing what a bucket is set to; `action` is the permission's name where it differs from the operation's. */
export function settingOperations(state: S3State): Record<string, Operation> {
  const permissions = new Permissions(state);
  const setting = (action: string, run: (bucket: Bucket, input: any) => Record<string, unknown> | void): Operation => ({
    authorize: (input) => [permissions.bucket(action, input.Bucket)],
    run: (input) => run(state.bucket(input.Bucket), input) ?? {},
  });
  return {
    GetBucketVersioning: setting('GetBucketVersioning', (bucket) => ({ Status: bucket.versioning })),
    PutBucketVersioning: setting('PutBucketVersioning', (bucket, input) => { bucket.versioning = input.VersioningConfiguration.Status; }),

    GetBucketTagging: setting('GetBucketTagging', (bucket) => {
      if (bucket.tags.length === 0) throw new AwsError('NoSuchTagSet', 'The TagSet does not exist', 404);
      return { TagSet: bucket.tags };
    }),
    PutBucketTagging: setting('PutBucketTagging', (bucket, input) => { bucket.tags = checkTags(input.Tagging.TagSet, 50); }),
    DeleteBucketTagging: setting('PutBucketTagging', (bucket) => { bucket.tags = []; }),

    GetBucketPolicy: setting('GetBucketPolicy', (bucket) => {
      if (bucket.policy === undefined) throw new AwsError('NoSuchBucketPolicy', 'The bucket policy does not exist', 404);
      return { Policy: JSON.stringify(bucket.policy) };
    }),
    PutBucketPolicy: setting('PutBucketPolicy', (bucket, input) => {
      bucket.policy = checkBucketPolicy(state.world, bucket, parsePolicy(input.Policy));
    }),
    DeleteBucketPolicy: setting('DeleteBucketPolicy', (bucket) => { bucket.policy = undefined; }),

    GetBucketEncryption: setting('GetEncryptionConfiguration', (bucket) => ({
      ServerSideEncryptionConfiguration: { Rules: [{
        ApplyServerSideEncryptionByDefault: {
          SSEAlgorithm: bucket.encryption.algorithm, KMSMasterKeyID: bucket.encryption.keyArn,
        },
        BucketKeyEnabled: bucket.encryption.bucketKey ?? false,
      }] },
    })),
    PutBucketEncryption: setting('PutEncryptionConfiguration', (bucket, input) => {
      const rules = input.ServerSideEncryptionConfiguration.Rules;
      bucket.encryption = defaultEncryption(state, rules[0].ApplyServerSideEncryptionByDefault, rules[0].BucketKeyEnabled);
    }),
    DeleteBucketEncryption: setting('PutEncryptionConfiguration', (bucket) => { bucket.encryption = { algorithm: 'AES256' }; }),

    GetPublicAccessBlock: setting('GetBucketPublicAccessBlock', (bucket) => {
      if (bucket.publicAccessBlock === undefined) {
        throw new AwsError('NoSuchPublicAccessBlockConfiguration', 'The public access block configuration was not found', 404);
      }
      return { PublicAccessBlockConfiguration: bucket.publicAccessBlock };
    }),
    PutPublicAccessBlock: setting('PutBucketPublicAccessBlock', (bucket, input) => {
      bucket.publicAccessBlock = input.PublicAccessBlockConfiguration;
    }),
    DeletePublicAccessBlock: setting('PutBucketPublicAccessBlock', (bucket) => { bucket.publicAccessBlock = undefined; }),

    GetBucketOwnershipControls: setting('GetBucketOwnershipControls', (bucket) => (
      { OwnershipControls: { Rules: [{ ObjectOwnership: bucket.ownership ?? 'BucketOwnerEnforced' }] } })),
    PutBucketOwnershipControls: setting('PutBucketOwnershipControls', (bucket, input) => {
      bucket.ownership = input.OwnershipControls.Rules[0].ObjectOwnership;
    }),

    GetBucketLifecycleConfiguration: setting('GetLifecycleConfiguration', (bucket) => {
      if (bucket.lifecycle.length === 0) throw new AwsError('NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist', 404);
      return { Rules: bucket.lifecycle };
    }),
    PutBucketLifecycleConfiguration: setting('PutLifecycleConfiguration', (bucket, input) => {
      bucket.lifecycle = checkRules(input.LifecycleConfiguration?.Rules ?? []);
    }),
    DeleteBucketLifecycle: setting('PutLifecycleConfiguration', (bucket) => { bucket.lifecycle = []; }),

    GetBucketNotificationConfiguration: setting('GetBucketNotification', (bucket) => (bucket.sendsEvents ? { EventBridgeConfiguration: {} } : {})),
    PutBucketNotificationConfiguration: setting('PutBucketNotification', (bucket, input) => {
      const { EventBridgeConfiguration, ...others } = input.NotificationConfiguration;
      const used = Object.entries(others).find(([, list]) => Array.isArray(list) && list.length > 0);
      if (used !== undefined) throw notImplemented(`${used[0]}; it sends events to EventBridge`);
      bucket.sendsEvents = EventBridgeConfiguration !== undefined;
    }),

    GetBucketLogging: setting('GetBucketLogging', (bucket) => ({ LoggingEnabled: bucket.logging })),
    PutBucketLogging: setting('PutBucketLogging', (bucket, input) => { bucket.logging = input.BucketLoggingStatus.LoggingEnabled; }),
  };
}

export function defaultEncryption(state: S3State, rule: { SSEAlgorithm: string; KMSMasterKeyID?: string }, bucketKey?: boolean): Encryption {
  const { SSEAlgorithm: algorithm, KMSMasterKeyID: key } = rule;
  if (algorithm === 'AES256') {
    if (key !== undefined) throw new AwsError('InvalidArgument', 'a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms');
    return { algorithm };
  }
  if (algorithm !== 'aws:kms') throw notImplemented(`encryption by ${algorithm}`);
  // A bucket may be told of a key before there is one, as an ARN; it is looked up when it is used.
  return { algorithm, ...(key !== undefined && { keyArn: key.startsWith('arn:') ? key : state.world.arn('kms', key.startsWith('alias/') ? key : `key/${key}`) }), bucketKey };
}
