import { AwsError, type Call, type Operation } from '../../../service';
import type { Body } from '../bodies';
import type { Bucket, Encryption, ObjectHeaders, ObjectVersion } from '../bucket';
import { md5, verifyChecksums, type Checksums } from '../checksums';
import { checkReadConditions, checkWriteConditions, rangeOf } from '../conditions';
import { checkKeyUsable, encryptionMembers, encryptionOf } from '../encryption';
import { keyTooLong, LONGEST_KEY, notImplemented } from '../errors';
import { publishCreated } from '../events';
import { Permissions } from '../permissions';
import type { S3State } from '../state';
import { tagsFromHeader } from '../tags';

/* eslint-disable @typescript-eslint/no-explicit-any -- inputs are shaped by the model */

const HEADERS = ['ContentType', 'ContentEncoding', 'ContentDisposition', 'ContentLanguage', 'CacheControl', 'Expires', 'WebsiteRedirectLocation',
  'Metadata'] as const;

export function objectOperations(state: S3State): Record<string, Operation> {
  const permissions = new Permissions(state);
  const { world } = state;
  return {
    PutObject: {
      authorize: (input) => permissions.write(input),
      run(input, call) {
        refuse(input, 'WriteOffsetBytes', 'ObjectLockMode', 'ObjectLockRetainUntilDate', 'ObjectLockLegalHoldStatus');
        const bucket = state.bucket(input.Bucket);
        checkWriteConditions(bucket, input.Key, input);
        const content = toBytes(input.Body);
        const version = createVersion(state, bucket, input.Key, {
          body: state.bodies.store(content),
          checksums: verifyChecksums(input, content),
          digest: md5(content).toString('hex'),
          encryption: encryptionOf(world, bucket, input),
          headers: headersOf(input),
          storageClass: input.StorageClass ?? 'STANDARD',
          tags: tagsFromHeader(input.Tagging),
        }, 'PutObject', call);
        return { ETag: version.etag, ...versionMember(version), ...version.checksums, ...checksumType(version), ...encryptionMembers(world, version.encryption) };
      },
    },
    GetObject: {
      authorize: (input) => permissions.read(input.Bucket, input.Key, input.VersionId),
      run(input) {
        refuse(input, 'PartNumber');
        const version = readable(state, input);
        const range = rangeOf(input.Range, version.body.size);
        const content = range === undefined ? version.body.read() : version.body.read(range.start, range.end);
        return { ...describe(state, version, input), ...partOf(version, range), Body: content, ContentLength: content.length, ...overrides(input) };
      },
    },
    HeadObject: {
      authorize: (input) => permissions.read(input.Bucket, input.Key, input.VersionId),
      run(input) {
        refuse(input, 'PartNumber');
        const version = readable(state, input);
        const range = rangeOf(input.Range, version.body.size);
        const length = range === undefined ? version.body.size : range.end - range.start + 1;
        return { ...describe(state, version, input), ...partOf(version, range), ContentLength: length };
      },
    },
    GetObjectAttributes: {
      authorize: (input) => [
        ...permissions.read(input.Bucket, input.Key, input.VersionId),
        permissions.object(input.VersionId === undefined ? 'GetObjectAttributes' : 'GetObjectVersionAttributes', input.Bucket, input.Key),
      ],
      run(input) {
        const version = readable(state, input);
        const all: Record<string, unknown> = {
          ETag: version.etag.replace(/"/g, ''), ObjectSize: version.body.size, StorageClass: version.storageClass,
          Checksum: { ...version.checksums, ...checksumType(version) },
          ObjectParts: version.partCount === undefined ? undefined : { TotalPartsCount: version.partCount },
        };
        const wanted = (input.ObjectAttributes as string[]).map((name) => [name, all[name]]);
        return { ...Object.fromEntries(wanted), LastModified: version.lastModified, ...versionMember(version) };
      },
    },
  };
}

export interface NewObject {
  readonly body: Body;
  readonly checksums: Checksums;
  /** What the ETag is made of. */
  readonly digest: string;
  readonly encryption: Encryption;
  readonly headers: ObjectHeaders;
  readonly storageClass: string;
  readonly tags: ObjectVersion['tags'];
  readonly partCount?: number;
}

/** The one place where objects come into being: version, ETag, event. */
export function createVersion(state: S3State, bucket: Bucket, key: string, object: NewObject, reason: string, call: Call): ObjectVersion {
  if (Buffer.byteLength(key) > LONGEST_KEY) throw keyTooLong(key);
  checkKeyUsable(state.world, object.encryption);
  const { digest, ...rest } = object;
  const versionId = state.versionId(bucket);
  // Under KMS the ETag is no digest of the content: the same bytes get another one each time.
  const opaque = object.encryption.algorithm === 'aws:kms' && object.partCount === undefined;
  const etag = opaque ? md5(Buffer.from(`${digest} ${state.sequencer()}`)).toString('hex') : digest;
  const version: ObjectVersion = { ...rest, key, versionId, etag: `"${etag}"`, lastModified: state.now(), deleteMarker: false };
  bucket.add(version);
  publishCreated(state, bucket, version, reason, call.caller);
  return version;
}

function readable(state: S3State, input: any): ObjectVersion {
  const version = state.bucket(input.Bucket).get(input.Key, input.VersionId);
  if (version.deleteMarker) throw new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', 405);
  checkReadConditions(version, input);
  checkKeyUsable(state.world, version.encryption);
  return version;
}

function describe(state: S3State, version: ObjectVersion, input: any): Record<string, unknown> {
  const wantsChecksum = input.ChecksumMode === 'ENABLED' && input.Range === undefined;
  return {
    ...version.headers,
    ContentType: version.headers.ContentType ?? 'binary/octet-stream',
    AcceptRanges: 'bytes',
    LastModified: version.lastModified,
    ETag: version.etag,
    ...versionMember(version),
    ...encryptionMembers(state.world, version.encryption),
    ...(version.storageClass !== 'STANDARD' && { StorageClass: version.storageClass }),
    ...(version.tags.length > 0 && { TagCount: version.tags.length }),
    ...(wantsChecksum && { ...version.checksums, ...checksumType(version) }),
  };
}

function partOf(version: ObjectVersion, range: ReturnType<typeof rangeOf>): Record<string, unknown> {
  return range === undefined ? {} : { ContentRange: `bytes ${range.start}-${range.end}/${version.body.size}` };
}

/** `?response-content-type=…` and its kin. */
function overrides(input: any): Record<string, unknown> {
  return Object.fromEntries(Object.entries(input)
    .filter(([name, value]) => name.startsWith('Response') && value !== undefined)
    .map(([name, value]) => [name.slice('Response'.length), value]));
}

export function headersOf(input: any): ObjectHeaders {
  return Object.fromEntries(HEADERS.filter((name) => input[name] !== undefined).map((name) => [name, input[name]]));
}

export function versionMember(version: ObjectVersion): { VersionId?: string } {
  return version.versionId === 'null' ? {} : { VersionId: version.versionId };
}

export function checksumType(version: { readonly checksums: Checksums; readonly partCount?: number }): { ChecksumType?: string } {
  if (Object.keys(version.checksums).length === 0) return {};
  return { ChecksumType: version.partCount === undefined ? 'FULL_OBJECT' : 'COMPOSITE' };
}

export function toBytes(body: unknown): Uint8Array {
  if (body === undefined || body === null) return new Uint8Array();
  return typeof body === 'string' ? Buffer.from(body) : body as Uint8Array;
}

/** Refuses members that would change what happens and that nobody implements. */
export function refuse(input: any, ...members: string[]): void {
  const given = members.find((member) => input[member] !== undefined);
  if (given !== undefined) throw notImplemented(given);
}
