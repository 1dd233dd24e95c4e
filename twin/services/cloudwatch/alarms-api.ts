import { AwsError, Operation } from '../../service';
import { Alarm } from './alarm';
import { alarmName } from './alarm-rule';
import { CloudWatchState } from './state';

export function alarmOperations(state: CloudWatchState): Record<string, Operation> {
  const onAlarm = (action: string) => (input: { AlarmName: string }) => [{ action: `cloudwatch:${action}`, resource: state.alarmArn(input.AlarmName) }];
  const onAlarms = (action: string) => (input: { AlarmNames?: string[] }) =>
    (input.AlarmNames?.length ? input.AlarmNames : ['*']).map((name) => ({ action: `cloudwatch:${action}`, resource: state.alarmArn(name) }));
  const put = (action: string) => (input: { AlarmName: string; Tags?: unknown[] }) => [
    { action: `cloudwatch:${action}`, resource: state.alarmArn(input.AlarmName) },
    ...(input.Tags?.length ? [{ action: 'cloudwatch:TagResource', resource: state.alarmArn(input.AlarmName) }] : []),
  ];
  const switchActions = (enabled: boolean): Operation['run'] => ({ AlarmNames }: { AlarmNames: string[] }) => {
    for (const alarm of named(state, AlarmNames)) alarm.settings = { ...alarm.settings, ActionsEnabled: enabled } as never;
  };
  return {
    PutMetricAlarm: { authorize: put('PutMetricAlarm'), run: ({ Tags, ...settings }) => { state.putMetricAlarm(settings, Tags); } },
    PutCompositeAlarm: { authorize: put('PutCompositeAlarm'), run: ({ Tags, ...settings }) => { state.putCompositeAlarm(settings, Tags); } },
    DescribeAlarms: { authorize: onAlarms('DescribeAlarms'), run: (input) => describeAlarms(state, input) },
    DescribeAlarmsForMetric: {
      authorize: () => [{ action: 'cloudwatch:DescribeAlarmsForMetric', resource: '*' }],
      run: (input) => ({
        MetricAlarms: state.alarms().filter((alarm) => alarm.kind === 'metric' && alarm.settings.MetricName === input.MetricName &&
          alarm.settings.Namespace === input.Namespace).map(describe),
      }),
    },
    DeleteAlarms: {
      authorize: onAlarms('DeleteAlarms'),
      run: ({ AlarmNames }: { AlarmNames: string[] }) => {
        const alarms = AlarmNames.map((name) => state.alarm(name));
        const missing = AlarmNames.filter((_, index) => !alarms[index]);
        if (missing.length > 0) throw new AwsError('ResourceNotFound', `Alarms with the names [${missing.join(', ')}] do not exist`, 404);
        for (const alarm of alarms) {
          const holder = state.alarms().find((other) => other.kind === 'composite' && other.rule.alarms.has(alarm!.name) && !AlarmNames.includes(other.name));
          if (holder) throw new AwsError('ValidationError', `Cannot delete ${alarm!.name} as there are composite alarm(s) depending on it: ${holder.name}`);
        }
        for (const alarm of alarms) state.deleteAlarm(alarm!);
      },
    },
    SetAlarmState: {
      authorize: onAlarm('SetAlarmState'),
      run: ({ AlarmName, StateValue, StateReason, StateReasonData }) => {
        const alarm = state.alarm(AlarmName);
        if (!alarm) throw new AwsError('ResourceNotFound', `Alarm ${AlarmName} does not exist`, 404);
        state.overrideState(alarm, { value: StateValue, reason: StateReason, reasonData: StateReasonData });
      },
    },
    EnableAlarmActions: { authorize: onAlarms('EnableAlarmActions'), run: switchActions(true) },
    DisableAlarmActions: { authorize: onAlarms('DisableAlarmActions'), run: switchActions(false) },
    DescribeAlarmHistory: {
      authorize: (input) => [{ action: 'cloudwatch:DescribeAlarmHistory', resource: state.alarmArn(input.AlarmName ?? '*') }],
      run: (input) => describeHistory(state, input),
    },
    TagResource: tagging(state, 'TagResource', (alarm, { Tags }) => { for (const { Key, Value } of Tags) alarm.tags.set(Key, Value); }),
    UntagResource: tagging(state, 'UntagResource', (alarm, { TagKeys }) => { for (const key of TagKeys) alarm.tags.delete(key); }),
    ListTagsForResource: tagging(state, 'ListTagsForResource', (alarm) => ({ Tags: [...alarm.tags].map(([Key, Value]) => ({ Key, Value })) })),
  };
}

