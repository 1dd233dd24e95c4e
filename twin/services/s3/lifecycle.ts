import type { Timer } from '../../clock';
import type { Principal } from '../../service';
import type { Bucket, ObjectVersion } from './bucket';
import { publishDeleted } from './events';
import { applies, type LifecycleRule, type Subject } from './lifecycle-rule';
import type { S3State } from './state';

const DAY = 24 * 60 * 60 * 1000;

const S3: Principal = { kind: 'service', service: 's3.amazonaws.com' };

/** Carries out lifecycle rules once a day, at midnight UTC, as S3 counts days. */
export class Lifecycle {
  private timer: Timer | undefined;

  constructor(private readonly state: S3State) {}

  start(): void {
    const { clock } = this.state.world;
    const midnight = (Math.floor(clock.now() / DAY) + 1) * DAY;
    this.timer = clock.at(midnight, 's3 lifecycle', () => {
      for (const bucket of this.state.buckets.values()) this.apply(bucket);
      this.start();
    });
  }

  stop(): void {
    this.timer?.cancel();
  }

  private apply(bucket: Bucket): void {
    const rules = bucket.lifecycle.filter((rule) => rule.Status === 'Enabled');
    if (rules.length === 0) return;
    for (const rule of rules) this.abortUploads(bucket, rule);
    for (const key of [...bucket.keys()]) {
      for (const rule of rules) this.applyTo(bucket, key, rule);
    }
  }

  private applyTo(bucket: Bucket, key: string, rule: LifecycleRule): void {
    const latest = bucket.latest(key);
    if (latest !== undefined && !latest.deleteMarker && applies(rule, subject(latest))) {
      this.move(latest, rule);
      if (this.isDue(latest.lastModified, rule.Expiration?.Days, rule.Expiration?.Date)) this.expire(bucket, latest);
    }
    this.expireNoncurrent(bucket, key, rule);
    const versions = bucket.versionsOf(key);
    const lonelyMarker = versions.length === 1 && versions[0]!.deleteMarker ? versions[0]! : undefined;
    if (lonelyMarker !== undefined && rule.Expiration?.ExpiredObjectDeleteMarker && applies(rule, subject(lonelyMarker))) {
      bucket.remove(key, lonelyMarker.versionId);
    }
  }

  /** In a versioned bucket an expired object gets a delete marker. */
  private expire(bucket: Bucket, version: ObjectVersion): void {
    if (bucket.versioning === undefined) {
      bucket.remove(version.key, version.versionId);
      publishDeleted(this.state, bucket, version, 'Lifecycle Expiration', S3);
    } else publishDeleted(this.state, bucket, this.state.deleteMarker(bucket, version.key), 'Lifecycle Expiration', S3);
  }

  private expireNoncurrent(bucket: Bucket, key: string, rule: LifecycleRule): void {
    const { NoncurrentDays, NewerNoncurrentVersions = 0 } = rule.NoncurrentVersionExpiration ?? {};
    if (NoncurrentDays === undefined) return;
    for (const version of bucket.versionsOf(key).slice(1 + NewerNoncurrentVersions)) {
      if (!applies(rule, subject(version)) || !this.isDue(version.noncurrentSince!, NoncurrentDays, undefined)) continue;
      bucket.remove(key, version.versionId);
      publishDeleted(this.state, bucket, { ...version, deleteMarker: false }, 'Lifecycle Expiration', S3);
    }
  }

  private move(version: ObjectVersion, rule: LifecycleRule): void {
    for (const transition of rule.Transitions ?? []) {
      if (this.isDue(version.lastModified, transition.Days, transition.Date)) version.storageClass = transition.StorageClass;
    }
  }

  private abortUploads(bucket: Bucket, rule: LifecycleRule): void {
    const days = rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation;
    for (const upload of [...bucket.uploads.values()]) {
      const isSubject = applies(rule, { key: upload.key, size: 0, tags: upload.tags });
      if (isSubject && this.isDue(upload.startedAt, days, undefined)) bucket.uploads.delete(upload.id);
    }
  }

  /** Days are counted from the midnight after the event. */
  private isDue(since: Date, days: number | undefined, date: Date | undefined): boolean {
    const now = this.state.world.clock.now();
    if (date !== undefined) return now >= date.getTime();
    return days !== undefined && now >= (Math.floor(since.getTime() / DAY) + 1 + days) * DAY;
  }
}

function subject(version: ObjectVersion): Subject {
  return { key: version.key, size: version.body.size, tags: version.tags };
}
