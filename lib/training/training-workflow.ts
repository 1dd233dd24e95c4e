import { Aws, Duration, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { ARTIFACT_PREFIXES } from '../data/artifact-keys.contract';
import { DataBuckets } from '../data/data-buckets';
import { Dataset } from '../data/dataset';
import { PROFILE_DATA_ENV } from '../data/profile-data.contract';
import { RESOLVE_DATASET_ENV } from '../data/resolve-dataset.contract';
import { IModelImage } from '../model/model-image';
import { ModelRegistry } from '../model/model-registry';
import { grantBucketAccess } from '../private/bucket-access';
import { checkName, checkWholeHours } from '../private/checks';
import { Faults } from '../private/errors';
import { HandlerFunction, regionalArn } from '../private/handler-function';
import { handlerTask } from '../private/handler-task';
import { uniqueName } from '../private/names';
import { Network, grantNetwork, network } from '../private/network';
import { grantDescribeServed } from '../private/served-model';
import { sealed, serviceRole } from '../private/service-role';
import { grantVolumeKey, takesVolumeKey } from '../private/volume-key';
import { JUDGE_CANDIDATE_ENV } from './judge-candidate.contract';
import { QualityGate } from './quality-gate';
import { REGISTER_CANDIDATE_ENV } from './register-candidate.contract';
import { TrainingJobOptions, trainingJobFaults, trainingJobSettings } from './training-job';
import { TrainingStatesOptions, longestRun, trainingStates } from './training-states';

export interface TrainingWorkflowProps {
  /** What models are trained on. */
  readonly dataset: Dataset;
  /** Where snapshots, models and evaluations go. */
  readonly buckets: DataBuckets;
  /** The image that trains and evaluates. */
  readonly image: IModelImage;
  /** Where accepted candidates are registered. */
  readonly registry: ModelRegistry;
  /** What a candidate must reach. */
  readonly gate: QualityGate;

  /** The endpoint whose model is the champion; before its first release the newest approved package is. */
  readonly championEndpointName: string;

  /**
   * How the training job runs.
   *
   * @default - ml.m5.large on spot capacity, at most four hours
   */
  readonly job?: TrainingJobOptions;

  /**
   * Length of the window that a drift monitor will compare with the training data; whole hours.
   *
   * @default Duration.days(1)
   */
  readonly driftWindow?: Duration;

  /**
   * VPC that jobs run in. It needs endpoints for, or a route to, S3 and the services that the project itself calls.
   *
   * @default - SageMaker's own network
   */
  readonly vpc?: ec2.IVpc;

  /**
   * Subnets of the VPC.
   *
   * @default - its private subnets
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * Security groups of the jobs.
   *
   * @default - a new one that allows no inbound traffic
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * Key of volumes, outputs and logs.
   *
   * @default - keys that the services manage
   */
  readonly encryptionKey?: IKey;

  /**
   * How long the logs of the handlers are kept.
   *
   * @default RetentionDays.THREE_MONTHS
   */
  readonly logRetention?: RetentionDays;
}

/**
 * From data to a registered candidate: pin the data, profile it, train, evaluate candidate and champion on the same
 * hold-out, judge, register. A Step Functions workflow whose input is `{ imageUri, codeRevision, trainingWindow, trigger }`.
 */
export class TrainingWorkflow extends Construct {
  /** The workflow. */
  public readonly stateMachine: sfn.StateMachine;
  /** Role that training and evaluation jobs run with. It cannot touch the registry. */
  public readonly jobRole: iam.Role;
  /**
   * Longest time of a run, undefined if it is a token's.
   *
   * @internal
   */
  public readonly _longestRun: Duration | undefined;

  /** Names of training and evaluation jobs start with it and a hyphen. */
  public readonly jobNamePrefix: string;

  constructor(scope: Construct, id: string, props: TrainingWorkflowProps) {
    super(scope, id);
    const faults = new Faults()
      .addAll(props.dataset._faults())
      .addAll(props.gate._faults())
      .addAll(trainingJobFaults(props.job))
      .add(checkName('championEndpointName', props.championEndpointName))
      .add(checkWholeHours('driftWindow', props.driftWindow));
    const vpc = network(this, props, faults);
    faults.throwIn(this);

    // Room for the digest of a run and the job's part in it.
    this.jobNamePrefix = uniqueName(this, 20);
    this.jobRole = this.createJobRole(props, vpc);
    const handlers = this.createHandlers(props);
    const options = this.statesOptions(props, vpc, handlers);
    this._longestRun = longestRun(options);
    this.stateMachine = this.createStateMachine(props, options, Object.values(handlers));
  }

  private createHandlers(props: TrainingWorkflowProps) {
    const { dataset, buckets, registry, encryptionKey, logRetention } = props;
    const { artifacts } = buckets;
    const common = { encryptionKey, logRetention, timeout: Duration.minutes(15) };
    const description = JSON.stringify(dataset._describe());

    const resolve = new HandlerFunction(this, 'ResolveDataset', {
      ...common,
      handler: 'data/resolve-dataset',
      description: 'pins the data of a training run',
      memorySize: 2048,
      environment: RESOLVE_DATASET_ENV.render({
        DATA_BUCKET: dataset.bucket.bucketName,
        DATA_PREFIX: dataset.prefix,
        ARTIFACTS_BUCKET: artifacts.bucketName,
        DATASET: description,
        ENDPOINT_NAME: props.championEndpointName,
        MODEL_PACKAGE_GROUP: registry.modelPackageGroupName,
        JOB_NAME_PREFIX: this.jobNamePrefix,
      }),
    });
    grantBucketAccess(resolve.role, dataset.bucket, { readVersions: [dataset.prefix] });
    resolve.allow(['s3:ListBucketVersions'], [dataset.bucket.bucketArn]);
    grantBucketAccess(resolve.role, artifacts, {
      read: [ARTIFACT_PREFIXES.datasets], write: [ARTIFACT_PREFIXES.datasets, ARTIFACT_PREFIXES.runs], list: true,
    });
    registry.grantList(resolve.role);
    grantDescribeServed(this, resolve, props.championEndpointName);

    const profile = new HandlerFunction(this, 'ProfileData', {
      ...common,
      handler: 'data/profile-data',
      description: 'checks the training rows and builds the drift baseline',
      memorySize: 2048,
      environment: PROFILE_DATA_ENV.render({
        ARTIFACTS_BUCKET: artifacts.bucketName,
        DATASET: description,
        QUALITY: JSON.stringify(dataset._quality()),
        WINDOW_HOURS: String((props.driftWindow ?? Duration.days(1)).toHours()),
      }),
    });
    grantBucketAccess(profile.role, artifacts, { read: [ARTIFACT_PREFIXES.runs], write: [ARTIFACT_PREFIXES.runs], listUnder: [ARTIFACT_PREFIXES.runs] });

    const judgesBias = props.gate._biasRules() !== undefined;
    const judge = new HandlerFunction(this, 'JudgeCandidate', {
      ...common,
      handler: 'training/judge-candidate',
      description: 'decides whether a candidate may be registered',
      environment: JUDGE_CANDIDATE_ENV.render({
        ARTIFACTS_BUCKET: artifacts.bucketName, GATE: JSON.stringify(props.gate._rules()), LABEL_COLUMN: judgesBias ? dataset._describe().labelColumn : undefined,
      }),
    });
    grantBucketAccess(judge.role, artifacts, { read: [ARTIFACT_PREFIXES.runs], write: [ARTIFACT_PREFIXES.runs], list: true });

    const register = new HandlerFunction(this, 'RegisterCandidate', {
      ...common,
      handler: 'training/register-candidate',
      description: 'registers a candidate with its evaluation, baseline and lineage',
      memorySize: 1024,
      environment: REGISTER_CANDIDATE_ENV.render({
        ARTIFACTS_BUCKET: artifacts.bucketName, MODEL_PACKAGE_GROUP: registry.modelPackageGroupName, CONTENT_TYPES: 'text/csv',
        HAS_BIAS_REPORT: judgesBias ? 'true' : undefined,
      }),
    });
    grantBucketAccess(register.role, artifacts, { read: [ARTIFACT_PREFIXES.runs], write: [ARTIFACT_PREFIXES.runs], list: true });
    // Whoever trains cannot approve: a package can only be created as pending.
    register.allow(['sagemaker:CreateModelPackage'], [registry.modelPackageArns, registry.modelPackageGroupArn], {
      StringEquals: { 'sagemaker:ModelApprovalStatus': 'PendingManualApproval' },
    });
    registry.grantRead(register.role);
    // SageMaker looks at image and artifact in the name of whoever registers them.
    props.image.grantRegister(register.role);

    return { resolve, profile, judge, register };
  }

  /** What the containers may do: read what they are given, write what they make, log. */
  private createJobRole(props: TrainingWorkflowProps, vpc: Network | undefined): iam.Role {
    const role = serviceRole(this, 'JobRole', 'sagemaker.amazonaws.com', regionalArn(this, 'sagemaker', '*'));
    grantBucketAccess(role, props.buckets.artifacts, {
      read: [ARTIFACT_PREFIXES.runs], write: [ARTIFACT_PREFIXES.runs], listUnder: [ARTIFACT_PREFIXES.runs],
    });
    props.image.grantPull(role);
    const logGroup = (name: string) => Stack.of(this).formatArn({ service: 'logs', resource: `log-group:/aws/sagemaker/${name}*` });
    role.addToPolicy(new iam.PolicyStatement({
      actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
      resources: [logGroup('TrainingJobs'), logGroup('ProcessingJobs')],
    }));
    role.addToPolicy(new iam.PolicyStatement({
      actions: ['cloudwatch:PutMetricData'],
      resources: ['*'],
      conditions: { StringEquals: { 'cloudwatch:namespace': ['/aws/sagemaker/TrainingJobs', '/aws/sagemaker/ProcessingJobs'] } },
    }));
    props.encryptionKey?.grant(role, 'kms:Decrypt', 'kms:GenerateDataKey');
    if (vpc) grantNetwork(role, vpc);
    return role;
  }

  private statesOptions(
    props: TrainingWorkflowProps, vpc: Network | undefined, handlers: Record<'resolve' | 'profile' | 'judge' | 'register', HandlerFunction>,
  ): TrainingStatesOptions {
    const job = trainingJobSettings(props.job);
    return {
      partition: Aws.PARTITION,
      handlers: {
        resolve: handlerTask(handlers.resolve), profile: handlerTask(handlers.profile), judge: handlerTask(handlers.judge), register: handlerTask(handlers.register),
      },
      roleArn: this.jobRole.roleArn,
      job,
      evaluation: { instanceType: job.evaluationInstanceType, volumeSizeGib: job.volumeSizeGib, maximumRuntime: Duration.hours(1) },
      environment: { LABEL_COLUMN: props.dataset._describe().labelColumn },
      timeColumn: props.dataset._describe().timeColumn,
      network: vpc,
      keyArn: props.encryptionKey?.keyArn,
    };
  }

  private createStateMachine(props: TrainingWorkflowProps, options: TrainingStatesOptions, handlers: HandlerFunction[]): sfn.StateMachine {
    const role = serviceRole(this, 'WorkflowRole', 'states.amazonaws.com');
    this.allowJobs(role, handlers);
    if (props.encryptionKey && [options.job.instanceType, options.evaluation.instanceType].some(takesVolumeKey)) {
      grantVolumeKey(this.jobRole, props.encryptionKey);
      // CloudFormation's own handler has it for a processing job.
      grantVolumeKey(role, props.encryptionKey, 'kms:Decrypt');
    }
    return new sfn.StateMachine(this, 'Resource', {
      definitionBody: sfn.DefinitionBody.fromString(Stack.of(this).toJsonString(trainingStates(options))),
      role: sealed(role),
      stateMachineType: sfn.StateMachineType.STANDARD,
    });
  }

  private allowJobs(role: iam.Role, handlers: HandlerFunction[]): void {
    const allow = (actions: string[], resources: string[], conditions?: iam.Conditions) =>
      role.addToPolicy(new iam.PolicyStatement({ actions, resources, conditions }));
    const jobs = (kind: string) => regionalArn(this, 'sagemaker', kind, `${this.jobNamePrefix}-*`);
    // Step Functions learns of the end of a job by a rule of its own, and marks the job with a tag.
    const rule = (name: string) => regionalArn(this, 'events', 'rule', name);

    allow(['lambda:InvokeFunction'], handlers.map((handler) => handler.function.functionArn));
    allow(['sagemaker:CreateTrainingJob', 'sagemaker:DescribeTrainingJob', 'sagemaker:StopTrainingJob'], [jobs('training-job')]);
    allow(['sagemaker:CreateProcessingJob', 'sagemaker:DescribeProcessingJob', 'sagemaker:StopProcessingJob'], [jobs('processing-job')]);
    allow(['sagemaker:AddTags', 'sagemaker:ListTags'], [jobs('training-job'), jobs('processing-job')]);
    allow(['iam:PassRole'], [this.jobRole.roleArn], { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } });
    allow(['events:DescribeRule', 'events:PutRule', 'events:PutTargets'], [
      rule('StepFunctionsGetEventsForSageMakerTrainingJobsRule'), rule('StepFunctionsGetEventsForSageMakerProcessingJobsRule'),
    ]);
  }
}
