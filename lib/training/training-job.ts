import { Duration, Token } from 'aws-cdk-lib';
import { checkDuration, checkInstanceType, checkNumber, checkX86 } from '../private/checks';
import { Faults } from '../private/errors';

/** StoppingCondition.MaxRuntimeInSeconds in SageMaker's API model. */
export const LONGEST_JOB = Duration.days(28);

const DEFAULT_RUNTIME = Duration.hours(4);

export interface SpotOptions {
  /**
   * Longest time of a job with all waiting for capacity; at least its `maximumRuntime`.
   *
   * @default - twice the maximum run time
   */
  readonly maximumWait?: Duration;

  /**
   * Whether a job that never got spot capacity, lost it for good, or exceeds the account's quota of spot instances is run once
   * more at the on-demand price.
   *
   * @default true
   */
  readonly retryOnDemand?: boolean;
}

/** What a training job runs on. */
export class TrainingCapacity {
  /** Spare capacity at a fraction of the price, which may be taken away: the job goes on from its checkpoints. */
  public static spot(options: SpotOptions = {}): TrainingCapacity {
    return new TrainingCapacity(options);
  }

  /** Capacity that stays until the job is done. */
  public static onDemand(): TrainingCapacity {
    return new TrainingCapacity(undefined);
  }

  private constructor(
    /** @internal */
    public readonly _spot: SpotOptions | undefined,
  ) {}
}

export interface TrainingJobOptions {
  /**
   * SageMaker instance type of the job; with x86 processors.
   *
   * @default 'ml.m5.large'
   */
  readonly instanceType?: string;

  /**
   * SageMaker instance type of the jobs that have models answer the hold-out, and that run `evaluate`; with x86 processors. These are
   * transform and processing jobs, for which SageMaker does not offer every type that it trains on.
   *
   * @default - that of the training job; refused at synthesis where SageMaker has no such jobs on it
   */
  readonly evaluationInstanceType?: string;

  /**
   * What the job runs on.
   *
   * @default TrainingCapacity.spot()
   */
  readonly capacity?: TrainingCapacity;

  /**
   * Longest time that the container may run. A job that is stopped by it counts as failed. CodePipeline ends a training run after
   * 7 days, with the wait for spot capacity, a second run on demand and the evaluations; what may take longer is refused there.
   *
   * @default Duration.hours(4)
   */
  readonly maximumRuntime?: Duration;

  /**
   * Size of the disk, in gibibytes.
   *
   * @default 30
   */
  readonly volumeSizeGib?: number;

  /**
   * Given to the project's `train` command as they are.
   *
   * @default - the project's own settings
   */
  readonly hyperparameters?: Record<string, string>;
}

/** The options with every default written in. */
export interface TrainingJobSettings {
  readonly instanceType: string;
  readonly evaluationInstanceType: string;
  readonly maximumRuntime: Duration;
  readonly volumeSizeGib: number;
  readonly hyperparameters: Record<string, string>;
  /** Undefined for a job on demand. */
  readonly spot?: { readonly maximumWait: Duration; readonly retryOnDemand: boolean };
}

export function trainingJobSettings(options: TrainingJobOptions = {}): TrainingJobSettings {
  const maximumRuntime = options.maximumRuntime ?? DEFAULT_RUNTIME;
  const spot = (options.capacity ?? TrainingCapacity.spot())._spot;
  const instanceType = options.instanceType ?? 'ml.m5.large';
  return {
    instanceType,
    evaluationInstanceType: options.evaluationInstanceType ?? instanceType,
    maximumRuntime,
    volumeSizeGib: options.volumeSizeGib ?? 30,
    hyperparameters: options.hyperparameters ?? {},
    spot: spot && {
      maximumWait: spot.maximumWait ?? Duration.seconds(2 * maximumRuntime.toSeconds()),
      retryOnDemand: spot.retryOnDemand ?? true,
    },
  };
}

/** `customMetrics`: whether the project's `evaluate` runs, too. */
export function trainingJobFaults(options: TrainingJobOptions = {}, customMetrics = false): readonly string[] {
  const parameters = Object.entries(options.hyperparameters ?? {});
  return new Faults()
    .add(checkInstanceType('training.instanceType', options.instanceType))
    .add(checkX86('training.instanceType', options.instanceType, 'SageMaker trains and evaluates on x86'))
    .add(checkInstanceType('training.evaluationInstanceType', options.evaluationInstanceType))
    .add(checkX86('training.evaluationInstanceType', options.evaluationInstanceType, 'SageMaker trains and evaluates on x86'))
    .add(evaluationFault(options, customMetrics))
    .add(checkDuration('training.maximumRuntime', options.maximumRuntime, Duration.minutes(1), LONGEST_JOB))
    .add(checkNumber('training.volumeSizeGib', options.volumeSizeGib, { minimum: 1, maximum: 16384, integer: true }))
    .add(spotFault(options))
    .when(parameters.length > 100, `there are ${parameters.length} hyperparameters; SageMaker takes at most 100`)
    .addAll(parameters
      .filter(([name, value]) => name.length > 256 || value.length > 256)
      .map(([name]) => `hyperparameter '${name.slice(0, 40)}' is too long; SageMaker takes names and values of at most 256 characters`))
    .list;
}

function evaluationFault({ instanceType, evaluationInstanceType }: TrainingJobOptions, customMetrics: boolean): string | undefined {
  const name = evaluationInstanceType === undefined ? 'instanceType' : 'evaluationInstanceType';
  const value = evaluationInstanceType ?? instanceType;
  if (value === undefined || Token.isUnresolved(value)) return undefined;
  const jobs = isWithoutTransforms(value) ? 'transform' : customMetrics && isWithoutProcessing(value) ? 'processing' : undefined;
  return jobs && `training.${name} is '${value}', on which SageMaker runs no ${jobs} jobs, so no model could be evaluated; `
    + "give a training.evaluationInstanceType such as 'ml.m5.large', or 'ml.g5.xlarge' for models that need a GPU";
}

/** Types that SageMaker has for training or processing, but not for batch transform. */
function isWithoutTransforms(instanceType: string): boolean {
  return /^ml\.(r5d?|c5n|t3|g6e|g7e|p3dn|p4d?e?|p5e?n?|p6-[a-z]+\d+|trn1n|trn2)\./.test(instanceType);
}

/** Types that SageMaker has for batch transform, but not for processing. */
function isWithoutProcessing(instanceType: string): boolean {
  return /^ml\.(trn1|inf2|r6i)\.|^ml\.c6i\.large$/.test(instanceType);
}

function spotFault({ capacity = TrainingCapacity.spot(), maximumRuntime = DEFAULT_RUNTIME }: TrainingJobOptions): string | undefined {
  if (capacity._spot === undefined) return undefined;
  const { maximumWait } = capacity._spot;
  if (maximumWait === undefined) {
    return maximumRuntime.isUnresolved() ? 'training.maximumRuntime is a token, so twice of it cannot be the default of maximumWait; give TrainingCapacity.spot({ maximumWait })' : undefined;
  }
  if (maximumWait.isUnresolved() || maximumRuntime.isUnresolved() || maximumWait.toSeconds() >= maximumRuntime.toSeconds()) return undefined;
  return `maximumWait is ${maximumWait.toHumanString()}, less than maximumRuntime ${maximumRuntime.toHumanString()}; the wait includes the run`;
}
