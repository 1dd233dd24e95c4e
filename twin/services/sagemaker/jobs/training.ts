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
import type { TrainingJob } from './training-job';
import { describeTrainingJob, transition } from './training-job';
import { TrainingRun } from './training-run';

/* eslint-disable @typescript-eslint/no-explicit-any -- inputs as the service's model has them */

const DAY_SECONDS = 86_400;

export class TrainingJobs {
  readonly store: JobStore<TrainingJob>;
  readonly operations: Readonly<Record<string, Operation>>;

  constructor(private readonly world: World, private readonly tags: TagStore, private readonly conditions: JobConditions) {
    this.store = new JobStore(world, 'training-job', 'Training job');
    const onJob = (action: string) => ({ TrainingJobName }: { TrainingJobName: string }) => [{ action: `sagemaker:${action}`, resource: this.store.arn(TrainingJobName) }];
    this.operations = {
      CreateTrainingJob: { authorize: (input) => this.authorizeCreate(input), run: async (input) => ({ TrainingJobArn: (await this.create(input)).arn }) },
      DescribeTrainingJob: { authorize: onJob('DescribeTrainingJob'), run: ({ TrainingJobName }) => describeTrainingJob(this.store.get(TrainingJobName)) },
      StopTrainingJob: { authorize: onJob('StopTrainingJob'), run: ({ TrainingJobName }) => this.stop(TrainingJobName) },
      ListTrainingJobs: {
        authorize: () => [{ action: 'sagemaker:ListTrainingJobs', resource: '*' }],
        run: (input) => {
          const { page, NextToken } = list(this.store.all(), input, { order: 'Descending' });
          return {
            TrainingJobSummaries: page.map((job) => ({
              TrainingJobName: job.name, TrainingJobArn: job.arn, CreationTime: job.createdAt, LastModifiedTime: job.modifiedAt,
              TrainingJobStatus: job.status, SecondaryStatus: job.secondary, ...(job.endedAt !== undefined ? { TrainingEndTime: job.endedAt } : {}),
            })),
            NextToken,
          };
        },
      },
    };
  }

  private authorizeCreate(input: any): AuthorizationRequest[] {
    const resource = this.store.arn(input.TrainingJobName);
    return [
      {
        action: 'sagemaker:CreateTrainingJob', resource,
        context: {
          ...requestTags(input), ...jobContext(input),
          ...(input.ResourceConfig?.InstanceType !== undefined ? { 'sagemaker:InstanceTypes': [input.ResourceConfig.InstanceType] } : {}),
          ...(input.ResourceConfig?.VolumeKmsKeyId !== undefined ? { 'sagemaker:VolumeKmsKeyArn': input.ResourceConfig.VolumeKmsKeyId } : {}),
          ...(input.OutputDataConfig?.KmsKeyId !== undefined ? { 'sagemaker:OutputKmsKeyArn': input.OutputDataConfig.KmsKeyId } : {}),
          ...vpcContext(input.VpcConfig),
        },
      },
      passRole(input.RoleArn),
      ...taggingOnCreate(input, resource, 'CreateTrainingJob'),
      ...volumeKeyNeeds(this.world, input.ResourceConfig?.VolumeKmsKeyId),
    ];
  }

  private async create(input: any): Promise<TrainingJob> {
    check(input);
    this.demandQuota(input.ResourceConfig.InstanceType, input.EnableManagedSpotTraining === true);
    const { Tags: tags, TrainingJobName: name, ...rest } = input;
    const job = await this.store.create(name, async () => {
      const arn = this.store.arn(name);
      await assumeRole(this.world, input.RoleArn, arn);
      const image = await imageForJob(this.world, input.AlgorithmSpecification.TrainingImage, input.RoleArn);
      const problem = await volumeKeyProblem(this.world, input.RoleArn, input.ResourceConfig.VolumeKmsKeyId);
      if (problem !== undefined) throw validation(problem);
      const now = this.world.clock.date();
      return {
        name, arn, image, createdAt: now, modifiedAt: now, status: 'InProgress', secondary: 'Starting', transitions: [], metrics: [],
        billableSeconds: 0, trainingSeconds: 0, input: { ...rest, StoppingCondition: { MaxRuntimeInSeconds: DAY_SECONDS, ...rest.StoppingCondition } },
      };
    });
    this.tags.set(job.arn, tags);
    const run = new TrainingRun(this.world, this.tags, this.conditions, job);
    this.world.clock.after(0, `training job ${name}`, () => run.run());
    return job;
  }

