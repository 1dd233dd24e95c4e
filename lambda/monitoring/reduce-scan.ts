import { S3Client } from '@aws-sdk/client-s3';
import { Logger } from '@aws-lambda-powertools/logger';
import { ARTIFACT_KEYS } from '../../lib/data/artifact-keys.contract';
import {
  DRIFT_METRICS, MONITOR_DIMENSIONS, REDUCE_SCAN_ENV, REPORT_FILES, type DriftRules, type ReduceScanEvent, type ReduceScanResult, type ScanPlan,
} from '../../lib/monitoring/drift-monitor.contract';
import { keep } from '../adapters/keep';
import { lazyHandler } from '../adapters/lazy-handler';
import { publishMetrics, type Measurement } from '../adapters/metrics';
import { parseS3Uri, readBytes, readText, s3Uri, writeJson, writeObject } from '../adapters/objects';
import { Accumulator, decodeAccumulator, evaluateWindow, parseBaseline, renderReport, reportMetrics, violationsDocument, type Baseline, type DriftReport } from '../core';
import { hoursBetween, startOfHour } from './scan/hours';
import { readLedgers } from './scan/ledger';

/** Hours of counts that a warm function keeps, some 60 KB each. */
const KEPT_HOURS = 400;

/** Adds up the hours of a window, decides whether it drifted, writes the reports and one line of metrics. */
export const handler = lazyHandler<ReduceScanEvent, ReduceScanResult>(() => {
  const env = REDUCE_SCAN_ENV.read(process.env);
  const rules = JSON.parse(env.RULES) as DriftRules;
  const bucket = env.ARTIFACTS_BUCKET;
  const s3 = new S3Client();
  const logger = new Logger({ serviceName: 'reduce-scan' });

  // A baseline never changes, nor does an hour once it is scanned, so a warm function reads only what is new.
  const baselineAt = keep(2, async (uri) => parseBaseline(await readText(s3, parseS3Uri(uri))));
  const accumulatorBytes = keep(KEPT_HOURS, (key) => readBytes(s3, { bucket, key }));

  async function sumOf(plan: ScanPlan, baseline: Baseline): Promise<Accumulator> {
    const hours = hoursBetween(plan.windowStart, plan.windowEnd);
    const ledgers = await readLedgers(s3, bucket, plan.monitor, plan.baselineHash, hours);
    const missing = hours.filter((hour) => !ledgers.get(hour)!.isFullyScanned);
    if (missing.length > 0) throw new Error(`planned but not scanned: ${missing.join(', ')}; the next scan makes up for it`);
    const sum = new Accumulator(baseline);
    for (const hour of hours) {
      for (const key of ledgers.get(hour)!.accumulators) sum.merge(decodeAccumulator(await accumulatorBytes(key), baseline));
    }
    return sum;
  }

  /** The JSON comes last: whoever finds it finds the others too. */
  async function writeReports(folder: string, plan: ScanPlan, report: DriftReport, baseline: Baseline, accumulator: Accumulator): Promise<void> {
    const at = (name: (window: string) => string) => ({ bucket, key: `${folder}${name(plan.windowEnd)}` });
    await writeObject(s3, at(REPORT_FILES.page), renderReport(report, baseline, accumulator), 'text/html; charset=utf-8');
    await writeJson(s3, at(REPORT_FILES.violations), violationsDocument(report));
    await writeJson(s3, at(REPORT_FILES.report), { ...report, packageArn: plan.packageArn, baselineHash: plan.baselineHash });
  }

  function publish(measurements: Measurement[], properties: Record<string, string>): void {
    publishMetrics(env.METRIC_NAMESPACE, { [MONITOR_DIMENSIONS.endpoint]: env.ENDPOINT_NAME, [MONITOR_DIMENSIONS.monitor]: env.MONITOR_NAME },
      [{ name: DRIFT_METRICS.scans, value: 1 }, ...measurements], properties);
  }

  return async (event) => {
    const folder = ARTIFACT_KEYS.reports(env.MONITOR_NAME);
    const reportKey = `${folder}${REPORT_FILES.report('plan' in event ? event.plan.windowEnd : event.scheduledAt)}`;
    const reportUri = s3Uri(bucket, reportKey);
    if (!('plan' in event)) {
      await writeJson(s3, { bucket, key: reportKey }, { state: 'insufficient', reason: event.reason });
      publish([], { state: 'insufficient', reason: event.reason });
      return { state: 'insufficient', reportUri };
    }
    const { plan } = event;
    const baseline = await baselineAt(plan.statisticsUri);
    const accumulator = await sumOf(plan, baseline);
    const window = { start: new Date(startOfHour(plan.windowStart)), end: new Date(startOfHour(plan.windowEnd)) };
    const report = evaluateWindow({ baseline, accumulator, window, coverage: plan.coverage, policy: rules });
    await writeReports(folder, plan, report, baseline, accumulator);
    publish([
      ...Object.entries(reportMetrics(report)).map(([name, value]) => ({ name, value })),
      { name: DRIFT_METRICS.lag, value: (Date.now() - window.end.getTime()) / 1000, unit: 'Seconds' },
    ], { state: report.state, reason: report.reason, packageArn: plan.packageArn });
    logger.info(`window ${report.state}: ${report.reason}`, { window: [plan.windowStart, plan.windowEnd] });
    return { state: report.state, reportUri };
  };
});
