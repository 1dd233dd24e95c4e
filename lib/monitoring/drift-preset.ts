import { checkNumber } from '../private/checks';
import { Faults } from '../private/errors';
import { PresetRules } from './drift-monitor.contract';

/** How Model Monitor compares numbers: `comparison_method` of its constraints. */
export enum NumericalComparison {
  /** The distance between the distribution functions, less what chance explains at the size of both samples. */
  ROBUST = 'Robust',
  /** The distance itself. */
  SIMPLE = 'Simple',
}

/** How Model Monitor compares categories: `categorical_drift_method` of its constraints. */
export enum CategoricalComparison {
  /** The largest difference of any value's share. */
  L_INFINITY = 'LInfinity',
  /** The p of Deequ's chi-squared test, in which rare values are joined; drift is a p below the threshold. */
  CHI_SQUARED = 'ChiSquared',
}

export interface ModelMonitorPresetOptions {
  /**
   * `comparison_threshold`, 0 to 1.
   *
   * @default 0.1
   */
  readonly threshold?: number;

  /**
   * `comparison_method`.
   *
   * @default NumericalComparison.ROBUST
   */
  readonly numericalComparison?: NumericalComparison;

  /**
   * `categorical_comparison_threshold`, 0 to 1.
   *
   * @default 0.1
   */
  readonly categoricalThreshold?: number;

  /**
   * `categorical_drift_method`.
   *
   * @default CategoricalComparison.L_INFINITY
   */
  readonly categoricalComparison?: CategoricalComparison;
}

export interface EvidentlyPresetOptions {
  /**
   * The distance from which a feature drifts.
   *
   * @default 0.1
   */
  readonly threshold?: number;

  /**
   * Share of the features that must drift for the dataset to drift, 0 to 1. The drift alarm waits for as many.
   *
   * @default 0.5
   */
  readonly driftShare?: number;
}

/**
 * The decision rule of another tool, for a team that comes from it and wants to see the same verdicts. It keeps the tool's
 * blindness to rhythms and small samples; without a preset the monitor knows better.
 */
export class DriftPreset {
  /** SageMaker Model Monitor's: any feature whose distance is beyond a threshold. */
  public static modelMonitor(options: ModelMonitorPresetOptions = {}): DriftPreset {
    const { threshold, numericalComparison: method, categoricalThreshold, categoricalComparison: categoricalMethod } = options;
    return new DriftPreset({ name: 'model-monitor', threshold, method, categoricalThreshold, categoricalMethod });
  }

  /** Evidently's for more than 1000 reference rows: Wasserstein or Jensen-Shannon distances, in half of the features. */
  public static evidently(options: EvidentlyPresetOptions = {}): DriftPreset {
    return new DriftPreset({ name: 'evidently', threshold: options.threshold, driftShare: options.driftShare });
  }

  /** NannyML's: a distance beyond its mean and three standard deviations over chunks of the training data. */
  public static nannyml(): DriftPreset {
    return new DriftPreset({ name: 'nannyml' });
  }

  private constructor(private readonly rules: PresetRules) {}

  /** @internal */
  public _rules(): PresetRules {
    return this.rules;
  }

  /**
   * The share of the features that must drift before the alarm rings; 0 for one of them.
   * @internal
   */
  public _driftShare(): number {
    return this.rules.name === 'evidently' ? this.rules.driftShare ?? 0.5 : 0;
  }

  /** @internal */
  public _faults(): readonly string[] {
    const { rules } = this;
    const share = { minimum: 0, maximum: 1 };
    return new Faults()
      .add('threshold' in rules ? checkNumber('drift.preset.threshold', rules.threshold, rules.name === 'model-monitor' ? share : { minimum: 0 }) : undefined)
      .add('categoricalThreshold' in rules ? checkNumber('drift.preset.categoricalThreshold', rules.categoricalThreshold, share) : undefined)
      .when('categoricalMethod' in rules && rules.categoricalMethod === 'ChiSquared' && (rules.categoricalThreshold === 0 || rules.categoricalThreshold === 1),
        `drift.preset.categoricalThreshold is ${(rules as { categoricalThreshold?: number }).categoricalThreshold}, which no p of a chi-squared test decides; give a number between 0 and 1, such as 0.1`)
      .add('driftShare' in rules ? checkNumber('drift.preset.driftShare', rules.driftShare, share) : undefined)
      .list;
  }
}
