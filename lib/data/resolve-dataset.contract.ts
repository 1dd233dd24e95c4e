import { defineEnv } from '../private/env-contract';

export const RESOLVE_DATASET_ENV = defineEnv({
  DATA_BUCKET: 'required',
  /** Ends with `/`, or is empty for the whole bucket. */
  DATA_PREFIX: 'optional',
  ARTIFACTS_BUCKET: 'required',
  /** A DatasetDescription as JSON. */
  DATASET: 'required',
  /** Where the champion is looked up: the endpoint's model, else the newest approved package. */
  ENDPOINT_NAME: 'required',
  MODEL_PACKAGE_GROUP: 'required',
  /** Prefix of the names of SageMaker jobs, at most 20 characters; the loop's own in the keys of its runs, too. */
  JOB_NAME_PREFIX: 'required',
});

/** What a user says about the data, as construct and handlers share it. Durations are ISO 8601. */
export interface DatasetDescription {
  readonly name: string;
  /** How objects hold their rows. */
  readonly format: 'csv' | 'json-lines' | 'parquet';
  /** The column to predict. */
  readonly labelColumn: string;
  /** Column with the time of each row, ISO 8601. */
  readonly timeColumn: string;
  /** Columns that are neither label, time nor feature. */
  readonly ignoredColumns: string[];
  /** How much of the newest data before the hold-out trains a model. */
  readonly trainingWindow: string;
  /** How much of the newest data is held out. */
  readonly holdout: string;
  /** Labelled rows that must have arrived since drift began before a retraining starts. */
  readonly minimumFreshRows: number;
  /** Rows that a hold-out must have. */
  readonly minimumHoldoutRows: number;
}

export interface ResolveDatasetEvent {
  /** Name of the workflow execution. */
  readonly execution: string;
  /** ISO 8601 duration, or `default` for the dataset's own training window. */
  readonly trainingWindow: string;
}

/** A model that can be trained, evaluated or compared. */
export interface ModelUnderTest {
  readonly packageArn: string;
  /** Repository and digest, `…@sha256:…`. */
  readonly imageUri: string;
  /** `s3://…/model.tar.gz` */
  readonly modelDataUrl: string;
  /** Newest row that its training may have seen, ISO 8601. */
  readonly trainedUntil: string;
  /** What its gate was told when it was registered. */
  readonly registered: { readonly metric: string; readonly value: number } | null;
}

export type ResolveDatasetResult =
  /** There is no object under the prefix yet. */
  | { readonly status: 'empty' }
  | {
    readonly status: 'ready';
    /** The run, see ARTIFACT_KEYS. */
    readonly run: string;
    /** SHA-256 over the pinned object versions, window and hold-out; equal data, equal fingerprint. */
    readonly fingerprint: string;
    readonly snapshotUri: string;
    readonly trainUri: string;
    /** What the models are asked: the candidate the hold-out and the training rows, the champion the hold-out. Prefixes, `s3://…`. */
    readonly requests: { readonly candidate: string; readonly champion: string };
    readonly trainRows: number;
    readonly holdoutRows: number;
    /** Bounds of the training rows, ISO 8601. */
    readonly trainedFrom: string;
    readonly trainedUntil: string;
    readonly hasChampion: boolean;
    readonly champion: ModelUnderTest | null;
    readonly jobs: {
      readonly training: string; readonly trainingOnDemand: string; readonly candidate: string; readonly champion: string; readonly evaluation: string;
    };
    /** Output folders, `s3://…/`. */
    readonly output: {
      readonly model: string; readonly checkpoints: string; readonly candidate: string; readonly champion: string; readonly evaluation: string;
    };
    /** What was remarkable, in sentences; empty if nothing was. */
    readonly notes: string;
  };
