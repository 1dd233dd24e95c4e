import type { Timer } from '../../clock';
import { AwsError } from '../../service';
import type { World } from '../../world';
import type { RetryPolicy } from '../events/retry';
import type { Schedule as Times } from '../events/schedule';

export interface ScheduleTarget {
  readonly Arn: string;
  readonly RoleArn: string;
  readonly Input?: string;
  readonly RetryPolicy?: RetryPolicy;
  readonly DeadLetterConfig?: { readonly Arn?: string };
  readonly EventBridgeParameters?: { readonly DetailType: string; readonly Source: string };
}

/** What CreateSchedule and templates give. */
export interface ScheduleSettings {
  readonly ScheduleExpression: string;
  readonly ScheduleExpressionTimezone?: string;
  readonly FlexibleTimeWindow: { readonly Mode: string; readonly MaximumWindowInMinutes?: number };
  readonly Target: ScheduleTarget;
  readonly State?: string;
  readonly Description?: string;
  readonly KmsKeyArn?: string;
  readonly StartDate?: Date;
  readonly EndDate?: Date;
  readonly ActionAfterCompletion?: string;
}

export interface Schedule {
  readonly name: string;
  readonly groupName: string;
  readonly arn: string;
  readonly createdAt: Date;
  modifiedAt: Date;
  settings: ScheduleSettings;
  times: Times;
  timer: Timer | undefined;
}

export interface ScheduleGroup {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: Date;
  tags: ReadonlyArray<{ readonly Key: string; readonly Value: string }>;
}

/** What became of one run of a schedule, for tests and reports. */
export interface ScheduleRun {
  readonly time: number;
  readonly schedule: string;
  readonly attempts: number;
  readonly outcome: 'delivered' | 'dead-lettered' | 'lost';
  readonly error?: string;
}

export class SchedulerState {
  readonly groups = new Map<string, ScheduleGroup>();
  readonly schedules = new Map<string, Schedule>();
  readonly runs: ScheduleRun[] = [];

  constructor(private readonly world: World) {
    this.createGroup('default', []);
  }

  key(name: string, groupName = 'default'): string {
    return `${groupName}/${name}`;
  }

  schedule(name: string, groupName = 'default'): Schedule {
    const schedule = this.schedules.get(this.key(name, groupName));
    if (schedule === undefined) throw new AwsError('ResourceNotFoundException', `Schedule ${name} does not exist.`, 404);
    return schedule;
  }

  group(name: string): ScheduleGroup {
    const group = this.groups.get(name);
    if (group === undefined) throw new AwsError('ResourceNotFoundException', `Schedule group ${name} does not exist.`, 404);
    return group;
  }

  createGroup(name: string, tags: ScheduleGroup['tags']): ScheduleGroup {
    if (this.groups.has(name)) throw new AwsError('ConflictException', `Schedule group ${name} already exists.`, 409);
    const group: ScheduleGroup = { name, arn: this.world.arn('scheduler', `schedule-group/${name}`), createdAt: this.world.clock.date(), tags };
    this.groups.set(name, group);
    return group;
  }

  arn(name: string, groupName = 'default'): string {
    return this.world.arn('scheduler', `schedule/${groupName}/${name}`);
  }
}
