import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { ModelEndpoint } from '../serving/model-endpoint';
import { ENDPOINT_METRICS, VARIANT_NAME } from '../serving/release-descriptor.contract';
import { DRIFT_METRICS } from './drift-monitor.contract';
import { DriftMonitor } from './drift-monitor';
import { QualityMonitor } from './quality-monitor';
import { QUALITY_METRICS } from './quality-monitor.contract';
import { Reconciliation } from './reconciliation';
import { Retraining } from './retraining';
import { RETRAINING_METRICS } from './start-retraining.contract';

export interface ModelDashboardProps {
  /** The endpoint that is shown. */
  readonly endpoint: ModelEndpoint;
  /** The monitor that is shown. */
  readonly monitor: DriftMonitor;

  /**
   * The measurement of quality that is shown.
   *
   * @default - no widgets for quality
   */
  readonly quality?: QualityMonitor;

  /**
   * The retraining that is shown.
   *
   * @default - no widget for retraining
   */
  readonly retraining?: Retraining;

  /**
   * The reconciliation whose alarms are shown.
   *
   * @default - its alarms are not shown
   */
  readonly reconciliation?: Reconciliation;
}

/** Traffic, errors, latency, drift, quality and retraining of one model on one page. */
export class ModelDashboard extends Construct {
  /** The dashboard. */
  public readonly dashboard: cloudwatch.Dashboard;

  constructor(scope: Construct, id: string, props: ModelDashboardProps) {
    super(scope, id);
    const { endpoint, monitor, quality, retraining, reconciliation } = props;
    const serving = (metricName: string, statistic: string) => new cloudwatch.Metric({
      namespace: ENDPOINT_METRICS.namespace, metricName, statistic, period: Duration.minutes(5),
      dimensionsMap: { EndpointName: endpoint.endpointName, VariantName: VARIANT_NAME },
    });
    const graph = (title: string, left: cloudwatch.IMetric[], leftAnnotations?: cloudwatch.HorizontalAnnotation[]) =>
      new cloudwatch.GraphWidget({ title, left, leftAnnotations, width: 8 });
    const limit = [{ value: 1, label: 'limit' }];

    this.dashboard = new cloudwatch.Dashboard(this, 'Resource', {
      widgets: [
        [new cloudwatch.AlarmStatusWidget({
          title: 'Alarms', width: 24, height: 3,
          alarms: [...endpoint.alarms.alarms, monitor.driftAlarm, monitor.predictionDriftAlarm, monitor.undecidedAlarm, monitor.heartbeatAlarm,
            ...(quality ? [quality.qualityAlarm, ...(quality.biasAlarm ? [quality.biasAlarm] : []), quality.heartbeatAlarm] : []),
            ...(reconciliation ? [reconciliation.deviationAlarm, reconciliation.heartbeatAlarm] : [])],
        })],
        [
          graph('Requests', [serving(ENDPOINT_METRICS.invocations, cloudwatch.Stats.SUM)]),
          graph('Errors', [ENDPOINT_METRICS.errors4xx, ENDPOINT_METRICS.errors5xx, ENDPOINT_METRICS.modelErrors].map((name) => serving(name, cloudwatch.Stats.SUM))),
          graph('Latency, microseconds', [50, 99].map((percentile) => serving(ENDPOINT_METRICS.modelLatency, cloudwatch.Stats.p(percentile)))),
        ],
        [
          graph('Features drifted', [monitor.metric(DRIFT_METRICS.featuresDrifted)], limit),
          graph('Drift as a multiple of its limit', [monitor.metric(DRIFT_METRICS.maximumDrift), monitor.metric(DRIFT_METRICS.predictionDrift)], limit),
          graph('Rows analyzed and rejected', [monitor.metric(DRIFT_METRICS.rows), monitor.metric(DRIFT_METRICS.rejected)]),
        ],
        ...(quality ? [[
          graph('Quality and bias as multiples of their limits', [quality.metric(QUALITY_METRICS.drift), ...(quality.biasAlarm ? [quality.metric(QUALITY_METRICS.bias)] : [])], limit),
          graph('Labels', [quality.metric(QUALITY_METRICS.labelCoverage), quality.metric(QUALITY_METRICS.insufficient)]),
        ]] : []),
        ...(retraining ? [[graph('Retraining', [
          RETRAINING_METRICS.started, RETRAINING_METRICS.waiting, RETRAINING_METRICS.missingRows,
        ].map((metricName) => new cloudwatch.Metric({
          namespace: DRIFT_METRICS.namespace, metricName, statistic: cloudwatch.Stats.MAXIMUM, period: Duration.hours(1), dimensionsMap: { Loop: retraining.loopName },
        })))]] : []),
      ],
    });
  }
}
