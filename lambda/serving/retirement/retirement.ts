import type { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import {
  DisableStageTransitionCommand, GetPipelineCommand, ListPipelineExecutionsCommand, PipelineNotFoundException, StopPipelineExecutionCommand, type CodePipelineClient,
} from '@aws-sdk/client-codepipeline';
import { DisableRuleCommand, ResourceNotFoundException, type EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { S3Client } from '@aws-sdk/client-s3';
import { DeleteEndpointCommand, DeleteModelPackageCommand, EndpointStatus, ListModelPackagesCommand, ListTagsCommand, type SageMakerClient } from '@aws-sdk/client-sagemaker';
import { OWNER_TAG } from '../../../lib/serving/release-descriptor.contract';
import { describeEndpoint, orUndefined } from '../../adapters/model-packages';
import { removeLeftovers } from '../deployment/leftovers';
import { removeScaling } from '../deployment/scaling';
import { emptyBucket } from './empty-bucket';

export interface RetirementClients {
  readonly sagemaker: SageMakerClient;
  readonly cloudwatch: CloudWatchClient;
  readonly autoscaling: ApplicationAutoScalingClient;
  readonly events: EventBridgeClient;
  readonly codepipeline: CodePipelineClient;
  readonly s3: S3Client;
}

export interface RetirementScope {
  readonly stackId: string;
  readonly endpoints: string[];
  readonly rules: string[];
  readonly pipelines: string[];
  readonly packageGroup: string | undefined;
  readonly buckets: string[];
}

/** States in which SageMaker refuses to delete an endpoint. */
const BUSY: readonly (string | undefined)[] = [
  EndpointStatus.CREATING, EndpointStatus.UPDATING, EndpointStatus.SYSTEM_UPDATING, EndpointStatus.ROLLING_BACK, EndpointStatus.DELETING,
];

/** The order matters: first nothing may start any more, then the endpoint goes, then what writes no longer is emptied. */
export class Retirement {
  constructor(private readonly clients: RetirementClients, private readonly scope: RetirementScope) {}

  /** Does what can be done now; `waitingFor` says what cannot. Safe to repeat. */
  async step(): Promise<{ waitingFor: string | undefined }> {
    for (const rule of this.scope.rules) await this.disableRule(rule);
    for (const pipeline of this.scope.pipelines) {
      const waitingFor = await this.stopPipeline(pipeline);
      if (waitingFor !== undefined) return { waitingFor };
    }
    for (const endpoint of this.scope.endpoints) {
      const waitingFor = await this.retireEndpoint(endpoint);
      if (waitingFor !== undefined) return { waitingFor };
    }
    if (this.scope.packageGroup !== undefined) await this.deletePackages(this.scope.packageGroup);
    for (const bucket of this.scope.buckets) {
      if (!(await emptyBucket(this.clients.s3, bucket))) return { waitingFor: `bucket ${bucket} is being emptied` };
    }
    return { waitingFor: undefined };
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
