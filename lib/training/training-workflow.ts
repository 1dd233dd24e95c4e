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
import { Network, network } from '../private/network';
import { grantDescribeServed } from '../private/served-model';
import { sealed, serviceRole } from '../private/service-role';
import { grantVolumeKey, takesVolumeKey } from '../private/volume-key';
import { jobRoles } from './job-roles';
import { JUDGE_CANDIDATE_ENV } from './judge-candidate.contract';
import { QualityGate } from './quality-gate';
import { REGISTER_CANDIDATE_ENV } from './register-candidate.contract';
import { TrainingJobOptions, TrainingJobSettings, trainingJobFaults, trainingJobSettings } from './training-job';
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
 * From data to a registered candidate: pin the data, profile it, train, have candidate and champion answer the same
 * hold-out, judge, register. A Step Functions workflow whose input is `{ imageUri, codeRevision, trainingWindow, trigger }`.
 */
export class TrainingWorkflow extends Construct {
  /** The workflow. */
  public readonly stateMachine: sfn.StateMachine;
  /** Role that training jobs run with. It sees the training rows, and neither hold-outs nor the registry. */
  public readonly trainingRole: iam.Role;
  /** Role that models answer the hold-out with, without its labels. */
  public readonly scoringRole: iam.Role;
  /** Role that the project's `evaluate` runs with; undefined unless the gate names metrics of the project's own. */
  public readonly evaluationRole?: iam.Role;
  /**
   * Longest time of a run, undefined if it is a token's.
   *
   * @internal
   */
  public readonly _longestRun: Duration | undefined;

  /** Names of jobs, and of the models that answer the hold-out, start with it and a hyphen; it is the loop's part in the keys of runs, too. */
  public readonly jobNamePrefix: string;

