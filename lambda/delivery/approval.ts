import { ModelApprovalStatus, ModelPackageStatus, type DescribeModelPackageCommandOutput } from '@aws-sdk/client-sagemaker';
import { PACKAGE_METADATA } from '../../lib/training/register-candidate.contract';

export interface ApprovalRules {
  readonly group: string;
  /** What the gate's metric must reach; without one every accepted candidate will do. */
  readonly minimumScore: number | undefined;
  readonly direction: 'maximize' | 'minimize';
}

type Candidate = Pick<DescribeModelPackageCommandOutput, 'ModelPackageGroupName' | 'ModelPackageStatus' | 'ModelApprovalStatus' | 'CustomerMetadataProperties'>;

/** Why a candidate is left to a person; undefined if the policy approves it. */
export function reasonToLeave(found: Candidate, { group, minimumScore, direction }: ApprovalRules): string | undefined {
  if (found.ModelPackageGroupName !== group) return `it belongs to the group '${found.ModelPackageGroupName}'`;
  if (found.ModelPackageStatus !== ModelPackageStatus.COMPLETED) return `its status is ${found.ModelPackageStatus}`;
  if (found.ModelApprovalStatus !== ModelApprovalStatus.PENDING_MANUAL_APPROVAL) return `it is already ${found.ModelApprovalStatus}`;
  if (minimumScore === undefined) return undefined;
  const score = scoreOf(found);
  const reaches = direction === 'maximize' ? score >= minimumScore : score <= minimumScore;
  return reaches ? undefined : `its score ${score} does not reach ${minimumScore}`;
}

/** NaN, which reaches nothing, if the package has none. */
export function scoreOf({ CustomerMetadataProperties: metadata }: Candidate): number {
  return Number(metadata?.[PACKAGE_METADATA.score] ?? NaN);
}
