import { defineEnv } from '../private/env-contract';

export const PLAN_SCAN_ENV = defineEnv({
  MONITOR_NAME: 'required',
  ENDPOINT_NAME: 'required',
  CAPTURE_BUCKET: 'required',
  ARTIFACTS_BUCKET: 'required',
  /** Length of the trailing window, whole hours. */
  WINDOW_HOURS: 'required',
  /** Captured bytes of a shard. */
  SHARD_BYTES: 'required',
  /** Shards that are scanned at the same time. */
  SCAN_CONCURRENCY: 'required',
  /** Files of a baseline for packages that carry none of ours, `s3://…`. */
  IMPORTED_STATISTICS_URI: 'optional',
  IMPORTED_CONSTRAINTS_URI: 'optional',
});

export const SCAN_CAPTURE_ENV = defineEnv({
  CAPTURE_BUCKET: 'required',
  ARTIFACTS_BUCKET: 'required',
});

export const REDUCE_SCAN_ENV = defineEnv({
  MONITOR_NAME: 'required',
  ENDPOINT_NAME: 'required',
  ARTIFACTS_BUCKET: 'required',
  METRIC_NAMESPACE: 'required',
  /** A DriftRules as JSON. */
  RULES: 'required',
  /** Names of features as JSON. */
  CRITICAL_FEATURES: 'optional',
  /** A ModelMonitorMetrics as JSON. */
  MODEL_MONITOR_METRICS: 'optional',
});

/** Choices of the user; everything else is the engine's default. */
export interface DriftRules {
  /** Least effective rows in a window for a verdict. */
  readonly minimumRows?: number;
  /** Expected share of false discoveries among flagged features. */
  readonly falseDiscoveryRate?: number;
  /** Least distances that are called drift. */
  readonly psi?: number;
  readonly ks?: number;
  readonly wasserstein?: number;
  readonly preset?: PresetRules;
}

/** The rule of another tool, in the words of that tool's own settings. */
export type PresetRules =
  | {
    readonly name: 'model-monitor';
    readonly threshold?: number;
    readonly method?: 'Robust' | 'Simple';
    readonly categoricalThreshold?: number;
    readonly categoricalMethod?: 'LInfinity' | 'ChiSquared';
  }
  | { readonly name: 'evidently'; readonly threshold?: number; readonly driftShare?: number }
  | { readonly name: 'nannyml' };

/** Where metrics under Model Monitor's names go. */
export interface ModelMonitorMetrics {
  readonly namespace: string;
  /** Value of the dimension `MonitoringSchedule`. */
  readonly scheduleName: string;
}

export const MODEL_MONITOR_METRICS = {
  namespace: 'aws/sagemaker/Endpoints/data-metrics',
  endpoint: 'Endpoint',
  schedule: 'MonitoringSchedule',
} as const;

/** How much one scan does; docs/drift-at-scale.md calculates it. */
export const SCAN_CAPACITY = {
  /** Bytes that one function scans well within its time. */
  shardBytes: 256 * 1024 * 1024,
  /** Shards at the same time, if nothing else is asked for. */
  concurrency: 100,
  /** Shards that a scan has for each of those, one after another: half an hour's work at eight seconds each, twice the calculated time. */
  rounds: 225,
} as const;

export interface PlanScanEvent {
  /** Scheduled time of this scan, ISO 8601. */
  readonly scheduledAt: string;
  /** Name of the execution; the folder of its files, see ARTIFACT_KEYS.scans. */
  readonly execution: string;
}

/** A range of one captured object; a shard owns the lines that start inside it. */
export interface ShardRange {
  readonly key: string;
  readonly etag: string;
  /** First byte, inclusive. */
  readonly start: number;
  /** Last byte, exclusive. */
  readonly end: number;
}

/** One unit of scanning; its ranges lie in the hour's plan file. */
export interface Shard {
  /** See ACCUMULATOR_FILES. */
  readonly id: string;
  /** `yyyy-mm-ddThh`, UTC. */
  readonly hour: string;
  readonly planKey: string;
  /** Some of its files expired or were deleted before they were scanned. */
  readonly filesGone?: true;
}

/** A plan file: which ranges of an hour were given to which shard. */
export interface HourPlan {
  readonly shards: ReadonlyArray<{ readonly id: string; readonly ranges: ShardRange[] }>;
}

/**
 * Files of an hour, below `<accumulators>/yyyy-mm-dd/hh/`. Plans of an hour are numbered and written only if that number is
 * free, so that no captured file is ever in two of them. The name of an accumulator says how many shards and objects its plan
 * has: names alone tell whether an hour is fully scanned. Files that come late get a plan of their own. Once an hour is scanned, the sum
 * of its accumulators is kept beside them, named by the number of plans in it: a window is then one file per hour, not one per shard.
 */
