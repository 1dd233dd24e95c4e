import { AwsError, type AuthorizationRequest, type Operation } from '../../service';
import type { World } from '../../world';
import type { Schedules } from './schedules';
import type { Schedule, ScheduleGroup, SchedulerState } from './state';

/* eslint-disable @typescript-eslint/no-explicit-any -- shapes of the service's model */

export function schedulerOperations(world: World, state: SchedulerState, schedules: Schedules): Record<string, Operation> {
  const permission = (action: string, { Name, GroupName }: any): AuthorizationRequest => ({ action: `scheduler:${action}`, resource: state.arn(Name, GroupName) });
  const passRole = ({ Target }: any): AuthorizationRequest => ({
    action: 'iam:PassRole', resource: Target.RoleArn, context: { 'iam:PassedToService': 'scheduler.amazonaws.com' },
  });
  const group = (action: string, name: string): AuthorizationRequest => ({ action: `scheduler:${action}`, resource: world.arn('scheduler', `schedule-group/${name}`) });
  const onTagged = (action: string, run: (tagged: ScheduleGroup, input: any) => any): Operation => ({
    authorize: ({ ResourceArn }) => [{ action: `scheduler:${action}`, resource: ResourceArn }],
    run: (input) => run(state.group(input.ResourceArn.split('/').at(-1)), input) ?? {},
  });

  return {
    CreateSchedule: {
      authorize: (input) => [permission('CreateSchedule', input), passRole(input)],
      run: ({ Name, GroupName = 'default', ClientToken: _token, ...settings }) => ({ ScheduleArn: schedules.create(Name, GroupName, settings as any).arn }),
    },
    UpdateSchedule: {
      authorize: (input) => [permission('UpdateSchedule', input), passRole(input)],
      run: ({ Name, GroupName, ClientToken: _token, ...settings }) => {
        const schedule = state.schedule(Name, GroupName);
        schedules.update(schedule, settings as any);
        return { ScheduleArn: schedule.arn };
      },
    },
    GetSchedule: {
      authorize: (input) => [permission('GetSchedule', input)],
      run: ({ Name, GroupName }) => {
        const schedule = state.schedule(Name, GroupName);
        return { ...summary(schedule), ...schedule.settings, State: stateOf(schedule) };
      },
    },
    DeleteSchedule: {
      authorize: (input) => [permission('DeleteSchedule', input)],
      run: ({ Name, GroupName }) => {
        schedules.delete(state.schedule(Name, GroupName));
        return {};
      },
    },
    ListSchedules: {
      authorize: () => [{ action: 'scheduler:ListSchedules', resource: '*' }],
      run: ({ GroupName, NamePrefix = '', State }) => ({
        Schedules: [...state.schedules.values()]
          .filter((schedule) => (GroupName === undefined || schedule.groupName === GroupName) && schedule.name.startsWith(NamePrefix) && (State === undefined || stateOf(schedule) === State))
          .map((schedule) => ({ ...summary(schedule), State: stateOf(schedule), Target: { Arn: schedule.settings.Target.Arn } })),
      }),
    },
    CreateScheduleGroup: {
      authorize: ({ Name }) => [group('CreateScheduleGroup', Name)],
      run: ({ Name, Tags = [] }) => ({ ScheduleGroupArn: state.createGroup(Name, Tags).arn }),
    },
    GetScheduleGroup: {
      authorize: ({ Name }) => [group('GetScheduleGroup', Name)],
      run: ({ Name }) => describedGroup(state.group(Name)),
    },
    ListScheduleGroups: {
      authorize: () => [{ action: 'scheduler:ListScheduleGroups', resource: '*' }],
      run: ({ NamePrefix = '' }) => ({ ScheduleGroups: [...state.groups.values()].filter(({ name }) => name.startsWith(NamePrefix)).map(describedGroup) }),
    },
    DeleteScheduleGroup: {
      authorize: ({ Name }) => [group('DeleteScheduleGroup', Name)],
      run: ({ Name }) => {
        deleteGroup(state, schedules, Name);
        return {};
      },
    },
    ListTagsForResource: onTagged('ListTagsForResource', ({ tags }) => ({ Tags: tags })),
    TagResource: onTagged('TagResource', (tagged, { Tags }) => {
      tagged.tags = [...tagged.tags.filter(({ Key }) => !Tags.some((tag: any) => tag.Key === Key)), ...Tags];
    }),
    UntagResource: onTagged('UntagResource', (tagged, { TagKeys }) => { tagged.tags = tagged.tags.filter(({ Key }) => !TagKeys.includes(Key)); }),
  };
}

/** With everything in it. */
export function deleteGroup(state: SchedulerState, schedules: Schedules, name: string): void {
  if (name === 'default') throw new AwsError('ValidationException', 'The default schedule group cannot be deleted.');
  state.group(name);
  for (const schedule of [...state.schedules.values()].filter(({ groupName }) => groupName === name)) schedules.delete(schedule);
  state.groups.delete(name);
}

function stateOf({ settings }: Schedule): string {
  return settings.State ?? 'ENABLED';
}

function summary({ name, groupName, arn, createdAt, modifiedAt }: Schedule): any {
  return { Name: name, GroupName: groupName, Arn: arn, CreationDate: createdAt, LastModificationDate: modifiedAt };
}

function describedGroup({ name, arn, createdAt }: ScheduleGroup): any {
  return { Name: name, Arn: arn, State: 'ACTIVE', CreationDate: createdAt, LastModificationDate: createdAt };
}
