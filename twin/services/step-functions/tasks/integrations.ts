import { Models, type OperationModel } from '../../../http/model';
import type { Json } from '../definition';
import type { Pattern, TaskResource } from './resource';

/** A job that `.sync` waits for. */
export interface JobKind {
  readonly describe: string;
  readonly stop: string;
  /** The member by which all three calls know the job. */
  readonly key: string;
  readonly keyIn: 'request' | 'response';
  readonly status: string;
  readonly succeeded: readonly string[];
  /** A status of which it is not documented whether the task succeeds. */
  readonly stopped?: string;
  readonly running: readonly string[];
  /** EventBridge rule that Step Functions keeps in the account to hear of the job's end. */
  readonly managedRule: string;
}

/** One operation of one service as a Task calls it. */
export interface Integration {
  readonly operation: OperationModel;
  readonly patterns: readonly Pattern[];
  /** Error names start with this. */
  readonly errorPrefix: string;
  /** What an error that the service's model does not declare is called. */
  readonly undeclaredError: string;
  readonly timestamps: 'iso' | 'milliseconds';
  /** Parameters that may be given as JSON and are sent as its text. */
  readonly jsonText: readonly string[];
  readonly job?: JobKind;
}

/** Service names in `aws-sdk:` resources: the name the service signs with, and the SDK's name for error names. */
const SDK_SERVICES: Readonly<Record<string, readonly [signingName: string, errorPrefix: string]>> = {
  applicationautoscaling: ['application-autoscaling', 'ApplicationAutoScaling'],
  cloudformation: ['cloudformation', 'CloudFormation'],
  cloudwatch: ['monitoring', 'CloudWatch'],
  cloudwatchlogs: ['logs', 'CloudWatchLogs'],
  codebuild: ['codebuild', 'CodeBuild'],
  codepipeline: ['codepipeline', 'CodePipeline'],
  ecr: ['ecr', 'Ecr'],
  eventbridge: ['events', 'EventBridge'],
  iam: ['iam', 'Iam'],
  kms: ['kms', 'Kms'],
  lambda: ['lambda', 'Lambda'],
  s3: ['s3', 'S3'],
  sagemaker: ['sagemaker', 'SageMaker'],
  sagemakerruntime: ['sagemaker', 'SageMakerRuntime'],
  scheduler: ['scheduler', 'Scheduler'],
  sfn: ['states', 'Sfn'],
  sns: ['sns', 'Sns'],
  sqs: ['sqs', 'Sqs'],
  ssm: ['ssm', 'Ssm'],
  sts: ['sts', 'Sts'],
};

function sageMakerJob(kind: 'Training' | 'Processing' | 'Transform'): JobKind {
  return {
    describe: `Describe${kind}Job`, stop: `Stop${kind}Job`, key: `${kind}JobName`, keyIn: 'request',
    status: `${kind}JobStatus`, succeeded: ['Completed'], stopped: 'Stopped', running: ['InProgress', 'Stopping'],
    managedRule: `StepFunctionsGetEventsForSageMaker${kind}JobsRule`,
  };
}

const EXECUTION_JOB: JobKind = {
  describe: 'DescribeExecution', stop: 'StopExecution', key: 'executionArn', keyIn: 'response',
  status: 'status', succeeded: ['SUCCEEDED'], running: ['RUNNING', 'PENDING_REDRIVE'],
  managedRule: 'StepFunctionsGetEventsForStepFunctionsExecutionRule',
};

interface Optimized {
  readonly signingName: string;
  readonly errorPrefix: string;
  readonly undeclaredError: string;
  readonly actions: Readonly<Record<string, { readonly patterns?: readonly Pattern[]; readonly job?: JobKind; readonly jsonText?: readonly string[] }>>;
}

const SYNC: readonly Pattern[] = ['requestResponse', 'sync'];
const CALLBACK: readonly Pattern[] = ['requestResponse', 'waitForTaskToken'];

