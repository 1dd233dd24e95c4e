import { AwsError } from '../../../service';
import type { AuthorizationRequest, Operation } from '../../../service';
import type { World } from '../../../world';
import type { ModelServers } from '../hosting/server-pool';
import type { HostingState } from '../hosting/state';
import { list } from '../listing';
import { validation } from '../names';
import type { TagStore } from '../tags';
import { requestTags, taggingOnCreate } from '../tags';
import { volumeKeyNeeds, volumeKeyProblem } from '../volume-key';
import type { JobConditions } from './conditions';
import { JobStore } from './job-store';
import type { TransformJob } from './transform-run';
import { changed, describeTransformJob, TransformRun } from './transform-run';

/* eslint-disable @typescript-eslint/no-explicit-any -- inputs as the service's model has them */

/** Batch transform: a model's server asked every record of an input. Its role is the model's. */
export class TransformJobs {
  readonly store: JobStore<TransformJob>;
  readonly operations: Readonly<Record<string, Operation>>;

  constructor(
    private readonly world: World, private readonly hosting: HostingState, private readonly servers: ModelServers, private readonly tags: TagStore,
    private readonly conditions: JobConditions,
  ) {
    this.store = new JobStore(world, 'transform-job', 'Transform job');
    const onJob = (action: string) => ({ TransformJobName }: { TransformJobName: string }) => [{ action: `sagemaker:${action}`, resource: this.store.arn(TransformJobName) }];
    this.operations = {
      CreateTransformJob: { authorize: (input) => this.authorizeCreate(input), run: async (input) => ({ TransformJobArn: (await this.create(input)).arn }) },
      DescribeTransformJob: { authorize: onJob('DescribeTransformJob'), run: ({ TransformJobName }) => describeTransformJob(this.store.get(TransformJobName)) },
      StopTransformJob: { authorize: onJob('StopTransformJob'), run: ({ TransformJobName }) => this.stop(TransformJobName) },
      ListTransformJobs: {
        authorize: () => [{ action: 'sagemaker:ListTransformJobs', resource: '*' }],
        run: (input) => {
          const { page, NextToken } = list(this.store.all(), input, { order: 'Descending' });
          return {
            TransformJobSummaries: page.map((job) => ({
              TransformJobName: job.name, TransformJobArn: job.arn, CreationTime: job.createdAt, LastModifiedTime: job.modifiedAt, TransformJobStatus: job.status,
              ...(job.endedAt !== undefined ? { TransformEndTime: job.endedAt } : {}),
              ...(job.failureReason !== undefined ? { FailureReason: job.failureReason } : {}),
            })),
            NextToken,
          };
        },
      },
    };
  }

  private authorizeCreate(input: any): AuthorizationRequest[] {
    const resource = this.store.arn(input.TransformJobName);
    const { InstanceType: instanceType, VolumeKmsKeyId: volumeKey } = input.TransformResources;
    const outputKey = input.TransformOutput.KmsKeyId;
    return [
      {
        action: 'sagemaker:CreateTransformJob', resource,
        context: {
          ...requestTags(input), 'sagemaker:InstanceTypes': [instanceType], 'sagemaker:ModelArn': this.hosting.models.arn(input.ModelName),
          ...(volumeKey !== undefined ? { 'sagemaker:VolumeKmsKeyArn': volumeKey } : {}),
          ...(outputKey !== undefined ? { 'sagemaker:OutputKmsKeyArn': outputKey } : {}),
        },
      },
      ...taggingOnCreate(input, resource, 'CreateTransformJob'),
      ...volumeKeyNeeds(this.world, volumeKey),
    ];
  }

  private async create(input: any): Promise<TransformJob> {
    check(input);
    const { InstanceType: instanceType } = input.TransformResources;
    const inUse = this.store.running().filter((job) => job.input.TransformResources.InstanceType === instanceType);
    this.conditions.demandQuota(instanceType, 'transform job', inUse.length);
    const { Tags: tags, TransformJobName: name, ...rest } = input;
    const job = await this.store.create(name, async (): Promise<TransformJob> => {
      const model = this.hosting.models.get(input.ModelName);
      const problem = await volumeKeyProblem(this.world, model.roleArn, input.TransformResources.VolumeKmsKeyId);
      if (problem !== undefined) throw validation(problem);
      const now = this.world.clock.date();
      return { name, arn: this.store.arn(name), model, createdAt: now, modifiedAt: now, status: 'InProgress', input: rest };
    });
    this.tags.set(job.arn, tags);
    const run = new TransformRun(this.world, this.tags, this.conditions, this.servers, job);
    this.world.clock.after(0, `transform job ${name}`, () => run.run());
    return job;
  }

  private stop(name: string): void {
    const job = this.store.get(name);
    if (job.status === 'Stopping') return;
    if (job.status !== 'InProgress') throw validation(`The request was rejected because the transform job is in status ${job.status}.`);
    job.stopRequested = true;
    changed(this.world, this.tags, job, 'Stopping');
  }
}

/** What SageMaker refuses beyond what its model says, and what the twin does not run. */
function check(input: any): void {
  const { TransformInput: source, TransformOutput: output, TransformResources: resources, MaxPayloadInMB: payload = 6, MaxConcurrentTransforms: concurrent = 0 } = input;
  // "The value of MaxPayloadInMB cannot be greater than 100 MB. If you specify the MaxConcurrentTransforms parameter, the value of
  // (MaxConcurrentTransforms * MaxPayloadInMB) also cannot exceed 100 MB." (API reference)
  if (payload > 100 || payload * concurrent > 100) throw validation('The product of MaxConcurrentTransforms and MaxPayloadInMB must not exceed 100 MB');
  if (resources.InstanceCount !== 1) throw unsupported(`transforming on ${resources.InstanceCount} instances`);
  if (source.DataSource.S3DataSource === undefined) throw unsupported('a TransformInput that is not an S3DataSource');
  if (!['S3Prefix', 'ManifestFile'].includes(source.DataSource.S3DataSource.S3DataType)) throw unsupported(`S3DataType ${source.DataSource.S3DataSource.S3DataType}`);
  if ((source.CompressionType ?? 'None') !== 'None') throw unsupported(`CompressionType ${source.CompressionType}`);
  if (!['None', 'Line'].includes(source.SplitType ?? 'None')) throw unsupported(`SplitType ${source.SplitType}`);
  const join = input.DataProcessing;
  if (join !== undefined && ((join.JoinSource ?? 'None') !== 'None' || join.InputFilter !== undefined || join.OutputFilter !== undefined)) throw unsupported('DataProcessing of a transform job');
  if (input.DataCaptureConfig !== undefined) throw unsupported('DataCaptureConfig of a transform job');
  if (input.Environment !== undefined) throw unsupported('Environment of a transform job');
  if (payload === 0) throw unsupported('MaxPayloadInMB 0, which streams the input');
  if ((output.AssembleWith ?? 'None') === 'Line' && (source.SplitType ?? 'None') === 'None' && input.BatchStrategy === 'SingleRecord') throw unsupported('SingleRecord without a SplitType');
}

function unsupported(what: string): AwsError {
  return new AwsError('NotImplemented', `the twin does not implement ${what}`, 501);
}
