import { CodePipelineClient, FailureType } from '@aws-sdk/client-codepipeline';
import { ModelApprovalStatus, ModelPackageStatus, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { Logger } from '@aws-lambda-powertools/logger';
import { SELECTED_PACKAGE_OUTPUT, SELECT_RELEASE_ENV, type SelectReleaseParameters } from '../../lib/delivery/select-release.contract';
import { NO_PACKAGE } from '../../lib/delivery/start-release.contract';
import { lazyHandler } from '../adapters/lazy-handler';
import { describePackage, newestApproved, packageFailure } from '../adapters/model-packages';
import { JobFailure, pipelineJobHandler, type JobOutcome } from '../adapters/pipeline-job';

/** First action of a release: settles which package is to be live, the one asked for or else the newest approved. */
export const handler = lazyHandler(() => {
  const env = SELECT_RELEASE_ENV.read(process.env);
  const sagemaker = new SageMakerClient();

  async function asked(packageArn: string): Promise<string | undefined> {
    if (packageArn === NO_PACKAGE) return undefined;
    const found = await describePackage(sagemaker, packageArn);
    if (found.ModelPackageGroupName !== env.MODEL_PACKAGE_GROUP) {
      throw new JobFailure(
        `${packageArn} belongs to the group '${found.ModelPackageGroupName}', this pipeline releases '${env.MODEL_PACKAGE_GROUP}'; start it with a package of its own`,
        FailureType.ConfigurationError,
      );
    }
    if (found.ModelPackageStatus === ModelPackageStatus.FAILED) {
      throw new JobFailure(`${packageArn} is ${found.ModelApprovalStatus} but failed, so it cannot be served: ${packageFailure(found)}; approve another package`);
    }
    return found.ModelApprovalStatus === ModelApprovalStatus.APPROVED ? packageArn : undefined;
  }

  return pipelineJobHandler(new CodePipelineClient(), new Logger({ serviceName: 'select-release' }), async (job): Promise<JobOutcome<never>> => {
    const { packageArn } = job.parameters as SelectReleaseParameters;
    const chosen = await asked(packageArn) ?? await newestApproved(sagemaker, env.MODEL_PACKAGE_GROUP) ?? NO_PACKAGE;
    if (chosen === NO_PACKAGE && packageArn !== NO_PACKAGE) {
      throw new JobFailure(`${packageArn} is not approved any more and no other package is, so an endpoint that serves it goes on doing so; approve a package, or delete the endpoint`);
    }
    return {
      status: 'succeeded', outputs: { [SELECTED_PACKAGE_OUTPUT]: chosen },
      summary: chosen === NO_PACKAGE ? 'no approved package yet; nothing to release' : `releasing ${chosen}`,
    };
  });
});
