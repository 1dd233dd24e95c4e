import { CodePipelineClient, FailureType } from '@aws-sdk/client-codepipeline';
import { ModelApprovalStatus, ModelPackageStatus, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { S3Client } from '@aws-sdk/client-s3';
import { Logger } from '@aws-lambda-powertools/logger';
import { SELECTED_PACKAGE_OUTPUT, SELECT_RELEASE_ENV, type SelectReleaseParameters } from '../../lib/delivery/select-release.contract';
import { NO_PACKAGE } from '../../lib/delivery/start-release.contract';
import { lazyHandler } from '../adapters/lazy-handler';
import { describePackage, newestApproved, packageFailure } from '../adapters/model-packages';
import { JobFailure, pipelineJobHandler, type JobOutcome } from '../adapters/pipeline-job';
import { describeRollback, RollbackRecord, type RolledBack } from '../adapters/rollback-record';

const APPROVE = 'Approve another package, or one of these again to release it as it is';

/**
 * First action of a release: settles which package is to be live, the one asked for or else the newest approved. A package
 * that was rolled back from any stage's endpoint is passed over until it is approved again; asked for by name, it is released.
 */
export const handler = lazyHandler(() => {
  const env = SELECT_RELEASE_ENV.read(process.env);
  const sagemaker = new SageMakerClient();
  const s3 = new S3Client();
  const records = env.ROLLBACK_RECORDS.split(',').map((uri) => new RollbackRecord(s3, uri));

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

  /** The newest approved package that was not rolled back, and those that were and are newer. */
  async function newest(): Promise<{ readonly found: string | undefined; readonly passedOver: string }> {
    const rolledBack: Record<string, RolledBack> = Object.assign({}, ...await Promise.all(records.map((record) => record.packages())));
    const passedOver: string[] = [];
    const found = await newestApproved(sagemaker, env.MODEL_PACKAGE_GROUP, (arn) => {
      const rollback = rolledBack[arn];
      if (rollback !== undefined) passedOver.push(describeRollback(arn, rollback));
      return rollback !== undefined;
    });
    return { found, passedOver: passedOver.join('; ') };
  }

  return pipelineJobHandler(new CodePipelineClient(), new Logger({ serviceName: 'select-release' }), async (job): Promise<JobOutcome<never>> => {
    const { packageArn } = job.parameters as SelectReleaseParameters;
    const wanted = await asked(packageArn);
    const { found, passedOver } = wanted === undefined ? await newest() : { found: wanted, passedOver: '' };
    if (found === undefined && packageArn !== NO_PACKAGE) {
      throw new JobFailure(passedOver === ''
        ? `${packageArn} is no longer approved and there is no other approved package; an endpoint that serves it keeps serving it. Approve a package, or delete the endpoint`
        : `${packageArn} is no longer approved, and no other approved package can take its place: ${passedOver}. An endpoint that serves it keeps serving it. ${APPROVE}, or delete the endpoint`);
    }
    // Succeeding here would look as if the new settings had been released.
    if (found === undefined && passedOver !== '') throw new JobFailure(`nothing is released, every approved package was rolled back: ${passedOver}. ${APPROVE}`);
    return {
      status: 'succeeded', outputs: { [SELECTED_PACKAGE_OUTPUT]: found ?? NO_PACKAGE },
      summary: found === undefined ? 'no approved package yet; nothing to release'
        : `releasing ${found}${passedOver === '' ? '' : `; passed over until approved again: ${passedOver}`}`,
    };
  });
});
