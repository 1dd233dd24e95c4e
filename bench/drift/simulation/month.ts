import { Accumulator, type Baseline, type DriftPolicy, type DriftReport, evaluateWindow, reportMetrics } from '../../../lambda/core';
import type { Population } from './population';
import { HOUR, type Traffic, TrafficCounter } from './traffic';

export interface Simulation {
  readonly baseline: Baseline;
  /** What production draws each feature from. */
  readonly populations: readonly Population[];
  readonly traffic: Traffic;
  readonly policy?: Partial<DriftPolicy>;
  readonly random: () => number;
}

/** How windows were judged. */
export interface Tally {
  windows: number;
  decided: number;
  /** Windows in which the test, adjusted for the number of features, says "different" at its nominal level, relevant or not. */
  significant: number;
  drift: number;
  /** Months in which the alarm rang at least once. */
  alarms: number;
}

export const NOMINAL = 0.01;
const WINDOW_HOURS = 24;
const MONTH_HOURS = 30 * 24;
/** The drift alarm's: three of the last four verdicts. */
const ALARM = { periods: 4, toAlarm: 3 };

/** Months as a monitor lives them: every hour the trailing day is evaluated. */
export function simulateMonths(simulation: Simulation, months: number): Tally {
  const tally = emptyTally();
  for (let month = 0; month < months; month++) {
    const verdicts: number[] = [];
    let rang = false;
    for (const report of windows(simulation, MONTH_HOURS, 1)) {
      add(tally, report);
      // A window without a verdict emits no figure, and the alarm ignores what is missing.
      const verdict = reportMetrics(report).DriftDetected;
      if (verdict !== undefined) verdicts.push(verdict);
      rang ||= verdicts.slice(-ALARM.periods).filter((each) => each === 1).length >= ALARM.toAlarm;
    }
    if (rang) tally.alarms++;
  }
  return tally;
}

/** Days that have no hour in common. */
export function simulateDays(simulation: Simulation, days: number): Tally {
  const tally = emptyTally();
  for (const report of windows(simulation, days * WINDOW_HOURS, WINDOW_HOURS)) add(tally, report);
  return tally;
}

function* windows({ baseline, populations, traffic, policy, random }: Simulation, hours: number, step: number): Iterable<DriftReport> {
  const counter = new TrafficCounter(baseline, populations, traffic, random);
  const trailing: Accumulator[] = [];
  for (let end = 1; end <= hours; end++) {
    trailing.push(counter.nextHour());
    if (trailing.length > WINDOW_HOURS) trailing.shift();
    if (end < WINDOW_HOURS || end % step !== 0) continue;
    const window = { start: new Date((end - WINDOW_HOURS) * HOUR), end: new Date(end * HOUR) };
    yield evaluateWindow({ baseline, accumulator: Accumulator.sum(baseline, trailing), window, policy });
  }
}

function emptyTally(): Tally {
  return { windows: 0, decided: 0, significant: 0, drift: 0, alarms: 0 };
}

function add(tally: Tally, report: DriftReport): void {
  tally.windows++;
  if (report.state !== 'insufficient') tally.decided++;
  if (report.state === 'drift') tally.drift++;
  if (report.features.some(({ metrics }) => metrics.adjustedLogP <= Math.log(NOMINAL))) tally.significant++;
}
