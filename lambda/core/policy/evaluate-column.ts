import { BaselineColumn } from '../baseline/baseline';
import { group } from '../baseline/learned-null';
import { ColumnCounts } from '../statistics/accumulator';
import { OffsetScale, search } from '../statistics/bins';
import { clustering, excessDesignEffect } from '../statistics/design-effect';
import { chiSquared, jensenShannon, largestShareDifference, psi } from '../statistics/distance';
import { Interval, kolmogorovSmirnov, wasserstein } from '../statistics/ordinal';
import { rankStatistic } from '../statistics/rank-test';
import { logChiSquaredSf } from '../statistics/special';
import { DriftPolicy } from './drift-policy';
import { judgeByPreset, Preset } from './presets';
import { ColumnMetrics, ColumnReport, DriftState, Violation } from './report';
import { ordinaryLevels, rowsNeeded, Thresholds, thresholdsFor } from './thresholds';

/** A column measured, before it is known how it compares with the other columns. */
export interface MeasuredColumn {
  readonly column: BaselineColumn;
  readonly counted: ColumnCounts;
  readonly effectiveRows: number;
  readonly designEffect: number;
  readonly metrics: Omit<ColumnMetrics, 'adjustedLogP'>;
  readonly thresholds: Thresholds;
  readonly violations: readonly Violation[];
}

export function measureColumn(
  column: BaselineColumn,
  counted: ColumnCounts,
  cells: ReadonlyArray<{ cell: number; counts: Float64Array }>,
  policy: DriftPolicy,
): MeasuredColumn {
  const designEffect = excessDesignEffect(clustering(cells), column.learnedNull?.correlation ?? 0);
  const effectiveRows = counted.present / designEffect;
  const before = group(column, column.counts);
  const now = group(column, counted.counts);
  const total = Math.max(1, counted.present + counted.missing + counted.invalid);
  // Correlated rows scatter like fewer rows, so the bias to subtract is that of the effective ones.
  const excessBias = counted.present > 0 ? (column.groupCount - 1) * (1 / effectiveRows - 1 / counted.present) : 0;
  const metrics: Omit<ColumnMetrics, 'adjustedLogP'> = {
    psi: Math.max(0, psi(before, now).corrected - excessBias),
    jensenShannon: jensenShannon(before, now),
    logP: chanceOf(column, counted, designEffect),
    ...ordinalMetrics(column, counted),
    missingShare: counted.missing / total,
    invalidShare: counted.invalid / total,
    ...(column.bins.kind === 'nominal' && {
      unseenShare: counted.counts[column.bins.values.length]! / Math.max(1, counted.present),
      largestShareDifference: largestShareDifference(column.counts, counted.counts),
    }),
  };
  return {
    column, counted, effectiveRows, designEffect, metrics,
    thresholds: thresholdsFor(column, effectiveRows, policy),
    violations: dataViolations(column, metrics, effectiveRows, policy),
  };
}

/** ln p that chance explains the difference: the chi-squared test sees any change of shape, in ordered columns the rank test a move along the order. */
function chanceOf(column: BaselineColumn, counted: ColumnCounts, designEffect: number): number {
  const { statistic, degreesOfFreedom } = chiSquared(group(column, column.counts), group(column, counted.counts), 1 / designEffect);
  const shape = logChiSquaredSf(statistic, degreesOfFreedom);
  if (column.bins.kind === 'nominal') return shape;
  const move = logChiSquaredSf(rankStatistic(column.counts, counted.counts, 1 / designEffect), 1);
  // Two looks at the data, so the better one counts half.
  return Math.min(0, Math.LN2 + Math.min(shape, move));
}

