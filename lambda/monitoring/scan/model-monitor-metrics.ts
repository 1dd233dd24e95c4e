import { PutMetricDataCommand, type CloudWatchClient, type MetricDatum } from '@aws-sdk/client-cloudwatch';
import { MODEL_MONITOR_METRICS, type ModelMonitorMetrics } from '../../../lib/monitoring/drift-monitor.contract';
import { publishable } from '../../adapters/metrics';
import type { ModelMonitorFigure } from '../../core';

/** Metrics of one call; CloudWatch takes a thousand, and a megabyte. */
const METRICS_PER_CALL = 500;
/** What CloudWatch accepts as a metric's name. */
const METRIC_NAME = /^[\x20-\x7e]{1,255}$/;

/**
 * Publishes figures under Model Monitor's names; not by the log as our own, since a log line cannot say in one value what the least, the
 * largest and the sum of many were. Gives the names that CloudWatch does not take.
 */
export async function publishModelMonitorFigures(
  cloudwatch: CloudWatchClient, to: ModelMonitorMetrics, endpointName: string, figures: readonly ModelMonitorFigure[],
): Promise<string[]> {
  const dimensions = [{ Name: MODEL_MONITOR_METRICS.endpoint, Value: endpointName }, { Name: MODEL_MONITOR_METRICS.schedule, Value: to.scheduleName }];
  const data = figures.filter(({ name }) => METRIC_NAME.test(name)).map(({ name, values }): MetricDatum => ({
    MetricName: name, Dimensions: dimensions, Unit: 'None',
    ...(typeof values === 'number' ? { Value: publishable(values) }
      : { StatisticValues: {
        SampleCount: values.count, Sum: publishable(values.sum), Minimum: publishable(values.minimum), Maximum: publishable(values.maximum),
      } }),
  }));
  for (let at = 0; at < data.length; at += METRICS_PER_CALL) {
    await cloudwatch.send(new PutMetricDataCommand({ Namespace: to.namespace, MetricData: data.slice(at, at + METRICS_PER_CALL) }));
  }
  return figures.filter(({ name }) => !METRIC_NAME.test(name)).map(({ name }) => name);
}
