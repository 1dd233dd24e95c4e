import { defineEnv } from '../private/env-contract';
import { MetricTask, metricsOf } from '../training/known-metrics.contract';
import { FacetDescription } from '../training/bias-facet.contract';

export const MEASURE_QUALITY_ENV = defineEnv({
  MONITOR_NAME: 'required',
  ENDPOINT_NAME: 'required',
  CAPTURE_BUCKET: 'required',
  ARTIFACTS_BUCKET: 'required',
  METRIC_NAMESPACE: 'required',
  /** A MeasurementRules as JSON. */
  RULES: 'required',
});

export interface MeasurementRules {
  readonly task: MetricTask;
  /** The figure that is held against its value at registration, by its name in `evaluation.json`. */
  readonly metric: string;
  /** Length of a window, whole hours. Windows follow each other without a gap from 1970 on. */
  readonly windowHours: number;
  /** How long after its end a window still takes labels. */
  readonly labelDelayHours: number;
  /** In units of the metric. @default - a tenth of the registered value */
  readonly allowedDrop?: number;
  readonly minimumLabels: number;
  readonly minimumCoverage: number;
  /** The score from which on an answer is positive. */
  readonly threshold: number;
  readonly facets: FacetDescription[];
  readonly favourableLabel: 0 | 1;
}

/** Figures by task, as `evaluation.json` names them. */
export const JUDGED_METRICS: Readonly<Record<MeasurementRules['task'], readonly string[]>> = {
  'binary-classification': metricsOf('binary-classification'),
  'regression': metricsOf('regression'),
};

/** The user puts labels here, in the bucket of captured traffic: `<prefix>/<endpoint>/yyyy/mm/dd/hh/<name>.jsonl`, by hour of collection, UTC. */
export const GROUND_TRUTH_PREFIX = 'ground-truth';
/** Ids (hashed), scores and labels of an hour, taken out of the files of both; they expire like these. */
export const JOIN_PREFIX = 'ground-truth-join';

export interface MeasureQualityEvent {
  /** Scheduled time, ISO 8601. */
  readonly scheduledAt: string;
}

export interface MeasureQualityResult {
  /** Of the newest window that could be judged; `insufficient` if none could. */
  readonly state: 'ok' | 'degraded' | 'insufficient';
  readonly reportUri: string;
  /** Windows whose report is new or changed. */
  readonly measured: string[];
}

/** Below the monitor's folder in the artifacts bucket. */
export const QUALITY_FILES = {
  folder: (monitor: string) => `monitoring/${monitor}/`,
  /** What the last run found. */
  latest: 'quality/latest.json',
  /** One file for each window of each model, with its figures and with counts that add up. */
  windows: (modelVersion: string) => `quality/model-${modelVersion}/`,
  /** `start` is that of the window, `yyyy-mm-ddThh`. */
  window: (start: string) => `${start}.json`,
} as const;

/** Metrics of a monitor, with the dimensions of MONITOR_DIMENSIONS; those of one task only, and only where there is something to say. */
export const QUALITY_METRICS = {
  accuracy: 'Accuracy',
  precision: 'Precision',
  recall: 'Recall',
  f1: 'F1',
  aucLower: 'AucLower',
  aucUpper: 'AucUpper',
  logLoss: 'LogLoss',
  brier: 'Brier',
  calibrationError: 'CalibrationError',
  mae: 'MeanAbsoluteError',
  rmse: 'RootMeanSquareError',
  r2: 'R2',
  /** Of the window that is judged, or of the newest if none can be. */
  labelCoverage: 'LabelCoverage',
  /** How far quality dropped for sure since registration, 1 being the allowed drop. Absent when the labels cannot tell. */
  drift: 'QualityDrift',
  /** 1 when no window could be judged. */
  insufficient: 'QualityInsufficient',
  /** The measure of bias farthest beyond its limit, 1 being the limit, of those that can be told. Absent when the groups are too small for any. */
  bias: 'BiasExceeded',
} as const;
