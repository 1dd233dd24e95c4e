import { join } from 'node:path';
import { AwsError, type PolicyDocument } from '../../service';
import type { World } from '../../world';
import { Bodies } from './bodies';
import { Bucket, type ObjectVersion } from './bucket';
import { noSuchBucket } from './errors';

/** The account's buckets. */
export class S3State {
  readonly buckets = new Map<string, Bucket>();
  readonly bodies: Bodies;
  private serial = 0;

  constructor(readonly world: World) {
    this.bodies = new Bodies(join(world.workDir, 's3'));
  }

  bucket(name: string): Bucket {
    const bucket = this.buckets.get(name);
    if (bucket === undefined) throw noSuchBucket(name);
    return bucket;
  }

  policy(bucketName: string): PolicyDocument | undefined {
    return this.buckets.get(bucketName)?.policy;
  }

  create(name: string): Bucket {
    if (!/^(?!xn--|sthree-)(?!.*(\.\.|-s3alias$))[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) || /^\d+\.\d+\.\d+\.\d+$/.test(name)) {
      throw new AwsError('InvalidBucketName', 'The specified bucket is not valid.', 400, { BucketName: name });
    }
    if (this.buckets.has(name)) {
      throw new AwsError('BucketAlreadyOwnedByYou', 'Your previous request to create the named bucket succeeded and you already own it.', 409,
        { BucketName: name });
    }
    const bucket = new Bucket(name, this.world.arn('s3', name, '', ''), this.now());
    this.buckets.set(name, bucket);
    return bucket;
  }

  delete(name: string): void {
    if (!this.bucket(name).isEmpty) {
      throw new AwsError('BucketNotEmpty', 'The bucket you tried to delete is not empty. You must delete all versions in the bucket.', 409,
        { BucketName: name });
    }
    this.buckets.delete(name);
  }

  /** S3 keeps whole seconds. */
  now(): Date {
    return new Date(Math.floor(this.world.clock.now() / 1000) * 1000);
  }

  /** Tells the order of events of one key. */
  sequencer(): string {
    return (++this.serial).toString(16).toUpperCase().padStart(18, '0');
  }

  /** The id of the next version in this bucket. */
  versionId(bucket: Bucket): string {
    return bucket.versioning === 'Enabled' ? this.world.random.text(32, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._') : 'null';
  }

  deleteMarker(bucket: Bucket, key: string): ObjectVersion {
    const marker: ObjectVersion = {
      key, versionId: this.versionId(bucket), lastModified: this.now(), deleteMarker: true, body: this.bodies.store(new Uint8Array()), etag: '',
      headers: {}, encryption: bucket.encryption, checksums: {}, storageClass: 'STANDARD', tags: [],
    };
    bucket.add(marker);
    return marker;
  }
}
