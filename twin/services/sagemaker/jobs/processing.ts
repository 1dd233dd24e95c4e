import { AwsError } from '../../../service';
import type { AuthorizationRequest, Operation } from '../../../service';
import type { World } from '../../../world';
import { list } from '../listing';
import { validation } from '../names';
import type { TagStore } from '../tags';
import { requestTags, taggingOnCreate } from '../tags';
import { volumeKeyNeeds, volumeKeyProblem } from '../volume-key';
import type { JobConditions } from './conditions';
import { assumeRole, imageForJob, passRole } from './execution-role';
import { JobStore } from './job-store';
import type { ProcessingJob } from './processing-run';
import { changed, describeProcessingJob, ProcessingRun } from './processing-run';
import { jobContext, vpcContext } from './training';

/* eslint-disable @typescript-eslint/no-explicit-any -- inputs as the service's model has them */

export class ProcessingJobs {
  readonly store: JobStore<ProcessingJob>;
  readonly operations: Readonly<Record<string, Operation>>;

  constructor(private readonly world: World, private readonly tags: TagStore, private readonly conditions: JobConditions) {
    this.store = new JobStore(world, 'processing-job', 'Processing job');
    const onJob = (action: string) => ({ ProcessingJobName }: { ProcessingJobName: string }) => [{ action: `sagemaker:${action}`, resource: this.store.arn(ProcessingJobName) }];
    this.operations = {
      CreateProcessingJob: { authorize: (input) => this.authorizeCreate(input), run: async (input) => ({ ProcessingJobArn: (await this.create(input)).arn }) },
      DescribeProcessingJob: { authorize: onJob('DescribeProcessingJob'), run: ({ ProcessingJobName }) => describeProcessingJob(this.store.get(ProcessingJobName)) },
      StopProcessingJob: { authorize: onJob('StopProcessingJob'), run: ({ ProcessingJobName }) => this.stop(ProcessingJobName) },
      ListProcessingJobs: {
        authorize: () => [{ action: 'sagemaker:ListProcessingJobs', resource: '*' }],
        run: (input) => {
          const { page, NextToken } = list(this.store.all(), input, { order: 'Descending' });
          return {
            ProcessingJobSummaries: page.map((job) => ({
              ProcessingJobName: job.name, ProcessingJobArn: job.arn, CreationTime: job.createdAt, LastModifiedTime: job.modifiedAt, ProcessingJobStatus: job.status,
              ...(job.endedAt !== undefined ? { ProcessingEndTime: job.endedAt } : {}),
              ...(job.failureReason !== undefined ? { FailureReason: job.failureReason } : {}),
              ...(job.exitMessage !== undefined ? { ExitMessage: job.exitMessage } : {}),
            })),
            NextToken,
          };
        },
      },
    };
  }

  private authorizeCreate(input: any): AuthorizationRequest[] {
    const resource = this.store.arn(input.ProcessingJobName);
    const { ClusterConfig: cluster } = input.ProcessingResources;
    return [
      {
        action: 'sagemaker:CreateProcessingJob', resource,
        context: {
          ...requestTags(input), ...jobContext({ StoppingCondition: input.StoppingCondition, ...input.NetworkConfig }), 'sagemaker:InstanceTypes': [cluster.InstanceType],
          ...(cluster.VolumeKmsKeyId !== undefined ? { 'sagemaker:VolumeKmsKeyArn': cluster.VolumeKmsKeyId } : {}),
          ...(input.ProcessingOutputConfig?.KmsKeyId !== undefined ? { 'sagemaker:OutputKmsKeyArn': input.ProcessingOutputConfig.KmsKeyId } : {}),
          ...vpcContext(input.NetworkConfig?.VpcConfig),
        },
      },
      passRole(input.RoleArn),
      ...taggingOnCreate(input, resource, 'CreateProcessingJob'),
      ...volumeKeyNeeds(this.world, cluster.VolumeKmsKeyId, ['CreateGrant', 'DescribeKey', 'Decrypt']),
    ];
  }

  private async create(input: any): Promise<ProcessingJob> {
    check(input);
    const { InstanceType: instanceType } = input.ProcessingResources.ClusterConfig;
    const inUse = this.store.running().filter((job) => job.input.ProcessingResources.ClusterConfig.InstanceType === instanceType);
    this.conditions.demandQuota(instanceType, 'processing job', inUse.length);
    const { Tags: tags, ProcessingJobName: name, ...rest } = input;
    const job = await this.store.create(name, async (): Promise<ProcessingJob> => {
      const arn = this.store.arn(name);
      await assumeRole(this.world, input.RoleArn, arn);
      const image = await imageForJob(this.world, input.AppSpecification.ImageUri, input.RoleArn);
      const problem = await volumeKeyProblem(this.world, input.RoleArn, input.ProcessingResources.ClusterConfig.VolumeKmsKeyId);
      if (problem !== undefined) throw validation(problem);
      const now = this.world.clock.date();
      return { name, arn, image, createdAt: now, modifiedAt: now, status: 'InProgress', input: rest };
    });
    this.tags.set(job.arn, tags);
    const run = new ProcessingRun(this.world, this.tags, this.conditions, job);
    this.world.clock.after(0, `processing job ${name}`, () => run.run());
    return job;
  }

  private stop(name: string): void {
    const job = this.store.get(name);
    if (job.status === 'Stopping') return;
    if (job.status !== 'InProgress') throw validation(`The request was rejected because the processing job is in status ${job.status}.`);
    job.stopRequested = true;
    changed(this.world, this.tags, job, 'Stopping');
  }
}

function check(input: any): void {
  const count = input.ProcessingResources.ClusterConfig.InstanceCount;
  if (count !== 1) throw unsupported(`processing on ${count} instances`);
  for (const { InputName: name, S3Input: source } of input.ProcessingInputs ?? []) {
    if (source === undefined) throw unsupported(`the input ${name}, which is not an S3Input`);
    if (source.S3InputMode === 'Pipe') throw unsupported(`input mode Pipe of ${name}`);
    if (source.LocalPath === undefined) throw validation(`LocalPath is required for the S3Input ${name}`);
    if (!['S3Prefix', 'ManifestFile'].includes(source.S3DataType)) throw unsupported(`S3DataType ${source.S3DataType} of ${name}`);
  }
  for (const { OutputName: name, S3Output: output } of input.ProcessingOutputConfig?.Outputs ?? []) {
    if (output === undefined) throw unsupported(`the output ${name}, which is not an S3Output`);
    if (output.S3UploadMode !== 'EndOfJob') throw unsupported(`S3UploadMode ${output.S3UploadMode} of ${name}`);
    if (output.LocalPath === undefined) throw validation(`LocalPath is required for the S3Output ${name}`);
  }
}

function unsupported(what: string): AwsError {
  return new AwsError('NotImplemented', `the twin does not implement ${what}`, 501);
}
