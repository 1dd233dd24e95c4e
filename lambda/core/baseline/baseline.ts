import { Column, Layout } from '../statistics/column';

/** Mean, standard deviation and maximum of a metric over chunks of the baseline. */
export interface NullSpread {
  readonly mean: number;
  readonly deviation: number;
  readonly maximum: number;
}

/** How far chunks of the baseline, as long as a window and with `rows` rows, lie from the whole baseline. */
export interface NullAtRows {
  readonly rows: number;
  readonly chunks: number;
  readonly psi: NullSpread;
  readonly ks: NullSpread;
  readonly wasserstein: NullSpread;
  readonly jensenShannon: NullSpread;
}

/** What is ordinary for a feature: its rhythm over chunks, and how alike neighbouring rows are. */
export interface LearnedNull {
  readonly atRows: readonly NullAtRows[];
  readonly correlation: number;
}

/** One column of the baseline with its counts. */
export interface BaselineColumn extends Column {
  readonly counts: Float64Array;
  readonly offsets: Float64Array;
  readonly present: number;
  readonly missing: number;
  readonly invalid: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly deviation: number;
  readonly learnedNull?: LearnedNull;
  /** By how much a share of the rows below a value may be wrong, where the baseline was imported from a sketch. */
  readonly rankError?: number;
  /** Bins without counts: the prediction, as long as nobody has told how it is distributed. */
  readonly provisional?: boolean;
}

export interface BaselineWindow {
  readonly lengthSeconds: number;
  readonly cellSeconds: number;
}

/** What production is compared with: the training data's distribution, feature by feature, and that of the model's answers. */
export interface Baseline extends Layout {
  readonly rows: number;
  readonly window: BaselineWindow;
  /** The features in payload order, and last the prediction. */
  readonly columns: readonly BaselineColumn[];
}

export function predictionOf(baseline: Baseline): BaselineColumn {
  return baseline.columns[baseline.columns.length - 1]!;
}

export function featuresOf(baseline: Baseline): readonly BaselineColumn[] {
  return baseline.columns.slice(0, -1);
}

export const DAY_SECONDS = 86_400;

/** The trailing window a monitor evaluates, and the cells it is summed from: a twenty-fourth of it. */
export function windowOf(window?: { lengthSeconds: number; cellSeconds?: number }): BaselineWindow {
  const lengthSeconds = window?.lengthSeconds ?? DAY_SECONDS;
  const cellSeconds = window?.cellSeconds ?? lengthSeconds / 24;
  if (!(lengthSeconds > 0) || !(cellSeconds > 0) || lengthSeconds % cellSeconds !== 0) {
    throw new RangeError(`window of ${lengthSeconds} s in cells of ${cellSeconds} s: both must be positive and the cells must fill the window;`
      + ' leave out cellSeconds for a twenty-fourth');
  }
  return { lengthSeconds, cellSeconds };
}
