import {
  ConcurrentUpdateException, DeregisterScalableTargetCommand, ObjectNotFoundException, PutScalingPolicyCommand, RegisterScalableTargetCommand, type ApplicationAutoScalingClient,
} from '@aws-sdk/client-application-auto-scaling';
import { VARIANT_NAME, type AutoscalingDescriptor } from '../../../lib/serving/release-descriptor.contract';

function target(endpointName: string) {
  return {
    ServiceNamespace: 'sagemaker', ResourceId: `endpoint/${endpointName}/variant/${VARIANT_NAME}`, ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
  } as const;
}

/** Registers the fleet for scaling, or takes the registration away where none is wanted. Safe to repeat. */
export async function applyScaling(autoscaling: ApplicationAutoScalingClient, endpointName: string, wanted: AutoscalingDescriptor | null): Promise<void> {
  if (wanted === null) return removeScaling(autoscaling, endpointName);
  await autoscaling.send(new RegisterScalableTargetCommand({
    ...target(endpointName), MinCapacity: wanted.minimumInstances, MaxCapacity: wanted.maximumInstances,
  }));
  await autoscaling.send(new PutScalingPolicyCommand({
    ...target(endpointName), PolicyName: `${endpointName}-invocations`, PolicyType: 'TargetTrackingScaling',
    TargetTrackingScalingPolicyConfiguration: {
      TargetValue: wanted.invocationsPerInstance,
      PredefinedMetricSpecification: { PredefinedMetricType: 'SageMakerVariantInvocationsPerInstance' },
    },
  }));
}

export async function removeScaling(autoscaling: ApplicationAutoScalingClient, endpointName: string): Promise<void> {
  try {
    await autoscaling.send(new DeregisterScalableTargetCommand(target(endpointName)));
  } catch (error) {
    if (!(error instanceof ObjectNotFoundException)) throw error;
  }
}

/** Whether somebody else is changing the same registration; it can be changed a little later. */
export function isBeingScaled(error: unknown): boolean {
  return error instanceof ConcurrentUpdateException;
}
