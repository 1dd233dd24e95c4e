import type { PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch';
import type { DeploymentConfig } from '@aws-sdk/client-sagemaker';
import { ENDPOINT_METRICS, FAILED_SHARE, ROLLBACK_ALARM_SUFFIXES, VARIANT_NAME, type StageDescriptor } from '../../../lib/serving/release-descriptor.contract';

/** Time beyond the waits that SageMaker may take to start a fleet, seconds. */
const STARTING_ALLOWANCE = 3600;
const MAXIMUM_EXECUTION = 28_800;

/** Endings of the names of a config's rollback alarms; also how clean-up tells them from any other alarm. */

export function rollbackAlarmNames(configName: string): string[] {
  return ROLLBACK_ALARM_SUFFIXES.map((suffix) => `${configName}-${suffix}`);
}

/**
 * Alarms on the new fleet alone, by the dimension EndpointConfigName. On metrics of the whole endpoint an old fleet that
 * is failing would abort the very release that mends it.
 */
export function rollbackAlarms(stage: StageDescriptor, configName: string, topicArn: string | undefined): PutMetricAlarmCommandInput[] {
  const { automatic, maximumErrorShare, maximumLatencyMicroseconds, periodSeconds, evaluationPeriods } = stage.rollbackAlarms;
  const consequence = automatic ? 'rolls its release back' : 'fails its release';
  const dimensions = [
    { Name: 'EndpointName', Value: stage.endpointName }, { Name: 'VariantName', Value: VARIANT_NAME }, { Name: 'EndpointConfigName', Value: configName },
  ];
  const metric = (id: string, name: string, statistic: string) => ({
    Id: id, ReturnData: false, MetricStat: { Metric: { Namespace: ENDPOINT_METRICS.namespace, MetricName: name, Dimensions: dimensions }, Period: periodSeconds, Stat: statistic },
  });
  const common = {
    EvaluationPeriods: evaluationPeriods, DatapointsToAlarm: evaluationPeriods, ComparisonOperator: 'GreaterThanThreshold',
    // A fleet without traffic has done nothing wrong.
    TreatMissingData: 'notBreaching', AlarmActions: topicArn === undefined ? [] : [topicArn],
  } as const;
  const [errors, latency] = rollbackAlarmNames(configName);
  return [
    {
      ...common, AlarmName: errors, Threshold: maximumErrorShare,
      AlarmDescription: `share of requests to ${configName} that the model failed: answered 5xx, or not at all; ${consequence}`,
      Metrics: [
        ...Object.entries(FAILED_SHARE.metrics).map(([id, name]) => metric(id, name, 'Sum')),
        { Id: FAILED_SHARE.failuresId, Expression: FAILED_SHARE.failures, ReturnData: false },
        { Id: 'share', Expression: FAILED_SHARE.share, Label: 'share of failed requests', ReturnData: true },
      ],
    },
    {
      ...common, AlarmName: latency, Threshold: maximumLatencyMicroseconds,
      AlarmDescription: `99th percentile of model latency of ${configName}, microseconds; ${consequence}`,
      Metrics: [{ ...metric('latency', ENDPOINT_METRICS.modelLatency, 'p99'), ReturnData: true }],
    },
  ];
}

/**
 * How SageMaker moves traffic to the new fleet, first to a canary of so many instances if any, and which alarms send it back. It watches them
 * between steps (`WaitIntervalInSeconds`, of which all at once has none) and then for as long as the old fleet stays (`TerminationWaitInSeconds`).
 */
export function deploymentConfig({ rollout, rollbackAlarms: { automatic } }: StageDescriptor, configName: string, canary: number | undefined): DeploymentConfig {
  const { bakeSeconds, terminationWaitSeconds } = rollout;
  const termination = bakeSeconds + terminationWaitSeconds;
  // Should SageMaker bake a canary a second time at full traffic, that is in time as well.
  const waits = (canary === undefined ? 0 : 2 * bakeSeconds) + termination;
  return {
    BlueGreenUpdatePolicy: {
      TrafficRoutingConfiguration: canary === undefined
        ? { Type: 'ALL_AT_ONCE', WaitIntervalInSeconds: 0 }
        : { Type: 'CANARY', CanarySize: { Type: 'INSTANCE_COUNT', Value: canary }, WaitIntervalInSeconds: bakeSeconds },
      TerminationWaitInSeconds: termination,
      MaximumExecutionTimeoutInSeconds: Math.min(MAXIMUM_EXECUTION, waits + STARTING_ALLOWANCE),
    },
    AutoRollbackConfiguration: automatic ? { Alarms: rollbackAlarmNames(configName).map((AlarmName) => ({ AlarmName })) } : undefined,
  };
}

/** Seconds from the start of an update that SageMaker spends watching, at least. */
export function watchSeconds({ BlueGreenUpdatePolicy: policy }: DeploymentConfig): number {
  return (policy?.TrafficRoutingConfiguration?.WaitIntervalInSeconds ?? 0) + (policy?.TerminationWaitInSeconds ?? 0);
}
