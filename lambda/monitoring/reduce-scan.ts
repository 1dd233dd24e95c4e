import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { S3Client } from '@aws-sdk/client-s3';
import { Logger } from '@aws-lambda-powertools/logger';
import { ARTIFACT_KEYS } from '../../lib/data/artifact-keys.contract';
import {
  DRIFT_METRICS, MONITOR_DIMENSIONS, REDUCE_SCAN_ENV, REPORT_FILES,
  type DriftRules, type ModelMonitorMetrics, type ReduceScanEvent, type ReduceScanResult, type ScanPlan,
} from '../../lib/monitoring/drift-monitor.contract';
import { keep } from '../adapters/keep';
import { lazyHandler } from '../adapters/lazy-handler';
import { publishMetrics, type Measurement } from '../adapters/metrics';
import { parseS3Uri, readText, s3Uri, writeJson, writeObject } from '../adapters/objects';
import {
  criticalFeatureDrift, evaluateWindow, modelMonitorFigures, parseBaseline, renderReport, reportMetrics, violationsDocument,
  type Accumulator, type Baseline, type DriftReport,
} from '../core';
import { hoursBetween, startOfHour } from './scan/hours';
import { readLedgers } from './scan/ledger';
import { publishModelMonitorFigures } from './scan/model-monitor-metrics';
import { windowCounts } from './scan/window-counts';

/** Adds up the hours of a window, decides whether it drifted, writes the reports and one line of metrics. */
export const handler = lazyHandler<ReduceScanEvent, ReduceScanResult>(() => {
  const env = REDUCE_SCAN_ENV.read(process.env);
  const rules = JSON.parse(env.RULES) as DriftRules;
  const criticalFeatures = JSON.parse(env.CRITICAL_FEATURES ?? '[]') as string[];
  const foreignMetrics = env.MODEL_MONITOR_METRICS === undefined ? undefined : JSON.parse(env.MODEL_MONITOR_METRICS) as ModelMonitorMetrics;
  const bucket = env.ARTIFACTS_BUCKET;
  const s3 = new S3Client();
  const cloudwatch = new CloudWatchClient();
  const dimensions = { [MONITOR_DIMENSIONS.endpoint]: env.ENDPOINT_NAME, [MONITOR_DIMENSIONS.monitor]: env.MONITOR_NAME };
  const logger = new Logger({ serviceName: 'reduce-scan' });

  // A baseline never changes under its key.
  const baselineAt = keep(2, async (uri) => parseBaseline(await readText(s3, parseS3Uri(uri))));
  const countsOf = windowCounts(s3, bucket);

  async function sumOf(plan: ScanPlan, baseline: Baseline): Promise<Accumulator> {
    const hours = hoursBetween(plan.countedFrom, plan.windowEnd);
    const ledgers = await readLedgers(s3, bucket, plan.monitor, plan.baselineHash, hours);
    const missing = hours.filter((hour) => !ledgers.get(hour)!.isFullyScanned);
    if (missing.length > 0) throw new Error(`planned but not scanned: ${missing.join(', ')}; the next scan makes up for it`);
    return countsOf(ledgers, ARTIFACT_KEYS.accumulators(plan.monitor, plan.baselineHash), baseline);
  }

  /** The JSON comes last: whoever finds it finds the others too. */
  async function writeReports(folder: string, plan: ScanPlan, report: DriftReport, baseline: Baseline, accumulator: Accumulator): Promise<void> {
    const at = (name: (window: string) => string) => ({ bucket, key: `${folder}${name(plan.windowEnd)}` });
    await writeObject(s3, at(REPORT_FILES.page), renderReport(report, baseline, accumulator), 'text/html; charset=utf-8');
    await writeJson(s3, at(REPORT_FILES.violations), violationsDocument(report));
    await writeJson(s3, at(REPORT_FILES.report), { ...report, packageArn: plan.packageArn, baselineHash: plan.baselineHash });
  }

  function publish(measurements: Measurement[], properties: Record<string, string>): void {
    publishMetrics(env.METRIC_NAMESPACE, dimensions,
      [{ name: DRIFT_METRICS.scans, value: 1 }, ...measurements], properties);
  }

  /** What only some ask for: a figure of each critical feature, and those under Model Monitor's names. */
  async function publishFeatures(report: DriftReport, baseline: Baseline, accumulator: Accumulator): Promise<void> {
    for (const { feature, value } of criticalFeatureDrift(report, criticalFeatures)) {
      publishMetrics(env.METRIC_NAMESPACE, { ...dimensions, [MONITOR_DIMENSIONS.feature]: feature }, [{ name: DRIFT_METRICS.featureDrift, value }]);
    }
    const unknown = criticalFeatures.filter((name) => !report.features.some((feature) => feature.name === name));
    if (unknown.length > 0) logger.warn('critical features are unknown to the baseline', { unknown });
    if (foreignMetrics === undefined) return;
    const figures = modelMonitorFigures(report, baseline, accumulator, rules.preset);
    const refused = await publishModelMonitorFigures(cloudwatch, foreignMetrics, env.ENDPOINT_NAME, figures);
    if (refused.length > 0) logger.warn('names of features are no names of metrics', { refused });
  }

  return async (event) => {
    const folder = ARTIFACT_KEYS.reports(env.MONITOR_NAME);
    const reportKey = `${folder}${REPORT_FILES.report('plan' in event ? event.plan.windowEnd : event.scheduledAt)}`;
    const reportUri = s3Uri(bucket, reportKey);
    if (!('plan' in event)) {
      await writeJson(s3, { bucket, key: reportKey }, { state: 'insufficient', reason: event.reason });
      publish([{ name: DRIFT_METRICS.insufficient, value: 1 }], { state: 'insufficient', reason: event.reason });
      return { state: 'insufficient', reportUri };
    }
    const { plan } = event;
    const baseline = await baselineAt(plan.statisticsUri);
    const accumulator = await sumOf(plan, baseline);
    const window = { start: new Date(startOfHour(plan.windowStart)), end: new Date(startOfHour(plan.windowEnd)) };
    const report = evaluateWindow({ baseline, accumulator, window, coverage: plan.coverage, policy: rules, criticalFeatures });
    await writeReports(folder, plan, report, baseline, accumulator);
    await publishFeatures(report, baseline, accumulator);
    publish([
      ...Object.entries(reportMetrics(report)).map(([name, value]) => ({ name, value })),
      { name: DRIFT_METRICS.lag, value: (Date.now() - window.end.getTime()) / 1000, unit: 'Seconds' },
    ], { state: report.state, reason: report.reason, packageArn: plan.packageArn });
    logger.info(`window ${report.state}: ${report.reason}`, { window: [plan.windowStart, plan.windowEnd] });
    return { state: report.state, reportUri };
  };
});
