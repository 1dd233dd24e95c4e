import { CodePipelineClient, ListPipelineExecutionsCommand, PipelineExecutionStatus, StartPipelineExecutionCommand } from '@aws-sdk/client-codepipeline';
import { ModelApprovalStatus, ModelPackageStatus, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { Logger } from '@aws-lambda-powertools/logger';
import type { ModelPackageEvent } from '../../lib/delivery/approve-candidate.contract';
import { NO_PACKAGE, PACKAGE_VARIABLE, START_RELEASE_ENV } from '../../lib/delivery/start-release.contract';
import { digest } from '../adapters/digest';
import { lazyHandler } from '../adapters/lazy-handler';
import { describePackage, servedModel } from '../adapters/model-packages';

/**
 * Starts a release when a package is approved, or when the package now live is rejected. The event may come twice, late,
 * or for a mere edit of the package; what counts is the registry, and what the endpoint serves.
 */
export const handler = lazyHandler<ModelPackageEvent, void>(() => {
  const env = START_RELEASE_ENV.read(process.env);
  const sagemaker = new SageMakerClient();
  const codepipeline = new CodePipelineClient();
  const logger = new Logger({ serviceName: 'start-release' });

  async function releaseInFlight(): Promise<boolean> {
    const { pipelineExecutionSummaries = [] } = await codepipeline.send(new ListPipelineExecutionsCommand({ pipelineName: env.PIPELINE_NAME, maxResults: 20 }));
    return pipelineExecutionSummaries.some(({ status }) => status === PipelineExecutionStatus.InProgress);
  }

  /** Why nothing is to be released, or which package the pipeline is asked for. */
  async function decide(packageArn: string, approval: string | undefined): Promise<{ skip: string } | { release: string }> {
    const live = (await servedModel(sagemaker, env.ENDPOINT_NAME))?.packageArn;
    if (approval === ModelApprovalStatus.APPROVED) return live === packageArn ? { skip: 'it is live already' } : { release: packageArn };
    if (approval !== ModelApprovalStatus.REJECTED) return { skip: `its approval status is ${approval}` };
    // A release on its way may be about to make the rejected package live; the one queued behind it puts that right.
    return live === packageArn || await releaseInFlight() ? { release: NO_PACKAGE } : { skip: 'it is rejected and not live' };
  }

  return async (event) => {
    const packageArn = event.detail.ModelPackageArn;
    const found = await describePackage(sagemaker, packageArn);
    const decision = found.ModelPackageGroupName !== env.MODEL_PACKAGE_GROUP ? { skip: `it belongs to the group '${found.ModelPackageGroupName}'` }
      : found.ModelPackageStatus !== ModelPackageStatus.COMPLETED ? { skip: `its status is ${found.ModelPackageStatus}` }
        : await decide(packageArn, found.ModelApprovalStatus);
    if ('skip' in decision) {
      logger.info(`no release: ${decision.skip}`, { packageArn });
      return;
    }
    const { pipelineExecutionId } = await codepipeline.send(new StartPipelineExecutionCommand({
      name: env.PIPELINE_NAME,
      variables: [{ name: PACKAGE_VARIABLE, value: decision.release }],
      // The same approval, told twice, starts one release; approved again after a rejection, it starts another.
      clientRequestToken: digest([packageArn, found.ModelApprovalStatus, found.LastModifiedTime?.toISOString()]),
    }));
    logger.info('release started', { packageArn, release: decision.release, pipelineExecutionId });
  };
});
