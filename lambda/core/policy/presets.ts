import { BaselineColumn } from '../baseline/baseline';
import { ColumnCounts } from '../statistics/accumulator';
import { deequChiSquared } from './deequ';
import { ColumnMetrics, ColumnReport } from './report';

/**
 * The decision rule of another tool on our metrics, for a team that comes from it and wants to see the same verdicts. It keeps
 * the tool's threshold and its blindness to rhythm and small samples; the default policy is what we advise.
 */
export type Preset =
  | ({ readonly name: 'model-monitor' } & ModelMonitorRule)
  | ({ readonly name: 'evidently' } & EvidentlyRule)
  | { readonly name: 'nannyml' };

export interface ModelMonitorRule {
  /** `comparison_threshold`. @default 0.1 */
  readonly threshold?: number;
  /** `comparison_method`. @default 'Robust' */
  readonly method?: 'Robust' | 'Simple';
  /** `categorical_comparison_threshold`. @default 0.1 */
  readonly categoricalThreshold?: number;
  /** `categorical_drift_method`. @default 'LInfinity' */
  readonly categoricalMethod?: 'LInfinity' | 'ChiSquared';
}

export interface EvidentlyRule {
  /** @default 0.1 */
  readonly threshold?: number;
  /** Share of the features that must drift for the dataset to drift. @default 0.5 */
  readonly driftShare?: number;
}

/** What a rule looks at. */
export interface PresetInput {
  readonly metrics: Omit<ColumnMetrics, 'adjustedLogP'>;
  readonly column: BaselineColumn;
  readonly counted: ColumnCounts;
  readonly ordinary?: ColumnReport['ordinary'];
}

export interface PresetVerdict {
  readonly metric: string;
  readonly value: number;
  readonly threshold: number;
  readonly drift: boolean;
  /** How far towards drift, 1 being the threshold. */
  readonly score: number;
}

/** The verdict of a preset's tool on a column that has values; undefined where the tool could not tell either. */
export function judgeByPreset(preset: Preset, input: PresetInput): PresetVerdict | undefined {
  switch (preset.name) {
    case 'model-monitor': return input.column.bins.kind === 'nominal' ? modelMonitorCategories(preset, input) : modelMonitorNumbers(preset, input);
    case 'evidently': return evidently(preset, input);
    case 'nannyml': return nannyml(input);
  }
}

/** The share of features that must drift for the dataset to drift. One is always needed. */
export function driftShareOf(preset: Preset): number {
  return preset.name === 'evidently' ? preset.driftShare ?? 0.5 : 0;
}

/** Deequ's robust L-infinity distance: what of the distance is more than samples of these sizes differ by chance (once in 300). */
export function robustDistance(simple: number, rows: number, otherRows: number, c = 1.8): number {
  return Math.max(0, simple - c * Math.sqrt((rows + otherRows) / (rows * otherRows)));
}

/** Deequ's constant for another chance than 0.003. */
export function robustConstant(alpha: number): number {
  return Math.sqrt(-Math.log(alpha / 2) / 2);
}

/** A number drifts beyond 0.1 of the distance between the distribution functions, less what chance explains. */
function modelMonitorNumbers({ threshold = 0.1, method = 'Robust' }: ModelMonitorRule, { metrics, column, counted }: PresetInput): PresetVerdict {
  const simple = metrics.ks?.lower ?? 0;
  return method === 'Robust' ? beyond('robust L-infinity distance', robustDistance(simple, counted.present, Math.max(1, column.present)), threshold)
    : beyond('L-infinity distance', simple, threshold);
}

/**
 * A category drifts beyond 0.1 in the share of any value, or by Deequ's chi-squared test. How Model Monitor compares the test's p with
 * `categorical_comparison_threshold` is not published; here p must be below it.
 */
function modelMonitorCategories(rule: ModelMonitorRule, { metrics, column, counted }: PresetInput): PresetVerdict | undefined {
  const { categoricalThreshold: threshold = 0.1, categoricalMethod = 'LInfinity' } = rule;
  if (categoricalMethod === 'LInfinity') return beyond('L-infinity distance of shares', metrics.largestShareDifference ?? 0, threshold);
  if (column.bins.kind !== 'nominal') return undefined;
  const { values } = column.bins;
  const categories = (counts: Float64Array) => new Map(values.map((value, i) => [value, counts[i]!]));
  const test = deequChiSquared(categories(counted.counts), categories(column.counts));
  if (test === undefined) return undefined;
  // In logarithms, where a p too small for a double is still a number.
  return { metric: 'p of the chi-squared test', value: test.pValue, threshold, drift: test.logP < Math.log(threshold), score: test.logP / Math.log(threshold) };
}

/** Evidently's choice above 1000 reference rows: Wasserstein over the reference's deviation, or Jensen-Shannon, from 0.1 on. */
function evidently({ threshold = 0.1 }: EvidentlyRule, { metrics }: PresetInput): PresetVerdict {
  // Evidently's Jensen-Shannon distance uses the natural logarithm, ours base 2.
  const verdict = metrics.wasserstein ? beyond('Wasserstein distance', metrics.wasserstein.lower, threshold)
    : beyond('Jensen-Shannon distance', metrics.jensenShannon * Math.sqrt(Math.LN2), threshold);
  return { ...verdict, drift: verdict.value >= threshold };
}

/** NannyML: a metric beyond its mean and three standard deviations over chunks of the reference. */
function nannyml({ metrics, ordinary }: PresetInput): PresetVerdict | undefined {
  if (ordinary === undefined) return undefined;
  const jensenShannon = beyond('Jensen-Shannon distance', metrics.jensenShannon, ordinary.jensenShannon);
  const wasserstein = metrics.wasserstein && beyond('Wasserstein distance', metrics.wasserstein.lower, ordinary.wasserstein);
  return wasserstein !== undefined && wasserstein.score > jensenShannon.score ? wasserstein : jensenShannon;
}

function beyond(metric: string, value: number, threshold: number): PresetVerdict {
  // A level of 0 (chunks all alike) is passed by anything; a finite figure says so without breaking JSON and metrics.
  return { metric, value, threshold, drift: value > threshold, score: value / Math.max(threshold, 1e-9) };
}
