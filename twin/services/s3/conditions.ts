import { AwsError } from '../../service';
import type { Bucket, ObjectVersion } from './bucket';
import { noSuchKey, notImplemented, notModified, preconditionFailed } from './errors';

/** `If-None-Match: *` creates only; `If-Match` replaces only what the caller has seen. */
export function checkWriteConditions(bucket: Bucket, key: string, input: { IfMatch?: string; IfNoneMatch?: string }): void {
  const current = bucket.current(key);
  if (input.IfNoneMatch !== undefined) {
    if (input.IfNoneMatch !== '*') throw notImplemented(`a write with If-None-Match: ${input.IfNoneMatch}; S3 takes * only`);
    if (current !== undefined) throw preconditionFailed('If-None-Match');
  }
  if (input.IfMatch !== undefined) {
    if (current === undefined) throw noSuchKey(key);
    if (input.IfMatch !== '*' && !sameEtag(input.IfMatch, current.etag)) throw preconditionFailed('If-Match');
  }
}

interface ReadConditions {
  readonly IfMatch?: string;
  readonly IfNoneMatch?: string;
  readonly IfModifiedSince?: Date;
  readonly IfUnmodifiedSince?: Date;
}

export function checkReadConditions(version: ObjectVersion, conditions: ReadConditions): void {
  const { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince } = conditions;
  const modified = version.lastModified.getTime();
  if (IfMatch !== undefined) {
    if (IfMatch !== '*' && !sameEtag(IfMatch, version.etag)) throw preconditionFailed('If-Match');
  } else if (IfUnmodifiedSince !== undefined && modified > IfUnmodifiedSince.getTime()) throw preconditionFailed('If-Unmodified-Since');
  if (IfNoneMatch !== undefined) {
    if (IfNoneMatch === '*' || sameEtag(IfNoneMatch, version.etag)) throw notModified();
  } else if (IfModifiedSince !== undefined && modified <= IfModifiedSince.getTime()) throw notModified();
}

/** The same conditions on the source of a copy: there all of them are refusals. */
export function checkCopyConditions(version: ObjectVersion, conditions: ReadConditions): void {
  try {
    checkReadConditions(version, conditions);
  } catch (error) {
    throw error instanceof AwsError && error.httpStatus === 304 ? preconditionFailed('If-None-Match') : error;
  }
}

/** Clients may leave the quotes out. */
function sameEtag(given: string, etag: string): boolean {
  return given.replace(/^"|"$/g, '') === etag.replace(/^"|"$/g, '');
}

export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A `Range` header over `size` bytes; undefined if it asks for everything or is not understood, as HTTP wants it. */
export function rangeOf(header: string | undefined, size: number): Range | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  const start = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const end = match[1] === '' || match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  if (start >= size || start > end) {
    throw new AwsError('InvalidRange', 'The requested range is not satisfiable', 416, { RangeRequested: header, ActualObjectSize: size });
  }
  return { start, end };
}
