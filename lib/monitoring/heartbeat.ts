import { CustomResource, Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { describedAlarm } from '../private/described-alarm';
import { HandlerFunction } from '../private/handler-function';
import { DRIFT_METRICS, MONITOR_DIMENSIONS } from './drift-monitor.contract';
import { START_HEARTBEAT_ENV } from './start-heartbeat.contract';

export interface HeartbeatProps {
  readonly monitorName: string;
  readonly endpointName: string;
  /** Anchor in the runbook. */
  readonly runbook: string;
  /** What it means that the monitor is silent. */
  readonly meaning: string;
  /** How often the monitor runs. @default one hour */
  readonly every?: Duration;
  readonly alarmTopic?: ITopic;
  readonly encryptionKey?: IKey;
  readonly logRetention?: RetentionDays;
}

/** A metric of a monitor, whose identity comes after the options of a user. */
export function monitorMetric(endpointName: string, monitorName: string, metricName: string, options: cloudwatch.MetricOptions): cloudwatch.Metric {
  return new cloudwatch.Metric({
    statistic: cloudwatch.Stats.MAXIMUM,
    period: Duration.hours(1),
    ...options,
    namespace: DRIFT_METRICS.namespace,
    metricName,
    dimensionsMap: { [MONITOR_DIMENSIONS.endpoint]: endpointName, [MONITOR_DIMENSIONS.monitor]: monitorName },
  });
}

/** Rings when a monitor was silent three times in a row. The deployment counts as its first sign of life, or a fresh monitor were taken for a dead one. */
export function heartbeatAlarm(monitor: Construct, props: HeartbeatProps): cloudwatch.Alarm {
  const { monitorName, endpointName, encryptionKey, logRetention } = props;
  const handler = new HandlerFunction(monitor, 'StartHeartbeat', {
    handler: 'monitoring/start-heartbeat',
    description: 'counts the first scan, so that a fresh monitor is not taken for a dead one',
    encryptionKey,
    logRetention,
    environment: START_HEARTBEAT_ENV.render({ MONITOR_NAME: monitorName, ENDPOINT_NAME: endpointName, METRIC_NAMESPACE: DRIFT_METRICS.namespace }),
  });
  handler.allow(['cloudwatch:PutMetricData'], ['*'], { StringEquals: { 'cloudwatch:namespace': DRIFT_METRICS.namespace } });
  const start = new CustomResource(monitor, 'FirstHeartbeat', {
    resourceType: 'Custom::FirstHeartbeat', serviceToken: handler.function.functionArn, serviceTimeout: Duration.minutes(5),
  });
  const alarm = describedAlarm(monitor, 'Heartbeat', {
    severity: 'critical',
    runbook: props.runbook,
    meaning: props.meaning,
    metric: monitorMetric(endpointName, monitorName, DRIFT_METRICS.scans, { statistic: cloudwatch.Stats.SUM, period: props.every ?? Duration.hours(1) }),
    comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
    threshold: 1,
    evaluationPeriods: 3,
    treatMissingData: cloudwatch.TreatMissingData.BREACHING,
    topic: props.alarmTopic,
  });
  alarm.node.addDependency(start);
  return alarm;
}
