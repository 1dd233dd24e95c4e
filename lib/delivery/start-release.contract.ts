import { defineEnv } from '../private/env-contract';

export const START_RELEASE_ENV = defineEnv({
  PIPELINE_NAME: 'required',
  ENDPOINT_NAME: 'required',
  MODEL_PACKAGE_GROUP: 'required',
  /** Which approvals have been acted on is remembered here. */
  ARTIFACTS_BUCKET: 'required',
});

/** Variable of the release pipeline: which package is to be released. A pipeline variable cannot be empty. */
export const PACKAGE_VARIABLE = 'PackageArn';
export const NO_PACKAGE = 'none';
