import type { PolicyDocument } from '../../service';
import type { Body } from './bodies';
import type { Checksums } from './checksums';
import { noSuchKey, noSuchVersion } from './errors';
import type { LifecycleRule } from './lifecycle-rule';

export interface Encryption {
  readonly algorithm: 'AES256' | 'aws:kms';
  /** ARN of the customer's key; without one, `aws:kms` means the key AWS keeps for S3. */
  readonly keyArn?: string;
  readonly bucketKey?: boolean;
}

/** What a client says about an object and gets back with it. */
export interface ObjectHeaders {
  readonly ContentType?: string;
  readonly ContentEncoding?: string;
  readonly ContentDisposition?: string;
  readonly ContentLanguage?: string;
  readonly CacheControl?: string;
  readonly Expires?: string | Date;
  readonly WebsiteRedirectLocation?: string;
  readonly Metadata?: Readonly<Record<string, string>>;
}

export interface ObjectVersion {
  readonly key: string;
  /** `null`, as a word, where the bucket is not versioned. */
  readonly versionId: string;
  /** Whole seconds, as S3 tells it. */
  readonly lastModified: Date;
  readonly deleteMarker: boolean;
  readonly body: Body;
  /** In quotes, as on the wire. */
  readonly etag: string;
  readonly headers: ObjectHeaders;
  readonly encryption: Encryption;
  readonly checksums: Checksums;
  readonly partCount?: number;
  /** When a newer version took its place. */
  noncurrentSince?: Date;
  storageClass: string;
  tags: ReadonlyArray<{ readonly Key: string; readonly Value: string }>;
}

export interface Upload {
  readonly id: string;
  readonly key: string;
  readonly startedAt: Date;
  readonly headers: ObjectHeaders;
  readonly encryption: Encryption;
  readonly storageClass: string;
  readonly tags: ObjectVersion['tags'];
  readonly checksumAlgorithm?: string;
  readonly parts: Map<number, { readonly body: Body; readonly etag: string; readonly lastModified: Date; readonly checksums: Checksums }>;
}

/** A bucket: its settings and the versions of its objects, newest first. */
export class Bucket {
  versioning: 'Enabled' | 'Suspended' | undefined;
  encryption: Encryption = { algorithm: 'AES256' };
  policy: PolicyDocument | undefined;
  publicAccessBlock: Record<string, boolean> | undefined;
  ownership: string | undefined;
  lifecycle: readonly LifecycleRule[] = [];
  sendsEvents = false;
  logging: { readonly TargetBucket: string; readonly TargetPrefix: string } | undefined;
  tags: ObjectVersion['tags'] = [];
  readonly uploads = new Map<string, Upload>();
  private readonly versions = new Map<string, ObjectVersion[]>();
  private sortedKeys: string[] = [];

  constructor(readonly name: string, readonly arn: string, readonly createdAt: Date) {}

  get isEmpty(): boolean {
    return this.versions.size === 0;
  }

  /** Every key that has a version, delete markers included, in order. */
  keys(): readonly string[] {
    return this.sortedKeys;
  }

  /** The position of the first key that is not before `key`. */
  position(key: string): number {
    let low = 0;
    let high = this.sortedKeys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.sortedKeys[middle]! < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  versionsOf(key: string): readonly ObjectVersion[] {
    return this.versions.get(key) ?? [];
  }

  /** The newest version, a delete marker included. */
  latest(key: string): ObjectVersion | undefined {
    return this.versions.get(key)?.[0];
  }

  /** The object as a plain GET sees it. */
  current(key: string): ObjectVersion | undefined {
    const latest = this.latest(key);
    return latest?.deleteMarker ? undefined : latest;
  }

  find(key: string, versionId: string | undefined): ObjectVersion | undefined {
    return versionId === undefined ? this.current(key) : this.versionsOf(key).find((version) => version.versionId === versionId);
  }

  get(key: string, versionId?: string): ObjectVersion {
    const found = this.find(key, versionId);
    if (found === undefined) throw versionId === undefined ? noSuchKey(key) : noSuchVersion(key, versionId);
    return found;
  }

  /** Without versioning, and while it is suspended, the version `null` is replaced; otherwise the version is added. */
  add(version: ObjectVersion): void {
    const others = this.versionsOf(version.key).filter((other) => other.versionId !== version.versionId);
    if (others[0] !== undefined) others[0].noncurrentSince ??= version.lastModified;
    this.set(version.key, [version, ...others]);
  }

  remove(key: string, versionId: string): ObjectVersion | undefined {
    const versions = this.versionsOf(key);
    const removed = versions.find((version) => version.versionId === versionId);
    if (removed === undefined) return undefined;
    const rest = versions.filter((version) => version !== removed);
    if (rest[0] !== undefined) rest[0].noncurrentSince = undefined;
    this.set(key, rest);
    return removed;
  }

  private set(key: string, versions: ObjectVersion[]): void {
    const isNew = !this.versions.has(key);
    if (versions.length > 0) {
      this.versions.set(key, versions);
      if (isNew) this.sortedKeys.splice(this.position(key), 0, key);
    } else if (!isNew) {
      this.versions.delete(key);
      this.sortedKeys.splice(this.position(key), 1);
    }
  }
}
