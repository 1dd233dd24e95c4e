import { World } from '../../world';
import { Alarm, AlarmState, MetricAlarm } from './alarm';
import { awsDate } from './alarm-evaluation';

/** The detail of `CloudWatch Alarm State Change`. */
export function eventDetail(alarm: Alarm, previous: AlarmState): Record<string, unknown> {
  return {
    alarmName: alarm.name,
    configuration: configuration(alarm),
    previousState: state(previous),
    state: {
      ...state(alarm.state),
      ...(alarm.kind === 'composite' && alarm.suppressed && { actionsSuppressedBy: alarm.suppressed.by, actionsSuppressedReason: alarm.suppressed.reason }),
    },
  };
}

/** What a Lambda function gets as its event. */
export function lambdaEvent(world: World, alarm: Alarm, previous: AlarmState): Record<string, unknown> {
  return {
    source: 'aws.cloudwatch',
    alarmArn: alarm.arn,
    accountId: world.account,
    time: awsDate(alarm.state.updatedAt),
    region: world.region,
    alarmData: eventDetail(alarm, previous),
  };
}

/** What SNS subscribers get: subject and message. */
export function notification(world: World, alarm: Alarm, previous: AlarmState): { Subject: string; Message: string } {
  const { settings } = alarm;
  const message = {
    AlarmName: alarm.name,
    AlarmDescription: settings.AlarmDescription ?? null,
    AWSAccountId: world.account,
    AlarmConfigurationUpdatedTimestamp: awsDate(alarm.configuredAt),
    NewStateValue: alarm.state.value,
    NewStateReason: alarm.state.reason,
    StateChangeTime: awsDate(alarm.state.updatedAt),
    Region: world.region,
    AlarmArn: alarm.arn,
    OldStateValue: previous.value,
    OKActions: settings.OKActions ?? [],
    AlarmActions: settings.AlarmActions ?? [],
    InsufficientDataActions: settings.InsufficientDataActions ?? [],
    ...(alarm.kind === 'metric' ? { Trigger: trigger(alarm) } : { AlarmRule: alarm.settings.AlarmRule }),
  };
  return { Subject: `${alarm.state.value}: "${alarm.name}" in ${world.region}`.slice(0, 100), Message: JSON.stringify(message) };
}

function state({ value, reason, reasonData, updatedAt }: AlarmState): Record<string, unknown> {
  return { value, reason, ...(reasonData !== undefined && { reasonData }), timestamp: awsDate(updatedAt) };
}

function configuration(alarm: Alarm): Record<string, unknown> {
  const description = alarm.settings.AlarmDescription !== undefined ? { description: alarm.settings.AlarmDescription } : {};
  if (alarm.kind === 'composite') {
    const { AlarmRule: alarmRule, ActionsSuppressor: actionsSuppressor } = alarm.settings;
    return { ...description, alarmRule, ...(actionsSuppressor !== undefined && { actionsSuppressor }) };
  }
  return {
    ...description,
    metrics: alarm.queries.queries.map((query) => ({
      id: query.Id,
      ...(query.MetricStat && {
        metricStat: {
          metric: {
            namespace: query.MetricStat.Metric.Namespace,
            name: query.MetricStat.Metric.MetricName,
            dimensions: Object.fromEntries((query.MetricStat.Metric.Dimensions ?? []).map(({ Name, Value }) => [Name, Value])),
          },
          period: query.MetricStat.Period,
          stat: query.MetricStat.Stat,
        },
      }),
      ...(query.Expression !== undefined && { expression: query.Expression }),
      ...(query.Label !== undefined && { label: query.Label }),
      returnData: query.Id === alarm.watched,
    })),
  };
}

function trigger({ settings }: MetricAlarm): Record<string, unknown> {
  return {
    ...(settings.Metrics ? { Metrics: settings.Metrics } : {
      MetricName: settings.MetricName,
      Namespace: settings.Namespace,
      StatisticType: settings.Statistic ? 'Statistic' : 'ExtendedStatistic',
      Statistic: settings.Statistic?.toUpperCase() ?? settings.ExtendedStatistic,
      Unit: settings.Unit ?? null,
      Dimensions: (settings.Dimensions ?? []).map(({ Name, Value }) => ({ value: Value, name: Name })),
      Period: settings.Period,
    }),
    EvaluationPeriods: settings.EvaluationPeriods,
    DatapointsToAlarm: settings.DatapointsToAlarm ?? settings.EvaluationPeriods,
    ComparisonOperator: settings.ComparisonOperator,
    Threshold: settings.Threshold,
    TreatMissingData: settings.TreatMissingData ?? 'missing',
    EvaluateLowSampleCountPercentile: settings.EvaluateLowSampleCountPercentile ?? '',
  };
}
