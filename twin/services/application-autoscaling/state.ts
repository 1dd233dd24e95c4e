import { AwsError } from '../../service';
import { World } from '../../world';

export interface ScalableTarget {
  readonly resourceId: string;
  readonly dimension: string;
  readonly arn: string;
  readonly createdAt: Date;
  readonly endpointName: string;
  readonly variantName: string;
  minimum: number;
  maximum: number;
  suspended: { DynamicScalingInSuspended?: boolean; DynamicScalingOutSuspended?: boolean; ScheduledScalingSuspended?: boolean };
  tags: Record<string, string>;
}

export interface TargetTracking {
  readonly TargetValue: number;
  readonly PredefinedMetricSpecification?: { readonly PredefinedMetricType: string };
  readonly CustomizedMetricSpecification?: {
    readonly MetricName: string; readonly Namespace: string; readonly Dimensions?: ReadonlyArray<{ Name: string; Value: string }>; readonly Statistic: string;
    readonly Metrics?: unknown;
  };
  readonly ScaleOutCooldown?: number;
  readonly ScaleInCooldown?: number;
  readonly DisableScaleIn?: boolean;
}

export interface ScalingPolicy {
  readonly name: string;
  readonly arn: string;
  readonly target: ScalableTarget;
  readonly createdAt: Date;
  configuration: TargetTracking;
  /** Names of the alarms that drive it. */
  readonly alarms: { readonly high: string; readonly low: string };
  /** No further scaling in a direction before this time. */
  readonly coolUntil: { out: number; in: number };
}

export interface Activity {
  readonly id: string;
  readonly target: ScalableTarget;
  readonly description: string;
  readonly cause: string;
  readonly at: Date;
}

export const NAMESPACE = 'sagemaker';
export const DIMENSION = 'sagemaker:variant:DesiredInstanceCount';

/** What Application Auto Scaling scales, and by which policies. */
export class AutoScalingState {
  readonly targetsByResource = new Map<string, ScalableTarget>();
  readonly policies = new Map<string, ScalingPolicy>();
  readonly activities: Activity[] = [];
  /** The account has the role by which endpoints are scaled from the first target on. */
  hasServiceLinkedRole = false;

  constructor(private readonly world: World) {}

  find(resourceId: string): ScalableTarget | undefined {
    return this.targetsByResource.get(resourceId);
  }

  target({ ServiceNamespace, ResourceId, ScalableDimension }: { ServiceNamespace: string; ResourceId: string; ScalableDimension: string }): ScalableTarget {
    const found = this.find(ResourceId);
    if (!found) {
      throw new AwsError('ObjectNotFoundException', `No scalable target registered for service namespace: ${ServiceNamespace}, resource ID: ${ResourceId}, scalable dimension: ${ScalableDimension}`);
    }
    return found;
  }

  newTarget(resourceId: string, endpointName: string, variantName: string): ScalableTarget {
    const arn = this.world.arn('application-autoscaling', `scalable-target/${this.world.random.text(36, '0123456789abcdef')}`);
    return { resourceId, dimension: DIMENSION, arn, createdAt: this.world.clock.date(), endpointName, variantName, minimum: 1, maximum: 1, suspended: {}, tags: {} };
  }

  policiesOf(target: ScalableTarget): ScalingPolicy[] {
    return [...this.policies.values()].filter((policy) => policy.target === target);
  }

  policyByArn(arn: string): ScalingPolicy | undefined {
    return [...this.policies.values()].find((policy) => policy.arn === arn);
  }

  variantsOf(endpointName: string): string[] {
    return [...this.targetsByResource.values()].filter((target) => target.endpointName === endpointName).map(({ variantName }) => variantName);
  }
}

export function policyKey(target: ScalableTarget, name: string): string {
  return `${target.resourceId}|${name}`;
}
