import { Annotations, Duration, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { checkDuration, checkNumber } from '../private/checks';
import { describedAlarm } from '../private/described-alarm';
import { Faults } from '../private/errors';
import { coresOf } from '../private/instance-cores';
import { ENDPOINT_METRICS, FAILED_SHARE, RollbackAlarms, VARIANT_NAME } from './release-descriptor.contract';

export interface EndpointAlarmOptions {
  /**
   * Largest share of requests that the model fails, 0 to 1: it answers 5xx, or does not answer. Requests that it refuses
   * as wrong, with a 4xx, do not count.
   *
   * @default 0.01
   */
  readonly maximumErrorShare?: number;

  /**
   * Largest 99th percentile of the model's latency.
   *
   * @default Duration.seconds(2)
   */
  readonly maximumLatency?: Duration;

  /**
   * Share of processor and of memory above which a fleet counts as saturated, 0 to 1.
   *
   * @default 0.9
   */
  readonly maximumSaturation?: number;
}

export interface EndpointAlarmsProps extends EndpointAlarmOptions {
  /** Name of the endpoint; it need not exist yet. */
  readonly endpointName: string;
  /** Its instance type: CPU is published as the sum over all cores. Without a literal type there is no alarm on it. */
  readonly instanceType: string;
  /**
   * Who is told.
   *
   * @default - nobody; the alarms can be seen in the console
   */
  readonly topic?: ITopic;
}

/** Alarms on an endpoint as a whole. They know only its name, so they can stand before the first release. */
export class EndpointAlarms extends Construct {
  /** All of them. */
  public readonly alarms: cloudwatch.Alarm[];

  constructor(scope: Construct, id: string, props: EndpointAlarmsProps) {
    super(scope, id);
    new Faults().addAll(endpointAlarmFaults(props)).throwIn(this);
    const metric = (namespace: string, metricName: string, statistic: string) => new cloudwatch.Metric({
      namespace, metricName, statistic, period: Duration.minutes(1), dimensionsMap: { EndpointName: props.endpointName, VariantName: VARIANT_NAME },
    });
    const common = {
      topic: props.topic,
      evaluationPeriods: 3,
      comparison: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      // Without traffic, or before the first release, nothing is wrong.
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    };
    const saturation = (props.maximumSaturation ?? 0.9) * 100;
    const cores = coresOf(props.instanceType);
    if (cores === undefined) {
      const given = Token.isUnresolved(props.instanceType) ? 'not known at synthesis' : `'${props.instanceType}', which does not tell its number of processors`;
      Annotations.of(this).addWarningV2('cdk-mlops:unknownCores', `instanceType is ${given}, so there is no alarm on saturated processors; give a literal type such as 'ml.m5.large'`);
    }
    this.alarms = [
      describedAlarm(this, 'Errors', {
        ...common,
        severity: 'critical',
        runbook: 'endpoint-errors',
        meaning: `requests to ${props.endpointName} are answered 5xx`,
        // One point per request, 0 or 1: the average is the share.
        metric: metric(ENDPOINT_METRICS.namespace, ENDPOINT_METRICS.errors5xx, cloudwatch.Stats.AVERAGE),
        threshold: props.maximumErrorShare ?? DEFAULT_ERROR_SHARE,
      }),
      describedAlarm(this, 'ModelErrors', {
        ...common,
        severity: 'critical',
        runbook: 'endpoint-model-errors',
        meaning: `the model of ${props.endpointName} fails or does not answer in time; requests that it refuses as wrong do not count`,
        metric: failedShare((name) => metric(ENDPOINT_METRICS.namespace, name, cloudwatch.Stats.SUM)),
        threshold: props.maximumErrorShare ?? DEFAULT_ERROR_SHARE,
      }),
      describedAlarm(this, 'Latency', {
        ...common,
        severity: 'warning',
        runbook: 'endpoint-latency',
        meaning: `the model of ${props.endpointName} is slow; the metric counts microseconds`,
        metric: metric(ENDPOINT_METRICS.namespace, ENDPOINT_METRICS.modelLatency, cloudwatch.Stats.p(99)),
        threshold: (props.maximumLatency ?? DEFAULT_LATENCY).toMilliseconds() * 1000,
      }),
      ...(cores === undefined ? [] : [describedAlarm(this, 'Cpu', {
        ...common,
        severity: 'warning',
        runbook: 'endpoint-saturation',
        meaning: `the processors of ${props.endpointName} are saturated; the metric is the sum over all cores`,
        metric: metric(ENDPOINT_METRICS.instanceNamespace, ENDPOINT_METRICS.cpu, cloudwatch.Stats.AVERAGE),
        threshold: saturation * cores,
        evaluationPeriods: 10,
      })]),
      describedAlarm(this, 'Memory', {
        ...common,
        severity: 'warning',
        runbook: 'endpoint-saturation',
        meaning: `the memory of ${props.endpointName} is nearly full`,
        metric: metric(ENDPOINT_METRICS.instanceNamespace, ENDPOINT_METRICS.memory, cloudwatch.Stats.AVERAGE),
        threshold: saturation,
        evaluationPeriods: 10,
      }),
    ];
  }
}

function failedShare(metric: (name: string) => cloudwatch.Metric): cloudwatch.MathExpression {
  const period = Duration.minutes(1);
  const { requests, serverErrors, modelErrors, clientErrors } = FAILED_SHARE.metrics;
  const failures = new cloudwatch.MathExpression({
    expression: FAILED_SHARE.failures, period, usingMetrics: { modelErrors: metric(modelErrors), clientErrors: metric(clientErrors) },
  });
  return new cloudwatch.MathExpression({
    expression: FAILED_SHARE.share, period, label: 'share of failed requests',
    usingMetrics: { requests: metric(requests), serverErrors: metric(serverErrors), [FAILED_SHARE.failuresId]: failures },
  });
}

const DEFAULT_ERROR_SHARE = 0.01;
const DEFAULT_LATENCY = Duration.seconds(2);

export function endpointAlarmFaults(options: EndpointAlarmOptions): readonly string[] {
  return new Faults()
    .add(checkNumber('alarms.maximumErrorShare', options.maximumErrorShare, { minimum: 0, maximum: 1 }))
    .add(checkDuration('alarms.maximumLatency', options.maximumLatency, Duration.millis(1), Duration.seconds(60)))
    .add(checkNumber('alarms.maximumSaturation', options.maximumSaturation, { minimum: 0.1, maximum: 1 }))
    .list;
}

/** The alarms of a release have the same limits, on the released fleet alone, and fire within minutes. */
export function rollbackAlarms(options: EndpointAlarmOptions): RollbackAlarms {
  return {
    automatic: true,
    periodSeconds: 60,
    evaluationPeriods: 2,
    maximumErrorShare: options.maximumErrorShare ?? DEFAULT_ERROR_SHARE,
    maximumLatencyMicroseconds: (options.maximumLatency ?? DEFAULT_LATENCY).toMilliseconds() * 1000,
  };
}
