import { defineEnv } from '../private/env-contract';

export const START_RETRAINING_ENV = defineEnv({
  LOOP_NAME: 'required',
  PIPELINE_NAME: 'required',
  ALARM_NAME: 'required',
  /** A candidate of this group that waits for approval has not had its chance yet. */
  MODEL_PACKAGE_GROUP: 'required',
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

export { TRAINING_VARIABLES } from '../delivery/training-variables.contract';

/** The state of retraining, one object, written conditionally. Times are ISO 8601. */
export interface StoredRetraining {
  readonly version: 1;
  /** Starts within the budget's period, oldest first. */
  readonly starts: readonly string[];
  /** The alarm's change to ALARM that the last start answered. */
  readonly answered?: string;
  /** Idempotency token of a start that is decided and may not have reached the pipeline yet. */
  readonly starting?: string;
  /** What the last look decided, and why, in words. */
  readonly decision: string;
  readonly decidedAt: string;
}

/** Metrics with the dimension `Loop`. */
export const RETRAINING_METRICS = { started: 'RetrainingsStarted', waiting: 'RetrainingWaiting', missingRows: 'FreshRowsMissing' } as const;
