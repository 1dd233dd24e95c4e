import { ResourceProvider } from '../../service';
import { Scaling } from './scaling';
import { AutoScalingState, DIMENSION, NAMESPACE } from './state';

/* eslint-disable @typescript-eslint/no-explicit-any -- properties as the template has them */

export function autoScalingResources(state: AutoScalingState, scaling: Scaling): Record<string, ResourceProvider> {
  return {
    'AWS::ApplicationAutoScaling::ScalableTarget': {
      // RoleARN is accepted and has no effect, as with AWS: endpoints are scaled by the service-linked role.
      properties: ['MaxCapacity', 'MinCapacity', 'ResourceId', 'RoleARN', 'ScalableDimension', 'ServiceNamespace', 'SuspendedState'],
      createOnly: ['ResourceId', 'ScalableDimension', 'ServiceNamespace'],
      create: ({ properties }) => {
        scaling.register(limits(properties));
        return { physicalId: `${properties.ResourceId}|${DIMENSION}|${NAMESPACE}`, attributes: { Id: `${properties.ResourceId}|${DIMENSION}|${NAMESPACE}` } };
      },
      update: ({ properties }, existing) => {
        scaling.register(limits(properties));
        return existing;
      },
      delete: (_request, { physicalId }) => {
        const target = state.find(physicalId.split('|')[0]!);
        if (target) scaling.remove(target);
      },
    },
    'AWS::ApplicationAutoScaling::ScalingPolicy': {
      properties: ['PolicyName', 'PolicyType', 'ResourceId', 'ScalableDimension', 'ServiceNamespace', 'ScalingTargetId', 'TargetTrackingScalingPolicyConfiguration'],
      createOnly: ['PolicyName', 'ResourceId', 'ScalableDimension', 'ServiceNamespace', 'ScalingTargetId'],
      create: ({ properties }) => {
        const { arn } = scaling.putPolicy(withTarget(properties));
        return { physicalId: arn, attributes: { Arn: arn } };
      },
      update: ({ properties }, existing) => {
        scaling.putPolicy(withTarget(properties));
        return existing;
      },
      delete: (_request, { physicalId }) => {
        const policy = state.policyByArn(physicalId);
        if (policy) scaling.removePolicy(policy);
      },
    },
  };
}

function limits(properties: Record<string, any>) {
  return { ...properties, MinCapacity: Number(properties.MinCapacity), MaxCapacity: Number(properties.MaxCapacity) };
}

function withTarget(properties: Record<string, any>) {
  const [ResourceId, ScalableDimension, ServiceNamespace] = String(properties.ScalingTargetId ?? '').split('|');
  return properties.ScalingTargetId === undefined ? properties : { ...properties, ResourceId, ScalableDimension, ServiceNamespace };
}