const OPTIMIZED: Readonly<Record<string, Optimized>> = {
  lambda: {
    signingName: 'lambda', errorPrefix: 'Lambda', undeclaredError: 'AWSLambdaException',
    actions: { invoke: { patterns: CALLBACK } },
  },
  sagemaker: {
    signingName: 'sagemaker', errorPrefix: 'SageMaker', undeclaredError: 'AmazonSageMakerException',
    actions: {
      createTrainingJob: { patterns: SYNC, job: sageMakerJob('Training') },
      createProcessingJob: { patterns: SYNC, job: sageMakerJob('Processing') },
      createTransformJob: { patterns: SYNC, job: sageMakerJob('Transform') },
      createModel: {}, createEndpointConfig: {}, createEndpoint: {}, updateEndpoint: {},
    },
  },
  states: {
    signingName: 'states', errorPrefix: 'StepFunctions', undeclaredError: 'AWSStepFunctionsException',
    actions: { startExecution: { patterns: [...SYNC, 'sync:2', 'waitForTaskToken'], job: EXECUTION_JOB, jsonText: ['Input'] } },
  },
  sns: {
    signingName: 'sns', errorPrefix: 'SNS', undeclaredError: 'AmazonSNSException',
    actions: { publish: { patterns: CALLBACK, jsonText: ['Message'] } },
  },
  sqs: {
    signingName: 'sqs', errorPrefix: 'SQS', undeclaredError: 'AmazonSQSException',
    actions: { sendMessage: { patterns: CALLBACK, jsonText: ['MessageBody'] } },
  },
  events: {
    signingName: 'events', errorPrefix: 'EventBridge', undeclaredError: 'AmazonEventBridgeException',
    actions: { putEvents: { patterns: CALLBACK, jsonText: ['Detail'] } },
  },
};

/** The integration a resource names, or a sentence about why there is none. */
export function findIntegration(resource: Extract<TaskResource, { kind: 'optimized' | 'sdk' }>): Integration | string {
  return resource.kind === 'sdk' ? findSdk(resource) : findOptimized(resource);
}

function findOptimized({ service, action, pattern }: { service: string; action: string; pattern: Pattern }): Integration | string {
  const known = OPTIMIZED[service];
  const entry = known?.actions[action];
  if (known === undefined || entry === undefined) {
    const all = Object.entries(OPTIMIZED).flatMap(([name, { actions }]) => Object.keys(actions).map((one) => `${name}:${one}`));
    return `integration "${service}:${action}" is not implemented by the twin, which has ${all.join(', ')} and aws-sdk:*`;
  }
  const operation = operationOf(known.signingName, action);
  if (operation === undefined) return `operation "${service}:${action}" is not implemented by the twin`;
  const patterns = entry.patterns ?? ['requestResponse'];
  if (!patterns.includes(pattern)) return `"${service}:${action}" cannot be called with .${pattern}; it takes ${patterns.join(', ')}`;
  return {
    operation, patterns, errorPrefix: known.errorPrefix, undeclaredError: known.undeclaredError,
    timestamps: 'milliseconds', jsonText: entry.jsonText ?? [], job: entry.job,
  };
}

function findSdk({ service, action, pattern }: { service: string; action: string; pattern: Pattern }): Integration | string {
  const known = SDK_SERVICES[service];
  if (known === undefined) return `service "aws-sdk:${service}" is not implemented by the twin, which has ${Object.keys(SDK_SERVICES).join(', ')}`;
  const [signingName, errorPrefix] = known;
  const operation = operationOf(signingName, action);
  if (operation === undefined) return `operation "aws-sdk:${service}:${action}" is not implemented by the twin`;
  const patterns = CALLBACK;
  if (!patterns.includes(pattern)) return `"aws-sdk:${service}:${action}" cannot be called with .${pattern}`;
  return { operation, patterns, errorPrefix, undeclaredError: `${errorPrefix}Exception`, timestamps: 'iso', jsonText: [] };
}

function operationOf(signingName: string, action: string): OperationModel | undefined {
  return Models.load().operation(signingName, action.charAt(0).toUpperCase() + action.slice(1));
}

/** Parameters with those that travel as JSON text turned into text, at any depth. */
export function withJsonText(value: Json, names: readonly string[]): Json {
  if (names.length === 0 || value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((inner) => withJsonText(inner, names));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [
    key, names.includes(key) && typeof inner !== 'string' ? JSON.stringify(inner) : withJsonText(inner, names),
  ]));
}
