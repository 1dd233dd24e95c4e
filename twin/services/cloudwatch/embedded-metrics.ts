import { Datum, Dimension, MetricIdentity, MetricStore } from './metric-store';

const PAST_LIMIT = 14 * 24 * 3_600_000;
const FUTURE_LIMIT = 2 * 3_600_000;
const METRICS_PER_DIRECTIVE = 100;
const DIMENSIONS = 30;
const VALUES = 100;

/**
 * Reads one log line in the embedded metric format. CloudWatch tells nobody about a line it cannot read; it counts it as
 * `EMFValidationErrors`, and so does this.
 */
export function ingestEmbeddedMetrics(store: MetricStore, document: unknown, now: number): void {
  const metadata = isObject(document) && isObject(document._aws) ? document._aws : undefined;
  if (!metadata) return;
  const fields = document as Record<string, unknown>;
  const time = metadata.Timestamp;
  const directives = metadata.CloudWatchMetrics;
  const readable = typeof time === 'number' && time >= now - PAST_LIMIT && time <= now + FUTURE_LIMIT && Array.isArray(directives);
  const faults = readable
    ? directives.map((directive) => ingestDirective(store, directive, fields, time)).filter((fine) => !fine).length
    : 1;
  if (faults > 0) store.put(store.seriesOf({ Namespace: 'AWS/Logs', MetricName: 'EMFValidationErrors' }), now, { value: faults });
}

function ingestDirective(store: MetricStore, directive: unknown, fields: Record<string, unknown>, time: number): boolean {
  if (!isObject(directive) || typeof directive.Namespace !== 'string' || !Array.isArray(directive.Metrics)) return false;
  if (directive.Metrics.length > METRICS_PER_DIRECTIVE) return false;
  const dimensionSets = dimensionSetsOf(directive.Dimensions, fields);
  if (!dimensionSets) return false;
  return directive.Metrics.every((metric) => {
    if (!isObject(metric) || typeof metric.Name !== 'string') return false;
    const values = numbersOf(fields[metric.Name]);
    if (!values) return false;
    for (const Dimensions of dimensionSets) {
      const identity: MetricIdentity = { Namespace: directive.Namespace as string, MetricName: metric.Name, Dimensions };
      const series = store.seriesOf(identity);
      if (typeof metric.Unit === 'string') series.unit = metric.Unit;
      for (const datum of values) store.put(series, time, datum);
    }
    return true;
  });
}

function dimensionSetsOf(declared: unknown, fields: Record<string, unknown>): Dimension[][] | undefined {
  if (declared === undefined) return [[]];
  if (!Array.isArray(declared)) return undefined;
  const sets = declared.map((names): Dimension[] | undefined => {
    if (!Array.isArray(names) || names.length > DIMENSIONS || names.some((name) => typeof fields[name] !== 'string' || fields[name] === '')) {
      return undefined;
    }
    return names.map((Name: string) => ({ Name, Value: fields[Name] as string }));
  });
  return sets.includes(undefined) ? undefined : sets as Dimension[][];
}

function numbersOf(target: unknown): Datum[] | undefined {
  const values = Array.isArray(target) ? target : [target];
  if (values.length > VALUES || !values.every((value) => typeof value === 'number' && Number.isFinite(value))) return undefined;
  return values.map((value: number) => ({ value }));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
