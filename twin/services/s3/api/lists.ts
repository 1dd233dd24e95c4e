import type { Operation } from '../../../service';
import type { Bucket, ObjectVersion } from '../bucket';
import { invalidArgument } from '../errors';
import { Permissions } from '../permissions';
import type { S3State } from '../state';

/* eslint-disable @typescript-eslint/no-explicit-any -- inputs are shaped by the model */

export function listOperations(state: S3State): Record<string, Operation> {
  const permissions = new Permissions(state);
  return {
    ListObjectsV2: {
      authorize: (input) => [permissions.bucket('ListBucket', input.Bucket, listContext(input))],
      run(input) {
        const from = input.ContinuationToken === undefined ? input.StartAfter : fromToken(input.ContinuationToken);
        const page = listCurrent(state.bucket(input.Bucket), input, from);
        const encode = encoder(input);
        return {
          ...echo(input, encode),
          StartAfter: input.StartAfter && encode(input.StartAfter),
          ContinuationToken: input.ContinuationToken,
          KeyCount: page.objects.length + page.prefixes.length,
          IsTruncated: page.next !== undefined,
          NextContinuationToken: page.next === undefined ? undefined : toToken(page.next),
          ...contents(page, encode),
        };
      },
    },
    ListObjects: {
      authorize: (input) => [permissions.bucket('ListBucket', input.Bucket, listContext(input))],
      run(input) {
        const page = listCurrent(state.bucket(input.Bucket), input, input.Marker);
        const encode = encoder(input);
        return {
          ...echo(input, encode),
          Marker: encode(input.Marker ?? ''),
          IsTruncated: page.next !== undefined,
          // Without a delimiter, clients go on from the last key.
          NextMarker: page.next !== undefined && input.Delimiter !== undefined ? encode(page.next) : undefined,
          ...contents(page, encode),
        };
      },
    },
    ListObjectVersions: {
      authorize: (input) => [permissions.bucket('ListBucketVersions', input.Bucket, listContext(input))],
      run: (input) => listVersions(state.bucket(input.Bucket), input),
    },
  };
}

interface Page {
  readonly objects: ObjectVersion[];
  readonly prefixes: string[];
  /** Where the next page begins: after this key or common prefix. */
  readonly next?: string;
}

function listCurrent(bucket: Bucket, input: any, after: string | undefined): Page {
  const prefix: string = input.Prefix ?? '';
  const limit = limitOf(input);
  const objects: ObjectVersion[] = [];
  const prefixes: string[] = [];
  const keys = bucket.keys();
  let last = '';
  for (let index = firstIndex(bucket, prefix, after, input.Delimiter); index < keys.length; index++) {
    const key = keys[index]!;
    if (!key.startsWith(prefix)) break;
    const version = bucket.current(key);
    if (version === undefined) continue;
    const common = commonPrefix(key, prefix, input.Delimiter);
    if (common !== undefined && common === prefixes[prefixes.length - 1]) continue;
    if (objects.length + prefixes.length === limit) return { objects, prefixes, next: last };
    if (common === undefined) objects.push(version);
    else prefixes.push(common);
    last = common ?? key;
  }
  return { objects, prefixes };
}

/** A page that ended in a common prefix goes on behind everything under it. */
function firstIndex(bucket: Bucket, prefix: string, after: string | undefined, delimiter: string | undefined): number {
  if (after === undefined || after < prefix) return bucket.position(prefix);
  const behind = delimiter !== undefined && after.endsWith(delimiter) ? `${after}\u{10ffff}` : `${after}\0`;
  return bucket.position(behind);
}

