import { defineEnv } from '../private/env-contract';

export const PROFILE_DATA_ENV = defineEnv({
  ARTIFACTS_BUCKET: 'required',
  /** A DatasetDescription as JSON. */
  DATASET: 'required',
  /** A QualityRules as JSON. */
  QUALITY: 'required',
  /** Length of the drift monitor's window, whole hours; the learned null uses chunks of it. */
  WINDOW_HOURS: 'required',
});

/** When training data is good enough to train on. */
export interface QualityRules {
  readonly minimumRows: number;
  /** Largest share of missing values in a feature, 0 to 1. */
  readonly maximumMissingShare: number;
}

export interface ProfileDataEvent {
  readonly run: string;
  readonly trainUri: string;
}

export interface ProfileDataResult {
  /** Written in the form of Model Monitor's statistics and constraints, with the exact bins inside. */
  readonly statisticsUri: string;
  readonly constraintsUri: string;
  /** A few real rows without label, for probing a fresh endpoint. */
  readonly probeUri: string;
  readonly rows: number;
}
