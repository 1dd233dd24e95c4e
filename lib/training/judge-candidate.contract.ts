import { defineEnv } from '../private/env-contract';
import { FacetDescription } from './bias-facet.contract';

export const JUDGE_CANDIDATE_ENV = defineEnv({
  ARTIFACTS_BUCKET: 'required',
  /** A GateRules as JSON. */
  GATE: 'required',
  /** Column of the label; given where bias is judged. */
  LABEL_COLUMN: 'optional',
});

export interface GateRules {
  /** Name of the metric in `evaluation.json`. */
  readonly metric: string;
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
  readonly hasChampion: boolean;
}

export interface JudgeCandidateResult {
  /**
   * `accepted`: register it. `champion-kept`: good enough, but not better than the champion by more than the bootstrap
   * error; an ordinary end. `below-threshold`: not good enough for anybody, or too unequal; the run fails.
   */
  readonly verdict: 'accepted' | 'champion-kept' | 'below-threshold';
  readonly reason: string;
  readonly candidateValue: number;
  readonly championValue: number | null;
}
