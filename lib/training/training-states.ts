import { Duration } from 'aws-cdk-lib';
import { Network } from '../private/network';
import { FAILED, caught, failureStates } from './failure-states';
import { takesVolumeKey } from '../private/volume-key';
import { TrainingJobSettings } from './training-job';

/** What the definition of the workflow names; all of it may be tokens. */
export interface TrainingStatesOptions {
  readonly partition: string;
  readonly functions: { readonly resolve: string; readonly profile: string; readonly judge: string; readonly register: string };
  readonly roleArn: string;
  readonly job: TrainingJobSettings;
  readonly evaluation: { readonly instanceType: string; readonly volumeSizeGib: number; readonly maximumRuntime: Duration };
  /** Given to the containers, so that one project can serve several tables. */
  readonly environment: Record<string, string>;
  readonly timeColumn: string;
  readonly network?: Network;
  readonly keyArn?: string;
}

type State = Record<string, unknown>;

/** The workflow in the States Language; paths are JSONPath. Its input is the training pipeline's. */
export function trainingStates(options: TrainingStatesOptions): Record<string, unknown> {
  const { functions, job } = options;
  return {
    Comment: 'from data to a registered candidate',
    StartAt: 'ResolveDataset',
    States: {
      ResolveDataset: handler(functions.resolve, 'dataset', 'HasData', {
        'run.$': '$$.Execution.Name',
        'trainingWindow.$': '$.trainingWindow',
      }),
      HasData: {
        Type: 'Choice',
        Choices: [{ Variable: '$.dataset.status', StringEquals: 'empty', Next: 'NothingToTrain' }],
        Default: 'ProfileData',
      },
      NothingToTrain: { Type: 'Succeed', Comment: 'there is no data yet' },
      ProfileData: handler(functions.profile, 'profile', 'Train', {
        'run.$': '$$.Execution.Name',
        'trainUri.$': '$.dataset.trainUri',
      }),

      Train: {
        ...train(options, '$.dataset.jobs.training', job.spot?.maximumWait),
        ...(job.spot?.retryOnDemand ? caught('LackedCapacity') : {}),
      },
      ...(job.spot?.retryOnDemand ? onDemandRetry(options) : {}),

      EvaluateCandidate: evaluate(options, {
        name: '$.dataset.jobs.candidate',
        image: '$.imageUri',
        model: '$.training.ModelArtifacts.S3ModelArtifacts',
        output: '$.dataset.output.candidate',
        // What it answers on the training rows, and when, is what its answers in production are compared with.
        reference: '$.dataset.trainUri',
        next: 'HasChampion',
      }),
      HasChampion: {
        Type: 'Choice',
        Choices: [{ Variable: '$.dataset.hasChampion', BooleanEquals: true, Next: 'EvaluateChampion' }],
        Default: 'JudgeCandidate',
      },
      EvaluateChampion: evaluate(options, {
        name: '$.dataset.jobs.champion',
        image: '$.dataset.champion.imageUri',
        model: '$.dataset.champion.modelDataUrl',
        output: '$.dataset.output.champion',
        next: 'JudgeCandidate',
      }),

      JudgeCandidate: handler(functions.judge, 'judgement', 'Verdict', {
        'run.$': '$$.Execution.Name',
        'hasChampion.$': '$.dataset.hasChampion',
      }),
      Verdict: {
        Type: 'Choice',
        Choices: [
          { Variable: '$.judgement.verdict', StringEquals: 'accepted', Next: 'RegisterCandidate' },
          { Variable: '$.judgement.verdict', StringEquals: 'champion-kept', Next: 'ChampionKept' },
        ],
        Default: 'BelowThreshold',
      },
      ChampionKept: { Type: 'Succeed', Comment: 'the champion is as good; nothing to register' },
      BelowThreshold: { Type: 'Fail', Error: 'BelowThreshold', CausePath: '$.judgement.reason' },

      RegisterCandidate: {
        ...handler(functions.register, undefined, undefined, {
          'run.$': '$$.Execution.Name',
          'imageUri.$': '$.imageUri',
          'modelDataUrl.$': '$.training.ModelArtifacts.S3ModelArtifacts',
          'codeRevision.$': '$.codeRevision',
          'fingerprint.$': '$.dataset.fingerprint',
          'trainedFrom.$': '$.dataset.trainedFrom',
          'trainedUntil.$': '$.dataset.trainedUntil',
          'statisticsUri.$': '$.profile.statisticsUri',
          'constraintsUri.$': '$.profile.constraintsUri',
          'probeUri.$': '$.profile.probeUri',
          'candidateValue.$': '$.judgement.candidateValue',
          'reason.$': '$.judgement.reason',
        }),
        End: true,
      },

      ...failureStates(),
    },
  };
}

/** Only a job that lacked capacity is run again; one whose code failed would fail again at a higher price. */
function onDemandRetry(options: TrainingStatesOptions): Record<string, State> {
  const lacked = (text: string) => ({ Variable: '$.failure.Cause', StringMatches: `*${text}*`, Next: 'TrainOnDemand' });
  return {
    LackedCapacity: {
      Type: 'Choice',
      Choices: [lacked('MaxWaitTimeExceeded'), lacked('CapacityError'), lacked('ResourceLimitExceeded')],
      Default: FAILED,
    },
    TrainOnDemand: train(options, '$.dataset.jobs.trainingOnDemand', undefined),
  };
}

/** SageMaker's own refusals while it is busy; its validation errors come under the same name and simply repeat themselves. */
const SAGEMAKER_RETRY = [{ ErrorEquals: ['SageMaker.AmazonSageMakerException'], IntervalSeconds: 10, MaxAttempts: 3, BackoffRate: 3 }];