function tagging(state: CloudWatchState, action: string, run: (alarm: Alarm, input: any) => unknown): Operation { // eslint-disable-line @typescript-eslint/no-explicit-any
  return {
    authorize: ({ ResourceARN }) => [{ action: `cloudwatch:${action}`, resource: ResourceARN }],
    run: (input) => {
      const alarm = state.alarm(alarmName(input.ResourceARN));
      if (!alarm) throw new AwsError('ResourceNotFoundException', `${input.ResourceARN} does not exist`, 404);
      return run(alarm, input) ?? {};
    },
  };
}

function named(state: CloudWatchState, names: readonly string[]): Alarm[] {
  return names.map((name) => state.alarm(name)).filter((alarm) => alarm !== undefined);
}

function describeAlarms(state: CloudWatchState, input: any) { // eslint-disable-line @typescript-eslint/no-explicit-any
  const types: string[] = input.AlarmTypes ?? ['MetricAlarm'];
  const chosen = state.alarms()
    .filter((alarm) => types.includes(alarm.kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm'))
    .filter((alarm) => input.AlarmNames === undefined || input.AlarmNames.includes(alarm.name))
    .filter((alarm) => input.AlarmNamePrefix === undefined || alarm.name.startsWith(input.AlarmNamePrefix))
    .filter((alarm) => input.StateValue === undefined || alarm.state.value === input.StateValue)
    .filter((alarm) => input.ActionPrefix === undefined || (alarm.settings.AlarmActions ?? []).some((action) => action.startsWith(input.ActionPrefix)))
    .filter((alarm) => input.ParentsOfAlarmName === undefined || (alarm.kind === 'composite' && alarm.rule.alarms.has(alarmName(input.ParentsOfAlarmName))))
    .filter((alarm) => input.ChildrenOfAlarmName === undefined || childrenOf(state, alarmName(input.ChildrenOfAlarmName)).has(alarm.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const { items, NextToken } = page(chosen, input.NextToken, input.MaxRecords ?? 50);
  return {
    MetricAlarms: items.filter(({ kind }) => kind === 'metric').map(describe),
    CompositeAlarms: items.filter(({ kind }) => kind === 'composite').map(describe),
    ...(NextToken !== undefined && { NextToken }),
  };
}

function childrenOf(state: CloudWatchState, name: string): ReadonlySet<string> {
  const parent = state.alarm(name);
  return parent?.kind === 'composite' ? parent.rule.alarms : new Set();
}

function describe(alarm: Alarm): Record<string, unknown> {
  const { value, reason, reasonData, updatedAt, transitionedAt } = alarm.state;
  return {
    OKActions: [], AlarmActions: [], InsufficientDataActions: [], ActionsEnabled: true,
    ...(alarm.kind === 'metric' && !alarm.settings.Metrics && { Dimensions: [] }),
    ...alarm.settings,
    AlarmArn: alarm.arn,
    AlarmConfigurationUpdatedTimestamp: alarm.configuredAt,
    StateValue: value,
    StateReason: reason,
    ...(reasonData !== undefined && { StateReasonData: reasonData }),
    StateUpdatedTimestamp: updatedAt,
    StateTransitionedTimestamp: transitionedAt,
    ...(alarm.kind === 'composite' && alarm.suppressed && { ActionsSuppressedBy: alarm.suppressed.by, ActionsSuppressedReason: alarm.suppressed.reason }),
  };
}

function describeHistory(state: CloudWatchState, input: any) { // eslint-disable-line @typescript-eslint/no-explicit-any
  const alarms = input.AlarmName === undefined ? state.alarms() : named(state, [input.AlarmName]);
  const chosen = alarms
    .filter((alarm) => (input.AlarmTypes ?? ['MetricAlarm']).includes(alarm.kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm'))
    .flatMap((alarm) => alarm.history.map((item) => ({ alarm, item })))
    .filter(({ item }) => input.HistoryItemType === undefined || item.type === input.HistoryItemType)
    .filter(({ item }) => (input.StartDate === undefined || item.time >= input.StartDate) && (input.EndDate === undefined || item.time <= input.EndDate))
    .sort((a, b) => a.item.time.getTime() - b.item.time.getTime());
  if (input.ScanBy !== 'TimestampAscending') chosen.reverse();
  const { items, NextToken } = page(chosen, input.NextToken, input.MaxRecords ?? 100);
  return {
    AlarmHistoryItems: items.map(({ alarm, item }) => ({
      AlarmName: alarm.name, AlarmType: alarm.kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm',
      Timestamp: item.time, HistoryItemType: item.type, HistorySummary: item.summary, HistoryData: item.data,
    })),
    ...(NextToken !== undefined && { NextToken }),
  };
}

export function page<T>(all: readonly T[], token: string | undefined, size: number): { items: readonly T[]; NextToken?: string } {
  const start = token === undefined ? 0 : Number(token);
  if (!Number.isInteger(start)) throw new AwsError('InvalidNextToken', 'The next token specified is invalid');
  return { items: all.slice(start, start + size), ...(start + size < all.length && { NextToken: String(start + size) }) };
}
