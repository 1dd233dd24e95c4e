import { defineEnv } from '../private/env-contract';

export const START_RETRAINING_ENV = defineEnv({
  LOOP_NAME: 'required',
  PIPELINE_NAME: 'required',
  ALARM_NAME: 'required',
  DATA_BUCKET: 'required',
  DATA_PREFIX: 'optional',
  ARTIFACTS_BUCKET: 'required',
  /** A DatasetDescription as JSON. */
  DATASET: 'required',
  /** A RetrainingRules as JSON. */
  RULES: 'required',
  METRIC_NAMESPACE: 'required',
});

export interface RetrainingRules {
  /** Least time between the starts of two retrainings, hours. */
  readonly cooldownHours: number;
  /** Most retrainings in thirty days. */
  readonly monthlyBudget: number;
  /** How much of the newest data a retraining uses; ISO 8601 duration, or `default`. */
  readonly trainingWindow: string;
}

/** Variables of the training pipeline. */
export const TRAINING_VARIABLES = { window: 'TrainingWindow', trigger: 'Trigger' } as const;

/** The state of retraining, one object, written conditionally. Times are ISO 8601. */
export interface RetrainingState {
  readonly version: 1;
  /** When the current drift began; null when there is none. */
  readonly driftSince: string | null;
  /** Starts of the last thirty days, newest last. */
  readonly starts: ReadonlyArray<{ readonly at: string; readonly execution: string }>;
  /** What the last look decided, and why, in words. */
  readonly decision: string;
  readonly decidedAt: string;
}

/** Metrics with the dimension `Loop`. */
export const RETRAINING_METRICS = { started: 'RetrainingsStarted', waiting: 'RetrainingWaiting', missingRows: 'FreshRowsMissing' } as const;
