import { defineEnv } from '../private/env-contract';

export const REGISTER_CANDIDATE_ENV = defineEnv({
  ARTIFACTS_BUCKET: 'required',
  MODEL_PACKAGE_GROUP: 'required',
  /** A DatasetDescription as JSON. */
  DATASET: 'required',
  /** Content types of requests and answers, comma-separated. */
  CONTENT_TYPES: 'required',
  /** `true` where the judgement has left a report of bias. */
  HAS_BIAS_REPORT: 'optional',
});

export interface RegisterCandidateEvent {
  readonly run: string;
  readonly imageUri: string;
  readonly modelDataUrl: string;
  /** Where the code came from: commit, or object version. */
  readonly codeRevision: string;
  readonly fingerprint: string;
  readonly trainedFrom: string;
  readonly trainedUntil: string;
  readonly statisticsUri: string;
  readonly constraintsUri: string;
  readonly probeUri: string;
  readonly candidateValue: number;
  readonly metric: string;
  readonly reason: string;
}

export interface RegisterCandidateResult {
  readonly packageArn: string;
}

/** Keys of a package's customer metadata (values at most 256 characters). */
export const PACKAGE_METADATA = {
  run: 'run',
  codeRevision: 'code-revision',
  imageUri: 'image-uri',
  datasetFingerprint: 'dataset-fingerprint',
  trainedFrom: 'trained-from',
  trainedUntil: 'trained-until',
  probeUri: 'probe-uri',
  score: 'score',
  metric: 'metric',
} as const;
