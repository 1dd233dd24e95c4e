import { deployedOf, type Run } from './run';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

/** Packages that wait for somebody's approval, newest first. */
export function pending(run: Run): Promise<any[]> {
  return run.cloud.list('sagemaker', 'ListModelPackages', 'ModelPackageSummaryList', {
    ModelPackageGroupName: deployedOf(run).packageGroup, ModelApprovalStatus: 'PendingManualApproval', SortBy: 'CreationTime', SortOrder: 'Descending',
  });
}

/** Waits until SageMaker has looked at a package. */
export async function completed({ cloud, tempo }: Run, packageArn: string): Promise<void> {
  await tempo.until(`package ${packageArn} to be complete`, async () => {
    const { ModelPackageStatus } = await cloud.call('sagemaker', 'DescribeModelPackage', { ModelPackageName: packageArn });
    return ModelPackageStatus === 'Completed';
  }, { minutes: 30 });
}

export async function review({ cloud }: Run, packageArn: string, ModelApprovalStatus: 'Approved' | 'Rejected'): Promise<void> {
  await cloud.call('sagemaker', 'UpdateModelPackage', { ModelPackageArn: packageArn, ModelApprovalStatus, ApprovalDescription: 'by acceptance' });
}

/** The package that the endpoint serves now, and the config it serves it by. */
export async function served(run: Run): Promise<{ config: string; packageArn: string; endpoint: any } | undefined> {
  const endpoint = await run.cloud.find('sagemaker', 'DescribeEndpoint', { EndpointName: deployedOf(run).endpoint });
  if (endpoint === undefined || endpoint.EndpointStatus !== 'InService') return undefined;
  const { ProductionVariants } = await run.cloud.call('sagemaker', 'DescribeEndpointConfig', { EndpointConfigName: endpoint.EndpointConfigName });
  const { Containers, PrimaryContainer } = await run.cloud.call('sagemaker', 'DescribeModel', { ModelName: ProductionVariants[0].ModelName });
  return { config: endpoint.EndpointConfigName, packageArn: (Containers?.[0] ?? PrimaryContainer).ModelPackageName, endpoint };
}

/** Remembers how the endpoint looks now, beside what was remembered of the same update before. */
export async function watchEndpoint(run: Run, update: string): Promise<void> {
  const endpoint = await run.cloud.find('sagemaker', 'DescribeEndpoint', { EndpointName: deployedOf(run).endpoint });
  if (endpoint === undefined) return;
  const before = run.seen.updates.get(update) ?? [];
  const { EndpointStatus, EndpointConfigName, ProductionVariants, PendingDeploymentSummary, FailureReason, LastDeploymentConfig } = endpoint;
  run.seen.updates.set(update, [...before, { EndpointStatus, EndpointConfigName, ProductionVariants, PendingDeploymentSummary, FailureReason, LastDeploymentConfig, at: Date.now() }]);
}
