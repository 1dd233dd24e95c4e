import { defineEnv } from '../private/env-contract';

export const JUDGE_CANDIDATE_ENV = defineEnv({
  ARTIFACTS_BUCKET: 'required',
  /** A GateRules as JSON. */
  GATE: 'required',
});

export interface GateRules {
  /** Name of the metric in `evaluation.json`. */
  readonly metric: string;
  readonly threshold: number;
  readonly direction: 'maximize' | 'minimize';
}

export interface JudgeCandidateEvent {
  readonly run: string;
  readonly hasChampion: boolean;
}

export interface JudgeCandidateResult {
  /**
   * `accepted`: register it. `champion-kept`: good enough, but not better than the champion by more than the bootstrap
   * error; an ordinary end. `below-threshold`: not good enough for anybody; the run fails.
   */
  readonly verdict: 'accepted' | 'champion-kept' | 'below-threshold';
  readonly reason: string;
  readonly candidateValue: number;
  readonly championValue: number | null;
}
