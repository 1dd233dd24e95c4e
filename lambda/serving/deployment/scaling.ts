import {
  DeregisterScalableTargetCommand, ObjectNotFoundException, PutScalingPolicyCommand, RegisterScalableTargetCommand, type ApplicationAutoScalingClient,
} from '@aws-sdk/client-application-auto-scaling';
import { VARIANT_NAME, type StageDescriptor } from '../../../lib/serving/release-descriptor.contract';

function target(endpointName: string) {
  return {
    ServiceNamespace: 'sagemaker', ResourceId: `endpoint/${endpointName}/variant/${VARIANT_NAME}`, ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
  } as const;
}

/** Registers the fleet for scaling, or takes the registration away where the descriptor has none. */
export async function applyScaling(autoscaling: ApplicationAutoScalingClient, stage: StageDescriptor): Promise<void> {
  const { autoscaling: wanted } = stage.hosting;
  if (wanted === null) return removeScaling(autoscaling, stage.endpointName);
  await autoscaling.send(new RegisterScalableTargetCommand({
    ...target(stage.endpointName), MinCapacity: wanted.minimumInstances, MaxCapacity: wanted.maximumInstances,
  }));
  await autoscaling.send(new PutScalingPolicyCommand({
    ...target(stage.endpointName), PolicyName: `${stage.endpointName}-invocations`, PolicyType: 'TargetTrackingScaling',
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
