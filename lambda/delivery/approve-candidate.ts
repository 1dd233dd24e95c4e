import { ModelApprovalStatus, SageMakerClient, UpdateModelPackageCommand } from '@aws-sdk/client-sagemaker';
import { Logger } from '@aws-lambda-powertools/logger';
import { APPROVE_CANDIDATE_ENV, type ModelPackageEvent } from '../../lib/delivery/approve-candidate.contract';
import { lazyHandler } from '../adapters/lazy-handler';
import { describePackage } from '../adapters/model-packages';
import { reasonToLeave, scoreOf, type ApprovalRules } from './approval';

/** Approves a candidate by policy, in place of a person. The event only says where to look; the registry says what is true. */
export const handler = lazyHandler<ModelPackageEvent, void>(() => {
  const env = APPROVE_CANDIDATE_ENV.read(process.env);
  const rules: ApprovalRules = {
    group: env.MODEL_PACKAGE_GROUP, direction: env.DIRECTION as ApprovalRules['direction'],
    minimumScore: env.MINIMUM_SCORE === undefined ? undefined : Number(env.MINIMUM_SCORE),
  };
  const sagemaker = new SageMakerClient();
  const logger = new Logger({ serviceName: 'approve-candidate' });

  return async (event) => {
    const packageArn = event.detail.ModelPackageArn;
    const found = await describePackage(sagemaker, packageArn);
    const reason = reasonToLeave(found, rules);
    if (reason !== undefined) {
      logger.info(`left to a person: ${reason}`, { packageArn });
      return;
    }
    const score = scoreOf(found);
    await sagemaker.send(new UpdateModelPackageCommand({
      ModelPackageArn: packageArn,
      ModelApprovalStatus: ModelApprovalStatus.APPROVED,
      ApprovalDescription: `approved by policy${rules.minimumScore === undefined ? '' : `: score ${score} reaches ${rules.minimumScore}`}`,
    }));
    logger.info('approved by policy', { packageArn, score });
  };
});
