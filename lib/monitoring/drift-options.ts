import { Duration, Token } from 'aws-cdk-lib';
import { IBucket } from 'aws-cdk-lib/aws-s3';
import { checkNumber, checkWholeHours } from '../private/checks';
import { Faults } from '../private/errors';
import { DriftPreset } from './drift-preset';

/** From where on a feature drifts. A limit that the rhythm of the training data or chance passes by itself is raised. */
export interface DriftThresholds {
  /**
   * Population stability index over 10 to 20 groups, without the bias of small samples; 0.01 to 10.
   *
   * @default 0.1
   */
  readonly psi?: number;

  /**
   * Kolmogorov-Smirnov distance, 0.01 to 1.
   *
   * @default 0.1
   */
  readonly ks?: number;

  /**
   * Wasserstein distance in standard deviations of the training data, 0.01 to 10.
   *
   * @default 0.1
   */
  readonly wasserstein?: number;
}

export interface ModelMonitorMetricsOptions {
  /**
   * Namespace of the metrics. AWS documents more than one; the default is that of the alarms in its own samples.
   *
   * @default 'aws/sagemaker/Endpoints/data-metrics'
   */
  readonly namespace?: string;

  /**
   * Value of the dimension `MonitoringSchedule`: what the monitoring schedule was called that alarms and dashboards ask for.
   *
   * @default - the monitor's name
   */
  readonly scheduleName?: string;

  /**
   * How many features the model has, to tell the monthly price when the app is synthesized.
   *
   * @default - the price of one feature is told
   */
  readonly featureCount?: number;
}

/** A baseline that a Model Monitor baselining job wrote, or `mlops drift baseline`. */
export interface ImportedBaseline {
  /** Where the files lie. */
  readonly bucket: IBucket;
  /** Key of `statistics.json`. */
  readonly statisticsKey: string;

  /**
   * Key of `constraints.json`, whose domains name values that the statistics may have left out.
   *
   * @default - the values in the statistics are all there are
   */
  readonly constraintsKey?: string;
}

export interface DriftOptions {
  /**
   * Length of the trailing window that is compared with the training data; whole hours. A window shorter than the
   * traffic's rhythm sees drift in every hour of the day.
   *
   * @default Duration.days(1)
   */
  readonly window?: Duration;

  /**
   * Least effective rows in a window for a verdict. Below, the window is `insufficient`, which is not "no drift".
   *
   * @default - so many that chance alone reaches the limit once in a thousand windows; one row under a preset
   */
  readonly minimumRows?: number;

  /**
   * Expected share of false discoveries among the features called drifted, 0 to 1 (Benjamini-Hochberg).
   *
   * @default 0.01
   */
  readonly falseDiscoveryRate?: number;

  /**
   * From where on a feature drifts.
   *
   * @default - 0.1 of each distance
   */
  readonly thresholds?: DriftThresholds;

  /**
   * Decide by the rule of another tool, instead of thresholds and tests.
   *
   * @default - the monitor's own rule
   */
  readonly preset?: DriftPreset;

  /**
   * Names of at most ten features that each get a metric `FeatureDrift` (at 1 it drifts, dimension `Feature`) and an alarm of their own,
   * for $0.40 a month each. One that the baseline does not know stands in every report, as a violation and in its reason.
   *
   * @default - figures of single features are in the reports only
   */
  readonly criticalFeatures?: string[];

  /**
   * Also publish three metrics of each feature under the names that Model Monitor gives them, for alarms and dashboards made for it.
   * They cost $0.90 a month for each feature.
   *
   * @default - about ten metrics, whatever the number of features
   */
  readonly modelMonitorMetrics?: ModelMonitorMetricsOptions;

  /**
   * Maximum number of shards (256 MiB of captured traffic each) that are scanned at the same time, each by one invocation of a Lambda
   * function; 1 to 10,000. They count towards the account's concurrent executions, 1,000 by default and fewer in new accounts; where
   * there are too few, shards wait their turn. One scan takes up to 225 times as many shards; what is left over waits for the next scan.
   *
   * @default 100 - the shards of an hour of a billion requests a day, see docs/drift-at-scale.md
   */
  readonly scanConcurrency?: number;

  /**
   * Baseline for models whose package carries none, or one outside of the artifacts bucket. It tells nothing of how answers are
   * distributed, so that predictions are not watched; of Model Monitor's own files distances are only as certain as the sketch in them.
   *
   * @default - such models are not judged, and the reports say so
   */
  readonly importedBaseline?: ImportedBaseline;
}

const MOST_CRITICAL = 10;
/** Parallel children of a Map Run; a hard quota of Step Functions. */
const MOST_CHILDREN = 10_000;

