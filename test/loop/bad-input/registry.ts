import type { Loop } from '../support/loop';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

/** A package like another one, registered by hand, and checked by SageMaker. */
export async function registerLike(loop: Loop, packageArn: string, change: (container: any) => any = (container) => container): Promise<string> {
  const like = await describe(loop, packageArn);
  const [{ Image, ModelDataUrl }] = like.InferenceSpecification.Containers;
  const { ModelPackageArn } = await loop.call('sagemaker', 'CreateModelPackage', {
    ModelPackageGroupName: loop.names.packageGroup,
    ModelApprovalStatus: 'PendingManualApproval',
    InferenceSpecification: { ...like.InferenceSpecification, Containers: [change({ Image, ModelDataUrl })] },
    ModelMetrics: like.ModelMetrics, DriftCheckBaselines: like.DriftCheckBaselines, CustomerMetadataProperties: like.CustomerMetadataProperties,
  });
  await loop.until('the package is checked', async () => ['Completed', 'Failed'].includes((await describe(loop, ModelPackageArn)).ModelPackageStatus), 5);
  return ModelPackageArn;
}

export function describe(loop: Loop, packageArn: string): Promise<any> {
  return loop.call('sagemaker', 'DescribeModelPackage', { ModelPackageName: packageArn });
}

export async function decide(loop: Loop, packageArn: string, ModelApprovalStatus: 'Approved' | 'Rejected'): Promise<void> {
  await loop.call('sagemaker', 'UpdateModelPackage', { ModelPackageArn: packageArn, ModelApprovalStatus });
}
