import { World } from '../../world';
import { Alarm, AlarmState, CompositeAlarm, StateValue } from './alarm';
import { alarmName } from './alarm-rule';
import { addHistory, performActions } from './alarm-actions';

/** Keeps composite alarms in step with the alarms they depend on, and their actions with their suppressors. */
export class CompositeAlarms {
  private readonly waiting = new Map<CompositeAlarm, { cancel(): void }>();

  constructor(
    private readonly world: World,
    private readonly find: (name: string) => Alarm | undefined,
    private readonly all: () => readonly Alarm[],
    private readonly transition: (alarm: CompositeAlarm, value: StateValue, reason: string) => void,
  ) {}

  /** Evaluates whatever depends on the alarm, and settles actions that it suppresses. */
  dependencyChanged(changed: Alarm): void {
    for (const alarm of this.all()) {
      if (alarm.kind !== 'composite') continue;
      if (alarm.rule.alarms.has(changed.name)) this.evaluate(alarm, changed);
      if (alarm.settings.ActionsSuppressor !== undefined && alarmName(alarm.settings.ActionsSuppressor) === changed.name) this.suppressorChanged(alarm);
    }
  }

  evaluate(alarm: CompositeAlarm, because?: Alarm): void {
    const value: StateValue = alarm.rule.holds((name) => this.find(name)?.state.value) ? 'ALARM' : 'OK';
    if (value === alarm.state.value) return;
    const reason = because
      ? `${because.arn} transitioned to ${because.state.value} at ${because.state.updatedAt.toISOString()}`
      : `${alarm.arn} was created and its alarm rule evaluates to ${value}`;
    this.transition(alarm, value, reason);
  }

  /** The actions of a transition: at once, or after the suppressor had its chance. */
  act(alarm: CompositeAlarm, previous: AlarmState): void {
    this.forget(alarm);
    const { ActionsSuppressor, ActionsSuppressorWaitPeriod } = alarm.settings;
    if (ActionsSuppressor === undefined) return this.perform(alarm, previous);
    if (this.suppressing(alarm)) return this.suppress(alarm, previous, 'Alarm', `suppressed by ${ActionsSuppressor}`);
    this.suppress(alarm, previous, 'WaitPeriod', `waiting ${ActionsSuppressorWaitPeriod} seconds for ${ActionsSuppressor}`);
    this.later(alarm, ActionsSuppressorWaitPeriod ?? 0, () => this.perform(alarm, previous));
  }

  forget(alarm: CompositeAlarm): void {
    this.waiting.get(alarm)?.cancel();
    this.waiting.delete(alarm);
    alarm.suppressed = undefined;
  }

  private suppressorChanged(alarm: CompositeAlarm): void {
    if (!alarm.suppressed) return;
    const { ActionsSuppressor, ActionsSuppressorExtensionPeriod } = alarm.settings;
    const { previous } = alarm.suppressed;
    if (this.suppressing(alarm)) {
      this.forget(alarm);
      this.suppress(alarm, previous, 'Alarm', `suppressed by ${ActionsSuppressor}`);
    } else if (alarm.suppressed.by === 'Alarm') {
      this.suppress(alarm, previous, 'ExtensionPeriod', `waiting ${ActionsSuppressorExtensionPeriod} seconds after ${ActionsSuppressor} left ALARM`);
      this.later(alarm, ActionsSuppressorExtensionPeriod ?? 0, () => this.perform(alarm, previous));
    }
  }

  private suppressing(alarm: CompositeAlarm): boolean {
    return this.find(alarmName(alarm.settings.ActionsSuppressor!))?.state.value === 'ALARM';
  }

  private suppress(alarm: CompositeAlarm, previous: AlarmState, by: 'WaitPeriod' | 'ExtensionPeriod' | 'Alarm', reason: string): void {
    alarm.suppressed = { by, reason, previous };
    addHistory(this.world, alarm, 'Action', `Actions of ${alarm.name} are suppressed: ${reason}`, { actionState: 'Suppressed' });
  }

  private later(alarm: CompositeAlarm, seconds: number, run: () => void): void {
    this.waiting.set(alarm, this.world.clock.after(seconds * 1000, `cloudwatch: suppressor of ${alarm.name}`, () => {
      this.forget(alarm);
      run();
    }));
  }

  private perform(alarm: CompositeAlarm, previous: AlarmState): void {
    this.world.clock.after(0, `cloudwatch: actions of ${alarm.name}`, () => performActions(this.world, alarm, previous));
  }
}
