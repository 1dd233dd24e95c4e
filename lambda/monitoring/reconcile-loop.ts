import { EventBridgeClient, DescribeRuleCommand } from '@aws-sdk/client-eventbridge';
import { CodePipelineClient, ListPipelineExecutionsCommand, StartPipelineExecutionCommand } from '@aws-sdk/client-codepipeline';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { S3Client } from '@aws-sdk/client-s3';
import { Logger } from '@aws-lambda-powertools/logger';
import type { CloudFormationCustomResourceEvent, ScheduledEvent } from 'aws-lambda';
import { ARTIFACT_KEYS } from '../../lib/data/artifact-keys.contract';
import { PACKAGE_VARIABLE } from '../../lib/delivery/start-release.contract';
import { DEVIATIONS_METRIC, RECONCILE_LOOP_ENV, type StoredReconciliation } from '../../lib/monitoring/reconcile-loop.contract';
import { SERVING_CONFIG_TAG } from '../../lib/serving/release-descriptor.contract';
import { answer } from '../adapters/custom-resource';
import { digest } from '../adapters/digest';
import { lazyHandler } from '../adapters/lazy-handler';
import { publishMetrics } from '../adapters/metrics';
import { describeEndpoint, describePackage, newestApproved, orUndefined, packageOfConfig, tagsOf } from '../adapters/model-packages';
import { readState, writeState } from '../adapters/objects';
import { isInProgress } from '../adapters/pipeline-executions';
import { RollbackRecord } from '../adapters/rollback-record';
import type { StoredApprovals } from '../delivery/acted-on';
import { reconcile, type Found } from './reconcile/decide';

/**
 * Looks every hour whether the loop is what it should be: the newest approved package serves, the endpoint is as a release left it and
 * captures, the package is in the registry, the rules are enabled. Starts a release where that is safe; tells the rest by a metric.
 * As a custom resource it does nothing: that it ran is the first sign of life.
 */
export const handler = lazyHandler<ScheduledEvent | CloudFormationCustomResourceEvent, void>(() => {
  const env = RECONCILE_LOOP_ENV.read(process.env);
  const sagemaker = new SageMakerClient();
  const codepipeline = new CodePipelineClient();
  const eventBridge = new EventBridgeClient();
  const s3 = new S3Client();
  const bucket = env.ARTIFACTS_BUCKET;
  const at = { bucket, key: ARTIFACT_KEYS.reconciliationState(env.LOOP_NAME) };
  const records = env.ROLLBACK_RECORDS.split(',').map((uri) => new RollbackRecord(s3, uri));
  const logger = new Logger({ serviceName: 'reconcile-loop' });

  async function target(): Promise<Found['target']> {
    const rolledBack: object = Object.assign({}, ...await Promise.all(records.map((record) => record.packages())));
    const packageArn = await newestApproved(sagemaker, env.MODEL_PACKAGE_GROUP, (arn) => arn in rolledBack);
    if (packageArn === undefined) return undefined;
    const { LastModifiedTime, CreationTime } = await describePackage(sagemaker, packageArn);
    const acted = await readState<StoredApprovals>(s3, { bucket, key: ARTIFACT_KEYS.releaseState(env.PIPELINE_NAME) });
    return { packageArn, changedAt: (LastModifiedTime ?? CreationTime)!, actedOn: acted?.value.approvals[packageArn]?.started === true };
  }

  async function serving(): Promise<Pick<Found, 'endpoint' | 'served'>> {
    const endpoint = await describeEndpoint(sagemaker, env.ENDPOINT_NAME);
    if (endpoint === undefined) return {};
    const { EndpointConfigName: configName, EndpointStatus: status, DataCaptureConfig: capture } = endpoint;
    const found = {
      status: status!, configName, notedConfig: (await tagsOf(sagemaker, endpoint.EndpointArn!)).get(SERVING_CONFIG_TAG),
      capturing: capture?.EnableCapture === true && capture.CaptureStatus === 'Started',
    };
    // The role may read configs of releases alone.
    const packageArn = status === 'Failed' || configName === undefined || configName !== found.notedConfig ? undefined : await packageOfConfig(sagemaker, configName);
    if (packageArn === undefined) return { endpoint: found };
    const registered = await orUndefined(describePackage(sagemaker, packageArn));
    return { endpoint: found, served: { packageArn, approval: registered?.ModelApprovalStatus, changedAt: registered?.LastModifiedTime ?? registered?.CreationTime } };
  }

  async function lastRelease(): Promise<Found['lastRelease']> {
    const { pipelineExecutionSummaries: [last] = [] } = await codepipeline.send(new ListPipelineExecutionsCommand({ pipelineName: env.PIPELINE_NAME, maxResults: 1 }));
    return last && { status: last.status!, startedAt: last.startTime! };
  }

  async function disabledRules(): Promise<string[]> {
    const disabled: string[] = [];
    for (const Name of env.RULES.split(',')) if (!await isEnabled(Name)) disabled.push(Name);
    return disabled;
  }

  async function isEnabled(Name: string): Promise<boolean> {
    try {
      return (await eventBridge.send(new DescribeRuleCommand({ Name }))).State === 'ENABLED';
    } catch (error) {
      if ((error as Error).name === 'ResourceNotFoundException') return false;
      throw error;
    }
  }

  async function look(): Promise<void> {
    const now = new Date();
    const stored = await readState<StoredReconciliation>(s3, at);
    const releasing = await isInProgress(codepipeline, env.PIPELINE_NAME);
    const { deviations, repair: wanted } = reconcile({
      now, target: await target(), ...await serving(), releasing, lastRelease: await lastRelease(), disabledRules: await disabledRules(),
    });
    const before = stored?.value.repair;
    const again = wanted !== undefined && before?.packageArn === wanted.packageArn && before.reason === wanted.reason ? before : undefined;
    const found = again?.started === true
      ? [...deviations, { check: 'release' as const, text: `${again.reason}, and the release that was started for it did not change that; see the release pipeline` }] : deviations;
    const repair = wanted && (again ?? { ...wanted, token: digest([env.LOOP_NAME, wanted.packageArn, now.toISOString()]), started: false });
    // A repair is remembered while a release runs: if that release fails, it must not be started again.
    const next: StoredReconciliation = { version: 1, checkedAt: now.toISOString(), deviations: found, repair: releasing ? before : repair };
    const written = await writeState(s3, at, next, stored);
    for (const { check, text } of found) logger.warn(`deviation: ${text}`, { check });
    // Published first: if the release cannot be started, that is a dead letter besides.
    publishMetrics(env.METRIC_NAMESPACE, { Loop: env.LOOP_NAME }, [{ name: DEVIATIONS_METRIC, value: found.length }]);
    if (repair === undefined || repair.started) return;
    const { pipelineExecutionId } = await codepipeline.send(new StartPipelineExecutionCommand({
      name: env.PIPELINE_NAME, variables: [{ name: PACKAGE_VARIABLE, value: repair.packageArn }], clientRequestToken: repair.token,
    }));
    logger.warn(`release started: ${repair.reason}`, { pipelineExecutionId });
    await writeState(s3, at, { ...next, repair: { ...repair, started: true } }, written);
  }

  return async (event) => {
    if (!('RequestType' in event)) return look();
    await answer(event, { status: 'SUCCESS', physicalResourceId: 'PhysicalResourceId' in event ? event.PhysicalResourceId : `${env.LOOP_NAME}-reconciliation` });
  };
});