  private demandQuota(instanceType: string, spot: boolean): void {
    const inUse = this.store.running().filter(({ input }) => input.ResourceConfig.InstanceType === instanceType && (input.EnableManagedSpotTraining === true) === spot);
    this.conditions.demandQuota(instanceType, spot ? 'spot training job' : 'training job', inUse.length);
  }

  private stop(name: string): void {
    const job = this.store.get(name);
    if (job.status === 'Stopping') return;
    if (job.status !== 'InProgress') throw validation(`The request was rejected because the training job is in status ${job.status}.`);
    job.stopRequested = true;
    transition(this.world, this.tags, job, 'Stopping', 'Stopping');
  }
}

/** What SageMaker refuses beyond what its model says, and what the twin does not run. */
function check(input: any): void {
  const { StoppingCondition: stopping = {}, ResourceConfig: resources, AlgorithmSpecification: algorithm } = input;
  if (algorithm?.TrainingImage === undefined) throw unsupported('a training job without AlgorithmSpecification.TrainingImage');
  if (resources?.InstanceType === undefined) throw unsupported('a training job without ResourceConfig.InstanceType');
  if ((resources.InstanceCount ?? 1) !== 1) throw unsupported(`training on ${resources.InstanceCount} instances`);
  const spot = input.EnableManagedSpotTraining === true;
  const runtime = stopping.MaxRuntimeInSeconds ?? DAY_SECONDS;
  if (spot && !(stopping.MaxWaitTimeInSeconds >= runtime)) {
    throw validation('Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds when EnableManagedSpotTraining is set to true');
  }
  if (!spot && stopping.MaxWaitTimeInSeconds !== undefined) {
    throw validation('MaxWaitTimeInSeconds above 0 is not supported when EnableManagedSpotTraining is not set to true');
  }
  if (resources.VolumeKmsKeyId !== undefined && /^ml\.(?:g4dn|g5|g6|p4d|p4de|p5|[a-z]+\d[a-z]*d[a-z]*)\./.test(resources.InstanceType)) {
    throw validation(`VolumeKmsKeyId is not supported for instance type ${resources.InstanceType}: its local storage is encrypted in hardware`);
  }
  const names = new Set<string>();
  for (const channel of input.InputDataConfig ?? []) {
    const { ChannelName: name, DataSource: { S3DataSource: source }, InputMode: mode = algorithm.TrainingInputMode } = channel;
    if (names.has(name)) throw validation(`Duplicate channel name ${name}`);
    names.add(name);
    if (source === undefined) throw unsupported(`a file system as data source of channel ${name}`);
    if (mode === 'Pipe') throw unsupported(`input mode Pipe of channel ${name}`);
    if (!['S3Prefix', 'ManifestFile'].includes(source.S3DataType)) throw unsupported(`S3DataType ${source.S3DataType} of channel ${name}`);
  }
}

function unsupported(what: string): AwsError {
  return new AwsError('NotImplemented', `the twin does not implement ${what}`, 501);
}

export function jobContext({ StoppingCondition, EnableNetworkIsolation, EnableInterContainerTrafficEncryption }: any): Record<string, string> {
  return {
    ...(StoppingCondition?.MaxRuntimeInSeconds !== undefined ? { 'sagemaker:MaxRuntimeInSeconds': String(StoppingCondition.MaxRuntimeInSeconds) } : {}),
    'sagemaker:NetworkIsolation': String(EnableNetworkIsolation ?? false),
    'sagemaker:InterContainerTrafficEncryption': String(EnableInterContainerTrafficEncryption ?? false),
  };
}

export function vpcContext(vpc: any): Record<string, string[]> {
  return vpc === undefined ? {} : { 'sagemaker:VpcSubnets': vpc.Subnets, 'sagemaker:VpcSecurityGroupIds': vpc.SecurityGroupIds };
}
