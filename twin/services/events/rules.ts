import { AwsError } from '../../service';
import type { World } from '../../world';
import { checkInput } from './input';
import { compilePattern } from './pattern';
import type { EventRouter } from './router';
import { parseSchedule } from './schedule';
import type { EventsState, Rule, Target } from './state';
import { checkTarget } from './targets';

const MOST_TARGETS = 5;
/** A rate rule that is enabled again fires at once, not after a whole period. */
const FIRST_AFTER_ENABLE = 1_000;

export interface RuleSettings {
  readonly name: string;
  readonly busName?: string;
  readonly description?: string;
  readonly roleArn?: string;
  readonly pattern?: string;
  readonly scheduleExpression?: string;
  readonly state?: string;
  readonly tags?: Rule['tags'];
}

/** Creating and changing rules, and the timers of those with a schedule. */
export class Rules {
  constructor(private readonly world: World, private readonly state: EventsState, private readonly router: EventRouter) {}

  put(settings: RuleSettings): Rule {
    const bus = this.state.bus(settings.busName);
    const { name, pattern, scheduleExpression } = settings;
    if (pattern === undefined && scheduleExpression === undefined) {
      throw new AwsError('ValidationException', 'Parameter(s) EventPattern or ScheduleExpression must be specified.');
    }
    if (scheduleExpression !== undefined && bus.name !== 'default') {
      throw new AwsError('ValidationException', 'ScheduleExpression is supported only on the default event bus.');
    }
    const matches = pattern === undefined ? undefined : compilePattern(pattern);
    const schedule = scheduleExpression === undefined ? undefined : parseSchedule(scheduleExpression);
    const previous = bus.rules.get(name);
    const rule: Rule = previous ?? {
      name, arn: this.state.ruleArn(name, bus.name), busName: bus.name, description: undefined, roleArn: undefined, pattern, matches, scheduleExpression, schedule,
      enabled: false, since: this.world.clock.now(), timer: undefined, tags: [], targets: new Map(),
    };
    bus.rules.set(name, rule);
    const wasScheduled = previous?.enabled === true && previous.scheduleExpression === scheduleExpression;
    Object.assign(rule, {
      description: settings.description, roleArn: settings.roleArn, pattern, matches, scheduleExpression, schedule, tags: settings.tags ?? rule.tags,
      enabled: settings.state !== 'DISABLED',
    });
    if (!rule.enabled || !wasScheduled) this.restart(rule);
    return rule;
  }

  enable(rule: Rule): void {
    if (rule.enabled) return;
    rule.enabled = true;
    this.restart(rule, FIRST_AFTER_ENABLE);
  }

  disable(rule: Rule): void {
    rule.enabled = false;
    rule.timer?.cancel();
  }

  delete(name: string, busName?: string): void {
    const bus = this.state.bus(busName);
    const rule = bus.rules.get(name);
    // Deleting what is not there is fine.
    if (rule === undefined) return;
    if (rule.targets.size > 0) throw new AwsError('ValidationException', "Rule can't be deleted since it has targets.");
    rule.timer?.cancel();
    bus.rules.delete(name);
  }

  putTarget(rule: Rule, target: Target): void {
    checkTarget(target);
    checkInput(target.Id, target);
    if (!rule.targets.has(target.Id) && rule.targets.size >= MOST_TARGETS) {
      throw new AwsError('LimitExceededException', `The requested resource exceeds the maximum number allowed: ${MOST_TARGETS} targets of rule ${rule.name}`);
    }
    rule.targets.set(target.Id, target);
  }

  private restart(rule: Rule, first?: number): void {
    rule.timer?.cancel();
    rule.timer = undefined;
    rule.since = this.world.clock.now();
    if (!rule.enabled || rule.schedule === undefined) return;
    const isRate = rule.scheduleExpression!.startsWith('rate');
    this.schedule(rule, first !== undefined && isRate ? rule.since + first : undefined);
  }

  private schedule(rule: Rule, at = rule.schedule!.next(this.world.clock.now(), rule.since)): void {
    if (at === undefined) return;
    rule.timer = this.world.clock.at(at, `schedule of rule ${rule.name}`, () => {
      this.schedule(rule);
      this.router.fire(rule);
    });
  }
}
