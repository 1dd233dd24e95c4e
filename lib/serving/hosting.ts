import { Token } from 'aws-cdk-lib';
import { InstanceArchitecture } from 'aws-cdk-lib/aws-ec2';
import { checkInstanceType, checkNumber } from '../private/checks';
import { Faults } from '../private/errors';
import { hasArmProcessors } from '../private/instance-architecture.contract';
import { RealTimeHosting } from './release-descriptor.contract';

export interface RealTimeHostingOptions {
  /**
   * SageMaker instance type. Its processors must be those that the image is built for; images of a model project are built for x86.
   *
   * @default 'ml.m5.large'
   */
  readonly instanceType?: string;

  /**
   * Instances of the fleet; with autoscaling, how many it starts with. A release of a fleet that scales starts with as many as run then, within the
   * limits.
   *
   * @default 1
   */
  readonly instanceCount?: number;

  /**
   * Lets the fleet grow and shrink with its traffic.
   *
   * @default - the fleet keeps its size
   */
  readonly autoscaling?: AutoscalingOptions;
}

export interface AutoscalingOptions {
  /**
   * Least instances.
   *
   * @default 1
   */
  readonly minimumInstances?: number;
  /** Most instances. An update needs up to twice as many in the account's quota. */
  readonly maximumInstances: number;
  /** Requests per instance and minute that the fleet aims at. */
  readonly invocationsPerInstance: number;
}

/** What an endpoint runs on. */
export class Hosting {
  /** Instances that answer at once and bill by the hour whether they are asked or not. */
  public static realTime(options: RealTimeHostingOptions = {}): Hosting {
    return new Hosting(options);
  }

  private constructor(private readonly options: RealTimeHostingOptions) {}

  /** SageMaker instance type. */
  public get instanceType(): string {
    return this.options.instanceType ?? 'ml.m5.large';
  }

  /** Fewest instances that serve at any time. */
  public get leastInstances(): number {
    return this.options.autoscaling ? this.options.autoscaling.minimumInstances ?? 1 : this.instanceCount;
  }

  /** @internal */
  public get _architecture(): InstanceArchitecture {
    return hasArmProcessors(this.instanceType) ? InstanceArchitecture.ARM_64 : InstanceArchitecture.X86_64;
  }

  /** @internal */
  public get _maximumInstances(): number {
    return this.options.autoscaling?.maximumInstances ?? this.instanceCount;
  }

  private get instanceCount(): number {
    return this.options.instanceCount ?? 1;
  }

  /** @internal */
  public _describe(): RealTimeHosting {
    const { autoscaling } = this.options;
    return {
      kind: 'real-time',
      instanceType: this.instanceType,
      instanceCount: this.instanceCount,
      autoscaling: autoscaling === undefined ? null : {
        minimumInstances: autoscaling.minimumInstances ?? 1,
        maximumInstances: autoscaling.maximumInstances,
        invocationsPerInstance: autoscaling.invocationsPerInstance,
      },
    };
  }

  /**
   * Whether a container of the image can start.
   *
   * @internal
   */
  public _imageFault(built: InstanceArchitecture | undefined): string | undefined {
    if (built === undefined || built === this._architecture || Token.isUnresolved(this.instanceType)) return undefined;
    return `hosting.instanceType is '${this.instanceType}', whose processors are ${this._architecture}, but the image is built for ${built} and could not even answer a ping; `
      + `choose an instance type with ${built} processors${built === InstanceArchitecture.X86_64 ? ", such as 'ml.m5.large'" : ''}`;
  }

  /** @internal */
  public _faults(): readonly string[] {
    const { autoscaling, instanceType, instanceCount } = this.options;
    const faults = new Faults()
      .when(Token.isUnresolved(this.instanceType) || Token.isUnresolved(this.instanceCount),
        'hosting is not known at synthesis; a release is described by a file, so give literal values')
      .add(checkInstanceType('hosting.instanceType', instanceType))
      .add(checkNumber('hosting.instanceCount', instanceCount, { minimum: 1, integer: true }));
    if (autoscaling === undefined) return faults.list;
    const minimum = autoscaling.minimumInstances ?? 1;
    return faults
      .add(checkNumber('autoscaling.minimumInstances', autoscaling.minimumInstances, { minimum: 1, integer: true }))
      .add(checkNumber('autoscaling.maximumInstances', autoscaling.maximumInstances, { minimum: 1, integer: true }))
      .add(checkNumber('autoscaling.invocationsPerInstance', autoscaling.invocationsPerInstance, { minimum: 1 }))
      .when(autoscaling.maximumInstances < minimum, `autoscaling.maximumInstances is ${autoscaling.maximumInstances}, less than minimumInstances ${minimum}; raise it`)
      .when(this.instanceCount < minimum || this.instanceCount > autoscaling.maximumInstances,
        `hosting.instanceCount is ${this.instanceCount}; give a count from minimumInstances ${minimum} to maximumInstances ${autoscaling.maximumInstances}`)
      .when(/^ml\.t\d/.test(this.instanceType), `hosting.instanceType '${this.instanceType}' is burstable, which SageMaker cannot scale; choose another type or leave autoscaling out`)
      .list;
  }
}
