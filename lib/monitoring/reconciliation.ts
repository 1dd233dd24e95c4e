import { CustomResource, Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ITopic } from 'aws-cdk-lib/aws-sns';
import { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ARTIFACT_PREFIXES } from '../data/artifact-keys.contract';
import { DataBuckets } from '../data/data-buckets';
import { ReleasePipeline } from '../delivery/release-pipeline';
import { ModelRegistry } from '../model/model-registry';
import { grantBucketAccess } from '../private/bucket-access';
import { describedAlarm } from '../private/described-alarm';
import { HandlerFunction, regionalArn } from '../private/handler-function';
import { uniqueName } from '../private/names';
import { grantDescribeServed } from '../private/served-model';
import { DRIFT_METRICS } from './drift-monitor.contract';
import { DEVIATIONS_METRIC, RECONCILE_LOOP_ENV } from './reconcile-loop.contract';

export interface ReconciliationProps {
  /** The pipeline that releases approved packages; nothing else is ever started. */
  readonly releasePipeline: ReleasePipeline;
  /** Name of the endpoint in production. */
  readonly endpointName: string;
  /** Whose approved packages should serve. */
  readonly registry: ModelRegistry;
  /** Where the state of reconciliation is kept. */
  readonly buckets: DataBuckets;
  /** Rules without which the loop stands still in silence. */
  readonly rules: events.Rule[];

  /**
   * Who is told by alarms.
   *
   * @default - nobody; the alarms can be seen in the console
   */
  readonly alarmTopic?: ITopic;

  /**
   * Where an event goes that could not be handled.
   *
   * @default - it is dropped after the retries
   */
  readonly deadLetterQueue?: IQueue;

  /**
   * Key of the handler's logs.
   *
   * @default - CloudWatch Logs encrypts with its own key
   */
  readonly encryptionKey?: IKey;

  /**
   * How long the handler's logs are kept.
   *
   * @default RetentionDays.THREE_MONTHS
   */
  readonly logRetention?: RetentionDays;
}

/**
 * Compares every hour what is with what should be: the newest approved package serves, the endpoint is as a release left it and captures its
 * traffic, the package is in the registry, rules are enabled. A release that an approval or a rejection should have started, or whose endpoint
 * is gone, is started once; everything else rings an alarm.
 */
export class Reconciliation extends Construct {
  /** Name of the loop in state and metrics. */
  public readonly loopName: string;
  /** The schedule. */
  public readonly rule: events.Rule;
  /** Rings when the loop is not what it should be. */
  public readonly deviationAlarm: cloudwatch.Alarm;
  /** Rings when nobody has looked for three hours. */
  public readonly heartbeatAlarm: cloudwatch.Alarm;

  constructor(scope: Construct, id: string, private readonly props: ReconciliationProps) {
    super(scope, id);
    this.loopName = uniqueName(this, 50);
    const handler = this.createHandler();
    this.rule = new events.Rule(this, 'Schedule', {
      description: 'compares the loop with what it should be',
      schedule: events.Schedule.cron({ minute: '25' }),
      targets: [new targets.LambdaFunction(handler.function, { deadLetterQueue: props.deadLetterQueue })],
    });
    this.deviationAlarm = describedAlarm(this, 'Deviation', {
      severity: 'critical',
      runbook: 'deviation',
      meaning: 'the loop is not what it should be: its endpoint, what serves, its capture or its rules were changed from outside, or a release did not come about',
      metric: new cloudwatch.Metric({
        namespace: DRIFT_METRICS.namespace, metricName: DEVIATIONS_METRIC, dimensionsMap: { Loop: this.loopName },
        statistic: cloudwatch.Stats.MAXIMUM, period: Duration.hours(1),
      }),
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: cloudwatch.TreatMissingData.IGNORE,
      topic: props.alarmTopic,
    });
    this.heartbeatAlarm = this.createHeartbeat(handler);
  }

  private createHandler(): HandlerFunction {
    const { releasePipeline, endpointName, registry, buckets, rules, deadLetterQueue, encryptionKey, logRetention } = this.props;
    const { pipelineName } = releasePipeline.pipeline;
    const handler = new HandlerFunction(this, 'Reconcile', {
      handler: 'monitoring/reconcile-loop',
      description: 'compares the loop with what it should be',
      asynchronous: { retryAttempts: 2, deadLetterQueue },
      timeout: Duration.minutes(5),
      encryptionKey,
      logRetention,
      environment: RECONCILE_LOOP_ENV.render({
        LOOP_NAME: this.loopName,
        PIPELINE_NAME: pipelineName,
        ENDPOINT_NAME: endpointName,
        MODEL_PACKAGE_GROUP: registry.modelPackageGroupName,
        ARTIFACTS_BUCKET: buckets.artifacts.bucketName,
        ROLLBACK_RECORDS: releasePipeline._rollbackRecords,
        RULES: rules.map(({ ruleName }) => ruleName).join(','),
        METRIC_NAMESPACE: DRIFT_METRICS.namespace,
      }),
    });
    const ownState = `${ARTIFACT_PREFIXES.state}${this.loopName}/`;
    releasePipeline._grantReadRollbacks(handler);
    grantBucketAccess(handler.role, buckets.artifacts, { read: [ownState, `${ARTIFACT_PREFIXES.state}${pipelineName}/`], write: [ownState], list: true });
    registry.grantList(handler.role);
    grantDescribeServed(this, handler, endpointName);
    handler.allow(['codepipeline:ListPipelineExecutions', 'codepipeline:StartPipelineExecution'], [regionalArn(this, 'codepipeline', pipelineName)]);
    handler.allow(['events:DescribeRule'], rules.map(({ ruleArn }) => ruleArn));
    return handler;
  }

  /** By Lambda's own count, which no log line can forge. The deployment runs the function once, or a fresh one were taken for a dead one. */
  private createHeartbeat(handler: HandlerFunction): cloudwatch.Alarm {
    const start = new CustomResource(this, 'FirstRun', {
      resourceType: 'Custom::FirstReconciliation', serviceToken: handler.function.functionArn, serviceTimeout: Duration.minutes(5),
    });
    const alarm = describedAlarm(this, 'Heartbeat', {
      severity: 'critical',
      runbook: 'reconciliation-heartbeat',
      meaning: 'nobody has looked for hours whether the loop is what it should be',
      metric: handler.function.metricInvocations({ statistic: cloudwatch.Stats.SUM, period: Duration.hours(1) }),
      comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 3,
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
      topic: this.props.alarmTopic,
    });
    alarm.node.addDependency(start);
    return alarm;
  }
}
