import { Annotations, Aws, Duration, Stack, Tokenization } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ITopic } from 'aws-cdk-lib/aws-sns';
import { IQueue } from 'aws-cdk-lib/aws-sqs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { ARTIFACT_KEYS, ARTIFACT_PREFIXES } from '../data/artifact-keys.contract';
import { DataBuckets } from '../data/data-buckets';
import { ModelRegistry } from '../model/model-registry';
import { grantBucketAccess } from '../private/bucket-access';
import { checkName } from '../private/checks';
import { describedAlarm } from '../private/described-alarm';
import { Faults } from '../private/errors';
import { HandlerFunction } from '../private/handler-function';
import { handlerTask } from '../private/handler-task';
import { uniqueName } from '../private/names';
import { grantDescribeServed } from '../private/served-model';
import { sealed, serviceRole } from '../private/service-role';
import { CAPTURE_PREFIX } from '../serving/release-descriptor.contract';
import {
  DRIFT_METRICS, DriftRules, MODEL_MONITOR_METRICS, ModelMonitorMetrics, MONITOR_DIMENSIONS, PLAN_SCAN_ENV, REDUCE_SCAN_ENV, SCAN_CAPACITY, SCAN_CAPTURE_ENV,
} from './drift-monitor.contract';
import { DriftOptions, driftFaults, modelMonitorMetricsPrice } from './drift-options';
import { heartbeatAlarm, monitorMetric } from './heartbeat';
import { scanStates } from './scan-states';

export interface DriftMonitorProps extends DriftOptions {
  /** The endpoint whose captured traffic is watched; it need not exist yet. */
  readonly endpointName: string;
  /** Where captured traffic lies and reports go. */
  readonly buckets: DataBuckets;
  /** Whose packages carry the baselines. */
  readonly registry: ModelRegistry;

  /**
   * Who is told by alarms.
   *
   * @default - nobody; the alarms can be seen in the console
   */
  readonly alarmTopic?: ITopic;

  /**
   * Where a scheduled scan goes that could not be started.
   *
   * @default - it is dropped after a day of retries
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
 * Compares captured traffic, every hour over a trailing window, with the baseline of the model that serves now. A monitor
 * that stops running raises an alarm of its own.
 */
export class DriftMonitor extends Construct {
  /** Name of the monitor in metrics and reports. */
  public readonly monitorName: string;
  /** Rings when features have drifted in most of the last hours. */
  public readonly driftAlarm: cloudwatch.Alarm;
  /** Rings when the model's answers have drifted. */
  public readonly predictionDriftAlarm: cloudwatch.Alarm;
  /** Ring when a critical feature has drifted, or is no longer of its form; in the order of `criticalFeatures`. */
  public readonly criticalFeatureAlarms: cloudwatch.Alarm[];
  /** Rings when for a day no window could be judged. */
  public readonly undecidedAlarm: cloudwatch.Alarm;
  /** Rings when no scan has finished for hours. */
  public readonly heartbeatAlarm: cloudwatch.Alarm;
  /** One scan. */
  public readonly stateMachine: sfn.StateMachine;
  /** The schedule. */
  public readonly rule: events.Rule;

  constructor(scope: Construct, id: string, private readonly props: DriftMonitorProps) {
    super(scope, id);
    new Faults()
      .addAll(driftFaults(props))
      .add(checkName('endpointName', props.endpointName))
      .throwIn(this);
    this.monitorName = uniqueName(this, 50);
    this.stateMachine = this.createScan();
    this.rule = new events.Rule(this, 'Schedule', {
      description: `scans the captured traffic of ${props.endpointName}`,
      // Ten minutes past the hour: captured files of the hour before have arrived by then.
      schedule: events.Schedule.cron({ minute: '10' }),
      targets: [this.scanTarget()],
    });
    this.driftAlarm = this.createDriftAlarm();
    this.predictionDriftAlarm = this.createAlarm(this, 'PredictionDrift', 'prediction-drift', 'the model\'s answers are no longer distributed as on its hold-out',
      this.metric(DRIFT_METRICS.predictionDrift));
    const critical = new Construct(this, 'CriticalFeatures');
    this.criticalFeatureAlarms = (props.criticalFeatures ?? []).map((feature) => this.createAlarm(critical, `Feature-${encodeURIComponent(feature)}`, 'feature-drift',
      `the critical feature ${feature} is no longer what it was in the training data`, this.featureMetric(feature)));
    if (props.modelMonitorMetrics) {
      Annotations.of(this).addWarningV2('cdk-mlops:modelMonitorMetrics', 'modelMonitorMetrics publishes three metrics of each feature:'
        + ` ${modelMonitorMetricsPrice(props.modelMonitorMetrics)} (US East); leave it out if no alarm or dashboard asks for Model Monitor's names`);
    }
    this.undecidedAlarm = describedAlarm(this, 'Undecided', {
      severity: 'warning',
      runbook: 'undecided',
      meaning: 'for a day no window could be judged: whether the model still fits its traffic is not known',
      metric: this.metric(DRIFT_METRICS.insufficient),
      threshold: 1,
      evaluationPeriods: 24,
      treatMissingData: cloudwatch.TreatMissingData.IGNORE,
      topic: props.alarmTopic,
    });
    this.heartbeatAlarm = heartbeatAlarm(this, {
      ...props, monitorName: this.monitorName, runbook: 'heartbeat',
      meaning: 'no scan has finished for hours: whether the model still fits its traffic is not known',
    });
  }

