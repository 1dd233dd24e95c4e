/**
 * Where things lie in the artifacts bucket. What is under `rows/`, `checkpoints/`, `evaluations/` and `scans/` expires: no model that serves needs
 * it. The rest stays. A "run" is one execution of a training workflow, written `<loop>/<name of the execution>`, so that every loop that shares
 * the bucket has prefixes of its own.
 */
export const ARTIFACT_KEYS = {
  /** Row counts per object version and hour of the dataset, so that no object is counted twice. */
  datasetIndex: (dataset: string) => `datasets/${dataset}/index.json`,

  /** Rows with every column, `part-00000.csv`, …; the hold-out is for the judge alone. */
  trainingRows: (run: string) => `rows/train/${run}/`,
  holdoutRows: (run: string) => `rows/holdout/${run}/`,
  /** The same rows as a model is asked them, see requestsFile: features only, a line a row. */
  requests: (run: string) => `rows/requests/${run}/`,
  /** What the models answered, written by batch transforms, see answersFile. */
  answers: (run: string, role: 'candidate' | 'champion') => `rows/answers/${run}/${role}/`,

  /** What the run pinned: object versions, window, fingerprint. */
  snapshot: (run: string) => `runs/${run}/snapshot.json`,
  /** Profile of the training rows: `statistics.json`, `constraints.json`, `quality.json`, `probe.csv`. */
  profile: (run: string) => `runs/${run}/profile/`,
  /** The profile with the candidate's predictions added, registered as the package's drift-check baseline. */
  baseline: (run: string) => `runs/${run}/baseline/`,
  /** The candidate's metrics on the hold-out, as the judge measured them. */
  evaluation: (run: string) => `runs/${run}/evaluation.json`,
  /** Bias of the candidate by group on the hold-out, as Clarify's `analysis.json`; only where limits are set. */
  biasReport: (run: string) => `runs/${run}/bias.json`,
  judgement: (run: string) => `runs/${run}/judgement.json`,

  /** Prefix of SageMaker's own output, `<job>/output/model.tar.gz`. */
  model: (run: string) => `models/${run}/`,
  checkpoints: (run: string) => `checkpoints/${run}/`,
  /** `evaluation.json` of the project's own metrics, where it has some. */
  customEvaluation: (run: string) => `evaluations/${run}/`,

  /** Counts of captured traffic under one baseline; below it a folder per hour, see ACCUMULATOR_FILES. */
  accumulators: (monitor: string, baselineHash: string) => `monitoring/${monitor}/accumulators/${baselineHash}/`,
  /** A baseline that was imported for models without one, in our own form. */
  importedBaseline: (monitor: string, baselineHash: string) => `monitoring/${monitor}/baselines/${baselineHash}/`,
  /** The reports of evaluated windows, see REPORT_FILES. */
  reports: (monitor: string) => `monitoring/${monitor}/reports/`,
  /**
   * Files of a monitor's scans, which expire. Below it one folder per execution of the scan workflow: SHARDS_FILE, and below the id of the
   * Map Run `manifest.json`, `SUCCEEDED_0.json` and, for a scan that failed, `FAILED_0.json` and `PENDING_0.json`.
   */
  scans: (monitor: string) => `scans/${monitor}/`,
  /** One small object per concern, written only with `If-Match` or `If-None-Match`. */
  retrainingState: (loop: string) => `state/${loop}/retraining.json`,
  reconciliationState: (loop: string) => `state/${loop}/reconciliation.json`,
  releaseState: (pipeline: string) => `state/${pipeline}/release.json`,
  /** Packages whose release to this endpoint was rolled back. */
  rolledBack: (endpoint: string) => `state/${endpoint}/rolled-back.json`,
} as const;

/** Prefixes that a construct grants on; each with the keys above inside. Those of a run take the loop behind them. */
export const ARTIFACT_PREFIXES = {
  datasets: 'datasets/',
  rows: 'rows/',
  trainingRows: 'rows/train/',
  holdoutRows: 'rows/holdout/',
  requests: 'rows/requests/',
  answers: 'rows/answers/',
  runs: 'runs/',
  models: 'models/',
  /** Of packages that were registered when a run kept its model among its documents. */
  formerModels: 'runs/*/model/',
  checkpoints: 'checkpoints/',
  customEvaluations: 'evaluations/',
  monitoring: 'monitoring/',
  scans: 'scans/',
  state: 'state/',
} as const;

/** File names inside the folders above. */
export const STATISTICS_FILE = 'statistics.json';
export const CONSTRAINTS_FILE = 'constraints.json';
export const QUALITY_FILE = 'quality.json';
export const PROBE_FILE = 'probe.csv';
export const EVALUATION_FILE = 'evaluation.json';

/** The i-th part of training rows or hold-out. */
export function partFile(part: number): string {
  return `part-${String(part).padStart(5, '0')}.csv`;
}

/** The requests for the i-th part of training rows or hold-out. The names of both differ: a transform job may keep nothing but the name. */
export function requestsFile(of: 'train' | 'holdout', part: number): string {
  return `${requestsPrefix(of)}${partFile(part)}`;
}

/** What the names of either begin with. */
export function requestsPrefix(of: 'train' | 'holdout'): string {
  return `${of}-`;
}

/** The answers to a file of requests. */
export function answersFile(requests: string): string {
  return `${requests}.out`;
}

/** The shards of one scan, a JSON array of Shard. */
export const SHARDS_FILE = 'shards.json';

/** The object that says "this batch of data is complete"; one training run per marker. */
export const SUCCESS_MARKER = '_SUCCESS';
