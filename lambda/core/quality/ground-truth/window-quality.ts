import { Interval } from '../../statistics/ordinal';
import {
  addScoreSums, areaUnderCurve, classificationMetrics, type ClassificationMetrics, probabilityMetrics, scoreSums, type ScoreSums,
} from '../classification';
import { addRegressionSums, NO_REGRESSION, regressionMetrics, regressionSums, type RegressionSums } from '../regression';
import { JoinedRow } from './join';

/** Over so many equal score bins the interval of the area is about a thousandth wide. */
const SCORE_BINS = 1024;

/** How good a window's answers were, as counts that add up over partitions and windows. */
export interface WindowQuality {
  readonly predictions: number;
  readonly labelled: number;
  readonly positives: Float64Array;
  readonly negatives: Float64Array;
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly scores: ScoreSums;
  readonly regression: RegressionSums;
}

/** Counts the labelled rows of a window; a label above one half is positive. */
export function windowQuality(rows: Iterable<JoinedRow>, predictions: number, threshold = 0.5): WindowQuality {
  const labelled = [...rows].sort((a, b) => a.score - b.score || a.label - b.label);
  const positives = new Float64Array(SCORE_BINS);
  const negatives = new Float64Array(SCORE_BINS);
  let truePositives = 0;
  let falsePositives = 0;
  for (const { score, label } of labelled) {
    const bin = Math.min(SCORE_BINS - 1, Math.max(0, Math.floor(score * SCORE_BINS)));
    if (label > 0.5) positives[bin]!++;
    else negatives[bin]!++;
    if (score >= threshold && label > 0.5) truePositives++;
    else if (score >= threshold) falsePositives++;
  }
  return {
    predictions, labelled: labelled.length, positives, negatives, truePositives, falsePositives,
    scores: scoreSums(labelled.map(({ score, label }) => ({ score, positive: label > 0.5 }))),
    regression: regressionSums(labelled.map(({ score, label }) => ({ predicted: score, actual: label }))),
  };
}

export function addWindowQuality(a: WindowQuality, b: WindowQuality): WindowQuality {
  return {
    predictions: a.predictions + b.predictions,
    labelled: a.labelled + b.labelled,
    positives: a.positives.map((count, i) => count + b.positives[i]!),
    negatives: a.negatives.map((count, i) => count + b.negatives[i]!),
    truePositives: a.truePositives + b.truePositives,
    falsePositives: a.falsePositives + b.falsePositives,
    scores: addScoreSums(a.scores, b.scores),
    regression: addRegressionSums(addRegressionSums(NO_REGRESSION, a.regression), b.regression),
  };
}

export interface QualityFigures extends ClassificationMetrics {
  /** The share of answers whose label is known. */
  readonly labelCoverage: number;
  readonly auc: Interval;
  readonly logLoss: number;
  readonly brier: number;
  readonly calibrationError: number;
}

/** The figures of a classifier; undefined without labels. */
export function classifierFigures(quality: WindowQuality): QualityFigures | undefined {
  const { labelled, predictions, positives, negatives, truePositives, falsePositives } = quality;
  if (labelled === 0) return undefined;
  const total = (counts: Float64Array) => counts.reduce((sum, count) => sum + count, 0);
  const { logLoss, brier, calibrationError } = probabilityMetrics(quality.scores);
  return {
    labelCoverage: labelled / predictions,
    ...classificationMetrics({ truePositives, falsePositives, trueNegatives: total(negatives) - falsePositives, falseNegatives: total(positives) - truePositives }),
    auc: areaUnderCurve(positives, negatives), logLoss, brier, calibrationError,
  };
}

/** The figures of a regression; undefined without labels. */
export function regressionFigures(quality: WindowQuality): (NonNullable<ReturnType<typeof regressionMetrics>> & { labelCoverage: number }) | undefined {
  const metrics = regressionMetrics(quality.regression);
  return metrics && { ...metrics, labelCoverage: quality.labelled / quality.predictions };
}
