import { CodePipelineClient, StartPipelineExecutionCommand } from '@aws-sdk/client-codepipeline';
import { ModelApprovalStatus, ModelPackageStatus, SageMakerClient, type DescribeModelPackageCommandOutput } from '@aws-sdk/client-sagemaker';
import { S3Client } from '@aws-sdk/client-s3';
import { Logger } from '@aws-lambda-powertools/logger';
import { ARTIFACT_KEYS } from '../../lib/data/artifact-keys.contract';
import type { ModelPackageEvent } from '../../lib/delivery/approve-candidate.contract';
import { PACKAGE_VARIABLE, START_RELEASE_ENV } from '../../lib/delivery/start-release.contract';
import { digest } from '../adapters/digest';
import { lazyHandler } from '../adapters/lazy-handler';
import { describePackage, servedModel } from '../adapters/model-packages';
import { readState, writeState } from '../adapters/objects';
import { isInProgress } from '../adapters/pipeline-executions';
import { RollbackRecord } from '../adapters/rollback-record';
import { actOn, forget, NO_APPROVALS, started, type StoredApprovals } from './acted-on';
import { isApprovedAgain } from './approved-again';

/**
 * Starts a release when a package is approved, or when the package now live is rejected. The event may come twice, late,
 * or for a mere edit of the package; what counts is the registry, and what the endpoint serves.
 */
export const handler = lazyHandler<ModelPackageEvent, void>(() => {
  const env = START_RELEASE_ENV.read(process.env);
  const sagemaker = new SageMakerClient();
  const codepipeline = new CodePipelineClient();
  const s3 = new S3Client();
  const at = { bucket: env.ARTIFACTS_BUCKET, key: ARTIFACT_KEYS.releaseState(env.PIPELINE_NAME) };
  const records = env.ROLLBACK_RECORDS.split(',').map((uri) => new RollbackRecord(s3, uri));
  const logger = new Logger({ serviceName: 'start-release' });

  /** Why there is nothing to do for a release; undefined if there is. */
  async function reasonToSkip(packageArn: string, found: DescribeModelPackageCommandOutput): Promise<string | undefined> {
    const { ModelApprovalStatus: approval, ModelPackageStatus: status } = found;
    if (found.ModelPackageGroupName !== env.MODEL_PACKAGE_GROUP) return `it belongs to the group '${found.ModelPackageGroupName}'`;
    // The release of a package that failed fails at once, and so tells whoever approved it.
    if (status === ModelPackageStatus.FAILED && approval === ModelApprovalStatus.APPROVED) return undefined;
    if (status !== ModelPackageStatus.COMPLETED) return `its status is ${status}`;
    const live = (await servedModel(sagemaker, env.ENDPOINT_NAME))?.packageArn;
    if (approval === ModelApprovalStatus.APPROVED) return live === packageArn ? 'it is live already' : undefined;
    if (approval !== ModelApprovalStatus.REJECTED) return `its approval status is ${approval}`;
    // A release on its way may be about to make the rejected package live; the one queued behind it puts that right.
    return live === packageArn || await isInProgress(codepipeline, env.PIPELINE_NAME) ? undefined : 'it is rejected and not live';
  }

  async function start(packageArn: string, token: string): Promise<void> {
    const { pipelineExecutionId } = await codepipeline.send(new StartPipelineExecutionCommand({
      name: env.PIPELINE_NAME,
      // Of a rejected package the pipeline finds the approved one to serve in its place.
      variables: [{ name: PACKAGE_VARIABLE, value: packageArn }],
      clientRequestToken: token,
    }));
    logger.info('release started', { packageArn, pipelineExecutionId });
  }

  /** When a stage's endpoint last went back from this package; undefined if none did since it was approved last. */
  async function rolledBackAt(packageArn: string): Promise<string | undefined> {
    const times = await Promise.all(records.map(async (record) => (await record.packages())[packageArn]?.at));
    return times.filter((time) => time !== undefined).sort().at(-1);
  }

  /** Reserved before it is started: of two events at once only one may write, and the other is tried again. */
  async function startApproved(event: ModelPackageEvent, approvedAt: string, token: string): Promise<void> {
    const packageArn = event.detail.ModelPackageArn;
    const rolledBack = await rolledBackAt(packageArn);
    const stored = await readState<StoredApprovals>(s3, at);
    const step = actOn(stored?.value ?? NO_APPROVALS, packageArn, approvedAt, token, rolledBack === undefined ? undefined
      : { at: rolledBack, approvedAgain: isApprovedAgain(event, approvedAt, rolledBack) });
    const written = step.state === stored?.value ? stored : await writeState(s3, at, step.state, stored);
    if (step.action === 'skip') {
      logger.info(`no release: ${step.reason}`, { packageArn });
      return;
    }
    if (rolledBack !== undefined) for (const record of records) await record.forget(packageArn, approvedAt);
    await start(packageArn, step.token);
    await writeState(s3, at, started(written.value, packageArn), written);
  }

  async function forgetApproval(packageArn: string): Promise<void> {
    const stored = await readState<StoredApprovals>(s3, at);
    if (stored?.value.approvals[packageArn] !== undefined) await writeState(s3, at, forget(stored.value, packageArn), stored);
  }

  return async (event) => {
    const packageArn = event.detail.ModelPackageArn;
    const found = await describePackage(sagemaker, packageArn);
    if (found.ModelApprovalStatus === ModelApprovalStatus.REJECTED) await forgetApproval(packageArn);
    const reason = await reasonToSkip(packageArn, found);
    if (reason !== undefined) {
      logger.info(`no release: ${reason}`, { packageArn });
      return;
    }
    const changedAt = (found.LastModifiedTime ?? found.CreationTime)!.toISOString();
    const token = digest([packageArn, found.ModelApprovalStatus, changedAt]);
    await (found.ModelApprovalStatus === ModelApprovalStatus.APPROVED ? startApproved(event, changedAt, token) : start(packageArn, token));
  };
});
