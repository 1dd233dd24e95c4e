import { Annotations, Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { ARTIFACT_KEYS, ARTIFACT_PREFIXES } from '../data/artifact-keys.contract';
import { DataBuckets } from '../data/data-buckets';
import { IModelImage } from '../model/model-image';
import { ModelRegistry } from '../model/model-registry';
import { formerKeysOf, grantBucketAccess } from '../private/bucket-access';
import { checkName, checkNumber } from '../private/checks';
import { Faults } from '../private/errors';
import { HandlerFunction, regionalArn } from '../private/handler-function';
import { allowLogsToUse } from '../private/key-use';
import { uniqueName } from '../private/names';
import { Network, grantNetwork, network } from '../private/network';
import { BY_PIPELINE } from '../private/pipeline-action';
import { allowScaling, allowScalingChecks, allowScalingRole } from '../private/scaling';
import { serviceRole } from '../private/service-role';
import { releaseNames, rollbackAlarmNames } from '../private/release-names';
import { grantVolumeKey, takesVolumeKey } from '../private/volume-key';
import { DEPLOY_ENDPOINT_ENV } from './deploy-endpoint.contract';
import { EndpointAlarmOptions, EndpointAlarms, endpointAlarmFaults, rollbackAlarms } from './endpoint-alarms';
import { Hosting } from './hosting';
import { PROBE_ENDPOINT_ENV } from './probe-endpoint.contract';
import { CAPTURE_PREFIX, StageDescriptor } from './release-descriptor.contract';
import { Rollout } from './rollout';

export interface ModelEndpointProps {
  /** Where models come from and captured traffic goes. */
  readonly buckets: DataBuckets;
  /** The image that serves. */
  readonly image: IModelImage;
  /** Where released packages are registered. */
  readonly registry: ModelRegistry;

  /**
   * Name of the endpoint. Callers and the history of captured traffic depend on it. An update that changes it deletes the endpoint of
   * the old name at its end; that of the new name serves only when the release has made it, which the same update starts.
   *
   * @default - derived from the construct's path
   */
  readonly endpointName?: string;

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
   * Share of requests that are captured, in per cent. Drift is measured on captured requests.
   *
   * @default 100
   */
  readonly capturePercentage?: number;

  /**
   * Limits of the endpoint's alarms, which are also those that roll a release back.
   *
   * @default - 1 % of errors, two seconds, 90 % saturation
   */
  readonly alarms?: EndpointAlarmOptions;

  /**
   * Who is told by alarms.
   *
   * @default - nobody; the alarms can be seen in the console
   */
  readonly alarmTopic?: ITopic;

  /**
   * VPC that the model runs in.
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
   * Security groups of the model.
   *
   * @default - a new one that allows no inbound traffic
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * Key of logs.
   *
   * @default - CloudWatch Logs encrypts with its own key
   */
  readonly encryptionKey?: IKey;

  /**
   * How long logs of endpoint and handlers are kept.
   *
   * @default RetentionDays.THREE_MONTHS
   */
  readonly logRetention?: logs.RetentionDays;
}

/**
 * Everything about an endpoint but the endpoint itself, which the first release makes: role, logs, alarms, and the
 * handlers that release a package to it and probe it. So the stack can be deployed before there is a model.
 */
export class ModelEndpoint extends Construct {
  /** Name of the endpoint, known at synthesis. */
  public readonly endpointName: string;
  /** ARN of the endpoint. */
  public readonly endpointArn: string;
  /** Role that SageMaker runs the model with. It must outlive the endpoint. */
  public readonly executionRole: iam.Role;
  /** Alarms on the endpoint as a whole. */
  public readonly alarms: EndpointAlarms;
  /** Releases a package to the endpoint; an action of CodePipeline. */
  public readonly deployFunction: lambda.IFunction;
  /** Probes the endpoint after a release; an action of CodePipeline. */
  public readonly probeFunction: lambda.IFunction;

  /**
   * References to what must exist as long as the endpoint does.
   *
   * @internal
   */
  public readonly _needs: string[];

  private readonly hosting: Hosting;
  private readonly rollout: Rollout;

  constructor(scope: Construct, id: string, private readonly props: ModelEndpointProps) {
    super(scope, id);
    this.hosting = props.hosting ?? Hosting.realTime();
    this.rollout = props.rollout ?? Rollout.auto();
    const faults = new Faults()
      // Models and configs add a hyphen and a hash to it.
      .add(checkName('endpointName', props.endpointName, 52))
      .addAll(this.hosting._faults())
      .add(this.hosting._imageFault(props.image.architecture))
      .addAll(this.rollout._faults(this.hosting, rollbackAlarms(props.alarms ?? {})))
      .addAll(endpointAlarmFaults(props.alarms ?? {}))
      .add(checkNumber('capturePercentage', props.capturePercentage, { minimum: 0, maximum: 100, integer: true }));
    const vpc = network(this, props, faults);
    faults.throwIn(this);
    this.warnOfArm();

    this.endpointName = props.endpointName ?? uniqueName(this, 52);
    this.endpointArn = this.arn('endpoint', this.endpointName);
    const logGroup = this.createLogGroup();
    this.executionRole = this.createExecutionRole(vpc, logGroup);
    this._needs = [this.executionRole.roleArn, logGroup.logGroupArn, ...(vpc?.securityGroupIds ?? [])];
    this.alarms = new EndpointAlarms(this, 'Alarms', {
      ...props.alarms, endpointName: this.endpointName, instanceType: this.hosting.instanceType, topic: props.alarmTopic,
    });
    this.deployFunction = this.createDeployFunction(vpc);
    this.probeFunction = this.createProbeFunction();
  }

  /** Allows asking the endpoint. */
  public grantInvoke(grantee: iam.IGrantable): iam.Grant {
    return iam.Grant.addToPrincipal({ grantee, actions: ['sagemaker:InvokeEndpoint'], resourceArns: [this.endpointArn] });
  }

  /** @internal */
  public _stage(name: string): StageDescriptor {
    return {
      name,
      endpointName: this.endpointName,
      hosting: this.hosting._describe(),
      rollout: this.rollout._describe(this.hosting),
      rollbackAlarms: this.rollout._rollbackAlarms(rollbackAlarms(this.props.alarms ?? {})),
      capture: { samplingPercentage: this.props.capturePercentage ?? 100 },
    };
  }

  /**
   * S3 URI of the object that remembers which packages were rolled back from this endpoint.
   *
   * @internal
   */
  public get _rollbackRecord(): string {
    return this.props.buckets.artifacts.s3UrlForObject(ARTIFACT_KEYS.rolledBack(this.endpointName));
  }

  /** @internal */
  public _grantRollbackRecord(grantee: iam.IGrantable, access: { readonly write: boolean }): void {
    const keys = [ARTIFACT_KEYS.rolledBack(this.endpointName)];
    grantBucketAccess(grantee, this.props.buckets.artifacts, { readKeys: keys, writeKeys: access.write ? keys : undefined, list: true });
  }

  private warnOfArm(): void {
    if (this.props.image.architecture !== undefined || this.hosting._architecture !== ec2.InstanceArchitecture.ARM_64) return;
    Annotations.of(this).addWarningV2('cdk-mlops:armHosting', `hosting.instanceType is '${this.hosting.instanceType}', whose processors are Arm: an image that is not built for arm64 `
      + 'never answers a ping there, and SageMaker trains on x86 only, so one image cannot train and serve');
  }

  private arn(resource: string, name: string): string {
    return regionalArn(this, 'sagemaker', resource, name);
  }

  /** SageMaker creates the group itself if nobody did, without retention, and again after it was deleted. */
  private createLogGroup(): logs.LogGroup {
    const { encryptionKey, logRetention } = this.props;
    const logGroup = new logs.LogGroup(this, 'Logs', {
      logGroupName: `/aws/sagemaker/Endpoints/${this.endpointName}`,
      retention: logRetention ?? logs.RetentionDays.THREE_MONTHS,
      encryptionKey,
      // Its name is fixed: retained, it would be in the way of the next deployment.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    if (encryptionKey) allowLogsToUse(encryptionKey, this);
    return logGroup;
  }

  private createExecutionRole(vpc: Network | undefined, logGroup: logs.LogGroup): iam.Role {
    const { buckets, image } = this.props;
    // The asterisk must stay for inference: SageMaker does not name the endpoint there.
    const role = serviceRole(this, 'ExecutionRole', 'sagemaker.amazonaws.com', Stack.of(this).formatArn({ service: 'sagemaker', resource: '*' }));
    const allow = (actions: string[], resources: string[], conditions?: iam.Conditions) =>
      role.addToPolicy(new iam.PolicyStatement({ actions, resources, conditions }));
    grantBucketAccess(role, buckets.artifacts, { read: [ARTIFACT_PREFIXES.models, ARTIFACT_PREFIXES.formerModels] });
    grantBucketAccess(role, buckets.captured, { write: [`${CAPTURE_PREFIX}/${this.endpointName}/`] });
    image.grantPull(role);
    // SageMaker may ask for the group even where it exists. The role refers to it, so the group is deleted after the endpoint and not created again.
    allow(['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'], [logGroup.logGroupArn]);
    // Guardrails look at the rollback alarms with the role of the model.
    allow(['cloudwatch:DescribeAlarms'], this.rollbackAlarmArns);
    allow(['cloudwatch:PutMetricData'], ['*'], { StringEquals: { 'cloudwatch:namespace': ['/aws/sagemaker/Endpoints', 'AWS/SageMaker'] } });
    if (this.volumeKey) grantVolumeKey(role, this.volumeKey);
    // A config that serves since before a change of the key names the former one for captured traffic and volumes.
    for (const key of formerKeysOf(buckets.captured)) {
      key.grant(role, 'kms:GenerateDataKey');
      grantVolumeKey(role, key);
    }
    if (vpc) grantNetwork(role, vpc);
    return role;
  }

  private get rollbackAlarmArns(): string[] {
    return rollbackAlarmNames(this.endpointName).map((name) => Stack.of(this).formatArn({ service: 'cloudwatch', resource: `alarm:${name}` }));
  }

  private createDeployFunction(vpc: Network | undefined): lambda.IFunction {
    const { buckets, registry, alarmTopic, encryptionKey, logRetention } = this.props;
    const handler = new HandlerFunction(this, 'Deploy', {
      handler: 'serving/deploy-endpoint',
      description: `releases a package to ${this.endpointName}`,
      asynchronous: BY_PIPELINE,
      timeout: Duration.minutes(5),
      encryptionKey,
      logRetention,
      environment: DEPLOY_ENDPOINT_ENV.render({
        EXECUTION_ROLE_ARN: this.executionRole.roleArn,
        CAPTURE_BUCKET: buckets.captured.bucketName,
        CAPTURE_KEY_ARN: buckets.captured.encryptionKey?.keyArn,
        VOLUME_KEY_ARN: this.volumeKey?.keyArn,
        SUBNETS: vpc?.subnetIds.join(','),
        SECURITY_GROUPS: vpc?.securityGroupIds.join(','),
        NETWORK_ISOLATION: 'true',
        STACK_ID: Aws.STACK_ID,
        TOPIC_ARN: alarmTopic?.topicArn,
        MODEL_PACKAGE_GROUP: registry.modelPackageGroupName,
        ROLLBACK_RECORD: this._rollbackRecord,
      }),
    });
    this.allowReleases(handler);
    this._grantRollbackRecord(handler.role, { write: true });
    return handler.function;
  }

  private allowReleases(handler: HandlerFunction): void {
    const models = this.arn('model', releaseNames(this.endpointName));
    const configs = this.arn('endpoint-config', releaseNames(this.endpointName));

    handler.allow(['codepipeline:PutJobFailureResult', 'codepipeline:PutJobSuccessResult'], ['*']);
    this.props.registry.grantRead(handler.role);
    handler.allow(['sagemaker:CreateModel', 'sagemaker:DeleteModel', 'sagemaker:DescribeModel'], [models]);
    handler.allow(['sagemaker:CreateEndpointConfig', 'sagemaker:DeleteEndpointConfig', 'sagemaker:DescribeEndpointConfig'], [configs]);
    handler.allow(['sagemaker:CreateEndpoint', 'sagemaker:UpdateEndpoint'], [this.endpointArn, configs]);
    handler.allow(['sagemaker:DeleteEndpoint', 'sagemaker:DescribeEndpoint', 'sagemaker:ListTags'], [this.endpointArn]);
    handler.allow(['sagemaker:AddTags'], [models, configs, this.endpointArn]);
    handler.allow(['sagemaker:ListEndpointConfigs', 'sagemaker:ListModels'], ['*']);
    handler.allow(['iam:PassRole'], [this.executionRole.roleArn], { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } });
    if (this.volumeKey) grantVolumeKey(handler.role, this.volumeKey);
    handler.allow(['cloudwatch:DeleteAlarms', 'cloudwatch:PutMetricAlarm'], this.rollbackAlarmArns);
    // Looked up by prefix, which CloudWatch treats as a look at all alarms.
    handler.allow(['cloudwatch:DescribeAlarms'], [Stack.of(this).formatArn({ service: 'cloudwatch', resource: 'alarm:*' })]);
    // A fleet that no longer scales may still be registered.
    allowScaling(this, handler, ['DeregisterScalableTarget']);
    if (!this.hosting._describe().autoscaling) return;
    allowScaling(this, handler, ['PutScalingPolicy', 'RegisterScalableTarget']);
    allowScalingChecks(this, handler, this.endpointArn);
    allowScalingRole(this, handler);
  }

  private get volumeKey(): IKey | undefined {
    return takesVolumeKey(this.hosting.instanceType) ? this.props.encryptionKey : undefined;
  }

  private createProbeFunction(): lambda.IFunction {
    const { buckets, registry, encryptionKey, logRetention } = this.props;
    const handler = new HandlerFunction(this, 'Probe', {
      handler: 'serving/probe-endpoint',
      description: `probes ${this.endpointName} after a release and watches the alarms of the release`,
      asynchronous: BY_PIPELINE,
      timeout: Duration.minutes(5),
      encryptionKey,
      logRetention,
      environment: PROBE_ENDPOINT_ENV.render({
        ARTIFACTS_BUCKET: buckets.artifacts.bucketName,
      }),
    });
    handler.allow(['codepipeline:PutJobFailureResult', 'codepipeline:PutJobSuccessResult'], ['*']);
    registry.grantRead(handler.role);
    grantBucketAccess(handler.role, buckets.artifacts, { read: [ARTIFACT_PREFIXES.runs] });
    handler.allow(['sagemaker:DescribeEndpoint'], [this.endpointArn]);
    handler.allow(['cloudwatch:DescribeAlarms'], this.rollbackAlarmArns);
    this.grantInvoke(handler.role);
    return handler.function;
  }
}

