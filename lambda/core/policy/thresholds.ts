import { BaselineColumn, LearnedNull, NullAtRows, NullSpread } from '../baseline/baseline';
import { chiSquaredQuantile } from '../statistics/special';
import { DriftPolicy } from './drift-policy';

/** The level above which each metric is no longer ordinary, and where it comes from. */
export interface Thresholds {
  readonly psi: number;
  readonly ks: number;
  readonly wasserstein: number;
}

const CHANCE = 0.001;

/**
 * Three limits, of which the highest counts: what the policy calls relevant, what chunks of the baseline show to be ordinary,
 * and what chance does with so few rows.
 */
export function thresholdsFor(column: BaselineColumn, rows: number, policy: DriftPolicy): Thresholds {
  const reciprocal = 1 / Math.max(1, rows) + 1 / Math.max(1, column.present);
  const degrees = column.groupCount - 1;
  const ordinary = (pick: (at: NullAtRows) => NullSpread) => (column.learnedNull ? policy.ordinaryMargin * interpolate(column.learnedNull, rows, pick, policy.sigmas) : 0);
  return {
    // Under equal distributions PSI/(1/n + 1/m) follows chi-squared; the mean is subtracted, as it is from the metric.
    psi: Math.max(policy.psi, ordinary((at) => at.psi), degrees > 0 ? (chiSquaredQuantile(CHANCE, degrees) - degrees) * reciprocal : 0),
    ks: Math.max(policy.ks, ordinary((at) => at.ks), Math.sqrt((-Math.log(CHANCE / 2) / 2) * reciprocal)),
    // In deviations, a mean of so many rows errs by the root of the reciprocal: what is relevant must be so beyond two such errors.
    wasserstein: Math.max(policy.wasserstein + 2 * Math.sqrt(reciprocal), ordinary((at) => at.wasserstein)),
  };
}

/** Effective rows needed before PSI's limit is further away than chance reaches. */
export function rowsNeeded(column: BaselineColumn, policy: DriftPolicy): number {
  return policy.minimumRows ?? Math.ceil(chiSquaredQuantile(CHANCE, Math.max(1, column.groupCount - 1)) / policy.psi);
}

/** NannyML's level: mean and three standard deviations over chunks. */
export function ordinaryLevels(column: BaselineColumn, rows: number): { jensenShannon: number; wasserstein: number } | undefined {
  const { learnedNull } = column;
  if (!learnedNull) return undefined;
  const level = (pick: (at: NullAtRows) => NullSpread) => interpolate(learnedNull, rows, (at) => ({ ...pick(at), maximum: 0 }), 3);
  return { jensenShannon: level((at) => at.jensenShannon), wasserstein: level((at) => at.wasserstein) };
}

/** The ordinary level at a number of rows: between the sample sizes measured in log rows, at the ends as there. */
function interpolate(learned: LearnedNull, rows: number, pick: (at: NullAtRows) => NullSpread, sigmas: number): number {
  const { atRows } = learned;
  const level = (at: NullAtRows) => {
    const { mean, deviation, maximum } = pick(at);
    return Math.max(mean + sigmas * deviation, maximum);
  };
  const above = atRows.findIndex((at) => at.rows >= rows);
  if (above < 0) return atRows.length === 0 ? 0 : level(atRows[atRows.length - 1]!);
  const upper = atRows[above]!;
  const lower = atRows[above - 1];
  if (!lower) return level(upper);
  const share = Math.log(rows / lower.rows) / Math.log(upper.rows / lower.rows);
  return level(lower) + share * (level(upper) - level(lower));
}