function listVersions(bucket: Bucket, input: any): Record<string, unknown> {
  const prefix: string = input.Prefix ?? '';
  const limit = limitOf(input);
  const encode = encoder(input);
  const Versions: unknown[] = [];
  const DeleteMarkers: unknown[] = [];
  const prefixes: string[] = [];
  const keys = bucket.keys();
  let last: { key: string; versionId?: string } | undefined;
  let more = false;
  const skipTo = input.VersionIdMarker === undefined ? firstIndex(bucket, prefix, input.KeyMarker, input.Delimiter) : bucket.position(input.KeyMarker);
  scan: for (let index = skipTo; index < keys.length; index++) {
    const key = keys[index]!;
    if (!key.startsWith(prefix)) break;
    const common = commonPrefix(key, prefix, input.Delimiter);
    if (common !== undefined) {
      if (common === prefixes[prefixes.length - 1]) continue;
      if (Versions.length + DeleteMarkers.length + prefixes.length === limit) { more = true; break; }
      prefixes.push(common);
      last = { key: common };
      continue;
    }
    const versions = bucket.versionsOf(key);
    const marker = key === input.KeyMarker ? versions.findIndex(({ versionId }) => versionId === input.VersionIdMarker) : -1;
    for (const version of versions.slice(marker + 1)) {
      if (Versions.length + DeleteMarkers.length + prefixes.length === limit) { more = true; break scan; }
      (version.deleteMarker ? DeleteMarkers : Versions).push(versionEntry(version, version === versions[0], encode));
      last = { key, versionId: version.versionId };
    }
  }
  return {
    ...echo(input, encode), KeyMarker: encode(input.KeyMarker ?? ''), VersionIdMarker: input.VersionIdMarker, IsTruncated: more,
    ...(more && last && { NextKeyMarker: encode(last.key), NextVersionIdMarker: last.versionId }),
    Versions, DeleteMarkers, CommonPrefixes: prefixes.map((common) => ({ Prefix: encode(common) })),
  };
}

function versionEntry(version: ObjectVersion, isLatest: boolean, encode: (text: string) => string): Record<string, unknown> {
  const entry = { Key: encode(version.key), VersionId: version.versionId, IsLatest: isLatest, LastModified: version.lastModified };
  return version.deleteMarker ? entry : { ...entry, ETag: version.etag, Size: version.body.size, StorageClass: version.storageClass };
}

function contents(page: Page, encode: (text: string) => string): Record<string, unknown> {
  return {
    Contents: page.objects.map((version) => ({
      Key: encode(version.key), LastModified: version.lastModified, ETag: version.etag, Size: version.body.size, StorageClass: version.storageClass,
    })),
    CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: encode(prefix) })),
  };
}

function echo(input: any, encode: (text: string) => string): Record<string, unknown> {
  return {
    Name: input.Bucket, Prefix: encode(input.Prefix ?? ''), Delimiter: input.Delimiter && encode(input.Delimiter), MaxKeys: limitOf(input),
    EncodingType: input.EncodingType,
  };
}

function commonPrefix(key: string, prefix: string, delimiter: string | undefined): string | undefined {
  if (delimiter === undefined || delimiter === '') return undefined;
  const end = key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + delimiter.length);
}

function limitOf(input: any): number {
  const asked = input.MaxKeys ?? 1000;
  if (asked < 0) throw invalidArgument('max-keys', asked, 'Argument maxKeys must be an integer between 0 and 2147483647');
  return Math.min(asked, 1000);
}

function encoder(input: any): (text: string) => string {
  return input.EncodingType === 'url' ? (text) => encodeURIComponent(text).replace(/%2F/g, '/') : (text) => text;
}

/** Tokens tell nothing: whoever builds one himself is refused. */
function toToken(key: string): string {
  return `1${Buffer.from(key).toString('base64')}`;
}

function fromToken(token: string): string {
  if (!token.startsWith('1')) throw invalidArgument('continuation-token', token, 'The continuation token provided is incorrect');
  return Buffer.from(token.slice(1), 'base64').toString('utf8');
}

function listContext(input: any): Record<string, string> {
  return {
    's3:prefix': input.Prefix ?? '',
    ...(input.Delimiter !== undefined && { 's3:delimiter': input.Delimiter }),
    ...(input.MaxKeys !== undefined && { 's3:max-keys': String(input.MaxKeys) }),
  };
}
