import { Preset } from './presets';

/** When a feature counts as drifted. The defaults suit a classifier's tabular traffic; an example should need none of them changed. */
export interface DriftPolicy {
  /**
   * Least PSI (corrected for its bias) that is called drift. The baseline's own spread raises it where a feature has a rhythm.
   * @default 0.1
   */
  readonly psi: number;
  /**
   * Least Kolmogorov-Smirnov distance (its certified lower bound) that is called drift.
   * @default 0.1
   */
  readonly ks: number;
  /**
   * Least Wasserstein distance, in standard deviations of the baseline, that is called drift; it must be exceeded by two errors of a mean.
   * @default 0.1
   */
  readonly wasserstein: number;
  /** Standard deviations above the mean of the baseline's chunks that are still ordinary. @default 3 */
  readonly sigmas: number;
  /**
   * How many times the ordinary level of a column its values may reach before they are unusual.
   * @default 1
   */
  readonly ordinaryMargin: number;
  /**
   * The same for predictions. What is ordinary for them is learned from answers on the rows that the model was fitted on, and
   * those vary less than answers on new rows.
   * @default 1.25
   */
  readonly predictionMargin: number;
  /** Share of features falsely called drifted that is accepted (Benjamini-Hochberg). @default 0.01 */
  readonly falseDiscoveryRate: number;
  /**
   * Effective rows below which nothing is decided.
   * @default - so many that PSI reaches its limit by chance once in a thousand windows
   */
  readonly minimumRows?: number;
  /** Share of the features that must drift for the whole to drift; one feature is always needed. @default 0 */
  readonly driftShare: number;
  /** Share of the window's time that must have been scanned. @default 0.95 */
  readonly minimumCoverage: number;
  /** Largest share of records that cannot be read. @default 0.1 */
  readonly rejectedShare: number;
  /** Largest share of values of the wrong type in a feature. @default 0.1 */
  readonly invalidShare: number;
  /** Largest rise of a feature's share of missing values over the baseline's. @default 0.1 */
  readonly missingShareRise: number;
  /** Largest share of values that the baseline has never seen, above its own share. @default 0.1 */
  readonly unseenShareRise: number;
  /**
   * Decide by another tool's rule instead of thresholds and tests. Data that break the schema, and windows not fully scanned, are told apart
   * all the same; the least number of rows is `minimumRows`, or one.
   * @default - the rules above
   */
  readonly preset?: Preset;
}

export const DEFAULT_DRIFT_POLICY: DriftPolicy = {
  psi: 0.1,
  ks: 0.1,
  wasserstein: 0.1,
  sigmas: 3,
  ordinaryMargin: 1,
  predictionMargin: 1.25,
  falseDiscoveryRate: 0.01,
  driftShare: 0,
  minimumCoverage: 0.95,
  rejectedShare: 0.1,
  invalidShare: 0.1,
  missingShareRise: 0.1,
  unseenShareRise: 0.1,
};
