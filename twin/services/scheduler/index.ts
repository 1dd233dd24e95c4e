import type { Service } from '../../service';
import type { World } from '../../world';
import { schedulerOperations } from './api';
import { schedulerResources } from './resources';
import { Schedules } from './schedules';
import { SchedulerState, type ScheduleRun } from './state';

export type { ScheduleRun } from './state';

/** Amazon EventBridge Scheduler. */
export class SchedulerService implements Service {
  readonly name = 'scheduler';
  readonly operations: Service['operations'];
  readonly resources: Service['resources'];
  private readonly state: SchedulerState;

  constructor(world: World) {
    this.state = new SchedulerState(world);
    const schedules = new Schedules(world, this.state);
    this.operations = schedulerOperations(world, this.state, schedules);
    this.resources = schedulerResources(this.state, schedules);
  }

  /** What became of every run so far. */
  get runs(): readonly ScheduleRun[] {
    return this.state.runs;
  }

  remaining(): string[] {
    return [...[...this.state.schedules.values()].map(({ arn }) => arn), ...[...this.state.groups.values()].filter(({ name }) => name !== 'default').map(({ arn }) => arn)];
  }
}
