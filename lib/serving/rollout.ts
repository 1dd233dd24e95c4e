import { Duration } from 'aws-cdk-lib';
import { checkNumber } from '../private/checks';
import { Faults } from '../private/errors';
import { Hosting } from './hosting';
import { RollbackAlarms, RolloutDescriptor } from './release-descriptor.contract';

export interface AllAtOnceOptions {
  /**
   * How long the new fleet is watched with all traffic on it; with a canary, first for as long with the canary's share. Alarms need about four
   * minutes to fire.
   *
   * @default Duration.minutes(10)
   */
  readonly bake?: Duration;

  /**
   * How long the old fleet is kept after the bake. SageMaker watches the alarms until the old fleet goes, and keeps it for at most an hour, bake
   * included.
   *
   * @default Duration.minutes(5)
   */
  readonly keepOldFleet?: Duration;

  /**
   * Whether alarms on the new fleet send the traffic back to the old one. Without it a bad model stays live until
   * somebody rejects it. SageMaker cannot do it for `ml.inf1` instances, which are refused with it, nor for containers of the AWS Marketplace, whose
   * packages are refused when they are released.
   *
   * @default true
   */
  readonly automaticRollback?: boolean;
}

export interface CanaryOptions extends AllAtOnceOptions {
  /**
   * Share of the fleet that takes traffic first, in per cent, 1 to 50; rounded down to whole instances, and at least one.
   *
   * @default 10
   */
  readonly canaryPercentage?: number;
}

type Kind = 'auto' | 'canary' | 'all-at-once';

const DEFAULT_BAKE = Duration.minutes(10);
const DEFAULT_KEEP = Duration.minutes(5);
/** SageMaker's limit of `TerminationWaitInSeconds`, the only time in which it watches a fleet that has all traffic. */
const LONGEST_WATCH = Duration.hours(1);

/** How traffic moves to a new model: always to a second fleet, and back by itself when that fleet's alarms ring. */
export class Rollout {
  /**
   * A canary where two instances or more run when the release starts, all at once where there is one. The summary of a release says so if the
   * fleet could have more.
   */
  public static auto(options: AllAtOnceOptions = {}): Rollout {
    return new Rollout('auto', options);
  }

  /** First a part of the new fleet takes traffic, and after the bake all of it. Needs two instances or more. */
  public static canary(options: CanaryOptions = {}): Rollout {
    return new Rollout('canary', options);
  }

  /** The new fleet takes all traffic at once, and is watched. */
  public static allAtOnce(options: AllAtOnceOptions = {}): Rollout {
    return new Rollout('all-at-once', options);
  }

  private constructor(private readonly kind: Kind, private readonly options: CanaryOptions) {}

  /** @internal */
  public _describe(hosting: Hosting): RolloutDescriptor {
    const kind = this.kindFor(hosting);
    return {
      kind,
      canaryPercentage: kind === 'canary' ? this.options.canaryPercentage ?? 10 : 0,
      bakeSeconds: (this.options.bake ?? DEFAULT_BAKE).toSeconds(),
      terminationWaitSeconds: (this.options.keepOldFleet ?? DEFAULT_KEEP).toSeconds(),
    };
  }

  /** @internal */
  public _rollbackAlarms(alarms: RollbackAlarms): RollbackAlarms {
    return { ...alarms, automatic: this.options.automaticRollback ?? true };
  }

  /** @internal */
  public _faults(hosting: Hosting, alarms: RollbackAlarms): readonly string[] {
    const { canaryPercentage, automaticRollback = true } = this.options;
    return new Faults()
      .addAll(this.watchFaults(hosting, alarms))
      .add(checkNumber('rollout.canaryPercentage', canaryPercentage, { minimum: 1, maximum: 50, integer: true }))
      .when(/^ml\.inf1\./.test(hosting.instanceType) && (automaticRollback || this.kindFor(hosting) === 'canary'),
        `hosting.instanceType '${hosting.instanceType}' is left out of SageMaker's deployment guardrails: a release would move all traffic at once, and no alarm could roll it back; choose another type, or accept that with Rollout.allAtOnce({ automaticRollback: false })`)
      .when(this.kind === 'canary' && hosting.leastInstances < 2,
        `a canary needs at least 2 instances and the fleet may have ${hosting.leastInstances}; raise the instance count, or use Rollout.allAtOnce()`)
      .list;
  }

  /** SageMaker watches a canary for the bake, and a fleet that has all traffic for as long as the old one is kept. */
  private watchFaults(hosting: Hosting, alarms: RollbackAlarms): readonly string[] {
    const { bake = DEFAULT_BAKE, keepOldFleet = DEFAULT_KEEP, automaticRollback = true } = this.options;
    if (bake.isUnresolved() || keepOldFleet.isUnresolved()) return [];
    // An alarm needs its periods, and metrics a little while to arrive; without a rollback nothing is watched.
    const least = Duration.seconds(automaticRollback ? alarms.periodSeconds * alarms.evaluationPeriods + 120 : 0);
    const watch = bake.plus(keepOldFleet);
    const together = `rollout.bake and rollout.keepOldFleet are together ${watch.toHumanString()}`;
    const [first, name] = this.kindFor(hosting) === 'canary' ? [bake, `rollout.bake is ${bake.toHumanString()}`] : [watch, together];
    return new Faults()
      .when(milliseconds(first) < milliseconds(least), `${name}, in which no alarm can fire; give at least ${least.toHumanString()}, or set automaticRollback to false`)
      .when(milliseconds(watch) > milliseconds(LONGEST_WATCH), `${together}; SageMaker keeps the old fleet for at most ${LONGEST_WATCH.toHumanString()}, so shorten one of them`)
      .list;
  }

  private kindFor(hosting: Hosting): 'canary' | 'all-at-once' {
    if (this.kind !== 'auto') return this.kind;
    return hosting._maximumInstances >= 2 ? 'canary' : 'all-at-once';
  }
}

function milliseconds(duration: Duration): number {
  return duration.toMilliseconds({ integral: false });
}
