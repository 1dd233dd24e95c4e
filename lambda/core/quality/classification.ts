import { Interval } from '../statistics/ordinal';

/** Counts of a binary classifier's answers: actual against predicted. */
export interface Confusion {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly trueNegatives: number;
  readonly falseNegatives: number;
}

export interface ClassificationMetrics {
  readonly accuracy: number;
  readonly precision: number;
  readonly recall: number;
  readonly truePositiveRate: number;
  readonly trueNegativeRate: number;
  readonly falsePositiveRate: number;
  readonly falseNegativeRate: number;
  readonly f1: number;
  readonly f2: number;
  readonly f0_5: number;
}

/** The metrics of Model Monitor's binary classification report; 0 where a denominator is 0, as there. */
export function classificationMetrics(confusion: Confusion): ClassificationMetrics {
  const { truePositives: tp, falsePositives: fp, trueNegatives: tn, falseNegatives: fn } = confusion;
  const precision = ratio(tp, tp + fp);
  const recall = ratio(tp, tp + fn);
  const f = (beta: number) => ratio((1 + beta * beta) * precision * recall, beta * beta * precision + recall);
  return {
    accuracy: ratio(tp + tn, tp + fp + tn + fn), precision, recall,
    truePositiveRate: recall, trueNegativeRate: ratio(tn, tn + fp), falsePositiveRate: ratio(fp, fp + tn), falseNegativeRate: ratio(fn, tp + fn),
    f1: f(1), f2: f(2), f0_5: f(0.5),
  };
}

/**
 * Area under the ROC curve from counts of positives and negatives over the same score bins, lowest scores first. Which of two answers
 * in one bin is higher is not known: the interval holds the area whatever it is.
 */
export function areaUnderCurve(positives: ArrayLike<number>, negatives: ArrayLike<number>): Interval {
  let below = 0;
  let lower = 0;
  let upper = 0;
  let all = 0;
  for (let i = 0; i < positives.length; i++) {
    const p = positives[i]!;
    const n = negatives[i]!;
    lower += p * below;
    upper += p * (below + n);
    below += n;
    all += p;
  }
  return all === 0 || below === 0 ? { lower: 0, upper: 1 } : { lower: lower / (all * below), upper: upper / (all * below) };
}

/** One group of answers with similar probabilities. */
export interface CalibrationBin {
  readonly rows: number;
  readonly meanScore: number;
  readonly positiveShare: number;
}

/** Sums over scored and labelled rows; adding two of them gives those of all rows. */
export interface ScoreSums {
  readonly rows: number;
  readonly logLoss: number;
  readonly squaredError: number;
  /** Sums of the squares of both, from which the error of their means follows. */
  readonly squaredLogLoss: number;
  readonly fourthPowers: number;
  readonly bins: ReadonlyArray<{ readonly rows: number; readonly scores: number; readonly positives: number }>;
}

const CALIBRATION_BINS = 10;
const SMALLEST = 1e-15;

export function scoreSums(rows: Iterable<{ readonly score: number; readonly positive: boolean }>): ScoreSums {
  const bins = Array.from({ length: CALIBRATION_BINS }, () => ({ rows: 0, scores: 0, positives: 0 }));
  let count = 0;
  let logLoss = 0;
  let squaredError = 0;
  let squaredLogLoss = 0;
  let fourthPowers = 0;
  for (const { score, positive } of rows) {
    const p = Math.min(1 - SMALLEST, Math.max(SMALLEST, score));
    const bin = bins[Math.min(CALIBRATION_BINS - 1, Math.floor(p * CALIBRATION_BINS))]!;
    count++;
    const loss = -Math.log(positive ? p : 1 - p);
    logLoss += loss;
    squaredLogLoss += loss ** 2;
    squaredError += (score - Number(positive)) ** 2;
    fourthPowers += (score - Number(positive)) ** 4;
    bin.rows++;
    bin.scores += score;
    bin.positives += Number(positive);
  }
  return { rows: count, logLoss, squaredError, squaredLogLoss, fourthPowers, bins };
}

export function addScoreSums(a: ScoreSums, b: ScoreSums): ScoreSums {
  return {
    rows: a.rows + b.rows,
    logLoss: a.logLoss + b.logLoss,
    squaredError: a.squaredError + b.squaredError,
    squaredLogLoss: a.squaredLogLoss + b.squaredLogLoss,
    fourthPowers: a.fourthPowers + b.fourthPowers,
    bins: a.bins.map((bin, i) => ({ rows: bin.rows + b.bins[i]!.rows, scores: bin.scores + b.bins[i]!.scores, positives: bin.positives + b.bins[i]!.positives })),
  };
}

/** Log loss, Brier score, and the expected calibration error: the mean distance of stated and actual share, by rows. */
export function probabilityMetrics(sums: ScoreSums): { logLoss: number; brier: number; calibrationError: number; calibration: readonly CalibrationBin[] } {
  const calibration = sums.bins.map(({ rows, scores, positives }) => ({ rows, meanScore: ratio(scores, rows), positiveShare: ratio(positives, rows) }));
  const error = calibration.reduce((sum, { rows, meanScore, positiveShare }) => sum + rows * Math.abs(meanScore - positiveShare), 0);
  return { logLoss: ratio(sums.logLoss, sums.rows), brier: ratio(sums.squaredError, sums.rows), calibrationError: ratio(error, sums.rows), calibration };
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
