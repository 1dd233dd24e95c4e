import { AwsError, type Principal } from '../../service';
import type { World } from '../../world';
import { deadLetter, withRetries } from '../events/retry';
import { parseExpression } from './expression';
import type { Schedule, ScheduleSettings, SchedulerState } from './state';
import { callTarget, requestFor, SESSION } from './targets';

/** Creates, changes and runs schedules. */
export class Schedules {
  constructor(private readonly world: World, private readonly state: SchedulerState) {}

  create(name: string, groupName: string, settings: ScheduleSettings): Schedule {
    const group = this.state.group(groupName);
    const key = this.state.key(name, groupName);
    if (this.state.schedules.has(key)) throw new AwsError('ConflictException', `Schedule ${name} already exists.`, 409);
    const now = this.world.clock.date();
    const schedule: Schedule = {
      name, groupName: group.name, arn: this.state.arn(name, groupName), createdAt: now, modifiedAt: now, settings, times: this.check(settings), timer: undefined,
    };
    this.state.schedules.set(key, schedule);
    this.plan(schedule);
    return schedule;
  }

  update(schedule: Schedule, settings: ScheduleSettings): void {
    Object.assign(schedule, { times: this.check(settings), settings, modifiedAt: this.world.clock.date() });
    this.plan(schedule);
  }

  delete(schedule: Schedule): void {
    schedule.timer?.cancel();
    this.state.schedules.delete(this.state.key(schedule.name, schedule.groupName));
  }

  private check(settings: ScheduleSettings): Schedule['times'] {
    if (settings.FlexibleTimeWindow.Mode !== 'OFF') {
      throw new AwsError('ValidationException', `the twin implements FlexibleTimeWindow mode OFF, not ${settings.FlexibleTimeWindow.Mode}`);
    }
    requestFor(this.world, settings.Target);
    return parseExpression(settings.ScheduleExpression, settings.ScheduleExpressionTimezone);
  }

  private plan(schedule: Schedule): void {
    schedule.timer?.cancel();
    schedule.timer = undefined;
    const { State = 'ENABLED', StartDate, EndDate, ActionAfterCompletion } = schedule.settings;
    if (State === 'DISABLED') return;
    const start = StartDate?.getTime() ?? schedule.modifiedAt.getTime();
    // A start date is itself a possible time.
    const at = schedule.times.next(Math.max(this.world.clock.now(), start - 1), start);
    if (at === undefined || (EndDate !== undefined && at > EndDate.getTime())) {
      if (ActionAfterCompletion === 'DELETE') this.delete(schedule);
      return;
    }
    schedule.timer = this.world.clock.at(at, `schedule ${schedule.name}`, async () => {
      const run = this.run(schedule);
      this.plan(schedule);
      await run;
    });
  }

  private async run(schedule: Schedule): Promise<void> {
    const { world, state } = this;
    const { Target } = schedule.settings;
    const time = world.clock.now();
    const groupArn = state.group(schedule.groupName).arn;
    const ending = await withRetries(world, `schedule ${schedule.name}`, Target.RetryPolicy, () => callTarget(world, groupArn, Target));
    const run = { time, schedule: schedule.name, attempts: ending.attempts };
    if (ending.delivered) {
      state.runs.push({ ...run, outcome: 'delivered' });
      return;
    }
    const queue = Target.DeadLetterConfig?.Arn;
    const caller: Principal = { kind: 'role', roleArn: Target.RoleArn, sessionName: SESSION };
    const kept = queue !== undefined && await deadLetter(world, queue, Target.Input ?? '{}', {
      SCHEDULE_ARN: schedule.arn, TARGET_ARN: Target.Arn, ERROR_CODE: ending.error.name, ERROR_MESSAGE: ending.error.message.slice(0, 1024),
      EXHAUSTED_RETRY_CONDITION: ending.exhausted, RETRY_ATTEMPTS: String(ending.attempts - 1),
    }, caller);
    state.runs.push({ ...run, outcome: kept ? 'dead-lettered' : 'lost', error: `${ending.error.name}: ${ending.error.message}` });
  }
}
