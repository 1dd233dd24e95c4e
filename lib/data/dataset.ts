import { Duration } from 'aws-cdk-lib';
import { IBucket } from 'aws-cdk-lib/aws-s3';
import { checkColumn, checkDuration, checkName, checkNumber } from '../private/checks';
import { Faults } from '../private/errors';
import { QualityRules } from './profile-data.contract';
import { DatasetDescription } from './resolve-dataset.contract';

/** How the objects of a dataset hold its rows. A training run reads any of them, and hands CSV with a header to training and evaluation. */
export enum DatasetFormat {
  /** UTF-8 text with a header line (RFC 4180), gzip or not. */
  CSV = 'csv',
  /** One flat JSON object a line, all with the members of the first, gzip or not. A member that is missing or null is a missing value. */
  JSON_LINES = 'json-lines',
  /**
   * Apache Parquet with flat columns. A whole row group is read at a time, so it may hold at most 25 million values:
   * a million rows of 25 columns.
   */
  PARQUET = 'parquet',
}

export interface DatasetOptions {
  /**
   * Name of the dataset, in keys and reports.
   *
   * @default 'dataset'
   */
  readonly name?: string;

  /**
   * Where the dataset's objects lie in its bucket; ends with `/`. An object named `_SUCCESS` there, or in a folder below, says that
   * a batch is complete and starts a training run.
   *
   * @default - the whole bucket
   */
  readonly prefix?: string;

  /**
   * How the objects hold their rows; the same for all of them. A run that meets another format fails and names the object.
   *
   * @default DatasetFormat.CSV
   */
  readonly format?: DatasetFormat;

  /** The column to predict. */
  readonly labelColumn: string;

  /** Column with the time of each row, ISO 8601. Training and hold-out are told apart by it. */
  readonly timeColumn: string;

  /**
   * Columns that are neither label, time nor feature, such as identifiers.
   *
   * @default - every other column is a feature
   */
  readonly ignoredColumns?: string[];

  /**
   * How much of the newest data before the hold-out trains a model.
   *
   * @default Duration.days(90)
   */
  readonly trainingWindow?: Duration;

  /**
   * How much of the newest data is held out. Candidate and champion are scored on it, and neither has seen it.
   *
   * @default Duration.days(1)
   */
  readonly holdout?: Duration;

  /**
   * Rows that the hold-out must have; a run with fewer fails before it trains. Of a label with two values it must hold both.
   *
   * @default 100
   */
  readonly minimumHoldoutRows?: number;

  /**
   * Labelled rows that must have arrived since drift began before a retraining starts.
   *
   * @default 1000
   */
  readonly minimumFreshRows?: number;

  /**
   * Training rows below which a training run fails.
   *
   * @default 100
   */
  readonly minimumRows?: number;

  /**
   * Largest share of missing values in a feature, 0 to 1, above which a training run fails.
   *
   * @default 0.5
   */
  readonly maximumMissingShare?: number;
}

/** Where training data comes from. A training run pins it to object versions and a fingerprint. */
export class Dataset {
  /** A dataset in a bucket that is versioned and sends its events to EventBridge. */
  public static fromBucket(bucket: IBucket, options: DatasetOptions): Dataset {
    return new Dataset(bucket, options);
  }

  public readonly name: string;
  /** Prefix of the dataset's keys, empty for the whole bucket. */
  public readonly prefix: string;

  private constructor(public readonly bucket: IBucket, private readonly options: DatasetOptions) {
    this.name = options.name ?? 'dataset';
    this.prefix = options.prefix ?? '';
  }

  /** @internal */
  public _faults(): readonly string[] {
    const { options } = this;
    return new Faults()
      .add(checkName('dataset.name', options.name, 40))
      .when(this.prefix !== '' && !/^[^/].*\/$/.test(this.prefix), `dataset.prefix is '${this.prefix}'; end it with '/', and start it without`)
      .add(checkColumn('dataset.labelColumn', options.labelColumn))
      .add(checkColumn('dataset.timeColumn', options.timeColumn))
      .when(options.labelColumn === options.timeColumn, `dataset.labelColumn and dataset.timeColumn are both '${options.labelColumn}'; name two columns`)
      .add(checkDuration('dataset.trainingWindow', options.trainingWindow, Duration.hours(1), Duration.days(3650)))
      .add(checkDuration('dataset.holdout', options.holdout, Duration.hours(1), Duration.days(365)))
      .add(checkNumber('dataset.minimumFreshRows', options.minimumFreshRows, { minimum: 0, integer: true }))
      .add(checkNumber('dataset.minimumHoldoutRows', options.minimumHoldoutRows, { minimum: 2, integer: true }))
      .add(checkNumber('dataset.minimumRows', options.minimumRows, { minimum: 1, integer: true }))
      .add(checkNumber('dataset.maximumMissingShare', options.maximumMissingShare, { minimum: 0, maximum: 1 }))
      .list;
  }

  /** @internal */
  public _describe(): DatasetDescription {
    const { options } = this;
    return {
      name: this.name,
      format: options.format ?? DatasetFormat.CSV,
      labelColumn: options.labelColumn,
      timeColumn: options.timeColumn,
      ignoredColumns: options.ignoredColumns ?? [],
      trainingWindow: (options.trainingWindow ?? Duration.days(90)).toIsoString(),
      holdout: (options.holdout ?? Duration.days(1)).toIsoString(),
      minimumFreshRows: options.minimumFreshRows ?? 1000,
      minimumHoldoutRows: options.minimumHoldoutRows ?? 100,
    };
  }

  /** @internal */
  public _quality(): QualityRules {
    return { minimumRows: this.options.minimumRows ?? 100, maximumMissingShare: this.options.maximumMissingShare ?? 0.5 };
  }
}
