import type { Principal } from '../../service';
import type { Bucket, ObjectVersion } from './bucket';
import type { S3State } from './state';

export function publishCreated(state: S3State, bucket: Bucket, version: ObjectVersion, reason: string, caller: Principal): void {
  publish(state, bucket, 'Object Created', version, caller, { reason });
}

export function publishDeleted(state: S3State, bucket: Bucket, version: ObjectVersion, reason: string, caller: Principal): void {
  publish(state, bucket, 'Object Deleted', version, caller, {
    reason,
    'deletion-type': version.deleteMarker ? 'Delete Marker Created' : 'Permanently Deleted',
  });
}

/** The detail as EventBridge carries it from S3; only buckets that are told to send events do. */
function publish(state: S3State, bucket: Bucket, type: string, version: ObjectVersion, caller: Principal, more: Record<string, string>): void {
  if (!bucket.sendsEvents) return;
  const { world } = state;
  const isCreation = type === 'Object Created';
  const sequencer = state.sequencer();
  world.publish({
    source: 'aws.s3',
    'detail-type': type,
    resources: [bucket.arn],
    detail: {
      version: '0',
      bucket: { name: bucket.name },
      object: {
        key: version.key,
        ...(isCreation && { size: version.body.size }),
        etag: version.etag.replace(/"/g, ''),
        ...(version.versionId !== 'null' && { 'version-id': version.versionId }),
        sequencer,
      },
      'request-id': sequencer.slice(-16),
      requester: caller.kind === 'service' ? caller.service : world.account,
      ...(caller.kind !== 'service' && { 'source-ip-address': '127.0.0.1' }),
      ...more,
    },
  });
}
