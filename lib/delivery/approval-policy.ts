import { checkNumber } from '../private/checks';

export interface AutomaticApprovalOptions {
  /**
   * What the gate's metric must reach for an approval without a person; others wait for one.
   *
   * @default - every candidate that the workflow registered
   */
  readonly minimumScore?: number;
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
  public _faults(): readonly string[] {
    const fault = checkNumber('approval.minimumScore', this._automatic?.minimumScore, { minimum: 0 });
    return fault === undefined ? [] : [fault];
  }
}
