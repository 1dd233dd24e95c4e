import { DocumentError } from '../errors';
import { Evaluation, metricOf, MetricValue } from './evaluation';

export interface Judgement {
  readonly verdict: 'accept' | 'reject';
  readonly reasons: readonly string[];
  /** Whether the candidate reaches the threshold, whatever the champion does. */
  readonly reachesThreshold: boolean;
  readonly candidate: number;
  readonly champion?: number;
  /** By how much the candidate is better; negative if it is worse. */
  readonly improvement?: number;
  /** The bootstrap error of the improvement. */
  readonly standardError?: number;
}

export interface JudgeOptions {
  readonly candidate: Evaluation;
  /** The serving model on the same hold-out; absent for the first model, and where it cannot be compared with. */
  readonly champion?: Evaluation;
  /** Why there is nothing to compare with. @default - this is the first model */
  readonly withoutChampion?: string;
  readonly metric: string;
  /** @default true */
  readonly higherIsBetter?: boolean;
  /** The level the candidate must reach. @default - none */
  readonly threshold?: number;
  /** The least improvement over the champion that is worth a release. @default 0 */
  readonly minimumImprovement?: number;
  /** Standard errors by which the improvement must exceed chance. @default 2 */
  readonly sigmas?: number;
}

/** Accepts a candidate that reaches the threshold and beats the champion by more than the hold-out's chance. */
export function judgeCandidate(options: JudgeOptions): Judgement {
  const { metric, higherIsBetter = true, threshold, minimumImprovement = 0, sigmas = 2 } = options;
  const candidate = metricOf(options.candidate, metric, 'evaluation of the candidate');
  const reasons: string[] = [];
  const reachesThreshold = threshold === undefined || (higherIsBetter ? candidate.value >= threshold : candidate.value <= threshold);
  if (threshold !== undefined) {
    reasons.push(`${metric} ${round(candidate.value)} is ${reachesThreshold ? 'within' : 'beyond'} the threshold (${higherIsBetter ? 'at least' : 'at most'} ${threshold})`);
  }
  if (!options.champion) {
    reasons.push(options.withoutChampion ?? 'there is no champion to beat');
    return { verdict: reachesThreshold ? 'accept' : 'reject', reasons, reachesThreshold, candidate: candidate.value };
  }
  if (options.champion.rows !== options.candidate.rows) {
    throw new DocumentError('evaluations', `the candidate was scored on ${options.candidate.rows} rows and the champion on ${options.champion.rows};`
      + ' score both on the same hold-out');
  }
  const champion = metricOf(options.champion, metric, 'evaluation of the champion');
  const improvement = (candidate.value - champion.value) * (higherIsBetter ? 1 : -1);
  const standardError = errorOfDifference(metric, candidate, champion);
  const needed = Math.max(minimumImprovement, sigmas * standardError);
  const better = improvement > needed;
  reasons.push(`${metric} ${round(candidate.value)} against the champion's ${round(champion.value)}: ${improvement < 0 ? 'worse' : 'better'} by ${round(Math.abs(improvement))},`
    + ` needed is more than ${round(needed)} (${sigmas} standard errors of ${round(standardError)}${minimumImprovement > 0 ? `, at least ${minimumImprovement}` : ''})`);
  return { verdict: reachesThreshold && better ? 'accept' : 'reject', reasons, reachesThreshold, candidate: candidate.value, champion: champion.value, improvement, standardError };
}

/**
 * The standard error of the difference of two models' metrics. From replicates on the same resamples pair by pair: the luck of
 * a resample falls on both alike and cancels. Without them the two errors add as if independent, which is larger.
 */
function errorOfDifference(metric: string, candidate: MetricValue, champion: MetricValue): number {
  const a = candidate.replicates;
  const b = champion.replicates;
  if (a && b && a.length === b.length && a.length >= 2) return deviation(a.map((value, i) => value - b[i]!));
  return Math.hypot(errorOf('candidate', metric, candidate), errorOf('champion', metric, champion));
}

function errorOf(model: string, metric: string, { standardDeviation, replicates }: MetricValue): number {
  if (standardDeviation !== undefined) return standardDeviation;
  if (replicates && replicates.length >= 2) return deviation(replicates);
  throw new DocumentError(`evaluation of the ${model}`, `metric ${metric} has no bootstrap error, so nobody can say what is chance;`
    + ' write its standard_deviation or its replicates in `evaluate`');
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

function round(value: number): string {
  return String(Number(value.toPrecision(4)));
}
