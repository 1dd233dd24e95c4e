import { ResourceProvider, ResourceRequest } from '../../service';
import { World } from '../../world';
import { CompositeAlarmSettings, MetricAlarmSettings } from './alarm';
import { putDashboard } from './dashboards-api';
import { CloudWatchState, Tag } from './state';

/* eslint-disable @typescript-eslint/no-explicit-any -- properties as the template has them */

export function cloudWatchResources(world: World, state: CloudWatchState): Record<string, ResourceProvider> {
  return {
    'AWS::CloudWatch::Alarm': alarmProvider(state, [
      'AlarmName', 'AlarmDescription', 'ActionsEnabled', 'OKActions', 'AlarmActions', 'InsufficientDataActions', 'Namespace', 'MetricName', 'Dimensions',
      'Statistic', 'ExtendedStatistic', 'Period', 'Unit', 'Metrics', 'EvaluationPeriods', 'DatapointsToAlarm', 'Threshold', 'ComparisonOperator',
      'TreatMissingData', 'EvaluateLowSampleCountPercentile', 'Tags',
    ], (settings, tags) => state.putMetricAlarm(numeric(settings) as MetricAlarmSettings, tags)),
    'AWS::CloudWatch::CompositeAlarm': alarmProvider(state, [
      'AlarmName', 'AlarmDescription', 'ActionsEnabled', 'OKActions', 'AlarmActions', 'InsufficientDataActions', 'AlarmRule', 'ActionsSuppressor',
      'ActionsSuppressorWaitPeriod', 'ActionsSuppressorExtensionPeriod', 'Tags',
    ], (settings, tags) => state.putCompositeAlarm(settings as CompositeAlarmSettings, tags)),
    'AWS::CloudWatch::Dashboard': {
      properties: ['DashboardName', 'DashboardBody'],
      createOnly: ['DashboardName'],
      create: (request) => {
        const name = request.properties.DashboardName ?? request.generateName(255);
        putDashboard(world, state, name, request.properties.DashboardBody);
        return { physicalId: name };
      },
      update: (request, existing) => {
        putDashboard(world, state, existing.physicalId, request.properties.DashboardBody);
        return existing;
      },
      delete: (_request, existing) => { state.dashboards.delete(existing.physicalId); },
    },
  };
}

function alarmProvider(state: CloudWatchState, properties: readonly string[], put: (settings: any, tags: Tag[]) => unknown): ResourceProvider {
  const save = (request: ResourceRequest, name: string) => {
    const { Tags, ...settings } = request.properties;
    put({ ...settings, AlarmName: name }, Tags ?? []);
    return { physicalId: name, attributes: { Arn: state.alarmArn(name) } };
  };
  return {
    properties,
    createOnly: ['AlarmName'],
    create: (request) => save(request, request.properties.AlarmName ?? request.generateName(255)),
    update: (request, existing) => {
      const handle = save(request, existing.physicalId);
      const alarm = state.alarm(existing.physicalId)!;
      alarm.tags = new Map((request.properties.Tags ?? []).map(({ Key, Value }: Tag) => [Key, Value]));
      return handle;
    },
    delete: (_request, existing) => {
      const alarm = state.alarm(existing.physicalId);
      if (alarm) state.deleteAlarm(alarm);
    },
  };
}

/** Templates may hold numbers as text; the alarm reckons with them. */
function numeric(settings: Record<string, any>): Record<string, any> {
  const copy = { ...settings };
  for (const name of ['Period', 'EvaluationPeriods', 'DatapointsToAlarm', 'Threshold']) {
    if (copy[name] !== undefined) copy[name] = Number(copy[name]);
  }
  return copy;
}
