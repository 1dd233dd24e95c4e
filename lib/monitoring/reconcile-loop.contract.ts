import { defineEnv } from '../private/env-contract';

export const RECONCILE_LOOP_ENV = defineEnv({
  LOOP_NAME: 'required',
  /** The release pipeline, the only thing that is ever started. */
  PIPELINE_NAME: 'required',
  ENDPOINT_NAME: 'required',
  MODEL_PACKAGE_GROUP: 'required',
  ARTIFACTS_BUCKET: 'required',
  /** Where the rollbacks of each stage's endpoint are recorded, as S3 URIs, comma-separated. */
  ROLLBACK_RECORDS: 'required',
  /** Names of the rules that must be enabled, comma-separated. */
  RULES: 'required',
  METRIC_NAMESPACE: 'required',
});

/** Metric with the dimension `Loop`, one value an hour: how many deviations a person must put right. */
export const DEVIATIONS_METRIC = 'Deviations';

/** What of the loop may differ from what it should be. */
export type Check = 'release' | 'endpoint' | 'capture' | 'package' | 'rules';

export interface Deviation {
  readonly check: Check;
  /** What differs, and what to do. */
  readonly text: string;
}

/** The state of reconciliation, one object, written conditionally. Times are ISO 8601. */
export interface StoredReconciliation {
  readonly version: 1;
  readonly checkedAt: string;
  /** What a person must put right. */
  readonly deviations: readonly Deviation[];
  /** The release that was started because of a deviation; kept until the deviation is over, so that it is started once. */
  readonly repair?: { readonly packageArn: string; readonly reason: string; readonly token: string; readonly started: boolean };
}
