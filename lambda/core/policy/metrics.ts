import { DriftReport } from './report';

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
    ...(prediction && prediction.state !== 'insufficient' && { PredictionDrift: prediction.score }),
    DataQualityViolations: report.violations.filter(({ constraint_check_type: kind }) => kind !== 'baseline_drift_check').length,
    MaxMissingRate: largest(features.map(({ metrics }) => metrics.missingShare)),
  };
}

/** Model Monitor's `constraint_violations.json`. */
export function violationsDocument(report: DriftReport): { violations: DriftReport['violations'] } {
  return { violations: report.violations };
}
