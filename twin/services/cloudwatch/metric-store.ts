import { addSummary, addValue, Bucket, mergeInto, newBucket, statistic } from './statistics';

export const MINUTE = 60_000;

/** CloudWatch keeps one-minute points for fifteen days, five-minute points after that. */
const FINE_RETENTION = 15 * 24 * 60 * MINUTE;
const COARSE = 5 * MINUTE;

export interface Dimension {
  readonly Name: string;
  readonly Value: string;
}

export interface MetricIdentity {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly Dimension[];
}

export type Datum = { value: number; count?: number } | { SampleCount: number; Sum: number; Minimum: number; Maximum: number };

/** One metric: an ordered run of minutes, each with its summary. */
export class Series {
  unit?: string;
  readonly key: string;
  private readonly times: number[] = [];
  private readonly buckets: Bucket[] = [];
  private fineFrom = 0;

  constructor(readonly identity: MetricIdentity) {
    this.key = metricKey(identity);
  }

  add(time: number, datum: Datum): void {
    const bucket = this.bucketAt(Math.floor(time / MINUTE) * MINUTE);
    if ('value' in datum) addValue(bucket, datum.value, datum.count);
    else addSummary(bucket, datum);
  }

  /** A statistic over [from, to). */
  over(from: number, to: number, name: string): number | undefined {
    const first = this.indexOf(from);
    let last = first;
    while (last < this.times.length && this.times[last]! < to) last++;
    return last === first ? undefined : statistic(this.buckets.slice(first, last), name);
  }

  /** Starts of the minutes with data in [from, to), newest first. */
  * minutesDescending(from: number, to: number): Iterable<number> {
    for (let index = this.indexOf(to) - 1; index >= 0 && this.times[index]! >= from; index--) yield this.times[index]!;
  }

  /** A request that names a unit sees only values published in it. */
  hasUnit(wanted: string | undefined): boolean {
    return wanted === undefined || wanted === (this.unit ?? 'None');
  }

  private bucketAt(start: number): Bucket {
    if (this.times.length > 0 && this.times[this.times.length - 1] === start) return this.buckets[this.buckets.length - 1]!;
    const index = this.indexOf(start);
    if (this.times[index] === start) return this.buckets[index]!;
    const bucket = newBucket();
    this.times.splice(index, 0, start);
    this.buckets.splice(index, 0, bucket);
    if (start - this.fineFrom > 2 * FINE_RETENTION) this.coarsen(start - FINE_RETENTION);
    return bucket;
  }

  private coarsen(before: number): void {
    this.fineFrom = before;
    const end = this.indexOf(before);
    const times: number[] = [];
    const buckets: Bucket[] = [];
    for (let index = 0; index < end; index++) {
      const start = Math.floor(this.times[index]! / COARSE) * COARSE;
      if (times[times.length - 1] !== start) {
        times.push(start);
        buckets.push(newBucket());
      }
      mergeInto(buckets[buckets.length - 1]!, this.buckets[index]!);
    }
    this.times.splice(0, end, ...times);
    this.buckets.splice(0, end, ...buckets);
  }

  /** Position of the first minute at or after `time`. */
  private indexOf(time: number): number {
    let low = 0;
    let high = this.times.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.times[middle]! < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** All metrics of the account. */
export class MetricStore {
  private readonly series = new Map<string, Series>();
  private readonly listeners = new Map<string, Set<(minute: number) => void>>();

  /** The series of a metric, made at its first use; keep it where many values go to the same metric. */
  seriesOf(identity: MetricIdentity): Series {
    const key = metricKey(identity);
    let series = this.series.get(key);
    if (!series) this.series.set(key, series = new Series(identity));
    return series;
  }

  find(identity: MetricIdentity): Series | undefined {
    return this.series.get(metricKey(identity));
  }

  put(series: Series, time: number, datum: Datum): void {
    series.add(time, datum);
    const listeners = this.listeners.get(series.key);
    if (listeners) for (const listener of listeners) listener(Math.floor(time / MINUTE) * MINUTE);
  }

  /** Calls `listener` with the start of every minute in which the metric gets a value; returns how to stop. */
  onValue(identity: MetricIdentity, listener: (minute: number) => void): () => void {
    const key = metricKey(identity);
    let listeners = this.listeners.get(key);
    if (!listeners) this.listeners.set(key, listeners = new Set());
    listeners.add(listener);
    return () => { listeners.delete(listener); };
  }

  list(): readonly Series[] {
    return [...this.series.values()];
  }
}

/** Alarms look the same metrics up every minute. */
const keys = new WeakMap<MetricIdentity, string>();

/** The order of dimensions does not matter to a metric's identity; everything else does. */
export function metricKey(identity: MetricIdentity): string {
  let key = keys.get(identity);
  if (key === undefined) keys.set(identity, key = makeKey(identity));
  return key;
}

function makeKey(identity: MetricIdentity): string {
  const dimensions = [...identity.Dimensions ?? []].sort((a, b) => (a.Name < b.Name ? -1 : a.Name > b.Name ? 1 : 0));
  return JSON.stringify([identity.Namespace, identity.MetricName, ...dimensions.map(({ Name, Value }) => [Name, Value])]);
}
