import { World } from '../../world';
import { MetricAlarm } from './alarm';
import { Datapoint, evaluate, evaluationRange, reasonDataOf, reasonOf } from './alarm-evaluation';
import { MINUTE, MetricStore } from './metric-store';
import { Window } from './queries';

/** A minute's metrics are there this long after its end. */
const DELAY = 10_000;

export type Transition = (alarm: MetricAlarm, state: { value: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA'; reason: string; reasonData: string }) => void;

interface Watch {
  /** End of the evaluated time: a full minute. Undefined while nothing can change the result. */
  due?: number;
  stop: () => void;
}

/**
 * Evaluates metric alarms after the end of each minute, over windows that end there. An alarm whose windows would hold the
 * same data as last time is not evaluated again, so a quiet one costs nothing however long the time.
 */
export class AlarmScheduler {
  private readonly watches = new Map<MetricAlarm, Watch>();
  private tick?: { readonly at: number; cancel(): void };

  constructor(private readonly world: World, private readonly store: MetricStore, private readonly transition: Transition) {}

  watch(alarm: MetricAlarm): void {
    this.unwatch(alarm);
    const stops = alarm.queries.metrics.map((metric) => this.store.onValue(metric, (minute) => this.schedule(alarm, minute + MINUTE)));
    this.watches.set(alarm, { stop: () => { for (const stop of stops) stop(); } });
    this.schedule(alarm, 0);
  }

  unwatch(alarm: MetricAlarm): void {
    this.watches.get(alarm)?.stop();
    this.watches.delete(alarm);
  }

  /** Evaluates the alarm for the minute that ends at `end`, or for the next one where that is past. */
  schedule(alarm: MetricAlarm, end: number): void {
    const watch = this.watches.get(alarm);
    if (!watch || (watch.due !== undefined && watch.due <= end)) return;
    const due = Math.max(end, (Math.floor((this.world.clock.now() - DELAY) / MINUTE) + 1) * MINUTE);
    if (watch.due !== undefined && watch.due <= due) return;
    watch.due = due;
    this.arm(due);
  }

  private arm(due: number): void {
    if (this.tick && this.tick.at <= due) return;
    this.tick?.cancel();
    const timer = this.world.clock.at(due + DELAY, 'cloudwatch: evaluate alarms', () => {
      this.tick = undefined;
      this.evaluateDue(due);
    });
    this.tick = { at: due, cancel: () => timer.cancel() };
  }

  private evaluateDue(end: number): void {
    for (const [alarm, watch] of [...this.watches]) {
      if (watch.due === undefined || watch.due > end || !this.watches.has(alarm)) continue;
      this.evaluate(alarm, end);
      watch.due = this.nextChange(alarm, end);
    }
    const next = Math.min(...[...this.watches.values()].map(({ due }) => due ?? Infinity));
    if (Number.isFinite(next)) this.arm(next);
  }

  private evaluate(alarm: MetricAlarm, end: number): void {
    const { settings } = alarm;
    const verdict = evaluate(settings, this.points(alarm, end));
    if (verdict.state === undefined || verdict.state === alarm.state.value) return;
    this.transition(alarm, {
      value: verdict.state,
      reason: reasonOf(settings, verdict, alarm.state.value),
      reasonData: reasonDataOf(settings, verdict, alarm.queries.period, this.world.clock.now()),
    });
  }

  /** Datapoints by age; metric math needs them all at once, a plain metric is read as far as needed. */
  private points(alarm: MetricAlarm, end: number): (index: number) => Datapoint | undefined {
    const period = alarm.queries.period * 1000;
    const range = evaluationRange(alarm.settings);
    const window = (index: number): Window => ({ from: end - (index + 1) * period, to: end - index * period });
    let all: Array<number | undefined> | undefined;
    return (index) => {
      const { from, to } = window(index);
      let value: number | undefined;
      if (alarm.settings.Metrics) {
        all ??= alarm.queries.evaluate(alarm.watched, Array.from({ length: range }, (_, i) => window(range - 1 - i)));
        value = all[range - 1 - index];
      } else {
        [value] = alarm.queries.evaluate(alarm.watched, [{ from, to }]);
      }
      return value === undefined ? undefined : { time: from, value };
    };
  }

  /** The next full minute at which a datum enters, changes or leaves a window, if no more data come. */
  private nextChange(alarm: MetricAlarm, end: number): number | undefined {
    const period = alarm.queries.period * 1000;
    const range = evaluationRange(alarm.settings);
    let next = Infinity;
    for (const metric of alarm.queries.metrics) {
      for (const minute of this.store.find(metric)?.minutesDescending(end - range * period, Infinity) ?? []) {
        const crossings = Math.floor((end - minute - MINUTE) / period) + 1;
        next = Math.min(next, minute + MINUTE + crossings * period);
        if (next <= end + MINUTE) return next;
      }
    }
    return Number.isFinite(next) ? next : undefined;
  }
}
