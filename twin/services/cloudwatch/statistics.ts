/** What is kept of a metric's values within one minute (or, when old, five). */
export interface Bucket {
  count: number;
  sum: number;
  minimum: number;
  maximum: number;
  /** How often each value occurred; absent while there is only one distinct value, which most minutes have. */
  values?: Map<number, number>;
}

/** Above this many distinct values a bucket keeps three significant digits, as CloudWatch's own sketch loses some too. */
const DISTINCT_VALUES = 2_000;

const PERCENTILE = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/;
const SIMPLE = ['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum'];

export function isStatistic(name: string): boolean {
  return SIMPLE.includes(name) || PERCENTILE.test(name);
}

export function newBucket(): Bucket {
  return { count: 0, sum: 0, minimum: Infinity, maximum: -Infinity };
}

export function addValue(bucket: Bucket, value: number, count = 1): void {
  if (bucket.count > 0) {
    if (bucket.values === undefined && (value !== bucket.minimum || bucket.minimum !== bucket.maximum)) {
      bucket.values = new Map([[bucket.minimum, bucket.count]]);
    }
    if (bucket.values) addDistinct(bucket, value, count);
  }
  bucket.count += count;
  bucket.sum += value * count;
  bucket.minimum = Math.min(bucket.minimum, value);
  bucket.maximum = Math.max(bucket.maximum, value);
}

function addDistinct(bucket: Bucket, value: number, count: number): void {
  const values = bucket.values!;
  const key = values.size < DISTINCT_VALUES || values.has(value) ? value : Number(value.toPrecision(3));
  values.set(key, (values.get(key) ?? 0) + count);
}

/** A set of values known only by its summary; percentiles over it see its mean. */
export function addSummary(bucket: Bucket, summary: { SampleCount: number; Sum: number; Minimum: number; Maximum: number }): void {
  if (summary.SampleCount <= 0) return;
  if (summary.Minimum === summary.Maximum) {
    addValue(bucket, summary.Minimum, summary.SampleCount);
    return;
  }
  addValue(bucket, summary.Sum / summary.SampleCount, summary.SampleCount);
  bucket.minimum = Math.min(bucket.minimum, summary.Minimum);
  bucket.maximum = Math.max(bucket.maximum, summary.Maximum);
}

export function mergeInto(target: Bucket, source: Bucket): void {
  const { minimum, maximum } = source;
  if (source.values) for (const [value, count] of source.values) addValue(target, value, count);
  else addValue(target, source.minimum, source.count);
  // The extremes of a summary are not among its values.
  target.minimum = Math.min(target.minimum, minimum);
  target.maximum = Math.max(target.maximum, maximum);
}

/** One statistic over several buckets; undefined where there is no value at all. */
export function statistic(buckets: readonly Bucket[], name: string): number | undefined {
  let count = 0;
  for (const bucket of buckets) count += bucket.count;
  if (count === 0) return undefined;
  switch (name) {
    case 'SampleCount': return count;
    case 'Sum': return total(buckets);
    case 'Average': return total(buckets) / count;
    case 'Minimum': return buckets.reduce((least, bucket) => Math.min(least, bucket.minimum), Infinity);
    case 'Maximum': return buckets.reduce((most, bucket) => Math.max(most, bucket.maximum), -Infinity);
    default: return percentile(buckets, count, Number(PERCENTILE.exec(name)![1]) / 100);
  }
}

function total(buckets: readonly Bucket[]): number {
  let sum = 0;
  for (const bucket of buckets) sum += bucket.sum;
  return sum;
}

/** The smallest value with at least the share `quantile` of all values at or below it. */
function percentile(buckets: readonly Bucket[], count: number, quantile: number): number {
  const merged = new Map<number, number>();
  for (const bucket of buckets) {
    for (const [value, times] of bucket.values ?? [[bucket.minimum, bucket.count] as const]) {
      merged.set(value, (merged.get(value) ?? 0) + times);
    }
  }
  const ordered = [...merged].sort((a, b) => a[0] - b[0]);
  const rank = quantile * count;
  let seen = 0;
  for (const [value, times] of ordered) {
    seen += times;
    if (seen >= rank) return value;
  }
  return ordered[ordered.length - 1]![0];
}
