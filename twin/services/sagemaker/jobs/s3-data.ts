import * as fs from 'node:fs';
import * as path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { safe } from '../../../jobs/archive';
import { listFolder } from '../../../jobs/folder';
import { AwsError } from '../../../service';
import type { Principal } from '../../../service';
import type { World } from '../../../world';

export interface DataSource {
  readonly S3Uri: string;
  readonly S3DataType?: string;
}

/** Why a job's data could not be had or kept: what becomes the job's failure reason. */
export class DataError extends Error {}

interface Address { readonly bucket: string; readonly key: string }

/** An object that a source names, and its name below the source. */
export interface SourceObject {
  readonly address: Address;
  readonly name: string;
}

/** S3 as a job's execution role sees it. */
export class JobData {
  constructor(private readonly world: World, private readonly role: Principal) {}

  /** Copies what a source names into a folder. S3Prefix means every key that begins with it: `data/v1` is also `data/v10`. */
  async download(source: DataSource, folder: string, options: { readonly gzip?: boolean; readonly optional?: boolean } = {}): Promise<void> {
    const files = await this.objects(source);
    if (files.length === 0 && options.optional !== true) {
      throw new DataError(`ClientError: Data download failed:Please ensure that there is at least one object under the S3 prefix ${source.S3Uri}`);
    }
    fs.mkdirSync(folder, { recursive: true });
    for (const { address, name } of files) {
      const body = await this.get(address, source.S3Uri);
      const target = path.join(folder, safe(name));
      fs.mkdirSync(path.dirname(target), { recursive: true });
      fs.writeFileSync(target, options.gzip === true ? gunzipSync(body) : body);
    }
  }

  /** What a source names, in order. */
  objects(source: DataSource): Promise<SourceObject[]> {
    return source.S3DataType === 'ManifestFile' ? this.manifest(source.S3Uri) : this.prefix(source.S3Uri);
  }

  read({ address }: SourceObject): Promise<Buffer> {
    return this.get(address, `s3://${address.bucket}/${address.key}`);
  }

  /** Copies every file of a folder below an address. */
  async upload(folder: string, uri: string, kmsKeyId?: string): Promise<void> {
    if (!fs.existsSync(folder)) return;
    const { bucket, key } = parse(uri);
    for (const name of listFolder(folder)) await this.put({ bucket, key: path.posix.join(key, name) }, fs.readFileSync(path.join(folder, name)), kmsKeyId);
  }

  async put(address: Address | string, body: Buffer, kmsKeyId?: string): Promise<void> {
    const { bucket, key } = typeof address === 'string' ? parse(address) : address;
    try {
      await this.call('PutObject', {
        Bucket: bucket, Key: key, Body: body,
        ...(kmsKeyId !== undefined && kmsKeyId !== '' ? { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kmsKeyId } : {}),
      });
    } catch (error) {
      throw inWords('ClientError: Artifact upload failed', `s3://${bucket}/${key}`, error);
    }
  }

  private async prefix(uri: string): Promise<SourceObject[]> {
    const { bucket, key: prefix } = parse(uri);
    const found: SourceObject[] = [];
    let token: string | undefined;
    do {
      const page = await this.list(bucket, prefix, token, uri);
      for (const { Key: key } of page.Contents ?? []) {
        if (key.endsWith('/')) continue; // a folder that the console made
        found.push({ address: { bucket, key }, name: relative(key, prefix) });
      }
      token = page.NextContinuationToken;
    } while (token !== undefined);
    return found;
  }

  /** `[{ "prefix": "s3://…/" }, "name", …]` */
  private async manifest(uri: string): Promise<SourceObject[]> {
    const text = (await this.get(parse(uri), uri)).toString('utf8');
    let entries: unknown;
    try {
      entries = JSON.parse(text);
    } catch {
      throw new DataError(`ClientError: Data download failed:The manifest ${uri} is not JSON`);
    }
    const [first, ...names] = Array.isArray(entries) ? entries as [{ prefix?: string }, ...string[]] : [{}];
    if (typeof first?.prefix !== 'string') throw new DataError(`ClientError: Data download failed:The manifest ${uri} does not begin with {"prefix": "s3://..."}`);
    const base = parse(first.prefix);
    return names.map((name) => ({ address: { bucket: base.bucket, key: `${base.key}${name}` }, name }));
  }

  private async list(bucket: string, prefix: string, token: string | undefined, uri: string) {
    try {
      return await this.call('ListObjectsV2', { Bucket: bucket, Prefix: prefix, ...(token !== undefined ? { ContinuationToken: token } : {}) });
    } catch (error) {
      throw inWords('ClientError: Data download failed', uri, error);
    }
  }

  private async get({ bucket, key }: Address, uri: string): Promise<Buffer> {
    try {
      const { Body } = await this.call('GetObject', { Bucket: bucket, Key: key });
      return Buffer.from(Body);
    } catch (error) {
      throw inWords('ClientError: Data download failed', uri, error);
    }
  }

  private call(operation: string, input: object) {
    return this.world.call({ service: 's3', operation, input, caller: this.role });
  }
}

function inWords(what: string, uri: string, error: unknown): unknown {
  return error instanceof AwsError ? new DataError(`${what}:${error.code} (${error.httpStatus}) for ${uri}: ${error.message}`) : error;
}

function parse(uri: string): Address {
  const [, bucket, key = ''] = /^(?:s3|https):\/\/([^/]+)\/?(.*)$/s.exec(uri) ?? [];
  if (bucket === undefined) throw new DataError(`ClientError: ${uri} is not an S3 address`);
  return { bucket, key };
}

/** The name of a file in the container: what follows the prefix's folder; for a single object, its own name. */
function relative(key: string, prefix: string): string {
  if (key === prefix) return path.posix.basename(key);
  const folder = prefix.endsWith('/') || key.startsWith(`${prefix}/`) ? prefix : prefix.slice(0, prefix.lastIndexOf('/') + 1);
  return key.slice(folder.length).replace(/^\/+/, '');
}
