import { defineEnv } from '../private/env-contract';

export const SELECT_RELEASE_ENV = defineEnv({
  MODEL_PACKAGE_GROUP: 'required',
  /** Where the rollbacks of each stage's endpoint are recorded, as S3 URIs, comma-separated. */
  ROLLBACK_RECORDS: 'required',
});

/** UserParameters of the action. */
export interface SelectReleaseParameters {
  /** A package ARN, or `none` for the newest approved that was not rolled back. */
  readonly packageArn: string;
}

/** Output variable of the action: a package ARN, or `none`. */
export const SELECTED_PACKAGE_OUTPUT = 'PackageArn';
