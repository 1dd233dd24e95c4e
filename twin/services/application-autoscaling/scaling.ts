import { AwsError } from '../../service';
import { World } from '../../world';
import { SageMakerService } from '../sagemaker';
import { AutoScalingState, DIMENSION, NAMESPACE, policyKey, ScalableTarget, ScalingPolicy } from './state';
import { metricOf, TargetTracker } from './target-tracking';

/* eslint-disable @typescript-eslint/no-explicit-any -- inputs as the service's model has them */

const RESOURCE = /^endpoint\/([^/]+)\/variant\/([^/]+)$/;
const BURSTABLE = /^ml\.t\d/;

/** What the API and CloudFormation both do. */
export class Scaling {
  readonly tracker: TargetTracker;

  constructor(private readonly world: World, private readonly state: AutoScalingState) {
    this.tracker = new TargetTracker(world, state);
  }

  register(input: any): ScalableTarget {
    const { ResourceId, MinCapacity, MaxCapacity } = input;
    const { endpointName, variantName } = this.variantOf(input);
    const existing = this.state.find(ResourceId);
    const minimum = MinCapacity ?? existing?.minimum;
    const maximum = MaxCapacity ?? existing?.maximum;
    if (minimum === undefined || maximum === undefined) throw invalid('MinCapacity and MaxCapacity are required when a scalable target is registered');
    if (minimum < 1) throw invalid(`MinCapacity ${minimum} is not allowed for ${DIMENSION}; an instance must stay`);
    if (minimum > maximum) throw invalid('Maximum capacity cannot be less than minimum capacity');
    const target = existing ?? this.state.newTarget(ResourceId, endpointName, variantName);
    Object.assign(target, { minimum, maximum, suspended: { ...target.suspended, ...input.SuspendedState }, tags: { ...target.tags, ...input.Tags } });
    this.state.targetsByResource.set(ResourceId, target);
    this.state.hasServiceLinkedRole = true;
    this.bringWithinLimits(target);
    for (const policy of this.state.policiesOf(target)) this.tracker.reconsider(policy);
    return target;
  }

  deregister(input: any): void {
    this.remove(this.state.target(input));
  }

  remove(target: ScalableTarget): void {
    for (const policy of this.state.policiesOf(target)) this.removePolicy(policy);
    this.state.targetsByResource.delete(target.resourceId);
  }

  putPolicy(input: any): ScalingPolicy {
    const target = this.state.target(input);
    const key = policyKey(target, input.PolicyName);
    const existing = this.state.policies.get(key);
    const type = input.PolicyType ?? (existing ? 'TargetTrackingScaling' : 'StepScaling');
    if (type !== 'TargetTrackingScaling') throw new AwsError('NotImplemented', `the twin does not implement scaling policies of type ${type}; use TargetTrackingScaling`, 501);
    const configuration = input.TargetTrackingScalingPolicyConfiguration ?? existing?.configuration;
    if (!configuration) throw invalid('TargetTrackingScalingPolicyConfiguration is required for a policy of type TargetTrackingScaling');
    metricOf({ configuration, target });
    const policy = existing ?? this.newPolicy(target, input.PolicyName, configuration);
    policy.configuration = configuration;
    this.state.policies.set(key, policy);
    this.tracker.putAlarms(policy);
    return policy;
  }

  deletePolicy(input: any): void {
    const target = this.state.target(input);
    const policy = this.state.policies.get(policyKey(target, input.PolicyName));
    if (!policy) throw new AwsError('ObjectNotFoundException', `No scaling policy found for service namespace: ${NAMESPACE}, resource ID: ${input.ResourceId}, policy name: ${input.PolicyName}`);
    this.removePolicy(policy);
  }

  removePolicy(policy: ScalingPolicy): void {
    this.tracker.deleteAlarms(policy);
    this.state.policies.delete(policyKey(policy.target, policy.name));
  }

  private newPolicy(target: ScalableTarget, name: string, configuration: ScalingPolicy['configuration']): ScalingPolicy {
    const { world } = this;
    const alarm = (kind: string) => `TargetTracking-${target.resourceId}-Alarm${kind}-${world.random.uuid()}`;
    return {
      name, target, configuration, createdAt: world.clock.date(),
      arn: world.arn('autoscaling', `scalingPolicy:${world.random.uuid()}:resource/${NAMESPACE}/${target.resourceId}:policyName/${name}`),
      alarms: { high: alarm('High'), low: alarm('Low') }, coolUntil: { out: 0, in: 0 },
    };
  }

  private variantOf({ ServiceNamespace, ScalableDimension, ResourceId }: any): { endpointName: string; variantName: string } {
    if (ServiceNamespace !== NAMESPACE || ScalableDimension !== DIMENSION) {
      throw new AwsError('NotImplemented', `the twin scales ${NAMESPACE} ${DIMENSION} only, not ${ServiceNamespace} ${ScalableDimension}`, 501);
    }
    const match = RESOURCE.exec(ResourceId);
    if (!match) throw invalid(`Unsupported resource ID ${ResourceId}; it must be endpoint/NAME/variant/NAME`);
    const [, endpointName, variantName] = match as unknown as [string, string, string];
    const endpoint = this.world.service<SageMakerService>('sagemaker').hosting.endpoints.find(endpointName);
    const variant = endpoint?.config.variants.find(({ VariantName }) => VariantName === variantName);
    if (!endpoint || !variant) throw invalid(`The resource ${ResourceId} does not exist: there is no such endpoint or variant`);
    if (BURSTABLE.test(variant.InstanceType)) throw invalid(`The instance type ${variant.InstanceType} of ${ResourceId} is burstable and cannot be scaled`);
    return { endpointName: endpoint.name, variantName };
  }

  /** A target outside its new limits is scaled to the nearer one. */
  private bringWithinLimits(target: ScalableTarget): void {
    const { endpoints, hosting } = this.world.service<SageMakerService>('sagemaker');
    const endpoint = hosting.endpoints.find(target.endpointName);
    const variant = endpoint?.live?.variant(target.variantName);
    if (!variant || endpoint?.status !== 'InService') return;
    const wanted = Math.min(target.maximum, Math.max(target.minimum, variant.desiredInstanceCount));
    if (wanted !== variant.desiredInstanceCount) endpoints.updateWeightsAndCapacities(endpoint.name, [{ VariantName: variant.name, DesiredInstanceCount: wanted }]);
  }
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message);
}