/** Errors of Lambda itself, not of the handler. */
const LAMBDA_RETRY = {
  ErrorEquals: [
    'Lambda.ClientExecutionTimeoutException', 'Lambda.ServiceException', 'Lambda.AWSLambdaException', 'Lambda.SdkClientException', 'Lambda.TooManyRequestsException',
  ],
  IntervalSeconds: 2,
  MaxAttempts: 6,
  BackoffRate: 2,
};

/**
 * A handler that was killed, or whose call AWS could not answer however often the SDK tried. Every handler may be run
 * again; what it finds wrong with data or model comes under other names and stops the run at once.
 */
const HANDLER_RETRY = {
  ErrorEquals: [
    'Runtime.ExitError', 'Sandbox.Timedout', 'TimeoutError', 'ThrottlingException', 'SlowDown', 'InternalError', 'InternalFailure', 'ServiceUnavailable',
  ],
  IntervalSeconds: 20,
  MaxAttempts: 3,
  BackoffRate: 3,
};

function handler(functionArn: string, result: string | undefined, next: string | undefined, parameters: Record<string, string>): State {
  return {
    Type: 'Task',
    Resource: functionArn,
    Parameters: parameters,
    ...(result === undefined ? {} : { ResultPath: `$.${result}` }),
    TimeoutSeconds: 15 * 60,
    Retry: [LAMBDA_RETRY, HANDLER_RETRY],
    ...caught(),
    ...(next === undefined ? {} : { Next: next }),
  };
}

function vpcConfig(network: Network | undefined): State {
  return network ? { VpcConfig: { Subnets: network.subnetIds, SecurityGroupIds: network.securityGroupIds } } : {};
}

/** A training job; with `maximumWait` on spot capacity. */
function train(options: TrainingStatesOptions, name: string, maximumWait: Duration | undefined): State {
  const { job, keyArn } = options;
  const runtime = job.maximumRuntime.toSeconds();
  return {
    Type: 'Task',
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
      'ResourceConfig': {
        InstanceType: job.instanceType, InstanceCount: 1, VolumeSizeInGB: job.volumeSizeGib, ...(keyArn ? volumeKey(job.instanceType, keyArn) : {}),
      },
      'StoppingCondition': { MaxRuntimeInSeconds: runtime, ...(maximumWait ? { MaxWaitTimeInSeconds: maximumWait.toSeconds() } : {}) },
      ...(maximumWait ? { EnableManagedSpotTraining: true, CheckpointConfig: { 'S3Uri.$': '$.dataset.output.checkpoints' } } : {}),
      // The container sees its data and nothing else; SageMaker moves data and model.
      'EnableNetworkIsolation': true,
      ...vpcConfig(options.network),
    },
    // Beyond SageMaker's own limits, for a job that hangs between states.
    TimeoutSeconds: (maximumWait?.toSeconds() ?? runtime) + 2 * 3600,
    ResultPath: '$.training',
    Retry: SAGEMAKER_RETRY,
    ...caught(),
    Next: 'EvaluateCandidate',
  };
}

function volumeKey(instanceType: string, keyArn: string): Record<string, string> {
  return takesVolumeKey(instanceType) ? { VolumeKmsKeyId: keyArn } : {};
}

interface Evaluation {
  readonly name: string;
  readonly image: string;
  readonly model: string;
  readonly output: string;
  readonly reference?: string;
  readonly next: string;
}

/** Candidate and champion go through the same job on the same hold-out, each with its own image. */
function evaluate(options: TrainingStatesOptions, evaluation: Evaluation): State {
  const { instanceType, volumeSizeGib, maximumRuntime } = options.evaluation;
  const input = (name: string, uri: string) => ({
    InputName: name,
    S3Input: { 'S3Uri.$': uri, 'LocalPath': `/opt/ml/processing/${name}`, 'S3DataType': 'S3Prefix', 'S3InputMode': 'File' },
  });
  return {
    Type: 'Task',
    Resource: `arn:${options.partition}:states:::sagemaker:createProcessingJob.sync`,
    Parameters: {
      'ProcessingJobName.$': evaluation.name,
      'RoleArn': options.roleArn,
      'AppSpecification': { 'ImageUri.$': evaluation.image, 'ContainerArguments': ['evaluate'] },
      'Environment': { ...options.environment, ...(evaluation.reference ? { TIME_COLUMN: options.timeColumn } : {}) },
      'ProcessingInputs': [
        input('model', evaluation.model), input('test', '$.dataset.holdoutUri'), ...(evaluation.reference ? [input('reference', evaluation.reference)] : []),
      ],
      'ProcessingOutputConfig': {
        Outputs: [{
          OutputName: 'evaluation',
          S3Output: { 'S3Uri.$': evaluation.output, 'LocalPath': '/opt/ml/processing/evaluation', 'S3UploadMode': 'EndOfJob' },
        }],
        ...(options.keyArn ? { KmsKeyId: options.keyArn } : {}),
      },
      'ProcessingResources': {
        ClusterConfig: {
          InstanceType: instanceType, InstanceCount: 1, VolumeSizeInGB: volumeSizeGib, ...(options.keyArn ? volumeKey(instanceType, options.keyArn) : {}),
        },
      },
      'NetworkConfig': { EnableNetworkIsolation: true, ...vpcConfig(options.network) },
      'StoppingCondition': { MaxRuntimeInSeconds: maximumRuntime.toSeconds() },
    },
    TimeoutSeconds: maximumRuntime.toSeconds() + 3600,
    ResultPath: null,
    Retry: SAGEMAKER_RETRY,
    ...caught(),
    Next: evaluation.next,
  };
}
