import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { unzipSync, zipSync } from 'fflate';
import { ADMINISTRATOR, AwsError } from '../../service';
import type { World } from '../../world';
import type { FunctionCode } from './state';

/** Code as a template names it: an object of a bucket, or the text of one file. */
export interface CodeSource {
  readonly S3Bucket?: string;
  readonly S3Key?: string;
  readonly S3ObjectVersion?: string;
  readonly ZipFile?: string | Uint8Array;
}

/** Unpacks each archive once, however many functions share it. */
export class CodeStore {
  constructor(private readonly world: World, private readonly root: string) {}

  async load(source: CodeSource): Promise<FunctionCode> {
    const archive = await this.archive(source);
    const digest = createHash('sha256').update(archive).digest();
    const folder = join(this.root, digest.toString('hex').slice(0, 24));
    if (!existsSync(folder)) unpack(archive, folder);
    return { folder, sha256: digest.toString('base64'), size: archive.length };
  }

  /** What Lambda's runtime has installed: version 3 of the SDK. */
  sdkFolder(): string {
    const folder = join(this.root, 'runtime', 'node_modules');
    if (existsSync(folder)) return folder;
    mkdirSync(folder, { recursive: true });
    for (const scope of ['@aws-sdk', '@smithy']) {
      const installed = (require.resolve.paths(scope) ?? []).map((path) => join(path, scope)).find((path) => existsSync(path));
      if (installed !== undefined) symlinkSync(installed, join(folder, scope));
    }
    return folder;
  }

  private async archive(source: CodeSource): Promise<Uint8Array> {
    if (source.ZipFile instanceof Uint8Array) return source.ZipFile;
    // In a template, ZipFile is the source text of the file `index`.
    if (source.ZipFile !== undefined) return zipSync({ 'index.js': [Buffer.from(source.ZipFile), { mtime: new Date(1980, 0, 1) }] });
    const { S3Bucket: Bucket, S3Key: Key, S3ObjectVersion: VersionId } = source;
    if (Bucket === undefined || Key === undefined) throw new AwsError('InvalidParameterValueException', 'Please provide a source for function code.');
    try {
      const input = { Bucket, Key, ...(VersionId !== undefined && { VersionId }) };
      const { Body } = await this.world.call({ service: 's3', operation: 'GetObject', input, caller: ADMINISTRATOR });
      return Body as Uint8Array;
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw new AwsError('InvalidParameterValueException', `Error occurred while GetObject. S3 Error Code: ${error.code}. S3 Error Message: ${error.message}`);
    }
  }
}

function unpack(archive: Uint8Array, folder: string): void {
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(archive);
  } catch {
    throw new AwsError('InvalidParameterValueException', 'Could not unzip uploaded file. Please check your file, then try to upload again.');
  }
  const temporary = `${folder}.unpacking`;
  mkdirSync(temporary, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    const target = join(temporary, name);
    if (!target.startsWith(temporary + sep)) throw new AwsError('InvalidParameterValueException', `the archive holds ${name}, which lies outside of it`);
    if (name.endsWith('/')) mkdirSync(target, { recursive: true });
    else {
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, content);
      chmodSync(target, 0o555);
    }
  }
  renameSync(temporary, folder);
}
