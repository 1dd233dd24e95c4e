import { Duration } from 'aws-cdk-lib';
import * as codepipeline from 'aws-cdk-lib/aws-codepipeline';
import { ManualApprovalAction } from 'aws-cdk-lib/aws-codepipeline-actions';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ITopic } from 'aws-cdk-lib/aws-sns';
import { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ARTIFACT_PREFIXES } from '../data/artifact-keys.contract';
import { DataBuckets } from '../data/data-buckets';
import { ModelRegistry } from '../model/model-registry';
import { checkDuration } from '../private/checks';
import { grantBucketAccess } from '../private/bucket-access';
import { Faults } from '../private/errors';
import { HandlerFunction, regionalArn } from '../private/handler-function';
import { jsonAsset } from '../private/json-asset';
import { BY_PIPELINE, allowTaggedArtifacts, assetSourceAction, handlerAction, pipelineRole } from '../private/pipeline-action';
import { grantDescribeServed } from '../private/served-model';
import { sealed } from '../private/service-role';
import { DeployEndpointParameters } from '../serving/deploy-endpoint.contract';
import { ModelEndpoint } from '../serving/model-endpoint';
import { ProbeEndpointParameters } from '../serving/probe-endpoint.contract';
import { DESCRIPTOR_FILE, ReleaseDescriptor } from '../serving/release-descriptor.contract';
import { noticeFailures } from './failure-notice';
import { SELECTED_PACKAGE_OUTPUT, SELECT_RELEASE_ENV, SelectReleaseParameters } from './select-release.contract';
import { NO_PACKAGE, PACKAGE_VARIABLE, START_RELEASE_ENV } from './start-release.contract';

export interface ReleaseStage {
  /** Name of the stage, for example `Staging`. */
  readonly name: string;
  /** The endpoint that the stage releases to. */
  readonly endpoint: ModelEndpoint;

  /**
   * Whether a person must agree before the stage.
   *
   * @default false
   */
  readonly manualApproval?: boolean;

  /**
   * How long the alarms on the released fleet are watched after the probes were answered.
   *
   * @default Duration.minutes(5)
   */
  readonly watch?: Duration;

  /**
   * Largest latency of one probe.
   *
   * @default Duration.seconds(5)
   */
  readonly maximumProbeLatency?: Duration;
}

export interface ReleasePipelineProps {
  /** Whose approved packages are released. */
  readonly registry: ModelRegistry;
  /** One endpoint after another; the last one is production. */
  readonly stages: ReleaseStage[];
  /** Where artifacts pass between actions. */
  readonly buckets: DataBuckets;

  /**
   * Who is told of a failed release.
   *
   * @default - nobody; failed releases can be seen in the console
   */
  readonly alarmTopic?: ITopic;

  /**
   * Where events go that could not be handled.
   *
   * @default - they are dropped after the retries
   */
  readonly deadLetterQueue?: IQueue;

  /**
   * Key of the handlers' logs.
   *
   * @default - CloudWatch Logs encrypts with its own key
   */
  readonly encryptionKey?: IKey;

  /**
   * How long the handlers' logs are kept.
   *
   * @default RetentionDays.THREE_MONTHS
   */
  readonly logRetention?: RetentionDays;
}

/**
 * From an approved package to a serving endpoint, stage by stage. A release starts with an approval, with the rejection of
 * the package that serves, and when the settings of a release change. Releases queue; none overtakes another.
 */
export class ReleasePipeline extends Construct {
  /** The pipeline. Its variable `PackageArn` names the package to release, or `none` for the newest approved that was not rolled back. */
  public readonly pipeline: codepipeline.Pipeline;
  /** Rules that start it or tell of it. */
  public readonly rules: events.Rule[] = [];

