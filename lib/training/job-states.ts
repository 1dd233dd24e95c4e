import { Duration } from 'aws-cdk-lib';
import { Network } from '../private/network';
import { takesVolumeKey } from '../private/volume-key';
import { caught } from './failure-states';
import { LONGEST_JOB, TrainingJobSettings } from './training-job';

type State = Record<string, unknown>;

/** What all jobs of the workflow have in common; all of it may be tokens. */
export interface JobStatesOptions {
  readonly partition: string;
  readonly roleArns: { readonly training: string; readonly scoring: string; readonly evaluation: string };
  readonly job: TrainingJobSettings;
  /** Of a project's `evaluate`. */
  readonly evaluation: { readonly maximumRuntime: Duration };
  /** Of a model's answers to stored rows. */
  readonly scoring: { readonly maximumRuntime: Duration };
  /** Given to the containers, so that one project can serve several tables. */
  readonly environment: Record<string, string>;
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
  readonly rows: string;
  readonly output: string;
}

export interface Scoring extends JobPlace {
  /** Paths in the state. */
  readonly name: string;
  readonly image: string;
  readonly model: string;
  readonly requests: string;
  readonly answers: string;
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
      'RoleArn': options.roleArns.training,
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

/**
 * A model's own server is asked stored rows by a batch transform: what is judged is what will serve. The model is created for it, and deleted
 * afterwards, however it ended. The answers are SageMaker's to write; the project only gives them.
 */
export function score(options: JobStatesOptions, { name, image, model, requests, answers, ...place }: Scoring): Record<string, State> {
  const { keyArn, job: { evaluationInstanceType: instanceType } } = options;
  const { id, next, otherwise } = place;
  const [create, made, remove, removeFailed] = [`Create${id}Model`, `Is${id}ModelThere`, `Delete${id}Model`, `Delete${id}ModelAfterAll`];
  const deletion = (after: string): State => ({
    Type: 'Task',
    Resource: `arn:${options.partition}:states:::aws-sdk:sagemaker:deleteModel`,
    Parameters: { 'ModelName.$': name },
    ResultPath: null,
    TimeoutSeconds: CALL_SECONDS,
    Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 5, MaxAttempts: 3, BackoffRate: 3 }],
    // A model that is left over costs nothing, and goes with the stack.
    Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: null, Next: after }],
    Next: after,
  });
  return {
    [create]: {
      Type: 'Task',
      Resource: `arn:${options.partition}:states:::sagemaker:createModel`,
      Parameters: {
        'ModelName.$': name,
        'ExecutionRoleArn': options.roleArns.scoring,
        'PrimaryContainer': { 'Image.$': image, 'ModelDataUrl.$': model },
        'EnableNetworkIsolation': true,
        ...vpcConfig(options.network),
      },
      TimeoutSeconds: CALL_SECONDS,
      ResultPath: null,
      Retry: SAGEMAKER_RETRY,
      ...caught(made),
      Next: id,
    },
    // A call whose answer was lost has made it all the same.
    [made]: { Type: 'Choice', Choices: [{ Variable: '$.failure.Cause', StringMatches: '*already exist*', Next: id }], Default: removeFailed },
    ...awaited('TransformJobStatus', { id, next: remove, otherwise: removeFailed }, `${id}Stopped`, {
      Resource: `arn:${options.partition}:states:::sagemaker:createTransformJob.sync`,
      Parameters: {
        'TransformJobName.$': name,
        'ModelName.$': name,
        'BatchStrategy': 'MultiRecord',
        'MaxPayloadInMB': REQUEST_MEBIBYTES,
        'MaxConcurrentTransforms': 1,
        'TransformInput': { DataSource: { S3DataSource: { 'S3DataType': 'S3Prefix', 'S3Uri.$': requests } }, ContentType: 'text/csv', SplitType: 'Line' },
        'TransformOutput': { 'S3OutputPath.$': answers, 'Accept': 'text/csv', 'AssembleWith': 'Line', ...(keyArn ? { KmsKeyId: keyArn } : {}) },
        'TransformResources': { InstanceType: instanceType, InstanceCount: 1, ...volumeKey(instanceType, keyArn) },
      },
      TimeoutSeconds: waitFor(options.scoring.maximumRuntime, Duration.hours(1)),
      ResultPath: '$.scoring',
    }),
    [remove]: deletion(next),
    [removeFailed]: deletion(otherwise),
  };
}

/** Calls that are answered at once. */
const CALL_SECONDS = 120;
/** A size of request that SageMaker takes of an endpoint, too. */
const REQUEST_MEBIBYTES = 6;

/** The project measures itself by metrics of its own, on the training rows: the hold-out is not for it. */
export function evaluate(options: JobStatesOptions, { name, image, model, rows, output, ...place }: Evaluation): Record<string, State> {
  const { maximumRuntime } = options.evaluation;
  const { keyArn, job: { evaluationInstanceType: instanceType, volumeSizeGib } } = options;
  const input = (inputName: string, uri: string) => ({
    InputName: inputName,
    S3Input: { 'S3Uri.$': uri, 'LocalPath': `/opt/ml/processing/${inputName}`, 'S3DataType': 'S3Prefix', 'S3InputMode': 'File' },
  });
  return awaited('ProcessingJobStatus', place, 'EvaluationStopped', {
    Resource: `arn:${options.partition}:states:::sagemaker:createProcessingJob.sync`,
    Parameters: {
      'ProcessingJobName.$': name,
      'RoleArn': options.roleArns.evaluation,
      'AppSpecification': { 'ImageUri.$': image, 'ContainerArguments': ['evaluate'] },
      'Environment': options.environment,
      'ProcessingInputs': [input('model', model), input('test', rows)],
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
