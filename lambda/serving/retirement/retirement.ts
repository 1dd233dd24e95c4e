import type { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import {
  DisableStageTransitionCommand, GetPipelineCommand, ListPipelineExecutionsCommand, PipelineNotFoundException, StopPipelineExecutionCommand, type CodePipelineClient,
} from '@aws-sdk/client-codepipeline';
import { DisableRuleCommand, ResourceNotFoundException, type EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { S3Client } from '@aws-sdk/client-s3';
import { DeleteEndpointCommand, DeleteModelPackageCommand, EndpointStatus, ListModelPackagesCommand, ListTagsCommand, type SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { SFNClient } from '@aws-sdk/client-sfn';
import { OWNER_TAG } from '../../../lib/serving/release-descriptor.contract';
import { FUNCTION_LIMIT_MINUTES } from '../../../lib/serving/retire-endpoint.contract';
import { describeEndpoint, orUndefined } from '../../adapters/model-packages';
import { removeLeftovers } from '../deployment/leftovers';
import { removeScaling } from '../deployment/scaling';
import { emptyBucket } from './empty-bucket';
import { lastStopped, stopRuns } from './stop-runs';

export interface RetirementClients {
  readonly sagemaker: SageMakerClient;
  readonly cloudwatch: CloudWatchClient;
  readonly autoscaling: ApplicationAutoScalingClient;
  readonly events: EventBridgeClient;
  readonly codepipeline: CodePipelineClient;
  readonly sfn: SFNClient;
  readonly s3: S3Client;
}

export interface RetirementScope {
  readonly stackId: string;
  readonly endpoints: readonly string[];
  readonly rules: readonly string[];
  readonly pipelines: readonly string[];
  readonly workflows: readonly string[];
  readonly jobPrefixes: readonly string[];
  readonly packageGroup: string | undefined;
  readonly buckets: readonly string[];
}

/** States in which SageMaker refuses to delete an endpoint. */
const BUSY: readonly (string | undefined)[] = [
  EndpointStatus.CREATING, EndpointStatus.UPDATING, EndpointStatus.SYSTEM_UPDATING, EndpointStatus.ROLLING_BACK, EndpointStatus.DELETING,
];

/** The order matters: first nothing may start any more, then what runs is stopped, then what nobody writes to any longer is emptied. */
export class Retirement {
  constructor(private readonly clients: RetirementClients, private readonly scope: RetirementScope) {}

  /** Does what can be done now; `waitingFor` says what cannot. Safe to repeat. */
  async step(now: number): Promise<{ waitingFor: string | undefined }> {
    for (const rule of this.scope.rules) await this.disableRule(rule);
    const stopping = await each(this.scope.pipelines, (pipeline) => this.stopPipeline(pipeline));
    if (stopping.length > 0) return { waitingFor: stopping.join('; ') };
    const running = [
      // An endpoint costs most: it goes while jobs are still stopping.
      ...await each(this.scope.endpoints, (endpoint) => this.retireEndpoint(endpoint)),
      ...await stopRuns(this.clients, this.scope),
    ];
    if (running.length > 0) return { waitingFor: running.join('; ') };
    return { waitingFor: await this.removeContents(now) };
  }

  private async removeContents(now: number): Promise<string | undefined> {
    const { packageGroup, buckets, workflows } = this.scope;
    if (packageGroup === undefined && buckets.length === 0) return undefined;
    const quiet = ((await lastStopped(this.clients.sfn, workflows)) ?? -Infinity) + FUNCTION_LIMIT_MINUTES * 60_000;
    if (now < quiet) return `functions of the executions that were stopped may write until ${new Date(quiet).toISOString()}`;
    if (packageGroup !== undefined) await this.deletePackages(packageGroup);
    for (const bucket of buckets) {
      if (!(await emptyBucket(this.clients.s3, bucket))) return `bucket ${bucket} is being emptied`;
    }
    return undefined;
  }

  private async disableRule(name: string): Promise<void> {
    try {
      await this.clients.events.send(new DisableRuleCommand({ Name: name }));
    } catch (error) {
      if (!(error instanceof ResourceNotFoundException)) throw error;
    }
  }

  private async stopPipeline(name: string): Promise<string | undefined> {
    const { codepipeline } = this.clients;
    try {
      const { pipeline } = await codepipeline.send(new GetPipelineCommand({ name }));
      await codepipeline.send(new DisableStageTransitionCommand({
        pipelineName: name, stageName: pipeline!.stages![1]!.name, transitionType: 'Inbound', reason: 'the stack is being deleted',
      }));
      const { pipelineExecutionSummaries = [] } = await codepipeline.send(new ListPipelineExecutionsCommand({ pipelineName: name }));
      for (const { status, pipelineExecutionId } of pipelineExecutionSummaries) {
        if (status === 'InProgress') {
          await codepipeline.send(new StopPipelineExecutionCommand({ pipelineName: name, pipelineExecutionId, abandon: true, reason: 'the stack is being deleted' }));
        }
      }
      const active = pipelineExecutionSummaries.find(({ status }) => status === 'InProgress' || status === 'Stopping');
      return active === undefined ? undefined : `pipeline ${name} is stopping`;
    } catch (error) {
      if (error instanceof PipelineNotFoundException) return undefined;
      throw error;
    }
  }

  private async retireEndpoint(name: string): Promise<string | undefined> {
    const { sagemaker, cloudwatch, autoscaling } = this.clients;
    const endpoint = await describeEndpoint(sagemaker, name);
    if (endpoint !== undefined) {
      const { Tags = [] } = await sagemaker.send(new ListTagsCommand({ ResourceArn: endpoint.EndpointArn }));
      // An endpoint of that name that this stack did not make is somebody else's.
      if (!Tags.some((tag) => tag.Key === OWNER_TAG && tag.Value === this.scope.stackId)) return undefined;
      if (BUSY.includes(endpoint.EndpointStatus)) {
        return `endpoint ${name} is ${endpoint.EndpointStatus} and cannot be deleted; when it is not: aws sagemaker delete-endpoint --endpoint-name ${name}`;
      }
      await removeScaling(autoscaling, name);
      await sagemaker.send(new DeleteEndpointCommand({ EndpointName: name }));
      return `endpoint ${name} is being deleted`;
    }
    await removeLeftovers(sagemaker, cloudwatch, name, undefined, 0);
    return undefined;
  }

  private async deletePackages(group: string): Promise<void> {
    const { sagemaker } = this.clients;
    for (;;) {
      const page = await orUndefined(sagemaker.send(new ListModelPackagesCommand({ ModelPackageGroupName: group, MaxResults: 100 })));
      const packages = page?.ModelPackageSummaryList ?? [];
      for (const { ModelPackageArn } of packages) await orUndefined(sagemaker.send(new DeleteModelPackageCommand({ ModelPackageName: ModelPackageArn })));
      if (packages.length === 0) return;
    }
  }
}

/** What is still waited for, of several things. */
async function each(names: readonly string[], act: (name: string) => Promise<string | undefined>): Promise<string[]> {
  const waiting: string[] = [];
  for (const name of names) {
    const reason = await act(name);
    if (reason !== undefined) waiting.push(reason);
  }
  return waiting;
}
