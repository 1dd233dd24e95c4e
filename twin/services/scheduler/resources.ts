import type { ResourceHandle, ResourceProvider, ResourceRequest } from '../../service';
import { deleteGroup } from './api';
import type { Schedules } from './schedules';
import type { Schedule, ScheduleSettings, SchedulerState } from './state';

export function schedulerResources(state: SchedulerState, schedules: Schedules): Record<string, ResourceProvider> {
  return { 'AWS::Scheduler::Schedule': scheduleProvider(state, schedules), 'AWS::Scheduler::ScheduleGroup': groupProvider(state, schedules) };
}

const TARGET_PROPERTIES = ['Arn', 'DeadLetterConfig', 'EventBridgeParameters', 'Input', 'RetryPolicy', 'RoleArn'];

/** A template holds dates, and perhaps numbers, as text. */
function settingsOf({ properties }: ResourceRequest): ScheduleSettings {
  const { Name: _name, GroupName: _group, StartDate, EndDate, Target, ...rest } = properties;
  const unknown = Object.keys(Target).filter((name) => !TARGET_PROPERTIES.includes(name));
  if (unknown.length > 0) throw new Error(`the twin does not implement ${unknown.join(', ')} of a schedule's target; it implements ${TARGET_PROPERTIES.join(', ')}`);
  const { RetryPolicy } = Target;
  return {
    ...rest as ScheduleSettings,
    ...(StartDate !== undefined && { StartDate: new Date(StartDate) }),
    ...(EndDate !== undefined && { EndDate: new Date(EndDate) }),
    Target: { ...Target, ...(RetryPolicy !== undefined && { RetryPolicy: Object.fromEntries(Object.entries(RetryPolicy).map(([name, value]) => [name, Number(value)])) }) },
  };
}

function scheduleProvider(state: SchedulerState, schedules: Schedules): ResourceProvider {
  const handle = ({ name, arn }: Schedule): ResourceHandle => ({ physicalId: name, attributes: { Arn: arn } });
  return {
    properties: [
      'Description', 'EndDate', 'FlexibleTimeWindow', 'GroupName', 'KmsKeyArn', 'Name', 'ScheduleExpression', 'ScheduleExpressionTimezone', 'StartDate', 'State', 'Target',
    ],
    createOnly: ['GroupName', 'Name'],
    create: (request) => handle(schedules.create(request.properties.Name ?? request.generateName(64), request.properties.GroupName ?? 'default', settingsOf(request))),
    update: (request, { physicalId }) => {
      const schedule = state.schedule(physicalId, request.properties.GroupName);
      schedules.update(schedule, settingsOf(request));
      return handle(schedule);
    },
    delete: ({ properties }, { physicalId }) => {
      const schedule = state.schedules.get(state.key(physicalId, properties.GroupName));
      if (schedule !== undefined) schedules.delete(schedule);
    },
  };
}

function groupProvider(state: SchedulerState, schedules: Schedules): ResourceProvider {
  return {
    properties: ['Name', 'Tags'],
    createOnly: ['Name'],
    create: (request) => {
      const { name, arn } = state.createGroup(request.properties.Name ?? request.generateName(64), request.properties.Tags ?? []);
      return { physicalId: name, attributes: { Arn: arn, State: 'ACTIVE' } };
    },
    update: (request, existing) => {
      state.group(existing.physicalId).tags = request.properties.Tags ?? [];
      return existing;
    },
    delete: (_request, { physicalId }) => { if (state.groups.has(physicalId)) deleteGroup(state, schedules, physicalId); },
  };
}
