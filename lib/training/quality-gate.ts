import { checkNumber } from '../private/checks';
import { Faults } from '../private/errors';
import { BiasFacet } from './bias-facet';
import { MOST_FACETS } from './bias-facet.contract';
import { BiasRules, GateRules } from './judge-candidate.contract';

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
   * Limits of bias on the hold-out, in SageMaker Clarify's measures before training (of the labels) and after (of the answers). `evaluate` must
   * write `predictions.csv`, `label,score`, a line for each row of the hold-out in its order.
   *
   * @default - bias is not judged
   */
  readonly bias?: BiasGateOptions;
}

/**
 * What a candidate must reach before it is registered. Beyond the threshold it must beat the champion, scored on the same
 * hold-out, by more than the bootstrap error of the difference.
 */
export class QualityGate {
  /** The metric of `evaluation.json`, of which more is better, must reach the threshold: `QualityGate.atLeast('auc', 0.7)`. */
  public static atLeast(metric: string, threshold: number, options: QualityGateOptions = {}): QualityGate {
    return new QualityGate({ metric, threshold, direction: 'maximize' }, options.bias);
  }

  /** The metric of `evaluation.json`, of which less is better, must not exceed the threshold: `QualityGate.atMost('rmse', 12)`. */
  public static atMost(metric: string, threshold: number, options: QualityGateOptions = {}): QualityGate {
    return new QualityGate({ metric, threshold, direction: 'minimize' }, options.bias);
  }

  private constructor(private readonly rules: GateRules, private readonly bias?: BiasGateOptions) {}

  /** Name of the metric in `evaluation.json`. */
  public get metric(): string {
    return this.rules.metric;
  }

  /** @internal */
  public _rules(): GateRules {
    const bias = this._biasRules();
    return bias ? { ...this.rules, bias } : this.rules;
  }

  /** @internal */
  public _biasRules(): BiasRules | undefined {
    if (this.bias === undefined) return undefined;
    const { facets, threshold = 0.5, favourableLabel = 1, minimumRows = 100 } = this.bias;
    return { facets: facets.map((facet) => facet._describe()), threshold, favourableLabel: favourableLabel as 0 | 1, minimumRows };
  }

  /** @internal */
  public _faults(): readonly string[] {
    return new Faults()
      .when(!/^[A-Za-z][A-Za-z0-9_.-]{0,62}$/.test(this.rules.metric), `the gate's metric is '${this.rules.metric}'; name a metric of evaluation.json, such as 'auc'`)
      .add(checkNumber('the gate\'s threshold', this.rules.threshold, { minimum: 0 }))
      .addAll(this.bias ? biasFaults(this.bias) : [])
      .list;
  }
}

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
