import { classifierFigures, regressionFigures, WindowQuality } from './ground-truth/window-quality';

/** A figure and the bounds between which it lies but for chance. */
export interface FigureBounds {
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
}

/** Figures that can be held against their value at registration, and which way is better. */
export const JUDGED_FIGURES = {
  accuracy: 'maximize', precision: 'maximize', recall: 'maximize', f1: 'maximize', auc: 'maximize', log_loss: 'minimize', brier: 'minimize',
  mae: 'minimize', mse: 'minimize', rmse: 'minimize', r2: 'maximize',
} as const;

export type JudgedFigure = keyof typeof JUDGED_FIGURES;

/** A figure of a window with its bounds at so many standard errors; undefined where the labels do not give it. */
export function figureBounds(figure: JudgedFigure, quality: WindowQuality, sigmas: number): FigureBounds | undefined {
  const { labelled, truePositives: tp, falsePositives: fp, scores, regression } = quality;
  if (labelled === 0) return undefined;
  const positives = total(quality.positives);
  const negatives = total(quality.negatives);
  const share = (part: number, whole: number) => (whole === 0 ? undefined : wilson(part / whole, whole, sigmas));
  const mean = (sum: number, squares: number) => meanBounds(sum, squares, labelled, sigmas);
  switch (figure) {
    case 'accuracy': return share(tp + negatives - fp, labelled);
    case 'precision': return share(tp, tp + fp);
    case 'recall': return share(tp, positives);
    // Twice the Jaccard index over one more than it, and the index is a share.
    case 'f1': return mapped(share(tp, positives + fp), (jaccard) => (2 * jaccard) / (1 + jaccard));
    case 'auc': return positives === 0 || negatives === 0 ? undefined : areaBounds(quality, Math.min(positives, negatives), sigmas);
    case 'log_loss': return mean(scores.logLoss, scores.squaredLogLoss);
    case 'brier': return mean(scores.squaredError, scores.fourthPowers);
    case 'mae': return mean(regression.absoluteError, regression.squaredError);
    case 'mse': return mean(regression.squaredError, regression.fourthPowers);
    case 'rmse': return mapped(mean(regression.squaredError, regression.fourthPowers), (square) => Math.sqrt(Math.max(0, square)));
    case 'r2': return regressionFigures(quality)?.r2 === undefined ? undefined : mapped(mean(regression.squaredError, regression.fourthPowers),
      (square) => 1 - (square * labelled) / regression.variation);
  }
}

/**
 * The area under the curve varies at most as a share among as many rows as the rarer class has (Birnbaum and Klose, 1957); to that the width
 * of the score bins is added.
 */
function areaBounds(quality: WindowQuality, rarer: number, sigmas: number): FigureBounds {
  const { lower, upper } = classifierFigures(quality)!.auc;
  return { value: (lower + upper) / 2, lower: wilson(lower, rarer, sigmas).lower, upper: wilson(upper, rarer, sigmas).upper };
}

/** Wilson's score interval: unlike the plain one it has a width at 0 and 1 too. */
function wilson(share: number, rows: number, sigmas: number): FigureBounds {
  const z = sigmas * sigmas / rows;
  const centre = (share + z / 2) / (1 + z);
  const half = (sigmas * Math.sqrt((share * (1 - share)) / rows + z / (4 * rows))) / (1 + z);
  return { value: share, lower: Math.max(0, centre - half), upper: Math.min(1, centre + half) };
}

function meanBounds(sum: number, squares: number, rows: number, sigmas: number): FigureBounds {
  const value = sum / rows;
  const half = rows < 2 ? Infinity : sigmas * Math.sqrt(Math.max(0, squares / rows - value * value) / (rows - 1));
  return { value, lower: value - half, upper: value + half };
}

function mapped(bounds: FigureBounds | undefined, by: (value: number) => number): FigureBounds | undefined {
  if (!bounds) return undefined;
  const [one, other] = [by(bounds.lower), by(bounds.upper)];
  return { value: by(bounds.value), lower: Math.min(one, other), upper: Math.max(one, other) };
}

function total(counts: Float64Array): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
