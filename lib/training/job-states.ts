import { Duration } from 'aws-cdk-lib';
import { Network } from '../private/network';
import { takesVolumeKey } from '../private/volume-key';
import { caught } from './failure-states';
import { LONGEST_JOB, TrainingJobSettings } from './training-job';

type State = Record<string, unknown>;

/** What all jobs of the workflow have in common; all of it may be tokens. */
export interface JobStatesOptions {
  readonly partition: string;
  readonly roleArn: string;
  readonly job: TrainingJobSettings;
  readonly evaluation: { readonly instanceType: string; readonly volumeSizeGib: number; readonly maximumRuntime: Duration };
  /** Given to the containers, so that one project can serve several tables. */
  readonly environment: Record<string, string>;
  readonly timeColumn: string;
  readonly network?: Network;
  readonly keyArn?: string;
}

/** Name of the first of a job's states, and the states that follow. */
export interface JobPlace {
  readonly id: string;
  /** After a job that completed. */
  readonly next: string;
  /** After any other, with its description, or what SageMaker said instead of creating it, in `$.failure`. */
  readonly otherwise: string;
}

export interface Training extends JobPlace {
  /** Path of the job's name. */
  readonly name: string;
  /** @default - the job runs on demand */
  readonly spot?: { readonly maximumWait: Duration };
}

export interface Evaluation extends JobPlace {
  /** Paths in the state. */
  readonly name: string;
  readonly image: string;
  readonly model: string;
  readonly output: string;
  readonly reference?: string;
}

/** SageMaker's own refusals while it is busy; its validation errors come under the same name and simply repeat themselves. */
const SAGEMAKER_RETRY = [{ ErrorEquals: ['SageMaker.AmazonSageMakerException'], IntervalSeconds: 10, MaxAttempts: 3, BackoffRate: 3 }];

/**
 * A job and a check of how it ended. Whether `.sync` fails on a job that was stopped is not documented
 * (`docs/unproven.md`, stopped-job), so a job counts only if its description says `Completed`.
 */
function awaited(status: string, { id, next, otherwise }: JobPlace, stopped: string, task: State & { ResultPath: string }): Record<string, State> {
  const result = task.ResultPath;
  return {
    [id]: { Type: 'Task', ...task, Retry: SAGEMAKER_RETRY, ...caught(otherwise), Next: `${id}Status` },
    [`${id}Status`]: { Type: 'Choice', Choices: [{ Variable: `${result}.${status}`, StringEquals: 'Completed', Next: next }], Default: stopped },
    [stopped]: {
      Type: 'Pass', Parameters: { 'Error': 'States.TaskFailed', 'Cause.$': `States.JsonToString(${result})` }, ResultPath: '$.failure', Next: otherwise,
    },
  };
}

/** Beyond SageMaker's own limit, for a job that hangs between states; of a token, beyond the longest limit that SageMaker takes. */
function waitFor(limit: Duration, margin: Duration): number {
  return (limit.isUnresolved() ? LONGEST_JOB : limit).plus(margin).toSeconds();
}

function vpcConfig(network: Network | undefined): State {
  return network ? { VpcConfig: { Subnets: network.subnetIds, SecurityGroupIds: network.securityGroupIds } } : {};
}

function volumeKey(instanceType: string, keyArn: string | undefined): Record<string, string> {
  return keyArn && takesVolumeKey(instanceType) ? { VolumeKmsKeyId: keyArn } : {};
}

export function train(options: JobStatesOptions, { name, spot, ...place }: Training): Record<string, State> {
  const { job, keyArn } = options;
  const runtime = job.maximumRuntime.toSeconds();
  return awaited('TrainingJobStatus', place, `${place.id}Stopped`, {
    Resource: `arn:${options.partition}:states:::sagemaker:createTrainingJob.sync`,
    Parameters: {
      'TrainingJobName.$': name,
      'RoleArn': options.roleArn,
      'AlgorithmSpecification': { 'TrainingImage.$': '$.imageUri', 'TrainingInputMode': 'File' },
      ...(Object.keys(job.hyperparameters).length > 0 ? { HyperParameters: job.hyperparameters } : {}),
      'Environment': options.environment,
      'InputDataConfig': [{
        ChannelName: 'train',
        ContentType: 'text/csv',
        DataSource: { S3DataSource: { 'S3DataType': 'S3Prefix', 'S3Uri.$': '$.dataset.trainUri' } },
      }],
      'OutputDataConfig': { 'S3OutputPath.$': '$.dataset.output.model', ...(keyArn ? { KmsKeyId: keyArn } : {}) },
      'ResourceConfig': { InstanceType: job.instanceType, InstanceCount: 1, VolumeSizeInGB: job.volumeSizeGib, ...volumeKey(job.instanceType, keyArn) },
      'StoppingCondition': { MaxRuntimeInSeconds: runtime, ...(spot ? { MaxWaitTimeInSeconds: spot.maximumWait.toSeconds() } : {}) },
      ...(spot ? { EnableManagedSpotTraining: true, CheckpointConfig: { 'S3Uri.$': '$.dataset.output.checkpoints' } } : {}),
      // The container sees its data and nothing else; SageMaker moves data and model.
      'EnableNetworkIsolation': true,
      ...vpcConfig(options.network),
    },
    TimeoutSeconds: waitFor(spot?.maximumWait ?? job.maximumRuntime, Duration.hours(2)),
    ResultPath: '$.training',
  });
}

/** Candidate and champion go through the same job on the same hold-out, each with its own image. */
export function evaluate(options: JobStatesOptions, { name, image, model, output, reference, ...place }: Evaluation): Record<string, State> {
  const { instanceType, volumeSizeGib, maximumRuntime } = options.evaluation;
  const { keyArn } = options;
  const input = (inputName: string, uri: string) => ({
    InputName: inputName,
    S3Input: { 'S3Uri.$': uri, 'LocalPath': `/opt/ml/processing/${inputName}`, 'S3DataType': 'S3Prefix', 'S3InputMode': 'File' },
  });
  return awaited('ProcessingJobStatus', place, 'EvaluationStopped', {
    Resource: `arn:${options.partition}:states:::sagemaker:createProcessingJob.sync`,
    Parameters: {
      'ProcessingJobName.$': name,
      'RoleArn': options.roleArn,
      'AppSpecification': { 'ImageUri.$': image, 'ContainerArguments': ['evaluate'] },
      'Environment': { ...options.environment, ...(reference ? { TIME_COLUMN: options.timeColumn } : {}) },
      'ProcessingInputs': [input('model', model), input('test', '$.dataset.holdoutUri'), ...(reference ? [input('reference', reference)] : [])],
      'ProcessingOutputConfig': {
        Outputs: [{
          OutputName: 'evaluation',
          S3Output: { 'S3Uri.$': output, 'LocalPath': '/opt/ml/processing/evaluation', 'S3UploadMode': 'EndOfJob' },
        }],
        ...(keyArn ? { KmsKeyId: keyArn } : {}),
      },
      'ProcessingResources': { ClusterConfig: { InstanceType: instanceType, InstanceCount: 1, VolumeSizeInGB: volumeSizeGib, ...volumeKey(instanceType, keyArn) } },
      'NetworkConfig': { EnableNetworkIsolation: true, ...vpcConfig(options.network) },
      'StoppingCondition': { MaxRuntimeInSeconds: maximumRuntime.toSeconds() },
    },
    TimeoutSeconds: waitFor(maximumRuntime, Duration.hours(1)),
    ResultPath: '$.evaluation',
  });
}
