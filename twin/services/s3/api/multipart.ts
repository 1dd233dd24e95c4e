import { AwsError, type Operation } from '../../../service';
import type { Upload } from '../bucket';
import { md5, verifyChecksums } from '../checksums';
import { checkWriteConditions, rangeOf } from '../conditions';
import { encryptionMembers, encryptionOf } from '../encryption';
import { noSuchUpload } from '../errors';
import { Permissions } from '../permissions';
import type { S3State } from '../state';
import { tagsFromHeader } from '../tags';
import { parseSource, sourceOf } from './copies';
import { createVersion, headersOf, toBytes, versionMember } from './objects';

const SMALLEST_PART = 5 * 1024 * 1024;

export function multipartOperations(state: S3State): Record<string, Operation> {
  const permissions = new Permissions(state);
  const { world } = state;
  const upload = (bucket: string, key: string, id: string): Upload => {
    const found = state.bucket(bucket).uploads.get(id);
    if (found === undefined || found.key !== key) throw noSuchUpload(id);
    return found;
  };
  const encryptionOfUpload = (input: { Bucket: string; UploadId: string }) =>
    state.buckets.get(input.Bucket)?.uploads.get(input.UploadId)?.encryption;
  return {
    CreateMultipartUpload: {
      authorize: (input) => permissions.write(input),
      run(input) {
        const bucket = state.bucket(input.Bucket);
        const created: Upload = {
          id: world.random.text(64, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._'), key: input.Key, startedAt: state.now(),
          headers: headersOf(input), encryption: encryptionOf(world, bucket, input), storageClass: input.StorageClass ?? 'STANDARD',
          tags: tagsFromHeader(input.Tagging), checksumAlgorithm: input.ChecksumAlgorithm, parts: new Map(),
        };
        bucket.uploads.set(created.id, created);
        return {
          Bucket: input.Bucket, Key: input.Key, UploadId: created.id, ...encryptionMembers(world, created.encryption),
          ...(created.checksumAlgorithm && { ChecksumAlgorithm: created.checksumAlgorithm, ChecksumType: 'COMPOSITE' }),
        };
      },
    },
    UploadPart: {
      authorize: (input) => permissions.writePart(input.Bucket, input.Key, encryptionOfUpload(input)),
      run(input) {
        const target = upload(input.Bucket, input.Key, input.UploadId);
        const content = toBytes(input.Body);
        const checksums = verifyChecksums(input, content);
        const etag = putPart(state, target, input.PartNumber, content, checksums);
        return { ETag: etag, ...checksums, ...encryptionMembers(world, target.encryption) };
      },
    },
    UploadPartCopy: {
      authorize(input) {
        const source = parseSource(input.CopySource);
        return [...permissions.read(source.bucket, source.key, source.versionId), ...permissions.writePart(input.Bucket, input.Key, encryptionOfUpload(input))];
      },
      run(input) {
        const target = upload(input.Bucket, input.Key, input.UploadId);
        const { source } = sourceOf(state, input);
        const range = rangeOf(input.CopySourceRange, source.body.size);
        const etag = putPart(state, target, input.PartNumber, source.body.read(range?.start, range?.end), {});
        return { CopyPartResult: { ETag: etag, LastModified: state.now() }, ...encryptionMembers(world, target.encryption) };
      },
    },
    CompleteMultipartUpload: {
      authorize: (input) => [
        ...permissions.writePart(input.Bucket, input.Key, encryptionOfUpload(input)),
        ...(input.IfMatch === undefined ? [] : [permissions.object('GetObject', input.Bucket, input.Key)]),
      ],
      run(input, call) {
        const bucket = state.bucket(input.Bucket);
        const target = upload(input.Bucket, input.Key, input.UploadId);
        checkWriteConditions(bucket, input.Key, input);
        const parts = chosenParts(target, input.MultipartUpload?.Parts ?? []);
        const digest = md5(Buffer.concat(parts.map(({ etag }) => Buffer.from(etag.replace(/"/g, ''), 'hex')))).toString('hex');
        const { headers, encryption, storageClass, tags } = target;
        const version = createVersion(state, bucket, input.Key, {
          body: state.bodies.concatenate(parts.map(({ body }) => body)), checksums: {}, digest: `${digest}-${parts.length}`,
          headers, encryption, storageClass, tags, partCount: parts.length,
        }, 'CompleteMultipartUpload', call);
        bucket.uploads.delete(target.id);
        return {
          Bucket: input.Bucket, Key: input.Key, ETag: version.etag, Location: `${world.endpoint}/${input.Bucket}/${encodeURIComponent(input.Key)}`,
          ...versionMember(version), ...encryptionMembers(world, encryption),
        };
      },
    },
    AbortMultipartUpload: {
      authorize: (input) => [permissions.object('AbortMultipartUpload', input.Bucket, input.Key)],
      run(input) {
        state.bucket(input.Bucket).uploads.delete(upload(input.Bucket, input.Key, input.UploadId).id);
        return {};
      },
    },
    ListParts: {
      authorize: (input) => [permissions.object('ListMultipartUploadParts', input.Bucket, input.Key)],
      run(input) {
        const { parts, storageClass } = upload(input.Bucket, input.Key, input.UploadId);
        const numbers = [...parts.keys()].sort((one, other) => one - other).filter((number) => number > Number(input.PartNumberMarker ?? 0));
        const limit = Math.min(input.MaxParts ?? 1000, 1000);
        const page = numbers.slice(0, limit);
        return {
          Bucket: input.Bucket, Key: input.Key, UploadId: input.UploadId, StorageClass: storageClass, MaxParts: limit,
          IsTruncated: numbers.length > limit, ...(numbers.length > limit && { NextPartNumberMarker: page[page.length - 1] }),
          Parts: page.map((number) => {
            const { body, etag, lastModified, checksums } = parts.get(number)!;
            return { PartNumber: number, ETag: etag, LastModified: lastModified, Size: body.size, ...checksums };
          }),
        };
      },
    },
    ListMultipartUploads: {
      authorize: (input) => [permissions.bucket('ListBucketMultipartUploads', input.Bucket)],
      run: (input) => ({
        Bucket: input.Bucket, Prefix: input.Prefix, MaxUploads: 1000, IsTruncated: false,
        Uploads: [...state.bucket(input.Bucket).uploads.values()].filter(({ key }) => key.startsWith(input.Prefix ?? ''))
          .map(({ id, key, startedAt, storageClass }) => ({ UploadId: id, Key: key, Initiated: startedAt, StorageClass: storageClass })),
      }),
    },
  };
}

function putPart(state: S3State, upload: Upload, number: number, content: Uint8Array, checksums: Record<string, string>): string {
  if (number < 1 || number > 10_000) throw new AwsError('InvalidArgument', 'Part number must be an integer between 1 and 10000, inclusive');
  const etag = `"${md5(content).toString('hex')}"`;
  upload.parts.set(number, { body: state.bodies.store(content), etag, lastModified: state.now(), checksums });
  return etag;
}

function chosenParts(upload: Upload, listed: ReadonlyArray<{ PartNumber: number; ETag: string }>) {
  if (listed.length === 0) throw new AwsError('MalformedXML', 'The XML you provided was not well-formed or did not validate against our published schema');
  if (listed.some((part, index) => index > 0 && part.PartNumber <= listed[index - 1]!.PartNumber)) {
    throw new AwsError('InvalidPartOrder', 'The list of parts was not in ascending order. Parts must be ordered by part number.');
  }
  return listed.map(({ PartNumber, ETag }, index) => {
    const part = upload.parts.get(PartNumber);
    if (part === undefined || part.etag.replace(/"/g, '') !== ETag.replace(/"/g, '')) {
      throw new AwsError('InvalidPart', 'One or more of the specified parts could not be found. The part may not have been uploaded, or the specified '
        + 'entity tag may not match the part\'s entity tag.');
    }
    if (index < listed.length - 1 && part.body.size < SMALLEST_PART) {
      throw new AwsError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size');
    }
    return part;
  });
}