  constructor(scope: Construct, id: string, private readonly props: ReleasePipelineProps) {
    super(scope, id);
    this.validate();
    const role = pipelineRole(this, 'Role', props.buckets.pipelineArtifacts);
    const descriptor = new codepipeline.Artifact('Descriptor');

    this.pipeline = new codepipeline.Pipeline(this, 'Resource', {
      pipelineType: codepipeline.PipelineType.V2,
      executionMode: codepipeline.ExecutionMode.QUEUED,
      role: sealed(role),
      usePipelineRoleForActions: true,
      artifactBucket: props.buckets.pipelineArtifacts,
      restartExecutionOnUpdate: true,
      variables: [new codepipeline.Variable({ variableName: PACKAGE_VARIABLE, defaultValue: NO_PACKAGE, description: 'the package to release' })],
      stages: [
        { stageName: 'Source', actions: [this.sourceAction(role, descriptor)] },
        { stageName: 'Select', actions: [this.selectAction(role)] },
        ...props.stages.map((stage) => this.releaseStage(role, stage, descriptor)),
      ],
    });

    this.rules.push(this.startOnApproval());
    if (props.alarmTopic) this.rules.push(noticeFailures(this, this.pipeline, props.alarmTopic, 'release-pipeline-failed', props.deadLetterQueue));
  }

  /**
   * Where rollbacks of each stage's endpoint are recorded, as S3 URIs, comma-separated.
   *
   * @internal
   */
  public get _rollbackRecords(): string {
    return this.props.stages.map(({ endpoint }) => endpoint._rollbackRecord).join(',');
  }

  /** @internal */
  public _grantReadRollbacks(handler: HandlerFunction): void {
    for (const { endpoint } of this.props.stages) endpoint._grantRollbackRecord(handler.role, { write: false });
  }

  private validate(): void {
    const { stages } = this.props;
    const names = stages.map((stage) => stage.name);
    const faults = new Faults()
      .when(stages.length === 0, 'there are no stages; give at least one')
      .when(new Set(names).size < names.length, `stages are named ${names.join(', ')}; give each its own name`);
    for (const stage of stages) {
      faults
        .when(!/^[A-Za-z0-9.@_-]{1,80}$/.test(stage.name), `a stage is named '${stage.name}'; give 1 to 80 letters, digits and .@_-`)
        .when(['Source', 'Select'].includes(stage.name), `a stage is named '${stage.name}', which the pipeline's own stage is; choose another name`)
        .add(checkDuration(`watch of stage '${stage.name}'`, stage.watch, Duration.seconds(0), Duration.hours(12)))
        .add(checkDuration(`maximumProbeLatency of stage '${stage.name}'`, stage.maximumProbeLatency, Duration.millis(1), Duration.seconds(60)));
    }
    faults.throwIn(this);
  }

  /** What a release does is data: an asset, so that it exists before the pipeline, and a change of it starts a release. */
  private sourceAction(role: iam.Role, output: codepipeline.Artifact): codepipeline.IAction {
    const descriptor: ReleaseDescriptor = { version: 1, stages: this.props.stages.map((stage) => stage.endpoint._stage(stage.name)) };
    const asset = jsonAsset(this, 'Descriptor', DESCRIPTOR_FILE, descriptor);
    const action = assetSourceAction(this, role, { name: 'Descriptor', asset, output });
    allowTaggedArtifacts(role, action, this.props.buckets.pipelineArtifacts);
    return action;
  }

  private selectAction(role: iam.Role): codepipeline.IAction {
    const { registry } = this.props;
    const handler = new HandlerFunction(this, 'Select', {
      ...this.handlerOptions,
      handler: 'delivery/select-release',
      description: 'settles which package is to be live',
      asynchronous: BY_PIPELINE,
      environment: SELECT_RELEASE_ENV.render({ MODEL_PACKAGE_GROUP: registry.modelPackageGroupName, ROLLBACK_RECORDS: this._rollbackRecords }),
    });
    this._grantReadRollbacks(handler);
    handler.allow(['codepipeline:PutJobFailureResult', 'codepipeline:PutJobSuccessResult'], ['*']);
    registry.grantList(handler.role);
    const parameters: SelectReleaseParameters = { packageArn: `#{variables.${PACKAGE_VARIABLE}}` };
    return handlerAction(role, { name: 'Select', function: handler.function, parameters, namespace: 'Select' });
  }