export function driftFaults(options: DriftOptions): readonly string[] {
  const { window, thresholds = {}, preset, criticalFeatures = [], modelMonitorMetrics, importedBaseline } = options;
  const unused = (name: string, given: unknown) => (preset !== undefined && given !== undefined
    ? `${name} is given, but drift.preset decides without it; leave one of both out` : undefined);
  return new Faults()
    .add(checkWholeHours('drift.window', window))
    .when(window !== undefined && !window.isUnresolved() && (window.toHours({ integral: false }) < 1 || window.toDays({ integral: false }) > 31),
      `drift.window is ${window?.toHumanString()}; give 1 hour to 31 days`)
    .add(checkNumber('drift.minimumRows', options.minimumRows, { minimum: 1, integer: true }))
    .add(checkNumber('drift.scanConcurrency', options.scanConcurrency, { minimum: 1, maximum: MOST_CHILDREN, integer: true }))
    .add(checkNumber('drift.falseDiscoveryRate', options.falseDiscoveryRate, { minimum: 0, maximum: 1 }))
    .add(checkNumber('drift.thresholds.psi', thresholds.psi, { minimum: 0.01, maximum: 10 }))
    .add(checkNumber('drift.thresholds.ks', thresholds.ks, { minimum: 0.01, maximum: 1 }))
    .add(checkNumber('drift.thresholds.wasserstein', thresholds.wasserstein, { minimum: 0.01, maximum: 10 }))
    .add(unused('drift.falseDiscoveryRate', options.falseDiscoveryRate))
    .add(unused('drift.thresholds', options.thresholds))
    .addAll(preset?._faults() ?? [])
    .addAll(criticalFaults(criticalFeatures))
    .addAll(modelMonitorMetrics ? metricsFaults(modelMonitorMetrics) : [])
    .add(importedBaseline && keyFault('statisticsKey', importedBaseline.statisticsKey))
    .add(importedBaseline && keyFault('constraintsKey', importedBaseline.constraintsKey))
    .list;
}

function criticalFaults(names: readonly string[]): readonly string[] {
  if ([names, ...names].some((name) => Token.isUnresolved(name))) return ['drift.criticalFeatures holds a token; name the features, since each gets an alarm'];
  const faults = new Faults().when(names.length > MOST_CRITICAL,
    `drift.criticalFeatures names ${names.length} features; name at most ${MOST_CRITICAL}, all others are in the reports`);
  names.forEach((name, i) => {
    faults.when(!/^[\x21-\x7e]([\x20-\x7e]{0,253}[\x21-\x7e])?$/.test(name),
      `drift.criticalFeatures[${i}] is '${name}'; give a feature's name of 1 to 255 ASCII characters, as the training data's header spells it`);
    faults.when(names.indexOf(name) < i, `drift.criticalFeatures names '${name}' twice; name each feature once`);
  });
  return faults.list;
}

function metricsFaults({ namespace, scheduleName, featureCount }: ModelMonitorMetricsOptions): readonly string[] {
  const given = (value: string | undefined) => value !== undefined && !Token.isUnresolved(value);
  return new Faults()
    .when(given(namespace) && !/^[A-Za-z0-9./_#][A-Za-z0-9./_:#-]{0,254}$/.test(namespace!),
      `drift.modelMonitorMetrics.namespace is '${namespace}'; give 1 to 255 letters, digits or ./_:#-, such as 'aws/sagemaker/Endpoints/data-metrics'`)
    .when(given(namespace) && namespace!.startsWith('AWS/'),
      `drift.modelMonitorMetrics.namespace is '${namespace}'; CloudWatch keeps names that begin with AWS/ for AWS itself, give another`)
    .when(given(scheduleName) && !/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/.test(scheduleName!),
      `drift.modelMonitorMetrics.scheduleName is '${scheduleName}'; give 1 to 63 letters, digits and hyphens, as a monitoring schedule is called`)
    .add(checkNumber('drift.modelMonitorMetrics.featureCount', featureCount, { minimum: 1, integer: true }))
    .list;
}

function keyFault(name: string, key: string | undefined): string | undefined {
  if (key === undefined || Token.isUnresolved(key)) return undefined;
  return key === '' || key.startsWith('/') || key.endsWith('/') || /[*?]/.test(key)
    ? `drift.importedBaseline.${name} is '${key}'; give the key of one object, such as 'baselining/statistics.json'` : undefined;
}

/** US East (N. Virginia), the first 10,000 metrics of an account; a month in dollars. */
const METRIC_PRICE = 0.3;
const METRICS_PER_FEATURE = 3;

/** What the metrics of Model Monitor's names cost, to be said before it is spent. */
export function modelMonitorMetricsPrice({ featureCount }: ModelMonitorMetricsOptions): string {
  const price = (features: number) => `$${(features * METRICS_PER_FEATURE * METRIC_PRICE).toFixed(2)} a month`;
  return featureCount === undefined || Token.isUnresolved(featureCount) ? `${price(1)} for each feature` : `${price(featureCount)} for ${featureCount} features`;
}
