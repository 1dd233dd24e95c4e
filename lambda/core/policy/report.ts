import { ColumnType } from '../statistics/column';
import { Interval } from '../statistics/ordinal';
import { RejectCount } from '../statistics/rejects';
import { Thresholds } from './thresholds';

/**
 * - `ok`: nothing unusual, with enough rows to say so
 * - `drift`: the distribution differs, by more than is ordinary and more than chance
 * - `insufficient`: too few rows, or a window not fully scanned; never "no drift"
 * - `schema`: the data do not have the form the model was trained on
 */
export type DriftState = 'ok' | 'drift' | 'insufficient' | 'schema';

export interface ColumnMetrics {
  /** Population stability index over the groups, corrected for its bias. */
  readonly psi: number;
  readonly jensenShannon: number;
  /** The largest difference of a single value's share; columns without order only. */
  readonly largestShareDifference?: number;
  /** Natural logarithm of the test's p at the effective rows: of chi-squared, in ordered columns twice the smaller of chi-squared's and the rank test's. */
  readonly logP: number;
  /** The same, adjusted for the number of features (Benjamini-Hochberg). */
  readonly adjustedLogP: number;
  /** Ordered columns only. */
  readonly ks?: Interval;
  /** Ordered columns only; in standard deviations of the baseline. */
  readonly wasserstein?: Interval;
  readonly missingShare: number;
  readonly invalidShare: number;
  /** Columns with known values only. */
  readonly unseenShare?: number;
}

export type ViolationKind =
  | 'data_type_check'
  | 'completeness_check'
  | 'baseline_drift_check'
  | 'missing_column_check'
  | 'extra_column_check'
  | 'categorical_values_check';

/** A broken rule, in the words of Model Monitor's `constraint_violations.json`. */
export interface Violation {
  readonly feature_name: string;
  readonly constraint_check_type: ViolationKind;
  readonly description: string;
}

export interface ColumnReport {
  readonly name: string;
  readonly type: ColumnType;
  readonly state: DriftState;
  readonly reason: string;
  /** The metric nearest to its threshold, as a multiple of it: 1 and more is beyond it. */
  readonly score: number;
  readonly rows: number;
  /** Independent rows that tell as much as these. */
  readonly effectiveRows: number;
  readonly designEffect: number;
  readonly metrics: ColumnMetrics;
  readonly thresholds: Thresholds;
  /** Mean plus three deviations over chunks of the baseline with as many rows; absent where nothing was learned. */
  readonly ordinary?: { readonly jensenShannon: number; readonly wasserstein: number };
}

export interface DriftReport {
  readonly version: 1;
  readonly baseline: string;
  /** The tool whose rule decided, if it was not ours; the columns' `thresholds` are still ours. */
  readonly preset?: 'model-monitor' | 'evidently' | 'nannyml';
  readonly window: { readonly start: string; readonly end: string };
  readonly state: DriftState;
  readonly reason: string;
  readonly coverage: number;
  readonly rows: number;
  readonly rejected: number;
  readonly rejects: Record<string, RejectCount>;
  readonly features: readonly ColumnReport[];
  /** Absent as long as nobody has told how the model's answers are distributed. */
  readonly prediction?: ColumnReport;
  readonly violations: readonly Violation[];
}