  /** A metric of this monitor; see DRIFT_METRICS in the documentation. */
  public metric(metricName: string, options: cloudwatch.MetricOptions = {}): cloudwatch.Metric {
    return monitorMetric(this.props.endpointName, this.monitorName, metricName, options);
  }

  /** How many times its threshold a critical feature is away; at 1 it drifts. */
  public featureMetric(feature: string, options: cloudwatch.MetricOptions = {}): cloudwatch.Metric {
    const metric = this.metric(DRIFT_METRICS.featureDrift, options);
    return metric.with({ dimensionsMap: { ...metric.dimensions as Record<string, string>, [MONITOR_DIMENSIONS.feature]: feature } });
  }

  /**
   * What the workflow may do with the executions of its shards, by which they are stopped too.
   *
   * @internal
   */
  public get _shardPolicy(): iam.Policy {
    return this.node.findChild('ShardPolicy') as iam.Policy;
  }

  private createScan(): sfn.StateMachine {
    const { buckets, registry, endpointName, minimumRows, falseDiscoveryRate, thresholds, preset, criticalFeatures = [], importedBaseline } = this.props;
    const monitoring = [ARTIFACT_PREFIXES.monitoring];
    const scans = [ARTIFACT_KEYS.scans(this.monitorName)];
    const concurrency = this.props.scanConcurrency ?? SCAN_CAPACITY.concurrency;
    const rules: DriftRules = { minimumRows, falseDiscoveryRate, ...thresholds, preset: preset?._rules() };
    const foreign = this.modelMonitorMetrics();
    const places = { CAPTURE_BUCKET: buckets.captured.bucketName, ARTIFACTS_BUCKET: buckets.artifacts.bucketName };
    const names = { MONITOR_NAME: this.monitorName, ENDPOINT_NAME: endpointName };

    const plan = this.handler('Plan', 'monitoring/plan-scan', 'finds what of the window is still to be scanned', PLAN_SCAN_ENV.render({
      ...names, ...places, WINDOW_HOURS: String((this.props.window ?? Duration.days(1)).toHours()),
      SHARD_BYTES: String(SCAN_CAPACITY.shardBytes), SCAN_CONCURRENCY: Tokenization.stringifyNumber(concurrency),
      IMPORTED_STATISTICS_URI: importedBaseline?.bucket.s3UrlForObject(importedBaseline.statisticsKey),
      IMPORTED_CONSTRAINTS_URI: importedBaseline?.constraintsKey === undefined ? undefined : importedBaseline.bucket.s3UrlForObject(importedBaseline.constraintsKey),
    }));
    if (importedBaseline) {
      const keys = [importedBaseline.statisticsKey, ...(importedBaseline.constraintsKey === undefined ? [] : [importedBaseline.constraintsKey])];
      plan.allow(['s3:GetObject'], keys.map((key) => importedBaseline.bucket.arnForObjects(key)));
      importedBaseline.bucket.encryptionKey?.grant(plan.role, 'kms:Decrypt');
    }
    grantBucketAccess(plan.role, buckets.captured, { listUnder: [`${CAPTURE_PREFIX}/${endpointName}/`] });
    grantBucketAccess(plan.role, buckets.artifacts, { read: [...monitoring, ARTIFACT_PREFIXES.runs], write: [...monitoring, ...scans], listUnder: monitoring });
    registry.grantRead(plan.role);
    grantDescribeServed(this, plan, endpointName);

    const scan = this.handler('Scan', 'monitoring/scan-capture', 'counts captured traffic into the bins of the baseline', SCAN_CAPTURE_ENV.render(places));
    grantBucketAccess(scan.role, buckets.captured, { read: [`${CAPTURE_PREFIX}/${endpointName}/`] });
    grantBucketAccess(scan.role, buckets.artifacts, { read: [...monitoring, ARTIFACT_PREFIXES.runs], write: monitoring });

    const reduce = this.handler('Reduce', 'monitoring/reduce-scan', 'decides whether the window drifted, and reports', REDUCE_SCAN_ENV.render({
      ...names, ARTIFACTS_BUCKET: places.ARTIFACTS_BUCKET, METRIC_NAMESPACE: DRIFT_METRICS.namespace, RULES: JSON.stringify(rules),
      CRITICAL_FEATURES: criticalFeatures.length === 0 ? undefined : JSON.stringify(criticalFeatures),
      MODEL_MONITOR_METRICS: foreign && Stack.of(this).toJsonString(foreign),
    }));
    if (foreign) reduce.allow(['cloudwatch:PutMetricData'], ['*'], { StringEquals: { 'cloudwatch:namespace': foreign.namespace } });
    grantBucketAccess(reduce.role, buckets.artifacts, { read: [...monitoring, ARTIFACT_PREFIXES.runs], write: monitoring, listUnder: monitoring });

    const role = serviceRole(this, 'WorkflowRole', 'states.amazonaws.com');
    grantBucketAccess(role, buckets.artifacts, { read: scans, writeInParts: scans });
    return this.createStateMachine(role, [plan, scan, reduce], scanStates({
      plan: handlerTask(plan), scan: handlerTask(scan), reduce: handlerTask(reduce),
      partition: Aws.PARTITION, artifactsBucket: buckets.artifacts.bucketName, concurrency,
    }));
  }