function ordinalMetrics(column: BaselineColumn, counted: ColumnCounts): Pick<ColumnMetrics, 'ks' | 'wasserstein'> {
  if (column.bins.kind === 'nominal') return {};
  const { edges } = column.bins;
  const distance = wasserstein(column, counted, edges, new OffsetScale(edges));
  // A constant column has no deviation to measure by; then any distance at all is one of its own kind.
  const unit = column.deviation > 0 ? column.deviation : 1;
  const error = column.rankError ?? 0;
  return {
    ks: widened(kolmogorovSmirnov(column.counts, counted.counts, edges), error, 1),
    wasserstein: widened({ lower: distance.lower / unit, upper: distance.upper / unit }, (error * (column.max - column.min)) / unit, Infinity),
  };
}

/**
 * By how much the two most extreme rows of a window can have moved it, in deviations of the baseline: in heavy tails a mean follows its largest
 * value, and a single row must not make a drift. Taken off the Wasserstein distance, what is left is a lower bound of that without those rows.
 */
function extremeRows({ bins, mean, deviation }: BaselineColumn, { present, min, max }: ColumnCounts): number {
  if (bins.kind === 'nominal' || present === 0 || deviation === 0) return 0;
  const scale = new OffsetScale(bins.edges);
  const placed = (value: number) => {
    const bin = search(bins.edges, value);
    return scale.sum(bin, 1, scale.offset(bin, value));
  };
  return (Math.abs(placed(min) - mean) + Math.abs(placed(max) - mean)) / present / deviation;
}

/**
 * The interval where the baseline's distribution function F is only known as H, to an error e. By the triangle inequality a distance to H
 * differs from that to F by no more than H is from F: e by Kolmogorov and Smirnov; by Wasserstein, the area between both, no more than e over
 * the range of the baseline, outside of which both are 0 or 1.
 */
function widened({ lower, upper }: Interval, error: number, most: number): Interval {
  return { lower: Math.max(0, lower - error), upper: Math.min(most, upper + error) };
}

function dataViolations(column: BaselineColumn, metrics: Omit<ColumnMetrics, 'adjustedLogP'>, rows: number, policy: DriftPolicy): Violation[] {
  const violations: Violation[] = [];
  const add = (constraint_check_type: Violation['constraint_check_type'], description: string) =>
    violations.push({ feature_name: column.name, constraint_check_type, description });
  const total = Math.max(1, column.present + column.missing + column.invalid);
  const beyondChance = (share: number, base: number) => share - base > 3 * Math.sqrt((base * (1 - base) + share * (1 - share)) / Math.max(1, rows));
  const { invalidShare, missingShare, unseenShare } = metrics;
  if (invalidShare > policy.invalidShare) {
    add('data_type_check', `${percent(invalidShare)} of the values are not of type ${column.type}; at most ${percent(policy.invalidShare)} may be`);
  }
  const missingBefore = column.missing / total;
  if (missingShare > missingBefore + policy.missingShareRise && (rows === 0 || beyondChance(missingShare, missingBefore))) {
    add('completeness_check', `${percent(missingShare)} of the values are missing, in the baseline ${percent(missingBefore)}`);
  }
  if (column.bins.kind === 'nominal' && unseenShare !== undefined) {
    const unseenBefore = column.counts[column.bins.values.length]! / Math.max(1, column.present);
    if (unseenShare > unseenBefore + policy.unseenShareRise && beyondChance(unseenShare, unseenBefore)) {
      add('categorical_values_check', `${percent(unseenShare)} of the values are unknown to the baseline, in the baseline itself ${percent(unseenBefore)}`);
    }
  }
  return violations;
}

/** Decides on one column, given the p-value adjusted for all. */
export function decideColumn(measured: MeasuredColumn, adjustedLogP: number, policy: DriftPolicy): ColumnReport {
  const { column, counted, effectiveRows, designEffect, metrics, thresholds } = measured;
  const decision = policy.preset ? decideByPreset(measured, policy.preset, policy) : decideByThresholds(measured, adjustedLogP, policy);
  const ordinary = ordinaryLevels(column, effectiveRows);
  return {
    name: column.name, type: column.type, ...decision,
    rows: counted.present, effectiveRows, designEffect, metrics: { ...metrics, adjustedLogP }, thresholds,
    ...(ordinary && { ordinary }),
  };
}

