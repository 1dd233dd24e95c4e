import { ColumnReport, DriftReport } from './report';

/** Names of the metrics a monitor emits, whatever its number of features. */
export type DriftMetric =
  | 'RowsAnalyzed' | 'RowsRejected' | 'WindowInsufficient' | 'DriftDetected' | 'FeaturesDrifted' | 'FeatureDriftShare' | 'MaxFeatureDrift'
  | 'MaxPsi' | 'PredictionDrift' | 'DataQualityViolations' | 'MaxMissingRate';

/**
 * The figures of a report. A window that says nothing about drift emits no drift figures: a 0 there would tell an alarm that all is well.
 * The drift figures are multiples of their threshold: 1 and more is drift.
 */
export function reportMetrics(report: DriftReport): Partial<Record<DriftMetric, number>> {
  const { features, prediction, state } = report;
  const counted = { RowsAnalyzed: report.rows, RowsRejected: report.rejected, WindowInsufficient: state === 'insufficient' ? 1 : 0 };
  if (state === 'insufficient') return counted;
  const drifted = features.filter((feature) => feature.state === 'drift').length;
  const decided = features.filter((feature) => feature.state !== 'insufficient');
  const largest = (values: readonly number[]) => values.reduce((most, value) => Math.max(most, value), 0);
  return {
    ...counted,
    DriftDetected: state === 'drift' ? 1 : 0,
    FeaturesDrifted: drifted,
    FeatureDriftShare: features.length === 0 ? 0 : drifted / features.length,
    MaxFeatureDrift: largest(decided.map(({ score }) => score)),
    MaxPsi: largest(decided.map(({ metrics }) => metrics.psi)),
    ...(prediction && prediction.state !== 'insufficient' && { PredictionDrift: driftFigure(prediction) }),
    DataQualityViolations: report.violations.filter(({ constraint_check_type: kind }) => kind !== 'baseline_drift_check').length,
    MaxMissingRate: largest(features.map(({ metrics }) => metrics.missingShare)),
  };
}

/** Of each critical feature that could be judged, how many times its threshold it is away; from 1 on it drifted or broke the schema. */
export function criticalFeatureDrift(report: DriftReport, names: readonly string[]): Array<{ readonly feature: string; readonly value: number }> {
  return report.state === 'insufficient' ? [] : report.features.filter(({ name, state }) => names.includes(name) && state !== 'insufficient')
    .map((feature) => ({ feature: feature.name, value: driftFigure(feature) }));
}

/** What an alarm at 1 needs: a score beyond the threshold is no drift as long as chance explains it, and a broken column is worse than drift. */
function driftFigure({ state, score }: ColumnReport): number {
  return state === 'ok' ? Math.min(score, JUST_BELOW) : Math.max(score, 1);
}

const JUST_BELOW = 0.999;

/** Model Monitor's `constraint_violations.json`. */
export function violationsDocument(report: DriftReport): { violations: DriftReport['violations'] } {
  return { violations: report.violations };
}