export const ACCUMULATOR_FILES = {
  /** `yyyy-mm-ddThh` to `yyyy-mm-dd/hh/`. */
  folder: (hour: string) => `${hour.replace('T', '/')}/`,
  plan: (number: number) => `plan-${number}.json`,
  planPattern: /plan-(\d+)\.json$/,
  /** Id of a shard; with `.bin` the name of its accumulator. */
  shardId: (plan: number, index: number, shards: number, objects: number) => `${plan}-${index}-${shards}-${objects}`,
  accumulator: (shardId: string) => `${shardId}.bin`,
  accumulatorPattern: /(\d+)-(\d+)-(\d+)-(\d+)\.bin$/,
  sum: (plans: number) => `sum-${plans}.bin`,
  sumPattern: /sum-(\d+)\.bin$/,
} as const;

/** Files of one evaluated window, in the folder of reports; a window is named by its end, `yyyy-mm-ddThh`. */
export const REPORT_FILES = {
  /** Everything that was decided, and why. */
  report: (window: string) => `${window}.json`,
  /** The same to read: a page without scripts that needs nothing from elsewhere. */
  page: (window: string) => `${window}.html`,
  /** The broken rules as Model Monitor writes them. */
  violations: (window: string) => `${window}.constraint_violations.json`,
} as const;

/** What the scan is about; the same for all its shards. */
export interface ScanPlan {
  readonly monitor: string;
  /** Scheduled time, ISO 8601. */
  readonly scheduledAt: string;
  /** First and one past the last hour of the window, `yyyy-mm-ddThh`. */
  readonly windowStart: string;
  readonly windowEnd: string;
  readonly packageArn: string;
  /** Since when this model has been serving, ISO 8601; prediction drift counts only later records. */
  readonly servingSince: string;
  readonly statisticsUri: string;
  readonly constraintsUri: string;
  readonly baselineHash: string;
  /** First hour that is counted once this scan is done, `yyyy-mm-ddThh`. Earlier hours of the window wait for later scans. */
  readonly countedFrom: string;
  /** Share of the window's hours that are counted and in which the endpoint existed, 0 to 1; below 0.95 the verdict is `insufficient`. */
  readonly coverage: number;
}

export type PlanScanResult =
  /** No endpoint, or no model with a baseline: the monitor is alive, and says why it cannot judge. */
  | { readonly status: 'idle'; readonly scheduledAt: string; readonly reason: string }
  | PlannedScan;

/** Stays small whatever the number of shards: a workflow's state holds 256 KiB. */
export interface PlannedScan {
  readonly status: 'planned';
  readonly plan: ScanPlan;
  /** Decides the route: one shard is scanned directly, many through a map. */
  readonly shardCount: number;
  /** The shard, if there is one. */
  readonly shard?: Shard;
  /** Where the shards are listed if there are several, and where the map's results go. */
  readonly shardsKey?: string;
  readonly resultsPrefix?: string;
}

export interface ScanCaptureEvent {
  readonly plan: ScanPlan;
  readonly shard: Shard;
}

export interface ScanCaptureResult {
  readonly accumulatorKey: string;
  readonly rows: number;
  readonly rejected: number;
}

export type ReduceScanEvent =
  /** There was nothing to plan. */
  | { readonly scheduledAt: string; readonly reason: string }
  | { readonly plan: ScanPlan };

export interface ReduceScanResult {
  readonly state: 'ok' | 'drift' | 'insufficient' | 'schema';
  readonly reportUri: string;
}

/** Metrics of a monitor, all with the dimensions below, whatever the number of features. */
export const DRIFT_METRICS = {
  namespace: 'CdkMlops',
  /** One per finished scan; its absence is the heartbeat alarm. */
  scans: 'ScansCompleted',
  rows: 'RowsAnalyzed',
  rejected: 'RowsRejected',
  /** 1 or 0. Like all figures of drift it is absent when there is not enough data: that is a state of its own, never "no drift". */
  driftDetected: 'DriftDetected',
  featuresDrifted: 'FeaturesDrifted',
  driftShare: 'FeatureDriftShare',
  maximumDrift: 'MaxFeatureDrift',
  maximumPsi: 'MaxPsi',
  predictionDrift: 'PredictionDrift',
  violations: 'DataQualityViolations',
  missingRate: 'MaxMissingRate',
  /** Of a critical feature, with its name as a further dimension; like `PredictionDrift` from 1 on only if it drifts. */
  featureDrift: 'FeatureDrift',
  /** 1 when a window could not be judged. */
  insufficient: 'WindowInsufficient',
  lag: 'WindowLagSeconds',
} as const;

export const MONITOR_DIMENSIONS = { endpoint: 'Endpoint', monitor: 'Monitor', feature: 'Feature' } as const;
