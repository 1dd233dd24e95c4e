import { checkNumber } from '../private/checks';
import { Faults } from '../private/errors';
import { BiasFacet } from './bias-facet';
import { MOST_FACETS } from './bias-facet.contract';
import { BiasRules, GateRules } from './judge-candidate.contract';
import { knownMetric } from './known-metrics.contract';

/** How unequally a candidate may treat groups; for classifiers whose label is 1 or 0. */
export interface BiasGateOptions {
  /** The groups and their limits, at most 16; told by any column of the data, features or not. */
  readonly facets: BiasFacet[];

  /**
   * The score from which on an answer is positive, 0 to 1.
   *
   * @default 0.5
   */
  readonly threshold?: number;

  /**
   * The class, 1 or 0, that is good for those who are asked about: 1 where the model grants, 0 where it warns of them.
   *
   * @default 1
   */
  readonly favourableLabel?: number;

  /**
   * Rows of the hold-out that each group must have. With fewer the candidate is refused: what cannot be told is not called fair.
   *
   * @default 100
   */
  readonly minimumRows?: number;
}

export interface QualityGateOptions {
  /**
   * Limits of bias on the hold-out, in SageMaker Clarify's measures before training (of the labels) and after (of the answers).
   *
   * @default - bias is not judged
   */
  readonly bias?: BiasGateOptions;

  /**
   * Metrics of the project's own that are shown with a candidate, by their names in the `evaluation.json` that its command `evaluate` writes.
   * `evaluate` is given the training rows, never the hold-out; nobody checks what it says.
   *
   * @default - `evaluate` does not run, unless the gate's metric is one of the project's own
   */
  readonly customMetrics?: string[];
}

/**
 * What a candidate must reach before it is registered. The library measures it itself: the model's own server answers the rows of the hold-out,
 * without their labels, in a batch transform, and no file of the project is believed. Beyond the threshold the candidate must beat the champion,
 * measured on the same rows, by more than the bootstrap error of the difference.
 *
 * Known metrics are, of a classifier whose label is 1 or 0 and whose answers are probabilities of 1, `auc`, `accuracy`, `precision`, `recall`,
 * `f1` (an answer of at least one half is positive), `log_loss` and `brier`, and of a regression `mae`, `mse`, `rmse` and `r2`. Any other name is
 * a metric of the project's own: read from its `evaluation.json`, measured by itself on rows that it was trained on, not compared with the
 * champion, and not enough for an automatic approval unless that allows it by name.
 */
export class QualityGate {
  /** The metric, of which more is better, must reach the threshold: `QualityGate.atLeast('auc', 0.7)`. */
  public static atLeast(metric: string, threshold: number, options: QualityGateOptions = {}): QualityGate {
    return new QualityGate(metric, threshold, 'maximize', options);
  }

  /** The metric, of which less is better, must not exceed the threshold: `QualityGate.atMost('rmse', 12)`. */
  public static atMost(metric: string, threshold: number, options: QualityGateOptions = {}): QualityGate {
    return new QualityGate(metric, threshold, 'minimize', options);
  }

  private constructor(
    /** Name of the metric. */
    public readonly metric: string,
    private readonly threshold: number,
    private readonly direction: GateRules['direction'],
    private readonly options: QualityGateOptions,
  ) {}

  /** @internal */
  public _rules(): GateRules {
    const { metric, threshold, direction } = this;
    const known = knownMetric(metric);
    const bias = this._biasRules();
    return { metric, threshold, direction, task: known?.task ?? 'any', custom: known === undefined, customMetrics: this._customMetrics(), ...(bias && { bias }) };
  }

  /**
   * Metrics of the project's own, the gate's among them.
   *
   * @internal
   */
  public _customMetrics(): string[] {
    const own = this.options.customMetrics ?? [];
    return knownMetric(this.metric) || own.includes(this.metric) ? own : [this.metric, ...own];
  }

  /** @internal */
  public _biasRules(): BiasRules | undefined {
    if (this.options.bias === undefined) return undefined;
    const { facets, threshold = 0.5, favourableLabel = 1, minimumRows = 100 } = this.options.bias;
    return { facets: facets.map((facet) => facet._describe()), threshold, favourableLabel: favourableLabel as 0 | 1, minimumRows };
  }

  /** @internal */
  public _faults(): readonly string[] {
    const { bias, customMetrics = [] } = this.options;
    const odd = [this.metric, ...customMetrics].filter((name) => !METRIC_NAME.test(name));
    return new Faults()
      .addAll(odd.map((name) => `the gate's metric is '${name}'; give a name such as 'auc': letters, digits, '_', '.' and '-', at most 63`))
      .addAll(customMetrics.filter((name) => knownMetric(name)).map((name) => `the gate's customMetrics name '${name}', which is measured on the hold-out; leave it out, or give the project's own another name`))
      .addAll(this.thresholdFaults())
      .when(bias !== undefined && knownMetric(this.metric)?.task === 'regression', `the gate has limits of bias, which need labels of 1 and 0, but judges by '${this.metric}', a metric of regressions; leave one of both out`)
      .addAll(bias ? biasFaults(bias) : [])
      .list;
  }

  private thresholdFaults(): readonly string[] {
    const { metric, threshold, direction } = this;
    const known = knownMetric(metric);
    return new Faults()
      .add(checkMetricValue(`the gate's threshold of ${metric}`, metric, threshold))
      .when(known !== undefined && direction !== known.direction, direction === 'maximize'
        ? `the gate is at least ${threshold} of '${metric}', of which less is better; use QualityGate.atMost`
        : `the gate is at most ${threshold} of '${metric}', of which more is better; use QualityGate.atLeast`)
      .list;
  }
}

/** No model can be beyond the bounds of a known metric, so a limit there is a mistake: per cent for a share, say. */
export function checkMetricValue(name: string, metric: string, value: number | undefined): string | undefined {
  const { minimum = -Infinity, maximum = Infinity } = knownMetric(metric) ?? {};
  return checkNumber(name, value, { ...(Number.isFinite(minimum) && { minimum }), ...(Number.isFinite(maximum) && { maximum }) });
}

const METRIC_NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,62}$/;

function biasFaults({ facets, threshold, favourableLabel = 1, minimumRows }: BiasGateOptions): readonly string[] {
  return new Faults()
    .when(facets.length === 0, 'the gate\'s bias has no facets; give at least one, or leave bias out')
    .when(facets.length > MOST_FACETS, `the gate's bias has ${facets.length} facets; give at most ${MOST_FACETS}`)
    .add(checkNumber('the gate\'s bias.threshold', threshold, { minimum: 0, maximum: 1 }))
    .when(favourableLabel !== 0 && favourableLabel !== 1, `the gate's bias.favourableLabel is ${favourableLabel}; give 1 or 0`)
    .add(checkNumber('the gate\'s bias.minimumRows', minimumRows, { minimum: 1, integer: true }))
    .addAll(facets.flatMap((facet) => facet._faults()))
    .list;
}
