/**
 * Where things lie in the artifacts bucket. Nothing here expires except the files of scans: a model that serves may need all the rest.
 * A "run" is one execution of the training workflow.
 */
export const ARTIFACT_KEYS = {
  /** Row counts per object version and hour of the dataset, so that no object is counted twice. */
  datasetIndex: (dataset: string) => `datasets/${dataset}/index.json`,
  /** The pinned dataset of a run: `snapshot.json`, `train/part-00000.csv`, `holdout/part-00000.csv`. */
  snapshot: (run: string) => `runs/${run}/snapshot/`,
  /** Profile of the training rows: `statistics.json`, `constraints.json`, `quality.json`, `probe.csv`. */
  profile: (run: string) => `runs/${run}/profile/`,
  /** The profile with the candidate's predictions added, registered as the package's drift-check baseline. */
  baseline: (run: string) => `runs/${run}/baseline/`,
  /** Prefix of SageMaker's own output, `<job>/output/model.tar.gz`. */
  model: (run: string) => `runs/${run}/model/`,
  checkpoints: (run: string) => `runs/${run}/checkpoints/`,
  /** `evaluation.json` of one model on the hold-out of the run; of the candidate `reference.csv` too. */
  evaluation: (run: string, role: 'candidate' | 'champion') => `runs/${run}/evaluation/${role}/`,
  /** Bias of the candidate by group on the hold-out, as Clarify's `analysis.json`; only where limits are set. */
  biasReport: (run: string) => `runs/${run}/bias.json`,
  judgement: (run: string) => `runs/${run}/judgement.json`,
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
  releaseState: (pipeline: string) => `state/${pipeline}/release.json`,
  /** Packages whose release to this endpoint was rolled back. */
  rolledBack: (endpoint: string) => `state/${endpoint}/rolled-back.json`,
} as const;

/** Prefixes that a construct grants on; each with the keys above inside. */
export const ARTIFACT_PREFIXES = {
  datasets: 'datasets/',
  runs: 'runs/',
  monitoring: 'monitoring/',
  scans: 'scans/',
  state: 'state/',
} as const;

/** File names inside the folders above. */
export const SNAPSHOT_FILE = 'snapshot.json';
export const TRAIN_FOLDER = 'train/';
export const HOLDOUT_FOLDER = 'holdout/';
export const STATISTICS_FILE = 'statistics.json';
export const CONSTRAINTS_FILE = 'constraints.json';
export const QUALITY_FILE = 'quality.json';
export const PROBE_FILE = 'probe.csv';
export const EVALUATION_FILE = 'evaluation.json';
/** `label,score`: the answers on the rows of the hold-out, in their order; bias is judged by them. */
export const PREDICTIONS_FILE = 'predictions.csv';
/** `time,score`: the candidate's answers on the training rows, from which the rhythm of its predictions is learned. */
export const REFERENCE_FILE = 'reference.csv';

/** The shards of one scan, a JSON array of Shard. */
export const SHARDS_FILE = 'shards.json';

/** The object that says "this batch of data is complete"; one training run per marker. */
export const SUCCESS_MARKER = '_SUCCESS';