interface Decision {
  readonly state: DriftState;
  readonly reason: string;
  readonly score: number;
}

function decideByThresholds(measured: MeasuredColumn, adjustedLogP: number, policy: DriftPolicy): Decision {
  const { column, counted, metrics, thresholds } = measured;
  const excesses = [
    { metric: 'PSI', value: metrics.psi, threshold: thresholds.psi },
    ...(metrics.ks ? [{ metric: 'KS', value: metrics.ks.lower, threshold: thresholds.ks }] : []),
    ...(metrics.wasserstein ? [{ metric: 'Wasserstein distance', value: Math.max(0, metrics.wasserstein.lower - extremeRows(column, counted)), threshold: thresholds.wasserstein }] : []),
  ].sort((a, b) => b.value / b.threshold - a.value / a.threshold);
  const worst = excesses[0]!;
  const score = worst.value / worst.threshold;
  const undecidable = brokenOrTooFew(measured, rowsNeeded(column, policy));
  if (undecidable) return { ...undecidable, score };
  const comparison = `${worst.metric} ${worst.value.toFixed(3)}, threshold ${worst.threshold.toFixed(3)}`;
  if (worst.value <= worst.threshold) return { state: 'ok', reason: comparison, score };
  if (adjustedLogP > Math.log(policy.falseDiscoveryRate)) return { state: 'ok', reason: `${comparison}, but no more than chance explains`, score };
  return { state: 'drift', reason: comparison, score };
}

const TOOLS: Record<Preset['name'], string> = { 'model-monitor': 'Model Monitor', 'evidently': 'Evidently', 'nannyml': 'NannyML' };

/** Other tools know no least number of rows, but where there is none at all there is nothing to judge. */
function decideByPreset(measured: MeasuredColumn, preset: Preset, policy: DriftPolicy): Decision {
  const { column, counted, metrics, effectiveRows } = measured;
  const undecidable = brokenOrTooFew(measured, policy.minimumRows ?? 1);
  if (undecidable) return { ...undecidable, score: 0 };
  const verdict = judgeByPreset(preset, { column, counted, metrics, ordinary: ordinaryLevels(column, effectiveRows) });
  if (!verdict) return { state: 'insufficient', reason: `${TOOLS[preset.name]}'s rule cannot tell: ${CANNOT_TELL[preset.name]}`, score: 0 };
  const { metric, value, threshold, drift, score } = verdict;
  return { state: drift ? 'drift' : 'ok', reason: `${metric} ${figure(value)}, ${TOOLS[preset.name]}'s threshold ${figure(threshold)}`, score };
}

const CANNOT_TELL: Record<Preset['name'], string> = {
  'model-monitor': 'fewer than two categories have enough rows for the chi-squared test',
  'evidently': 'there are no values',
  'nannyml': 'nothing is known of how chunks of the baseline differ; build it with a time column',
};

function figure(value: number): string {
  return value !== 0 && value < 0.001 ? value.toExponential(1) : value.toFixed(3);
}

function brokenOrTooFew({ violations, effectiveRows, designEffect, counted }: MeasuredColumn, needed: number): { state: DriftState; reason: string } | undefined {
  const broken = violations.find(({ constraint_check_type: kind }) => kind === 'data_type_check' || kind === 'completeness_check');
  if (broken) return { state: 'schema', reason: broken.description };
  if (effectiveRows >= needed) return undefined;
  const correlated = designEffect > 1.05 ? ` (${counted.present} rows, design effect ${designEffect.toFixed(1)})` : '';
  return { state: 'insufficient', reason: `${Math.floor(effectiveRows)} effective rows${correlated}, ${needed} are needed` };
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
