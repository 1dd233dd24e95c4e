import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ITopic } from 'aws-cdk-lib/aws-sns';
import { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct, IConstruct } from 'constructs';
import { ARTIFACT_PREFIXES } from '../data/artifact-keys.contract';
import { DataBuckets } from '../data/data-buckets';
import { ModelRegistry } from '../model/model-registry';
import { grantBucketAccess } from '../private/bucket-access';
import { checkDuration, checkName, checkNumber, checkWholeHours } from '../private/checks';
import { describedAlarm } from '../private/described-alarm';
import { Faults } from '../private/errors';
import { HandlerFunction } from '../private/handler-function';
import { uniqueName } from '../private/names';
import { grantDescribeServed } from '../private/served-model';
import { CAPTURE_PREFIX } from '../serving/release-descriptor.contract';
import { DRIFT_METRICS } from './drift-monitor.contract';
import { heartbeatAlarm, monitorMetric } from './heartbeat';
import { ModelTask } from './model-task';
import {
  GROUND_TRUTH_PREFIX, JOIN_PREFIX, JUDGED_METRICS, MEASURE_QUALITY_ENV, MeasurementRules, QUALITY_FILES, QUALITY_METRICS,
} from './quality-monitor.contract';

export interface QualityOptions {
  /**
   * What the model's answers are.
   *
   * @default ModelTask.binaryClassification()
   */
  readonly task?: ModelTask;

  /**
   * The metric that is held against its value at registration, by its name in `evaluation.json`: `accuracy`, `precision`, `recall`, `f1`, `auc`,
   * `log_loss` or `brier` of a classification, `mae`, `mse`, `rmse` or `r2` of a regression.
   *
   * @default - in a loop that of the quality gate, where it is one of these; otherwise `auc`, and `rmse` of a regression
   */
  readonly metric?: string;

  /**
   * By how much the metric may be worse than at registration, in its own units.
   *
   * @default - a tenth of its value at registration
   */
  readonly allowedDrop?: number;

  /**
   * Length of the windows that are measured: 1, 2, 3, 4, 6, 8 or 12 hours, or 1 to 7 days.
   *
   * @default Duration.days(1)
   */
  readonly window?: Duration;

  /**
   * How long after its end a window still takes labels; whole hours. With the window it must not exceed the time that
   * captured traffic is kept.
   *
   * @default Duration.days(7)
   */
  readonly labelDelay?: Duration;

  /**
   * Least labelled answers in a window for figures, and least rows of each group for measures of bias. Beyond that a verdict is only given where
   * the uncertainty of the figure allows it.
   *
   * @default 100
   */
  readonly minimumLabels?: number;

  /**
   * Least share of a window's answers that must be labelled, 0 to 1. Labels that come soon are seldom like those that come late.
   *
   * @default 0
   */
  readonly minimumCoverage?: number;
}

export interface QualityMonitorProps extends QualityOptions {
  /** The endpoint whose answers are measured; it need not exist yet. */
  readonly endpointName: string;
  /** Where captured traffic and labels lie, and reports go. */
  readonly buckets: DataBuckets;
  /** Whose packages tell the quality at registration. */
  readonly registry: ModelRegistry;

  /**
   * Who is told by alarms.
   *
   * @default - nobody; the alarms can be seen in the console
   */
  readonly alarmTopic?: ITopic;

  /**
   * Where a measurement goes that could not be started, or failed.
   *
   * @default - it is dropped; the next one makes up for it
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
 * Measures how good the model's answers turned out to be, from labels that are uploaded as they become known, and whether groups are treated
 * alike. Labels are joined with captured answers; a late one changes the window of its answer only. Too few labels are a state of their own,
 * `insufficient`. Figures of every window lie in the artifacts bucket below `monitoring/<monitorName>/quality/`.
 */
export class QualityMonitor extends Construct {
  /** Name of the monitor in metrics and reports. */
  public readonly monitorName: string;
  /**
   * Where labels go: files of JSON Lines at `<groundTruthUri>yyyy/mm/dd/hh/<name>.jsonl`, by hour of collection in UTC. A line is
   * `{"groundTruthData":{"data":"1","encoding":"CSV"},"eventMetadata":{"eventId":"<inference id>"},"eventVersion":"0"}`. They are encrypted and
   * expire as captured traffic does.
   */
  public readonly groundTruthUri: string;
  /** Rings when quality has dropped by more than is allowed since registration. */
  public readonly qualityAlarm: cloudwatch.Alarm;
  /** Rings when a measure of bias is beyond its limit; undefined without facets. */
  public readonly biasAlarm?: cloudwatch.Alarm;
  /** Rings when nothing has been measured for three turns. */
  public readonly heartbeatAlarm: cloudwatch.Alarm;
  /** The schedule. */
  public readonly rule: events.Rule;
  /** How often it is measured: once a window, and at least once a day. */
  private readonly every: Duration;

