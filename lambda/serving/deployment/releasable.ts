import { ModelApprovalStatus, ModelPackageStatus, type DescribeModelPackageCommandOutput, type SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { StageDescriptor } from '../../../lib/serving/release-descriptor.contract';
import { describePackage } from '../../adapters/model-packages';
import { JobFailure } from '../../adapters/pipeline-job';

/** Asked at every start and at the end: a package may have been rejected since it was selected. */
export async function assertReleasable(sagemaker: SageMakerClient, packageArn: string, group: string, consequence: string): Promise<DescribeModelPackageCommandOutput> {
  const found = await describePackage(sagemaker, packageArn);
  if (found.ModelPackageGroupName !== group) throw new JobFailure(`${packageArn} is not of the group '${group}'`);
  if (found.ModelApprovalStatus !== ModelApprovalStatus.APPROVED) {
    throw new JobFailure(`${packageArn} is ${found.ModelApprovalStatus} now, ${consequence}`);
  }
  if (found.ModelPackageStatus !== ModelPackageStatus.COMPLETED) {
    throw new JobFailure(`the status of ${packageArn} is ${found.ModelPackageStatus}, not Completed; approve another package`);
  }
  return found;
}

/**
 * SageMaker leaves AWS Marketplace containers out of its deployment guardrails without a word: all traffic moves at once, and no alarm is watched.
 * Such a package is released only where the settings ask for neither.
 */
export function assertWatchable(stage: StageDescriptor, packageArn: string, { InferenceSpecification }: DescribeModelPackageCommandOutput): void {
  const products = (InferenceSpecification?.Containers ?? []).flatMap(({ ProductId }) => ProductId ?? []);
  const guarded = stage.rollout.kind === 'canary' || stage.rollbackAlarms.automatic;
  if (products.length === 0 || !guarded) return;
  throw new JobFailure(`${packageArn} has containers of the AWS Marketplace (product ${products.join(', ')}), which SageMaker's deployment guardrails leave out: all traffic would move at once, `
    + 'and no alarm could roll the release back; approve another package, or accept that with Rollout.allAtOnce({ automaticRollback: false })');
}
