import { defineEnv } from '../private/env-contract';
import { ModelUnderTest } from '../data/resolve-dataset.contract';
import { FacetDescription } from './bias-facet.contract';
import { MetricTask } from './known-metrics.contract';

export const JUDGE_CANDIDATE_ENV = defineEnv({
  ARTIFACTS_BUCKET: 'required',
  /** A GateRules as JSON. */
  GATE: 'required',
  /** A DatasetDescription as JSON: which columns a model is not asked by, and which is the label. */
  DATASET: 'required',
});

export interface GateRules {
  readonly metric: string;
  /** What the hold-out is measured by; `any`, of a gate on a custom metric, is what its labels allow. */
  readonly task: MetricTask | 'any';
  /** Whether the metric is of the project's own, from the `evaluation.json` that `evaluate` wrote. */
  readonly custom: boolean;
  /** All such metrics that are shown. */
  readonly customMetrics: string[];
  readonly threshold: number;
  readonly direction: 'maximize' | 'minimize';
  readonly bias?: BiasRules;
}

/** How unequally the candidate may treat groups of the hold-out. */
export interface BiasRules {
  readonly facets: FacetDescription[];
  /** The score from which on an answer is positive. */
  readonly threshold: number;
  readonly favourableLabel: 0 | 1;
  /** Rows that each group must have. */
  readonly minimumRows: number;
}

export interface JudgeCandidateEvent {
  readonly run: string;
  readonly champion: ModelUnderTest | null;
  /** Whether the champion has answered the hold-out; of one that has not, what Step Functions knows of its job, or SageMaker's refusal. */
  readonly championScore: { readonly status: 'none' | 'scored' | 'failed'; readonly cause?: string };
  /** What was remarkable before, in sentences; empty if nothing was. */
  readonly notes: string;
}

export interface JudgeCandidateResult {
  /**
   * `accepted`: register it. `champion-kept`: good enough, but not better than the champion by more than the bootstrap
   * error; an ordinary end. `below-threshold`: not good enough for anybody, or too unequal; the run fails.
   */
  readonly verdict: 'accepted' | 'champion-kept' | 'below-threshold';
  readonly reason: string;
  readonly metric: string;
  readonly candidateValue: number;
  readonly championValue: number | null;
}
