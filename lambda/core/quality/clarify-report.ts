import { BiasMetrics } from './bias';
import { FacetBias } from './ground-truth/window-bias';

const PRE_TRAINING: Partial<Record<keyof BiasMetrics, string>> = {
  CI: 'Class Imbalance', DPL: 'Difference in Positive Proportions in Labels', KL: 'Kullback-Leibler Divergence', JS: 'Jensen-Shannon Divergence',
  LP: 'L-p Norm', TVD: 'Total Variation Distance', KS: 'Kolmogorov-Smirnov Distance',
};
const POST_TRAINING: Partial<Record<keyof BiasMetrics, string>> = {
  DPPL: 'Difference in Positive Proportions in Predicted Labels', DI: 'Disparate Impact', AD: 'Accuracy Difference', RD: 'Recall Difference',
  SD: 'Specificity Difference', DCAcc: 'Difference in Conditional Acceptance', DCR: 'Difference in Conditional Rejection',
  DAR: 'Difference in Acceptance Rates', DRR: 'Difference in Rejection Rates', TE: 'Treatment Equality', GE: 'Generalized Entropy',
};

interface Metric {
  readonly name: string;
  readonly description: string;
  readonly value: number | null;
  readonly error?: string;
}

/**
 * Bias as Clarify writes it into `analysis.json`, which the model registry shows.
 * Format: https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-analysis-results.html.
 */
export function clarifyReport(label: string, favourableLabel: 0 | 1, facets: readonly FacetBias[]): Record<string, unknown> {
  const common = { label, label_value_or_threshold: String(favourableLabel) };
  return {
    version: '1.0',
    pre_training_bias_metrics: { ...common, facets: byColumn(facets, PRE_TRAINING) },
    post_training_bias_metrics: { ...common, facets: byColumn(facets, POST_TRAINING) },
  };
}

function byColumn(facets: readonly FacetBias[], measures: Partial<Record<keyof BiasMetrics, string>>): Record<string, unknown[]> {
  const columns = new Map<string, unknown[]>();
  for (const { facet, measures: found } of facets) {
    const metrics = (Object.entries(measures) as Array<[keyof BiasMetrics, string]>).map(([name, words]) => metricOf(name, `${words} (${name})`, found[name]));
    const entry = { value_or_threshold: facet.values ? facet.values.join(',') : String(facet.above), metrics };
    columns.set(facet.feature, [...columns.get(facet.feature) ?? [], entry]);
  }
  return Object.fromEntries(columns);
}

/** JSON knows no infinity: such a measure is told as an error. */
function metricOf(name: string, description: string, value: number | undefined): Metric {
  if (value !== undefined && Number.isFinite(value)) return { name, description, value };
  return { name, description, value: null, error: value === undefined ? 'a group has no rows' : `the measure divides by 0: it is ${wordOf(value)}` };
}

function wordOf(value: number): string {
  if (Number.isNaN(value)) return 'a difference of two infinite ratios';
  return value > 0 ? 'infinite' : 'negative infinite';
}