  constructor(scope: Construct, id: string, private readonly props: QualityMonitorProps) {
    super(scope, id);
    new Faults()
      .addAll(qualityFaults(props))
      .add(checkName('endpointName', props.endpointName))
      .add(retentionFault(props))
      .throwIn(this);
    const { endpointName, buckets, deadLetterQueue } = props;
    this.monitorName = uniqueName(this, 50);
    this.groundTruthUri = buckets.captured.s3UrlForObject(`${GROUND_TRUTH_PREFIX}/${endpointName}/`);
    const windowHours = (props.window ?? Duration.days(1)).toHours();
    this.every = Duration.hours(Math.min(24, windowHours));
    const handler = this.createHandler(windowHours);
    this.rule = new events.Rule(this, 'Schedule', {
      description: `measures the answers of ${endpointName}`,
      // Captured files of the hour before have arrived by then.
      schedule: events.Schedule.cron({ minute: '25', hour: windowHours < 24 ? `0/${windowHours}` : '0' }),
      targets: [new targets.LambdaFunction(handler.function, {
        deadLetterQueue, event: events.RuleTargetInput.fromObject({ scheduledAt: events.EventField.time }),
      })],
    });
    this.qualityAlarm = this.createAlarm('Drop', 'quality', 'the model\'s answers are worse than at registration, by more than is allowed', QUALITY_METRICS.drift);
    if ((props.task ?? ModelTask.binaryClassification())._limitsBias) {
      this.biasAlarm = this.createAlarm('Bias', 'bias', 'the model treats groups more unequally than is allowed', QUALITY_METRICS.bias);
    }
    this.heartbeatAlarm = heartbeatAlarm(this, {
      ...props, monitorName: this.monitorName, every: this.every, runbook: 'quality-heartbeat',
      meaning: 'quality has not been measured for three turns: how good the model\'s answers are is not known',
    });
  }

  /** A metric of this monitor; see QUALITY_METRICS in the documentation. */
  public metric(metricName: string, options: cloudwatch.MetricOptions = {}): cloudwatch.Metric {
    return monitorMetric(this.props.endpointName, this.monitorName, metricName, { period: this.every, ...options });
  }

  /**
   * The schedule, and the role without which a measurement that is at work can write no more.
   *
   * @internal
   */
  public get _starters(): IConstruct[] {
    return [this.rule, (this.node.findChild('Measure') as HandlerFunction).role];
  }

  private createHandler(windowHours: number): HandlerFunction {
    const { endpointName, buckets, registry, deadLetterQueue, encryptionKey, logRetention } = this.props;
    const handler = new HandlerFunction(this, 'Measure', {
      handler: 'monitoring/measure-quality',
      description: 'joins labels with captured answers, and measures the quality of the model',
      asynchronous: { retryAttempts: 2, deadLetterQueue },
      timeout: Duration.minutes(15),
      // A whole core, and room for a million answers at a time.
      memorySize: 2048,
      encryptionKey,
      logRetention,
      environment: MEASURE_QUALITY_ENV.render({
        MONITOR_NAME: this.monitorName,
        ENDPOINT_NAME: endpointName,
        CAPTURE_BUCKET: buckets.captured.bucketName,
        ARTIFACTS_BUCKET: buckets.artifacts.bucketName,
        METRIC_NAMESPACE: DRIFT_METRICS.namespace,
        RULES: JSON.stringify(this.rules(windowHours)),
      }),
    });
    const [traffic, labels, joined] = [CAPTURE_PREFIX, GROUND_TRUTH_PREFIX, JOIN_PREFIX].map((prefix) => `${prefix}/${endpointName}/`) as [string, string, string];
    const own = QUALITY_FILES.folder(this.monitorName);
    grantBucketAccess(handler.role, buckets.captured, { read: [traffic, labels, joined], write: [joined], listUnder: [traffic, labels, joined] });
    grantBucketAccess(handler.role, buckets.artifacts, { read: [own, ARTIFACT_PREFIXES.runs], write: [own], listUnder: [own] });
    registry.grantRead(handler.role);
    grantDescribeServed(this, handler, endpointName);
    return handler;
  }

