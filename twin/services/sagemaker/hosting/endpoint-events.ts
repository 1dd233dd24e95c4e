import { World } from '../../../world';
import { Endpoint, EndpointStatus, PendingDeployment } from './endpoint';
import { Fleet } from './fleet';

/** Events spell the status their own way: `IN_SERVICE`. */
function upperSnake(status: EndpointStatus): string {
  return status.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase();
}

/** `SageMaker Endpoint State Change`. */
export function endpointChanged(world: World, endpoint: Endpoint, tags: Record<string, string>): void {
  world.publish({ source: 'aws.sagemaker', 'detail-type': 'SageMaker Endpoint State Change', resources: [endpoint.arn], detail: detail(endpoint, tags) });
}

/** `SageMaker Endpoint Deployment State Change`: each step of a deployment with guardrails. */
export function deploymentChanged(world: World, endpoint: Endpoint, tags: Record<string, string>): void {
  const { pending } = endpoint;
  world.publish({
    source: 'aws.sagemaker', 'detail-type': 'SageMaker Endpoint Deployment State Change', resources: [endpoint.arn],
    detail: { ...detail(endpoint, tags), ...(pending && { PendingDeploymentSummary: pendingDetail(pending) }) },
  });
}

function detail(endpoint: Endpoint, tags: Record<string, string>): Record<string, unknown> {
  return {
    EndpointName: endpoint.name,
    EndpointArn: endpoint.arn,
    EndpointConfigName: endpoint.config.name,
    ...(endpoint.live && { ProductionVariants: variants(endpoint.live) }),
    EndpointStatus: upperSnake(endpoint.status),
    ...(endpoint.failureReason !== undefined && { FailureReason: endpoint.failureReason }),
    CreationTime: endpoint.createdAt.getTime(),
    LastModifiedTime: endpoint.modifiedAt.getTime(),
    Tags: tags,
  };
}

function pendingDetail({ fleet, startedAt, variantStatus }: PendingDeployment): Record<string, unknown> {
  const VariantStatus = [{ Status: variantStatus.status, StatusMessage: variantStatus.message, StartTime: variantStatus.since.getTime() }];
  return {
    EndpointConfigName: fleet.config.name,
    StartTime: startedAt.getTime(),
    ProductionVariants: variants(fleet).map((variant) => ({ ...variant, VariantStatus })),
  };
}

function variants(fleet: Fleet) {
  return fleet.variants.map((variant) => ({
    VariantName: variant.name,
    CurrentWeight: variant.currentWeight,
    DesiredWeight: variant.desiredWeight,
    CurrentInstanceCount: variant.currentInstanceCount,
    DesiredInstanceCount: variant.desiredInstanceCount,
  }));
}
