import type { Baseline, DriftPolicy } from '../../../lambda/core';
import { seededRandom } from '../../../lambda/core/random';
import type { Simulation } from './month';
import { type Draw, lognormal, normal, pareto, Population, trainedOn, zeroInflated } from './population';
import type { Traffic } from './traffic';

/** A feature of each kind: light tails, skewed, with an atom, and with tails so heavy that their variance is infinite. */
const FEATURES = { normal, lognormal: lognormal(3), zeroInflated: zeroInflated(40), pareto: pareto(1.5) };

const INDEPENDENT: Traffic = { rowsPerDay: 5000, rowsPerUser: 1, correlation: 0, visit: 'hour' };

export interface QuietCase {
  readonly name: string;
  readonly traffic: Traffic;
  /** Largest share of windows in which the test may say "different", and of months in which the alarm may ring. */
  readonly atMost?: number;
  /** Least share of windows that must have a verdict. */
  readonly decided?: number;
}

/** Production that is as training was. */
export const QUIET: readonly QuietCase[] = [
  { name: 'independent rows, 5,000 a day', traffic: INDEPENDENT, atMost: 0.015, decided: 0.95 },
  { name: '25 rows a user within an hour, ICC 0.5, 10,000 a day', traffic: { rowsPerDay: 10_000, rowsPerUser: 25, correlation: 0.5, visit: 'hour' }, atMost: 0.08, decided: 0.95 },
  // Too few rows for their correlation: the engine says so. And users who come back all day: time cells cannot see them.
  { name: 'the same, 5,000 a day', traffic: { rowsPerDay: 5000, rowsPerUser: 25, correlation: 0.5, visit: 'hour' } },
  { name: '25 rows a user over the day, ICC 0.5, 10,000 a day', traffic: { rowsPerDay: 10_000, rowsPerUser: 25, correlation: 0.5, visit: 'day' } },
];

export interface Shift {
  readonly name: string;
  readonly before: Draw;
  readonly after: Draw;
}

export const SHIFTS: readonly Shift[] = [
  { name: 'N(0,1) to N(0.15,1)', before: normal, after: (random) => normal(random) + 0.15 },
  { name: 'N(0,1) to N(0,1.2)', before: normal, after: (random) => normal(random) * 1.2 },
  { name: 'lognormal(3,0.8) + 0.15', before: lognormal(3), after: lognormal(3.15) },
  { name: '60 % zeros, exponential 40 to 48', before: zeroInflated(40), after: zeroInflated(48) },
  { name: 'Pareto 1.5 to 1.4', before: pareto(1.5), after: pareto(1.4) },
];

export const NO_SHIFT: Shift = { name: 'none (Pareto 1.5)', before: pareto(1.5), after: pareto(1.5) };

/** Least share of windows of 5,000 rows in which the test must find each shift. */
export const POWER = 0.9;

/** The lowest limits that the construct takes: nearly all that is more than ordinary and more than chance is drift, relevant or not. */
export const LOWEST_LIMITS: Partial<DriftPolicy> = { psi: 0.01, ks: 0.01, wasserstein: 0.01 };

export async function quiet(): Promise<(traffic: Traffic) => Simulation> {
  const draws = Object.values(FEATURES);
  const baseline = await trainedOn(draws, 1);
  const populations = draws.map((draw, i) => new Population(baseline, i, draw, 100 + i));
  return (traffic) => ({ baseline, populations, traffic, random: seededRandom(traffic.rowsPerDay + traffic.rowsPerUser) });
}

export async function shifted({ before, after }: Shift, policy?: Partial<DriftPolicy>): Promise<Simulation> {
  const baseline: Baseline = await trainedOn([before], 2);
  return { baseline, populations: [new Population(baseline, 0, after, 200)], traffic: INDEPENDENT, policy, random: seededRandom(3) };
}