  private handler(id: string, handler: string, description: string, environment: Record<string, string>): HandlerFunction {
    const { encryptionKey, logRetention } = this.props;
    return new HandlerFunction(this, id, {
      handler,
      description,
      timeout: Duration.minutes(15),
      // A whole core, and room for a day of counts.
      memorySize: 2048,
      encryptionKey,
      logRetention,
      environment,
    });
  }

  private createStateMachine(role: iam.Role, handlers: HandlerFunction[], definition: object): sfn.StateMachine {
    role.addToPolicy(new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: handlers.map((handler) => handler.function.functionArn) }));
    const stateMachine = new sfn.StateMachine(this, 'Workflow', {
      definitionBody: sfn.DefinitionBody.fromString(Stack.of(this).toJsonString(definition)),
      role: sealed(role),
    });
    // A distributed map runs its shards as executions of the workflow itself. A policy of its own, since the workflow waits for its role.
    const executions = [':', '/'].map((separator) => Stack.of(this).formatArn({ service: 'states', resource: `execution:${stateMachine.stateMachineName}${separator}*` }));
    new iam.Policy(this, 'ShardPolicy', {
      roles: [role],
      statements: [
        new iam.PolicyStatement({ actions: ['states:StartExecution'], resources: [stateMachine.stateMachineArn] }),
        new iam.PolicyStatement({ actions: ['states:DescribeExecution', 'states:StopExecution'], resources: executions }),
      ],
    });
    return stateMachine;
  }

  private scanTarget(): events.IRuleTarget {
    const role = serviceRole(this, 'ScheduleRole', 'events.amazonaws.com');
    role.addToPolicy(new iam.PolicyStatement({ actions: ['states:StartExecution'], resources: [this.stateMachine.stateMachineArn] }));
    return new targets.SfnStateMachine(this.stateMachine, {
      role: sealed(role),
      deadLetterQueue: this.props.deadLetterQueue,
      input: events.RuleTargetInput.fromObject({ scheduledAt: events.EventField.time }),
    });
  }

  private modelMonitorMetrics(): ModelMonitorMetrics | undefined {
    const { modelMonitorMetrics } = this.props;
    return modelMonitorMetrics && {
      namespace: modelMonitorMetrics.namespace ?? MODEL_MONITOR_METRICS.namespace, scheduleName: modelMonitorMetrics.scheduleName ?? this.monitorName,
    };
  }

  private createDriftAlarm(): cloudwatch.Alarm {
    const share = this.props.preset?._driftShare() ?? 0;
    const meaning = 'features of the traffic are no longer those of the training data';
    return share > 0 ? this.createAlarm(this, 'Drift', 'drift', meaning, this.metric(DRIFT_METRICS.driftShare), share)
      : this.createAlarm(this, 'Drift', 'drift', meaning, this.metric(DRIFT_METRICS.featuresDrifted));
  }

  /** One is drift, in features or as a multiple of the limit. A verdict missing for an hour changes nothing. */
  private createAlarm(scope: Construct, id: string, runbook: string, meaning: string, metric: cloudwatch.Metric, threshold = 1): cloudwatch.Alarm {
    return describedAlarm(scope, id, {
      severity: 'warning',
      runbook,
      meaning,
      metric,
      threshold,
      evaluationPeriods: 4,
      datapointsToAlarm: 3,
      treatMissingData: cloudwatch.TreatMissingData.IGNORE,
      topic: this.props.alarmTopic,
    });
  }
}
