import { Metrics, type MetricUnit } from '@aws-lambda-powertools/metrics';

/** One value of a metric. */
export interface Measurement {
  readonly name: string;
  readonly value: number;
  readonly unit?: (typeof MetricUnit)[keyof typeof MetricUnit];
}

/** CloudWatch takes numbers up to this size, and refuses all that come with a larger one. */
const LARGEST = 2 ** 360;

/** The value as CloudWatch takes it: what is too large as the largest, what is no number not at all. */
export function publishable(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : Math.min(LARGEST, Math.max(-LARGEST, value));
}

/**
 * Publishes values as one log line in CloudWatch's embedded format: no call, no permission, one line a scan. `properties`
 * are searchable in the log but make no metric.
 */
export function publishMetrics(
  namespace: string, dimensions: Record<string, string>, measurements: Measurement[], properties: Record<string, string> = {},
): void {
  const metrics = new Metrics({ namespace });
  // Powertools adds a dimension `service`; alarms ask for exactly these.
  metrics.clearDefaultDimensions();
  metrics.addDimensions(dimensions);
  for (const [key, value] of Object.entries(properties)) metrics.addMetadata(key, value);
  for (const { name, value, unit } of measurements) {
    const taken = publishable(value);
    if (taken !== undefined) metrics.addMetric(name, unit ?? 'Count', taken);
  }
  metrics.publishStoredMetrics();
}
