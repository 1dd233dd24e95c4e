import { Baseline, BaselineColumn, featuresOf, predictionOf } from '../baseline/baseline';
import { learnPrediction } from '../baseline/prediction';
import { Accumulator } from '../statistics/accumulator';
import { benjaminiHochberg } from '../statistics/multiple-testing';
import { DEFAULT_DRIFT_POLICY, DriftPolicy } from './drift-policy';
import { decideColumn, measureColumn, percent } from './evaluate-column';
import { driftShareOf } from './presets';
import { ColumnReport, DriftReport, DriftState, Violation } from './report';

export interface WindowEvaluation {
  readonly baseline: Baseline;
  /** The sum of the window's accumulators. */
  readonly accumulator: Accumulator;
  readonly window: { readonly start: Date; readonly end: Date };
  /**
   * The share of the window's time that was scanned.
   * @default 1
   */
  readonly coverage?: number;
  readonly policy?: Partial<DriftPolicy>;
  /** Features somebody counts on; the report says so if the baseline does not know one. */
  readonly criticalFeatures?: readonly string[];
  /** Counts of an early stretch of production to compare predictions with, where the baseline does not know the model's answers. */
  readonly predictionReference?: Accumulator;
}

/** Compares a window of production with the baseline. */
export function evaluateWindow(evaluation: WindowEvaluation): DriftReport {
  const { baseline, accumulator, window, coverage = 1 } = evaluation;
  const { preset } = evaluation.policy ?? {};
  const policy: DriftPolicy = { ...DEFAULT_DRIFT_POLICY, ...(preset && { driftShare: driftShareOf(preset) }), ...evaluation.policy };
  const prediction = predictionColumn(evaluation);
  const columns = [...featuresOf(baseline), ...(prediction ? [prediction] : [])];
  const policyOf = (column: BaselineColumn): DriftPolicy => (column === prediction ? { ...policy, ordinaryMargin: policy.predictionMargin } : policy);
  const measured = columns.map((column, i) => measureColumn(column, accumulator.column(i), accumulator.cellsOf(i), policyOf(column)));
  const adjusted = benjaminiHochberg(measured.map(({ metrics }) => metrics.logP));
  const reports = measured.map((column, i) => decideColumn(column, adjusted[i]!, policy));
  const features = prediction ? reports.slice(0, -1) : reports;
  const predictionReport = prediction && reports[reports.length - 1];
  const rejected = accumulator.rejects.total;
  const known = new Set(features.map(({ name }) => name));
  const unknown = (evaluation.criticalFeatures ?? []).filter((name) => !known.has(name));
  const verdict = overall(features, predictionReport, { rows: accumulator.rows, rejected, coverage, policy });
  return {
    version: 1,
    baseline: baseline.hash,
    ...(preset && { preset: preset.name }),
    window: { start: window.start.toISOString(), end: window.end.toISOString() },
    state: verdict.state,
    reason: [verdict.reason, ...unknown.map((name) => `critical feature ${name} is unknown to the baseline`)].join('; '),
    coverage,
    rows: accumulator.rows,
    rejected,
    rejects: accumulator.rejects.toJSON(),
    features,
    ...(predictionReport && { prediction: predictionReport }),
    violations: [...measured.flatMap(({ violations }) => violations), ...reports.filter(({ state }) => state === 'drift').map(driftViolation),
      ...columnViolations(accumulator, policy), ...unknown.map((name) => unknownFeature(name, known))],
  };
}

function predictionColumn({ baseline, predictionReference }: WindowEvaluation): BaselineColumn | undefined {
  const known = predictionOf(baseline);
  if (!known.provisional) return known;
  return predictionReference && learnPrediction(known, predictionReference.column(baseline.columns.length - 1));
}

interface Circumstances {
  readonly rows: number;
  readonly rejected: number;
  readonly coverage: number;
  readonly policy: DriftPolicy;
}

function overall(features: readonly ColumnReport[], prediction: ColumnReport | undefined, at: Circumstances): { state: DriftState; reason: string } {
  const { rows, rejected, coverage, policy } = at;
  const rejectedShare = rejected / Math.max(1, rows + rejected);
  if (rejectedShare > policy.rejectedShare) {
    return { state: 'schema', reason: `${rejected} of ${rows + rejected} records cannot be read (${percent(rejectedShare)}); see the reasons and places` };
  }
  if (coverage < policy.minimumCoverage) {
    return { state: 'insufficient', reason: `${percent(coverage)} of the window has been scanned, ${percent(policy.minimumCoverage)} are needed` };
  }
  const all = prediction ? [...features, prediction] : features;
  const drifted = features.filter(({ state }) => state === 'drift');
  const broken = all.filter(({ state }) => state === 'schema');
  if (broken.length > 0) return { state: 'schema', reason: describe(broken) };
  if (drifted.length > 0 && drifted.length >= policy.driftShare * features.length) return { state: 'drift', reason: describe(drifted) };
  if (prediction?.state === 'drift') return { state: 'drift', reason: describe([prediction]) };
  const undecided = features.filter(({ state }) => state === 'insufficient');
  if (features.length > 0 && undecided.length === features.length) return { state: 'insufficient', reason: describe(undecided) };
  return { state: 'ok', reason: drifted.length > 0 ? `${drifted.length} of ${features.length} features drift, fewer than the policy asks for` : 'no feature drifts' };
}

function describe(columns: readonly ColumnReport[]): string {
  const worst = [...columns].sort((a, b) => b.score - a.score);
  const named = worst.slice(0, 3).map(({ name, reason }) => `${name} (${reason})`).join('; ');
  return worst.length > 3 ? `${named}; and ${worst.length - 3} more` : named;
}

function driftViolation({ name, reason }: ColumnReport): Violation {
  return { feature_name: name, constraint_check_type: 'baseline_drift_check', description: `baseline drift: ${reason}` };
}

const NAMED = 20;

function unknownFeature(name: string, known: ReadonlySet<string>): Violation {
  const names = [...known].slice(0, NAMED).join(', ');
  const description = `critical feature ${name} is unknown to the baseline, which has ${names}${known.size > NAMED ? ` and ${known.size - NAMED} more` : ''};`
    + ' nobody watches it: correct criticalFeatures of the drift monitor';
  return { feature_name: name, constraint_check_type: 'missing_column_check', description };
}

function columnViolations(accumulator: Accumulator, policy: DriftPolicy): Violation[] {
  const rejected = accumulator.rejects.byReason.get('columns')?.count ?? 0;
  if (rejected <= policy.rejectedShare * (accumulator.rows + rejected)) return [];
  const description = `${rejected} records do not have the ${accumulator.layout.columns.length - 1} features of the baseline`;
  return [{ feature_name: '*', constraint_check_type: 'missing_column_check', description }];
}
