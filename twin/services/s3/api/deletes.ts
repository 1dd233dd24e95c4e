import { AwsError, type Call, type Operation } from '../../../service';
import type { Bucket } from '../bucket';
import { publishDeleted } from '../events';
import { preconditionFailed } from '../errors';
import { Permissions } from '../permissions';
import type { S3State } from '../state';
import { refuse } from './objects';

 

interface Target {
  readonly Key: string;
  readonly VersionId?: string;
  readonly ETag?: string;
}

export function deleteOperations(state: S3State): Record<string, Operation> {
  const permissions = new Permissions(state);
  const permission = (bucket: string, target: Target) => permissions.object(
    target.VersionId === undefined ? 'DeleteObject' : 'DeleteObjectVersion', bucket, target.Key);
  return {
    DeleteObject: {
      authorize: (input) => [permission(input.Bucket, input)],
      run(input, call) {
        refuse(input, 'MFA', 'IfMatchLastModifiedTime', 'IfMatchSize');
        return deleteOne(state, state.bucket(input.Bucket), { Key: input.Key, VersionId: input.VersionId, ETag: input.IfMatch }, call);
      },
    },
    DeleteObjects: {
      authorize: (input) => input.Delete.Objects.map((target: Target) => permission(input.Bucket, target)),
      run(input, call) {
        const targets: Target[] = input.Delete.Objects;
        if (targets.length > 1000) throw malformed();
        const bucket = state.bucket(input.Bucket);
        const Deleted: unknown[] = [];
        const Errors: unknown[] = [];
        for (const target of targets) {
          try {
            const { DeleteMarker, VersionId } = deleteOne(state, bucket, target, call);
            Deleted.push({
              Key: target.Key, VersionId: target.VersionId,
              ...(DeleteMarker && { DeleteMarker, DeleteMarkerVersionId: VersionId }),
            });
          } catch (error) {
            if (!(error instanceof AwsError)) throw error;
            Errors.push({ Key: target.Key, VersionId: target.VersionId, Code: error.code, Message: error.message });
          }
        }
        return { ...(!input.Delete.Quiet && { Deleted }), ...(Errors.length > 0 && { Errors }) };
      },
    },
  };
}

/** With a version id that version goes for good; without one, a versioned bucket gets a delete marker. What is not there is deleted too. */
function deleteOne(state: S3State, bucket: Bucket, target: Target, call: Call): { DeleteMarker?: boolean; VersionId?: string } {
  const { Key, VersionId, ETag } = target;
  if (ETag !== undefined) {
    const current = bucket.find(Key, VersionId);
    if (current === undefined || (ETag !== '*' && current.etag.replace(/"/g, '') !== ETag.replace(/"/g, ''))) throw preconditionFailed('If-Match');
  }
  if (VersionId !== undefined || bucket.versioning === undefined) {
    const removed = bucket.remove(Key, VersionId ?? 'null');
    if (removed !== undefined) publishDeleted(state, bucket, { ...removed, deleteMarker: false }, 'DeleteObject', call.caller);
    return { ...(removed?.deleteMarker && { DeleteMarker: true }), ...(VersionId !== undefined && { VersionId }) };
  }
  const marker = state.deleteMarker(bucket, Key);
  publishDeleted(state, bucket, marker, 'DeleteObject', call.caller);
  return { DeleteMarker: true, VersionId: marker.versionId };
}

function malformed(): AwsError {
  return new AwsError('MalformedXML', 'The XML you provided was not well-formed or did not validate against our published schema');
}
