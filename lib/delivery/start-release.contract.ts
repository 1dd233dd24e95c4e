import { defineEnv } from '../private/env-contract';

export const START_RELEASE_ENV = defineEnv({
  PIPELINE_NAME: 'required',
  ENDPOINT_NAME: 'required',
  MODEL_PACKAGE_GROUP: 'required',
  /** Which approvals have been acted on is remembered here. */
  ARTIFACTS_BUCKET: 'required',
  /** Where the rollbacks of each stage's endpoint are recorded, as S3 URIs, comma-separated. */
  ROLLBACK_RECORDS: 'required',
});

/** Variable of the release pipeline: which package is to be released. A pipeline variable cannot be empty. */
export const PACKAGE_VARIABLE = 'PackageArn';
export const NO_PACKAGE = 'none';
