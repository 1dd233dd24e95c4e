import { Faults } from '../private/errors';
import { QualityGate, checkMetricValue } from '../training/quality-gate';

export interface AutomaticApprovalOptions {
  /**
   * What the gate's metric must reach for an approval without a person; others wait for one.
   *
   * @default - every candidate that the workflow registered
   */
  readonly minimumScore?: number;

  /**
   * Name of the gate's metric if it is one of the project's own, which nobody else has measured: who names it here trusts the project's word.
   *
   * @default - refused at synthesis for a gate on a metric of the project's own
   */
  readonly customMetric?: string;
}

/** Who decides that a registered candidate may be released. */
export class ApprovalPolicy {
  /** A person, in the console, in Studio or on the command line. */
  public static manual(): ApprovalPolicy {
    return new ApprovalPolicy(undefined);
  }

  /** The stack itself, as soon as the candidate is registered. Its handler is the only role that may set `Approved`. */
  public static automatic(options: AutomaticApprovalOptions = {}): ApprovalPolicy {
    return new ApprovalPolicy(options);
  }

  private constructor(
    /** @internal */
    public readonly _automatic: AutomaticApprovalOptions | undefined,
  ) {}

  /** @internal */
  public _faults(gate: QualityGate): readonly string[] {
    return this._automatic === undefined ? [] : automaticApprovalFaults(this._automatic, gate);
  }
}

export function automaticApprovalFaults({ minimumScore, customMetric }: AutomaticApprovalOptions, gate: QualityGate): readonly string[] {
  const { custom, metric } = gate._rules();
  return new Faults()
    .add(checkMetricValue('approval.minimumScore', metric, minimumScore))
    .when(custom && customMetric !== metric, `the gate judges by '${metric}', which only the project itself measures, so nobody could say what is approved; `
      + `judge by a known metric such as 'auc', approve by hand, or allow it by ApprovalPolicy.automatic({ customMetric: '${metric}' })`)
    .when(!custom && customMetric !== undefined, `approval.customMetric is '${customMetric}', but the gate judges by '${metric}'; leave it out`)
    .list;
}
