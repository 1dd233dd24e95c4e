import { Duration } from 'aws-cdk-lib';
import { checkDuration, checkNumber } from '../private/checks';
import { Faults } from '../private/errors';
import { Hosting } from './hosting';
import { RollbackAlarms, RolloutDescriptor } from './release-descriptor.contract';

export interface AllAtOnceOptions {
  /**
   * How long the new fleet is watched before the release counts as done.
   *
   * @default Duration.minutes(10)
   */
  readonly bake?: Duration;

  /**
   * How long the old fleet is kept after that.
   *
   * @default Duration.minutes(5)
   */
  readonly keepOldFleet?: Duration;

  /**
   * Whether alarms on the new fleet send the traffic back to the old one. Without it a bad model stays live until
   * somebody rejects it.
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
      bakeSeconds: (this.options.bake ?? Duration.minutes(10)).toSeconds(),
      terminationWaitSeconds: (this.options.keepOldFleet ?? Duration.minutes(5)).toSeconds(),
    };
  }

  /** @internal */
  public _rollbackAlarms(alarms: RollbackAlarms): RollbackAlarms {
    return this.options.automaticRollback ?? true ? alarms : { ...alarms, maximumErrorShare: null, maximumLatencyMicroseconds: null };
  }

  /** @internal */
  public _faults(hosting: Hosting, alarms: RollbackAlarms): readonly string[] {
    const { bake, keepOldFleet, canaryPercentage } = this.options;
    // An alarm needs its periods, and metrics a little while to arrive.
    const least = Duration.seconds(alarms.periodSeconds * alarms.evaluationPeriods + 120);
    return new Faults()
      .add(checkDuration('rollout.bake', bake, least, Duration.hours(1)))
      .add(checkDuration('rollout.keepOldFleet', keepOldFleet, Duration.seconds(0), Duration.hours(1)))
      .add(checkNumber('rollout.canaryPercentage', canaryPercentage, { minimum: 1, maximum: 50, integer: true }))
      .when(this.kind === 'canary' && hosting.leastInstances < 2,
        `a canary needs at least 2 instances and the fleet may have ${hosting.leastInstances}; raise the instance count, or use Rollout.allAtOnce()`)
      .list;
  }

  private kindFor(hosting: Hosting): 'canary' | 'all-at-once' {
    if (this.kind !== 'auto') return this.kind;
    return hosting._maximumInstances >= 2 ? 'canary' : 'all-at-once';
  }
}
