import { ModelApprovalStatus, ModelPackageStatus, SageMakerClient, UpdateModelPackageCommand } from '@aws-sdk/client-sagemaker';
import { Logger } from '@aws-lambda-powertools/logger';
import { APPROVE_CANDIDATE_ENV, type ModelPackageEvent } from '../../lib/delivery/approve-candidate.contract';
import { PACKAGE_METADATA } from '../../lib/training/register-candidate.contract';
import { lazyHandler } from '../adapters/lazy-handler';
import { describePackage } from '../adapters/model-packages';

/** Approves a candidate by policy, in place of a person. The event only says where to look; the registry says what is true. */
export const handler = lazyHandler<ModelPackageEvent, void>(() => {
  const env = APPROVE_CANDIDATE_ENV.read(process.env);
  const sagemaker = new SageMakerClient();
  const logger = new Logger({ serviceName: 'approve-candidate' });

  return async (event) => {
    const packageArn = event.detail.ModelPackageArn;
    const found = await describePackage(sagemaker, packageArn);
    const leave = (reason: string) => { logger.info(`left to a person: ${reason}`, { packageArn }); };
    if (found.ModelPackageGroupName !== env.MODEL_PACKAGE_GROUP) return leave(`it belongs to the group '${found.ModelPackageGroupName}'`);
    if (found.ModelPackageStatus !== ModelPackageStatus.COMPLETED) return leave(`its status is ${found.ModelPackageStatus}`);
    if (found.ModelApprovalStatus !== ModelApprovalStatus.PENDING_MANUAL_APPROVAL) return leave(`it is already ${found.ModelApprovalStatus}`);
    const score = Number(found.CustomerMetadataProperties?.[PACKAGE_METADATA.score] ?? NaN);
    const margin = env.DIRECTION === 'maximize' ? score - Number(env.MINIMUM_SCORE) : Number(env.MINIMUM_SCORE) - score;
    if (env.MINIMUM_SCORE !== undefined && !(margin >= 0)) return leave(`its score ${score} does not reach ${env.MINIMUM_SCORE}`);
    await sagemaker.send(new UpdateModelPackageCommand({
      ModelPackageArn: packageArn,
      ModelApprovalStatus: ModelApprovalStatus.APPROVED,
      ApprovalDescription: `approved by policy${env.MINIMUM_SCORE === undefined ? '' : `: score ${score} reaches ${env.MINIMUM_SCORE}`}`,
    }));
    logger.info('approved by policy', { packageArn, score });
  };
});