  private releaseStage(role: iam.Role, stage: ReleaseStage, descriptor: codepipeline.Artifact): codepipeline.StageOptions {
    const packageArn = `#{Select.${SELECTED_PACKAGE_OUTPUT}}`;
    const deploy: DeployEndpointParameters = { stage: stage.name, packageArn, execution: codepipeline.GlobalVariables.executionId };
    const probe: ProbeEndpointParameters = {
      endpointName: stage.endpoint.endpointName,
      packageArn,
      bakeSeconds: (stage.watch ?? Duration.minutes(5)).toSeconds(),
      maximumLatencyMilliseconds: (stage.maximumProbeLatency ?? Duration.seconds(5)).toMilliseconds(),
    };
    return {
      stageName: stage.name,
      // Without an approved package there is nothing to approve, deploy or probe; this comes before any of it.
      beforeEntry: { conditions: [{
        result: codepipeline.Result.SKIP,
        rules: [new codepipeline.Rule({
          name: 'PackageToRelease', provider: 'VariableCheck', version: '1', configuration: { Variable: packageArn, Operator: 'NE', Value: NO_PACKAGE },
        })],
      }] },
      actions: [
        ...(stage.manualApproval ? [new ManualApprovalAction({ actionName: 'Approve', runOrder: 1, additionalInformation: `release ${packageArn} to ${stage.endpoint.endpointName}?` })] : []),
        handlerAction(role, { name: 'Deploy', function: stage.endpoint.deployFunction, parameters: deploy, input: descriptor, runOrder: 2 }),
        handlerAction(role, { name: 'Probe', function: stage.endpoint.probeFunction, parameters: probe, runOrder: 3 }),
      ],
    };
  }

  private startOnApproval(): events.Rule {
    const { registry, stages, deadLetterQueue, buckets } = this.props;
    const production = stages[stages.length - 1]!.endpoint.endpointName;
    const handler = new HandlerFunction(this, 'Start', {
      ...this.handlerOptions,
      handler: 'delivery/start-release',
      description: 'starts a release when a package is approved, or the live one rejected',
      asynchronous: { retryAttempts: 2, deadLetterQueue },
      environment: START_RELEASE_ENV.render({
        PIPELINE_NAME: this.pipeline.pipelineName, ENDPOINT_NAME: production, MODEL_PACKAGE_GROUP: registry.modelPackageGroupName,
        ARTIFACTS_BUCKET: buckets.artifacts.bucketName, ROLLBACK_RECORDS: this._rollbackRecords,
      }),
    });
    // A new approval ends what a rollback began.
    for (const { endpoint } of stages) endpoint._grantRollbackRecord(handler.role, { write: true });
    const ownState = [`${ARTIFACT_PREFIXES.state}${this.pipeline.pipelineName}/`];
    grantBucketAccess(handler.role, buckets.artifacts, { read: ownState, write: ownState, list: true });
    registry.grantRead(handler.role);
    grantDescribeServed(this, handler, production);
    handler.allow(['codepipeline:ListPipelineExecutions', 'codepipeline:StartPipelineExecution'], [regionalArn(this, 'codepipeline', this.pipeline.pipelineName)]);
    return new events.Rule(this, 'Approvals', {
      description: 'a package was approved or rejected',
      // Who approves a package that failed is told so by the release that fails.
      eventPattern: registry.packageEvents({ approvalStatuses: ['Approved', 'Rejected'], packageStatuses: ['Completed', 'Failed'] }),
      targets: [new targets.LambdaFunction(handler.function, { deadLetterQueue })],
    });
  }

  private get handlerOptions() {
    return { encryptionKey: this.props.encryptionKey, logRetention: this.props.logRetention };
  }
}
