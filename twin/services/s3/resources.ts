import { AwsError, type ResourceHandle, type ResourceProvider, type ResourceRequest } from '../../service';
import { defaultEncryption } from './api/settings';
import type { Bucket } from './bucket';
import { checkBucketPolicy } from './bucket-policy';
import { fromCloudFormation } from './cloudformation-rules';
import { notImplemented } from './errors';
import { checkRules } from './lifecycle-rule';
import type { S3State } from './state';

export function s3Resources(state: S3State): Record<string, ResourceProvider> {
  return { 'AWS::S3::Bucket': bucketProvider(state), 'AWS::S3::BucketPolicy': bucketPolicyProvider(state) };
}

function bucketProvider(state: S3State): ResourceProvider {
  return {
    properties: ['BucketName', 'AccessControl', 'BucketEncryption', 'VersioningConfiguration', 'PublicAccessBlockConfiguration', 'OwnershipControls',
      'LifecycleConfiguration', 'NotificationConfiguration', 'LoggingConfiguration', 'Tags'],
    createOnly: ['BucketName'],
    create(request) {
      const name: string = request.properties['BucketName'] ?? request.generateName(63, true);
      const bucket = state.create(name);
      try {
        configure(state, bucket, request);
      } catch (error) {
        state.delete(name);
        throw error;
      }
      return handle(state, bucket);
    },
    update(request, existing) {
      const bucket = state.bucket(existing.physicalId);
      configure(state, bucket, request);
      return handle(state, bucket);
    },
    delete: (_request, existing) => state.delete(existing.physicalId),
  };
}

/** Settings left out go back to their defaults. */
function configure(state: S3State, bucket: Bucket, { properties }: ResourceRequest): void {
  const { AccessControl: acl = 'Private' } = properties;
  if (acl !== 'Private') throw notImplemented(`AccessControl ${acl}; the twin has no access control lists, allow access by a bucket policy`);
  const rule = properties['BucketEncryption']?.ServerSideEncryptionConfiguration?.[0];
  const { EventBridgeConfiguration, ...otherNotifications } = properties['NotificationConfiguration'] ?? {};
  const unsupported = Object.keys(otherNotifications)[0];
  if (unsupported !== undefined) throw notImplemented(`NotificationConfiguration.${unsupported}; it sends events to EventBridge`);
  const versioning = properties['VersioningConfiguration']?.Status;
  if (versioning === undefined && bucket.versioning !== undefined) {
    // A versioned bucket never goes back to having no versions.
    bucket.versioning = 'Suspended';
  } else bucket.versioning = versioning;
  const logging = properties['LoggingConfiguration'];
  bucket.encryption = rule === undefined ? { algorithm: 'AES256' }
    : defaultEncryption(state, rule.ServerSideEncryptionByDefault, rule.BucketKeyEnabled);
  bucket.publicAccessBlock = properties['PublicAccessBlockConfiguration'];
  bucket.ownership = properties['OwnershipControls']?.Rules?.[0]?.ObjectOwnership;
  bucket.lifecycle = checkRules((properties['LifecycleConfiguration']?.Rules ?? []).map(fromCloudFormation));
  bucket.sendsEvents = EventBridgeConfiguration !== undefined && EventBridgeConfiguration.EventBridgeEnabled !== false;
  bucket.logging = logging === undefined ? undefined
    : { TargetBucket: logging.DestinationBucketName ?? bucket.name, TargetPrefix: logging.LogFilePrefix ?? '' };
  bucket.tags = properties['Tags'] ?? [];
}

function handle(state: S3State, bucket: Bucket): ResourceHandle {
  const { region } = state.world;
  return {
    physicalId: bucket.name,
    attributes: {
      Arn: bucket.arn,
      DomainName: `${bucket.name}.s3.amazonaws.com`,
      RegionalDomainName: `${bucket.name}.s3.${region}.amazonaws.com`,
      DualStackDomainName: `${bucket.name}.s3.dualstack.${region}.amazonaws.com`,
      WebsiteURL: `http://${bucket.name}.s3-website-${region}.amazonaws.com`,
    },
  };
}

function bucketPolicyProvider(state: S3State): ResourceProvider {
  const put = ({ properties }: ResourceRequest): ResourceHandle => {
    const bucket = state.bucket(properties['Bucket']);
    bucket.policy = checkBucketPolicy(state.world, bucket, properties['PolicyDocument']);
    return { physicalId: bucket.name };
  };
  return {
    properties: ['Bucket', 'PolicyDocument'],
    createOnly: ['Bucket'],
    create(request) {
      const bucket = state.bucket(request.properties['Bucket']);
      if (bucket.policy !== undefined) throw new AwsError('AlreadyExists', `The bucket policy already exists on bucket ${bucket.name}.`, 409);
      return put(request);
    },
    update: (request) => put(request),
    delete(_request, existing) {
      const bucket = state.buckets.get(existing.physicalId);
      if (bucket !== undefined) bucket.policy = undefined;
    },
  };
}
