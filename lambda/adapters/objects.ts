import {
  GetObjectCommand, NoSuchKey, paginateListObjectsV2, PutObjectCommand, S3ServiceException, type GetObjectCommandOutput, type S3Client, type _Object,
} from '@aws-sdk/client-s3';
import { TransientError } from './transient';

export interface ObjectLocation {
  readonly bucket: string;
  readonly key: string;
}

/** Splits `s3://bucket/key`. */
export function parseS3Uri(uri: string): ObjectLocation {
  const match = /^s3:\/\/([^/]+)\/(.*)$/.exec(uri);
  if (match === null) throw new Error(`'${uri}' is not an S3 URI; expected s3://bucket/key`);
  return { bucket: match[1]!, key: match[2]! };
}

export function s3Uri(bucket: string, key: string): string {
  return `s3://${bucket}/${key}`;
}

/**
 * A body that cannot be read to its end: its connection broke, or its checksum is wrong. The SDK retries calls, but no bodies, and
 * throws whatever Node.js or its checksum stream made of it.
 */
function unread({ bucket, key }: ObjectLocation, error: unknown): TransientError {
  return new TransientError(`s3://${bucket}/${key} could not be read to its end: ${(error as Error).message}`, { cause: error });
}

/** The object's bytes as they arrive. */
export async function* streamObject(s3: S3Client, at: ObjectLocation, options: { versionId?: string; range?: string } = {}): AsyncIterable<Uint8Array> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: at.bucket, Key: at.key, VersionId: options.versionId, Range: options.range }));
  try {
    yield* Body as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw unread(at, error);
  }
}

async function readWhole(at: ObjectLocation, { Body }: GetObjectCommandOutput): Promise<Uint8Array> {
  try {
    return await Body!.transformToByteArray();
  } catch (error) {
    throw unread(at, error);
  }
}

/** Some bytes of one version of an object, `end` not included. */
export async function readRange(s3: S3Client, at: ObjectLocation, { versionId, start, end }: { versionId: string; start: number; end: number }): Promise<Uint8Array> {
  return readWhole(at, await s3.send(new GetObjectCommand({ Bucket: at.bucket, Key: at.key, VersionId: versionId, Range: `bytes=${start}-${end - 1}` })));
}

export async function readBytes(s3: S3Client, at: ObjectLocation): Promise<Uint8Array> {
  return readWhole(at, await s3.send(new GetObjectCommand({ Bucket: at.bucket, Key: at.key })));
}

export async function readText(s3: S3Client, at: ObjectLocation): Promise<string> {
  return Buffer.from(await readBytes(s3, at)).toString('utf8');
}

export async function writeObject(s3: S3Client, at: ObjectLocation, body: string | Uint8Array, contentType: string): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket: at.bucket, Key: at.key, Body: body, ContentType: contentType }));
}

export async function writeJson(s3: S3Client, at: ObjectLocation, value: unknown): Promise<void> {
  await writeObject(s3, at, JSON.stringify(value), 'application/json');
}

/** A key, or marker, of a listing of EncodingType `url`: XML holds no control characters, but a key may. */
export function listedKey(encoded: string): string {
  return decodeURIComponent(encoded.replaceAll('+', ' '));
}

/** Every object under the prefix, in key order. */
export async function* listObjects(s3: S3Client, bucket: string, prefix: string): AsyncIterable<_Object & { Key: string }> {
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: prefix, EncodingType: 'url' })) {
    for (const object of Contents) yield { ...object, Key: listedKey(object.Key!) };
  }
}

/** A small JSON object and the ETag under which it may be replaced. */
export interface Versioned<T> {
  readonly value: T;
  readonly etag: string;
}

/** Someone else wrote the object in between; read it again and decide anew. */
export class ConcurrentWriteError extends Error {
  override readonly name = 'ConcurrentWriteError';
}

export async function readState<T>(s3: S3Client, at: ObjectLocation): Promise<Versioned<T> | undefined> {
  try {
    const answer = await s3.send(new GetObjectCommand({ Bucket: at.bucket, Key: at.key }));
    return { value: JSON.parse(Buffer.from(await readWhole(at, answer)).toString('utf8')) as T, etag: answer.ETag! };
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
}

/** Writes only if nobody wrote since `previous` was read (`undefined`: only if there is none yet). */
export async function writeState<T>(s3: S3Client, at: ObjectLocation, value: T, previous: Versioned<T> | undefined): Promise<Versioned<T>> {
  try {
    const { ETag } = await s3.send(new PutObjectCommand({
      Bucket: at.bucket, Key: at.key, Body: JSON.stringify(value), ContentType: 'application/json',
      ...(previous === undefined ? { IfNoneMatch: '*' } : { IfMatch: previous.etag }),
    }));
    return { value, etag: ETag! };
  } catch (error) {
    // 412: the condition did not hold; 409: two conditional writes met; NoSuchKey: what was to be replaced is gone.
    const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
    const gone = error instanceof S3ServiceException && error.name === 'NoSuchKey';
    if (status === 412 || status === 409 || gone) throw new ConcurrentWriteError(`s3://${at.bucket}/${at.key} was written by someone else meanwhile`);
    throw error;
  }
}