  constructor(scope: Construct, id: string, props: TrainingWorkflowProps) {
    super(scope, id);
    const faults = new Faults()
      .addAll(props.dataset._faults())
      .addAll(props.gate._faults())
      .addAll(trainingJobFaults(props.job, props.gate._customMetrics().length > 0))
      .add(checkName('championEndpointName', props.championEndpointName))
      .add(checkWholeHours('driftWindow', props.driftWindow));
    const vpc = network(this, props, faults);
    faults.throwIn(this);

    // Room for the digest of a run and the job's part in it.
    this.jobNamePrefix = uniqueName(this, 20);
    const roles = jobRoles(this, {
      buckets: props.buckets, image: props.image, loopName: this.jobNamePrefix, network: vpc, encryptionKey: props.encryptionKey,
      customMetrics: props.gate._customMetrics().length > 0,
    });
    this.trainingRole = roles.training;
    this.scoringRole = roles.scoring;
    this.evaluationRole = roles.evaluation;
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
    const own = (prefix: string) => `${prefix}${this.jobNamePrefix}/`;
    const [runs, trainingRows, holdoutRows, answers] = [own(ARTIFACT_PREFIXES.runs), own(ARTIFACT_PREFIXES.trainingRows), own(ARTIFACT_PREFIXES.holdoutRows), own(ARTIFACT_PREFIXES.answers)];

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
      read: [ARTIFACT_PREFIXES.datasets], write: [ARTIFACT_PREFIXES.datasets, runs, trainingRows, holdoutRows, own(ARTIFACT_PREFIXES.requests)], list: true,
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
    grantBucketAccess(profile.role, artifacts, { read: [trainingRows], write: [runs], listUnder: [trainingRows] });

    const judgesBias = props.gate._biasRules() !== undefined;
    const customMetrics = this.evaluationRole !== undefined;
    const judge = new HandlerFunction(this, 'JudgeCandidate', {
      ...common,
      handler: 'training/judge-candidate',
      description: 'measures candidate and champion on the hold-out, and decides whether the candidate may be registered',
      memorySize: 2048,
      environment: JUDGE_CANDIDATE_ENV.render({ ARTIFACTS_BUCKET: artifacts.bucketName, GATE: JSON.stringify(props.gate._rules()), DATASET: description }),
    });
    grantBucketAccess(judge.role, artifacts, {
      read: [holdoutRows, answers, ...(customMetrics ? [own(ARTIFACT_PREFIXES.customEvaluations)] : [])], write: [runs], list: true,
    });

    const register = new HandlerFunction(this, 'RegisterCandidate', {
      ...common,
      handler: 'training/register-candidate',
      description: 'registers a candidate with its evaluation, baseline and lineage',
      memorySize: 1024,
      environment: REGISTER_CANDIDATE_ENV.render({
        ARTIFACTS_BUCKET: artifacts.bucketName, MODEL_PACKAGE_GROUP: registry.modelPackageGroupName, DATASET: description, CONTENT_TYPES: 'text/csv',
        HAS_BIAS_REPORT: judgesBias ? 'true' : undefined,
      }),
    });
    grantBucketAccess(register.role, artifacts, { read: [runs, trainingRows, answers, own(ARTIFACT_PREFIXES.models)], write: [runs], list: true });
    // Whoever trains cannot approve: a package can only be created as pending.
    register.allow(['sagemaker:CreateModelPackage'], [registry.modelPackageArns, registry.modelPackageGroupArn], {
      StringEquals: { 'sagemaker:ModelApprovalStatus': 'PendingManualApproval' },
    });
    registry.grantRead(register.role);
    // SageMaker looks at image and artifact in the name of whoever registers them.
    props.image.grantRegister(register.role);

    return { resolve, profile, judge, register };
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
      roleArns: { training: this.trainingRole.roleArn, scoring: this.scoringRole.roleArn, evaluation: this.evaluationRole?.roleArn ?? '' },
      job,
      customMetrics: this.evaluationRole !== undefined,
      evaluation: { maximumRuntime: Duration.hours(1) },
      scoring: { maximumRuntime: Duration.hours(4) },
      environment: { LABEL_COLUMN: props.dataset._describe().labelColumn },
      network: vpc,
      keyArn: props.encryptionKey?.keyArn,
    };
  }

  private createStateMachine(props: TrainingWorkflowProps, options: TrainingStatesOptions, handlers: HandlerFunction[]): sfn.StateMachine {
    const role = serviceRole(this, 'WorkflowRole', 'states.amazonaws.com');
    this.allowJobs(role, handlers);
    this.allowVolumeKey(role, options.job, props.encryptionKey);
    return new sfn.StateMachine(this, 'Resource', {
      definitionBody: sfn.DefinitionBody.fromString(Stack.of(this).toJsonString(trainingStates(options))),
      role: sealed(role),
      stateMachineType: sfn.StateMachineType.STANDARD,
    });
  }

  private allowVolumeKey(workflowRole: iam.Role, { instanceType, evaluationInstanceType }: TrainingJobSettings, key: IKey | undefined): void {
    if (!key) return;
    const evaluates = takesVolumeKey(evaluationInstanceType);
    if (takesVolumeKey(instanceType)) grantVolumeKey(this.trainingRole, key);
    if (evaluates) grantVolumeKey(this.scoringRole, key);
    if (evaluates && this.evaluationRole) grantVolumeKey(this.evaluationRole, key);
    // CloudFormation's own handler has kms:Decrypt for a processing job.
    if (evaluates || takesVolumeKey(instanceType)) grantVolumeKey(workflowRole, key, ...(evaluates && this.evaluationRole ? ['kms:Decrypt'] : []));
  }

  private allowJobs(role: iam.Role, handlers: HandlerFunction[]): void {
    const allow = (actions: string[], resources: string[], conditions?: iam.Conditions) =>
      role.addToPolicy(new iam.PolicyStatement({ actions, resources, conditions }));
    const jobs = (kind: string) => regionalArn(this, 'sagemaker', kind, `${this.jobNamePrefix}-*`);
    // Step Functions learns of the end of a job by a rule of its own, and marks the job with a tag.
    const rule = (name: string) => regionalArn(this, 'events', 'rule', name);

    allow(['lambda:InvokeFunction'], handlers.map((handler) => handler.function.functionArn));
    allow(['sagemaker:CreateTrainingJob', 'sagemaker:DescribeTrainingJob', 'sagemaker:StopTrainingJob'], [jobs('training-job')]);
    allow(['sagemaker:CreateModel', 'sagemaker:DeleteModel'], [jobs('model')]);
    allow(['sagemaker:CreateTransformJob', 'sagemaker:DescribeTransformJob', 'sagemaker:StopTransformJob'], [jobs('transform-job')]);
    if (this.evaluationRole) allow(['sagemaker:CreateProcessingJob', 'sagemaker:DescribeProcessingJob', 'sagemaker:StopProcessingJob'], [jobs('processing-job')]);
    const kinds = this.evaluationRole ? ['Training', 'Transform', 'Processing'] : ['Training', 'Transform'];
    allow(['sagemaker:AddTags', 'sagemaker:ListTags'], kinds.map((kind) => jobs(`${kind.toLowerCase()}-job`)));
    const roles = [this.trainingRole, this.scoringRole, ...(this.evaluationRole ? [this.evaluationRole] : [])];
    allow(['iam:PassRole'], roles.map(({ roleArn }) => roleArn), { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } });
    allow(['events:DescribeRule', 'events:PutRule', 'events:PutTargets'], kinds.map((kind) => rule(`StepFunctionsGetEventsForSageMaker${kind}JobsRule`)));
  }
}