  private rules(windowHours: number): MeasurementRules {
    const { task = ModelTask.binaryClassification(), metric, allowedDrop, labelDelay = Duration.days(7), minimumLabels = 100, minimumCoverage = 0 } = this.props;
    return {
      ...task._rules(), metric: metric ?? defaultMetric(task), windowHours, labelDelayHours: labelDelay.toHours(), allowedDrop, minimumLabels, minimumCoverage,
    };
  }

  /** One is the limit. A turn without a verdict changes nothing. */
  private createAlarm(id: string, runbook: string, meaning: string, metricName: string): cloudwatch.Alarm {
    return describedAlarm(this, id, {
      severity: 'warning',
      runbook,
      meaning,
      metric: this.metric(metricName),
      threshold: 1,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      treatMissingData: cloudwatch.TreatMissingData.IGNORE,
      topic: this.props.alarmTopic,
    });
  }
}

/** What a loop measures by: the metric of its gate, if that can be measured in production too. */
export function metricOfGate(options: QualityOptions, gateMetric: string): string | undefined {
  const { task = ModelTask.binaryClassification(), metric } = options;
  return metric ?? (JUDGED_METRICS[task._kind].includes(gateMetric) ? gateMetric : undefined);
}

/** A label that comes when its answer is gone can be joined with nothing. */
function retentionFault({ labelDelay = Duration.days(7), window = Duration.days(1), buckets: { captureRetention } }: QualityMonitorProps): string | undefined {
  if ([labelDelay, window, captureRetention].some((duration) => duration.isUnresolved())) return undefined;
  if (labelDelay.toMilliseconds() + window.toMilliseconds() <= captureRetention.toMilliseconds()) return undefined;
  return `quality.labelDelay is ${labelDelay.toHumanString()} after windows of ${window.toHumanString()}, but captured traffic is kept for ${captureRetention.toHumanString()} only;`
    + ' lower it, or raise captureRetention of the buckets';
}

function defaultMetric(task: ModelTask): string {
  return task._kind === 'regression' ? 'rmse' : 'auc';
}

export function qualityFaults(options: QualityOptions): readonly string[] {
  const { task = ModelTask.binaryClassification(), metric, window } = options;
  const known = JUDGED_METRICS[task._kind];
  const hours = window === undefined || window.isUnresolved() ? 24 : window.toHours({ integral: false });
  return new Faults()
    .when(metric !== undefined && !known.includes(metric), `quality.metric is '${metric}'; of a ${task._kind.replace('-', ' ')} give ${known.join(', ')}`)
    .add(checkNumber('quality.allowedDrop', options.allowedDrop, { minimum: 0 }))
    .when(window?.isUnresolved() === true, 'quality.window is a token; give a length that is known, since the schedule follows it')
    .when(options.allowedDrop === 0, 'quality.allowedDrop is 0; chance alone exceeds that, so give more')
    .when(!Number.isInteger(hours) || hours < 1 || !(24 % hours === 0 || (hours % 24 === 0 && hours <= 7 * 24)), `quality.window is ${window?.toHumanString()}; give 1, 2, 3, 4, 6, 8 or 12 hours, or 1 to 7 days`)
    .add(checkWholeHours('quality.labelDelay', options.labelDelay))
    .add(checkDuration('quality.labelDelay', options.labelDelay, Duration.hours(1), Duration.days(365)))
    .add(checkNumber('quality.minimumLabels', options.minimumLabels, { minimum: 2, integer: true }))
    .add(checkNumber('quality.minimumCoverage', options.minimumCoverage, { minimum: 0, maximum: 1 }))
    .addAll(task._faults())
    .list;
}
