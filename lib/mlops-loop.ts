import { RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { IKey, Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { IBucket } from 'aws-cdk-lib/aws-s3';
import { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { DataBuckets } from './data/data-buckets';
import { Dataset, DatasetOptions } from './data/dataset';
import { ApprovalPolicy } from './delivery/approval-policy';
import { CandidateApproval } from './delivery/candidate-approval';
import { ReleasePipeline, ReleaseStage } from './delivery/release-pipeline';
import { TrainingPipeline } from './delivery/training-pipeline';
import { IModelImage, ModelImage } from './model/model-image';
import { ModelProject } from './model/model-project';
import { ModelRegistry } from './model/model-registry';
import { AlarmTopic } from './monitoring/alarm-topic';
import { DriftMonitor } from './monitoring/drift-monitor';
import { DriftOptions, driftFaults } from './monitoring/drift-options';
import { ModelDashboard } from './monitoring/model-dashboard';
import { metricOfGate, QualityMonitor, QualityOptions, qualityFaults } from './monitoring/quality-monitor';
import { Reconciliation } from './monitoring/reconciliation';
import { Retraining, RetrainingOptions, retrainingFaults } from './monitoring/retraining';
import { DeadLetters } from './private/dead-letters';
import { Faults } from './private/errors';
import { EndpointAlarmOptions } from './serving/endpoint-alarms';
import { Hosting } from './serving/hosting';
import { LoopRetirement } from './serving/loop-retirement';
import { ModelEndpoint } from './serving/model-endpoint';
import { Rollout } from './serving/rollout';
import { QualityGate } from './training/quality-gate';
import { TrainingJobOptions } from './training/training-job';
import { TrainingWorkflow } from './training/training-workflow';

/** One step of a release before production. */
export interface StageOptions {
  /** Name of the stage, for example `Staging`. */
  readonly name: string;

  /**
   * What the stage's endpoint runs on.
   *
   * @default Hosting.realTime()
   */
  readonly hosting?: Hosting;

  /**
   * Whether a person must agree before the stage.
   *
   * @default false
   */
  readonly manualApproval?: boolean;
}

/** Who manages the key of data, logs and messages. */
export enum KeyManagement {
  /** The account's owner: a key of the account whose policy says who may use it. */
  CUSTOMER = 'customer',
  /** AWS, at no charge. Topics alone have a key of the account, since alarms cannot publish under one that AWS manages. */
  AWS = 'aws',
}

export interface MlopsLoopProps {
  /** The code of the model. Moving from a project that is built to an image from elsewhere, or back, takes two deployments: see docs/moving.md. */
  readonly project: ModelProject;
  /** What the data looks like. */
  readonly dataset: DatasetOptions;
  /** What a candidate must reach before it is registered. */
  readonly gate: QualityGate;

  /**
   * An existing bucket with the data. It must be versioned and send its events to EventBridge.
   *
   * @default - a new bucket
   */
  readonly dataBucket?: IBucket;

  /**
   * How the training job runs.
   *
   * @default - ml.m5.large on spot capacity, at most four hours
   */
  readonly training?: TrainingJobOptions;

  /**
   * Who decides that a candidate may be released.
   *
   * @default ApprovalPolicy.manual()
   */
  readonly approval?: ApprovalPolicy;

  /**
   * What the endpoint runs on.
   *
   * @default Hosting.realTime()
   */
  readonly hosting?: Hosting;

  /**
   * How traffic moves to a new model.
   *
   * @default Rollout.auto()
   */
  readonly rollout?: Rollout;

  /**
   * Name of the endpoint. An update that changes it deletes the endpoint of the old name at its end; that of the new name serves
   * only when the release has made it, which the same update starts.
   *
   * @default - derived from the construct's path
   */
  readonly endpointName?: string;

  /**
   * Endpoints that a release passes before production, in order.
   *
   * @default - a release goes to production directly
   */
  readonly stagesBeforeProduction?: StageOptions[];

  /**
   * Whether a person must agree before production is touched, beyond the approval of the package.
   *
   * @default false
   */
  readonly approveProduction?: boolean;

  /**
   * Limits of the endpoint's alarms, which are also those that roll a release back.
   *
   * @default - 1 % of errors, two seconds, 90 % saturation
   */
  readonly endpointAlarms?: EndpointAlarmOptions;

  /**
   * How drift is judged.
   *
   * @default - hourly over a trailing day
   */
  readonly drift?: DriftOptions;

  /**
   * How the quality of production's answers is measured, from labels that are uploaded as they become known, and how unequally groups may be
   * treated.
   *
   * @default - it is not measured
   */
  readonly quality?: QualityOptions;

  /**
   * When and on what a drifted model is trained again.
   *
   * @default - at most once a day and eight times a month, on the dataset's training window
   */
  readonly retraining?: RetrainingOptions;

  /**
   * Who gets a mail when an alarm rings; each must confirm it once.
   *
   * @default - nobody; subscribe to the topic instead
   */
  readonly alarmEmails?: string[];

  /**
   * An existing topic for alarms. `cloudwatch.amazonaws.com` and `events.amazonaws.com` must be able to publish to it.
   *
   * @default - a new topic
   */
  readonly alarmTopic?: ITopic;

  /**
   * Key of the topic of alarms, and of the queue of events that could not be handled. It must be another one than `encryptionKey`:
   * a topic whose key is disabled delivers nothing. The policy of an imported key must let `cloudwatch.amazonaws.com` and `events.amazonaws.com`
   * use it (`kms:Decrypt`, `kms:GenerateDataKey*`).
   *
   * @default - a new key, whatever `keyManagement` says: neither service can publish under a key that AWS manages
   */
  readonly alarmEncryptionKey?: IKey;

  /**
   * Key of all data and logs. The policy of an imported key must let CloudWatch Logs use it. A later change of the key takes
   * two deployments: see docs/moving.md.
   *
   * @default - a new key that is rotated every year, unless `keyManagement` leaves keys to AWS
   */
  readonly encryptionKey?: IKey;

  /**
   * Keys of earlier deployments, under which objects that were written then are still encrypted.
   *
   * @default - every object is encrypted under the present key
   */
  readonly formerEncryptionKeys?: IKey[];

  /**
   * Repositories of images that the loop used before another `project` or `encryptionKey`: the model that serves still needs
   * its image, on every new instance and to be compared with candidates.
   *
   * @default - images are pulled from the repository of the project only
   */
  readonly additionalPullRepositories?: IRepository[];

  /**
   * Who manages the key of all data and logs.
   *
   * @default KeyManagement.CUSTOMER
   */
  readonly keyManagement?: KeyManagement;

  /**
   * VPC that jobs and models run in.
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
   * Security groups of jobs and models.
   *
   * @default - new ones that allow no inbound traffic
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * What happens to data, models, images and keys when the stack is deleted. `DESTROY` also empties what can only be deleted empty;
   * `RETAIN` keeps them even when the very first deployment fails, so that each attempt leaves its own. Endpoints are removed
   * either way.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * How long logs are kept.
   *
   * @default RetentionDays.THREE_MONTHS
   */
  readonly logRetention?: RetentionDays;
}

/**
 * The whole loop: data or code in, image, training, judgement, registry, approval, release, serving, drift monitoring,
 * retraining. The one place that knows all domains; each of its parts can be used without it.
 */
export class MlopsLoop extends Construct {
  /** Key of all data and logs; undefined if AWS manages it. Alarms have a key of their own. */
  public readonly encryptionKey?: IKey;
  /** Where alarms and failed runs are told. */
  public readonly alarmTopic: ITopic;
  /** Datasets, artifacts and captured traffic. */
  public readonly buckets: DataBuckets;
  /** What models are trained on. */
  public readonly dataset: Dataset;
  /** The image of the project. */
  public readonly image: IModelImage;
  /** Where images of the project are kept; undefined if the image exists already. */
  public readonly imageRepository?: IRepository;
  /** Where candidates are registered. */
  public readonly registry: ModelRegistry;
  /** The endpoint in production. */
  public readonly endpoint: ModelEndpoint;
  /** From data to a registered candidate. */
  public readonly trainingWorkflow: TrainingWorkflow;
  /** From code or data to a registered candidate. */
  public readonly trainingPipeline: TrainingPipeline;
  /** From an approved package to a serving endpoint. */
  public readonly releasePipeline: ReleasePipeline;
  /** Watches the traffic of production. */
  public readonly monitor: DriftMonitor;
  /** Measures the answers of production against labels; undefined unless asked for. */
  public readonly quality?: QualityMonitor;
  /** Trains again when the model no longer fits its traffic. */
  public readonly retraining: Retraining;
  /** Looks every hour whether the loop is what it should be. */
  public readonly reconciliation: Reconciliation;

  constructor(scope: Construct, id: string, props: MlopsLoopProps) {
    super(scope, id);
    validate(this, props);
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
    const { logRetention } = props;

    this.encryptionKey = props.keyManagement === KeyManagement.AWS ? undefined : props.encryptionKey
      ?? new Key(this, 'Key', { description: `data of ${this.node.path}`, enableKeyRotation: true, removalPolicy });
    const secured = { encryptionKey: this.encryptionKey, logRetention };
    const network = { vpc: props.vpc, vpcSubnets: props.vpcSubnets, securityGroups: props.securityGroups };

    // Not under the key of all data: while that key is disabled, alarms must still arrive.
    this.alarmTopic = props.alarmTopic ?? new AlarmTopic(this, 'Alarms', { emails: props.alarmEmails, encryptionKey: props.alarmEncryptionKey }).topic;
    const deadLetters = new DeadLetters(this, 'DeadLetters', this.alarmTopic, this.encryptionKey && (this.alarmTopic.masterKey ?? this.encryptionKey));
    const told = { alarmTopic: this.alarmTopic, deadLetterQueue: deadLetters.queue };

    this.buckets = new DataBuckets(this, 'Data', {
      datasets: props.dataBucket, encryptionKey: this.encryptionKey, formerEncryptionKeys: props.formerEncryptionKeys, removalPolicy,
    });
    this.dataset = Dataset.fromBucket(this.buckets.datasets, props.dataset);
    this.registry = new ModelRegistry(this, 'Registry', { removalPolicy });
    if (props.project.imageUri === undefined) {
      const image = new ModelImage(this, 'Image', {
        project: props.project, pipelineArtifacts: this.buckets.pipelineArtifacts, additionalPullRepositories: props.additionalPullRepositories, removalPolicy, ...secured,
      });
      [this.image, this.imageRepository] = [image, image.repository];
    } else {
      this.image = ModelImage.fromRegistry(this, 'Image', props.project.imageUri, { additionalPullRepositories: props.additionalPullRepositories });
    }

    const endpoint = (name: string, hosting: Hosting | undefined, endpointName?: string) => new ModelEndpoint(this, name, {
      buckets: this.buckets, image: this.image, registry: this.registry, endpointName, hosting, rollout: props.rollout,
      alarms: props.endpointAlarms, alarmTopic: this.alarmTopic, ...network, ...secured,
    });
    const stages: ReleaseStage[] = (props.stagesBeforeProduction ?? []).map((stage) => ({
      name: stage.name, endpoint: endpoint(`${stage.name}Endpoint`, stage.hosting), manualApproval: stage.manualApproval,
    }));
    this.endpoint = endpoint('Endpoint', props.hosting, props.endpointName);
    stages.push({ name: 'Production', endpoint: this.endpoint, manualApproval: props.approveProduction });

    this.trainingWorkflow = new TrainingWorkflow(this, 'Training', {
      dataset: this.dataset, buckets: this.buckets, image: this.image, registry: this.registry, gate: props.gate,
      championEndpointName: this.endpoint.endpointName, job: props.training, driftWindow: props.drift?.window, ...network, ...secured,
    });
    this.trainingPipeline = new TrainingPipeline(this, 'TrainingPipeline', {
      image: this.image, workflow: this.trainingWorkflow, dataset: this.dataset, buckets: this.buckets, ...told,
    });
    this.releasePipeline = new ReleasePipeline(this, 'ReleasePipeline', { registry: this.registry, stages, buckets: this.buckets, ...told, ...secured });
    const approval = this.createApproval(props, deadLetters, secured);

    this.monitor = new DriftMonitor(this, 'Monitor', {
      ...props.drift, endpointName: this.endpoint.endpointName, buckets: this.buckets, registry: this.registry, ...told, ...secured,
    });
    this.quality = props.quality && new QualityMonitor(this, 'Quality', {
      ...props.quality, metric: metricOfGate(props.quality, props.gate.metric), endpointName: this.endpoint.endpointName, buckets: this.buckets, registry: this.registry,
      ...told, ...secured,
    });
    this.retraining = new Retraining(this, 'Retraining', {
      ...props.retraining, alarm: this.monitor.driftAlarm, pipeline: this.trainingPipeline.pipeline, dataset: this.dataset, registry: this.registry,
      buckets: this.buckets, deadLetterQueue: deadLetters.queue, ...secured,
    });
    this.reconciliation = new Reconciliation(this, 'Reconciliation', {
      releasePipeline: this.releasePipeline, endpointName: this.endpoint.endpointName, registry: this.registry, buckets: this.buckets,
      rules: [...this.trainingPipeline.rules, ...this.releasePipeline.rules, ...this.retraining.rules, ...(approval ? [approval.rule] : []), this.monitor.rule, ...(this.quality ? [this.quality.rule] : [])],
      ...told, ...secured,
    });
    new ModelDashboard(this, 'Dashboard', { endpoint: this.endpoint, monitor: this.monitor, quality: this.quality, retraining: this.retraining, reconciliation: this.reconciliation });

    this.createRetirement(removalPolicy, stages, props.dataBucket === undefined, secured);
  }

  private createApproval(props: MlopsLoopProps, deadLetters: DeadLetters, secured: { encryptionKey?: IKey; logRetention?: RetentionDays }): CandidateApproval | undefined {
    const automatic = (props.approval ?? ApprovalPolicy.manual())._automatic;
    if (automatic === undefined) return undefined;
    return new CandidateApproval(this, 'Approval', { ...automatic, registry: this.registry, gate: props.gate, deadLetterQueue: deadLetters.queue, ...secured });
  }

  private createRetirement(
    removalPolicy: RemovalPolicy, stages: ReleaseStage[], ownsDatasets: boolean, secured: { encryptionKey?: IKey; logRetention?: RetentionDays },
  ): void {
    const { buckets } = this;
    new LoopRetirement(this, 'Retirement', {
      endpoints: stages.map((stage) => stage.endpoint),
      // The release pipeline follows its functions, and every other rule a pipeline.
      starters: [this.trainingPipeline.pipeline, this.monitor.rule, ...(this.quality?._starters ?? [])],
      workflows: [this.trainingWorkflow.stateMachine, this.monitor.stateMachine],
      workflowPolicies: [this.monitor._shardPolicy],
      jobNamePrefixes: [`${this.trainingWorkflow.jobNamePrefix}-`],
      registry: this.registry,
      buckets: [buckets.artifacts, buckets.captured, buckets.pipelineArtifacts],
      datasets: ownsDatasets ? buckets.datasets : undefined,
      removalPolicy,
      ...secured,
    });
  }
}

/** Everything that can be wrong without looking into the parts, found before anything is created. */
function validate(loop: MlopsLoop, props: MlopsLoopProps): void {
  new Faults()
    .addAll(Dataset.fromBucket(undefined as never, props.dataset)._faults())
    .addAll(props.gate._faults())
    .addAll((props.approval ?? ApprovalPolicy.manual())._faults(props.gate))
    .addAll(driftFaults(props.drift ?? {}))
    .addAll(qualityFaults(props.quality ?? {}))
    .addAll(facetFaults(props))
    .addAll(retrainingFaults(props.retraining ?? {}))
    .when(props.keyManagement === KeyManagement.AWS && props.encryptionKey !== undefined, 'encryptionKey is given, but keyManagement leaves keys to AWS; leave one of both out')
    .when(props.alarmTopic !== undefined && props.alarmEncryptionKey !== undefined, 'alarmTopic and alarmEncryptionKey are both given; the topic has its key already, so leave alarmEncryptionKey out')
    .when(props.alarmEncryptionKey !== undefined && props.alarmEncryptionKey === props.encryptionKey, 'alarmEncryptionKey is the key of all data; give another one, or none: if that key is disabled, its alarms must still be delivered')
    .when(props.alarmTopic !== undefined && props.alarmEmails !== undefined, 'alarmTopic and alarmEmails are both given; subscribe the addresses to the topic yourself')
    .throwIn(loop);
}

/** Production tells groups by what the model is asked, which leaves out what the dataset holds beside its features. */
function facetFaults({ quality, dataset: { labelColumn, timeColumn, ignoredColumns = [] } }: MlopsLoopProps): readonly string[] {
  const others = [labelColumn, timeColumn, ...ignoredColumns];
  return (quality?.task?._rules().facets ?? []).filter(({ feature }) => others.includes(feature))
    .map(({ feature }) => `quality.task has a facet by '${feature}', which is the label, the time or an ignored column of the dataset and in no request; name a feature, or limit its bias by the gate`);
}
