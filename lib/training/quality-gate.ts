import { checkNumber } from '../private/checks';
import { Faults } from '../private/errors';
import { GateRules } from './judge-candidate.contract';

/**
 * What a candidate must reach before it is registered. Beyond the threshold it must beat the champion, scored on the same
 * hold-out, by more than the bootstrap error of the difference.
 */
export class QualityGate {
  /** The metric of `evaluation.json`, of which more is better, must reach the threshold: `QualityGate.atLeast('auc', 0.7)`. */
  public static atLeast(metric: string, threshold: number): QualityGate {
    return new QualityGate({ metric, threshold, direction: 'maximize' });
  }

  /** The metric of `evaluation.json`, of which less is better, must not exceed the threshold: `QualityGate.atMost('rmse', 12)`. */
  public static atMost(metric: string, threshold: number): QualityGate {
    return new QualityGate({ metric, threshold, direction: 'minimize' });
  }

  private constructor(private readonly rules: GateRules) {}

  /** Name of the metric in `evaluation.json`. */
  public get metric(): string {
    return this.rules.metric;
  }

  /** @internal */
  public _rules(): GateRules {
    return this.rules;
  }

  /** @internal */
  public _faults(): readonly string[] {
    return new Faults()
      .when(!/^[A-Za-z][A-Za-z0-9_.-]{0,62}$/.test(this.rules.metric), `the gate's metric is '${this.rules.metric}'; name a metric of evaluation.json, such as 'auc'`)
      .add(checkNumber('the gate\'s threshold', this.rules.threshold, { minimum: 0 }))
      .list;
  }
}
