import { AwsError, type Operation } from '../../../service';
import type { Bucket, ObjectVersion } from '../bucket';
import { checkCopyConditions, checkWriteConditions } from '../conditions';
import { checkKeyUsable, encryptionMembers, encryptionOf } from '../encryption';
import { invalidArgument } from '../errors';
import { Permissions } from '../permissions';
import type { S3State } from '../state';
import { tagsFromHeader } from '../tags';
import { checksumType, createVersion, headersOf, refuse, versionMember } from './objects';

/* eslint-disable @typescript-eslint/no-explicit-any -- inputs are shaped by the model */

export function copyOperations(state: S3State): Record<string, Operation> {
  const permissions = new Permissions(state);
  const { world } = state;
  return {
    CopyObject: {
      authorize(input) {
        const source = parseSource(input.CopySource);
        const tagged = (state.buckets.get(source.bucket)?.find(source.key, source.versionId)?.tags.length ?? 0) > 0;
        return [
          ...permissions.read(source.bucket, source.key, source.versionId),
          ...permissions.write(input),
          ...(tagged && input.TaggingDirective !== 'REPLACE'
            ? [permissions.object('GetObjectTagging', source.bucket, source.key), permissions.object('PutObjectTagging', input.Bucket, input.Key)]
            : []),
        ];
      },
      run(input, call) {
        refuse(input, 'CopySourceSSECustomerAlgorithm', 'ObjectLockMode', 'ObjectLockLegalHoldStatus');
        const { from, source } = sourceOf(state, input);
        const bucket = state.bucket(input.Bucket);
        checkWriteConditions(bucket, input.Key, input);
        const replaces = input.MetadataDirective === 'REPLACE';
        const onItself = from === bucket && source.key === input.Key && input.CopySource.indexOf('?versionId=') < 0;
        if (onItself && !replaces && !CHANGES.some((member) => input[member] !== undefined)) {
          throw new AwsError('InvalidRequest', 'This copy request is illegal because it is trying to copy an object to itself without changing the '
            + 'object\'s metadata, storage class, website redirect location or encryption attributes.');
        }
        const version = createVersion(state, bucket, input.Key, {
          body: source.body,
          checksums: source.checksums,
          digest: source.etag.replace(/"/g, ''),
          encryption: encryptionOf(world, bucket, input),
          headers: replaces ? headersOf(input) : source.headers,
          storageClass: input.StorageClass ?? 'STANDARD',
          tags: input.TaggingDirective === 'REPLACE' ? tagsFromHeader(input.Tagging) : source.tags,
        }, 'CopyObject', call);
        return {
          CopyObjectResult: { ETag: version.etag, LastModified: version.lastModified, ...version.checksums, ...checksumType(version) },
          ...(source.versionId !== 'null' && { CopySourceVersionId: source.versionId }),
          ...versionMember(version),
          ...encryptionMembers(world, version.encryption),
        };
      },
    },
  };
}

/** What may change when an object is copied onto itself. */
const CHANGES = ['StorageClass', 'WebsiteRedirectLocation', 'ServerSideEncryption', 'SSEKMSKeyId', 'TaggingDirective', 'ChecksumAlgorithm'];

/** `bucket/key`, percent-encoded, perhaps with a slash before and `?versionId=` behind. */
export function parseSource(source: string): { bucket: string; key: string; versionId?: string } {
  const [path, versionId] = source.split('?versionId=') as [string, string?];
  const decoded = decodeURIComponent(path.replace(/^\//, ''));
  const slash = decoded.indexOf('/');
  if (slash <= 0 || slash === decoded.length - 1) {
    throw invalidArgument('x-amz-copy-source', source, 'Copy Source must mention the source bucket and key: sourcebucket/sourcekey');
  }
  return { bucket: decoded.slice(0, slash), key: decoded.slice(slash + 1), ...(versionId !== undefined && { versionId }) };
}

export function sourceOf(state: S3State, input: any): { from: Bucket; source: ObjectVersion } {
  const { bucket, key, versionId } = parseSource(input.CopySource);
  const from = state.bucket(bucket);
  const source = from.get(key, versionId);
  if (source.deleteMarker) throw new AwsError('InvalidRequest', 'The source of a copy request may not specifically refer to a delete marker by version id.');
  checkCopyConditions(source, {
    IfMatch: input.CopySourceIfMatch, IfNoneMatch: input.CopySourceIfNoneMatch,
    IfModifiedSince: input.CopySourceIfModifiedSince, IfUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
  });
  checkKeyUsable(state.world, source.encryption);
  return { from, source };
}
