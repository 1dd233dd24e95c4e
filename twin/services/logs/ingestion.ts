import type { CloudWatchService } from '../cloudwatch';
import type { World } from '../../world';
import { select } from './filter-pattern';
import type { LogEvent, LogGroup, MetricFilter, MetricTransformation } from './state';

/** Makes metrics of log lines: those in the embedded metric format, and those the group's metric filters match. */
export function metricsOf(world: World, group: LogGroup, event: LogEvent): void {
  const document = embeddedMetric(event.message);
  if (document !== undefined) cloudWatch(world).ingestEmbeddedMetrics(document, event.ingestionTime);
  for (const filter of group.metricFilters.values()) applyFilter(world, filter, event);
}

/** A Lambda function's `console.log` puts time, request and level before the document; CloudWatch reads past them. */
function embeddedMetric(message: string): unknown {
  if (!message.includes('"_aws"')) return undefined;
  const json = message.replace(/^\d{4}-\d\d-\d\dT[^\t]*\t[^\t]*\t[A-Z]+\t/, '');
  if (!json.startsWith('{')) return undefined;
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function applyFilter(world: World, filter: MetricFilter, event: LogEvent): void {
  const match = filter.matches(event.message);
  for (const transformation of filter.transformations) {
    const value = match === undefined ? transformation.defaultValue : valueOf(transformation, match.document);
    if (value === undefined) continue;
    const Dimensions = match === undefined ? [] : dimensionsOf(transformation, match.document);
    if (Dimensions === undefined) continue;
    const { metrics } = cloudWatch(world);
    const series = metrics.seriesOf({ Namespace: transformation.metricNamespace, MetricName: transformation.metricName, Dimensions });
    if (transformation.unit !== undefined) series.unit = transformation.unit;
    metrics.put(series, event.timestamp, { value });
  }
}

function valueOf({ metricValue }: MetricTransformation, document: unknown): number | undefined {
  const value = metricValue.startsWith('$') ? select(document, metricValue) : metricValue;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

function dimensionsOf({ dimensions }: MetricTransformation, document: unknown): Array<{ Name: string; Value: string }> | undefined {
  const pairs = Object.entries(dimensions ?? {}).map(([Name, selector]) => ({ Name, Value: select(document, selector) }));
  return pairs.every(({ Value }) => Value !== undefined) ? pairs.map(({ Name, Value }) => ({ Name, Value: String(Value) })) : undefined;
}

function cloudWatch(world: World): CloudWatchService {
  return world.service<CloudWatchService>('monitoring');
}
