import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { S3Client } from '@aws-sdk/client-s3';
import { Logger } from '@aws-lambda-powertools/logger';
import { DRIFT_METRICS, MONITOR_DIMENSIONS } from '../../lib/monitoring/drift-monitor.contract';
import {
  GROUND_TRUTH_PREFIX, JOIN_PREFIX, MEASURE_QUALITY_ENV, QUALITY_FILES, type MeasureQualityEvent, type MeasureQualityResult, type MeasurementRules,
} from '../../lib/monitoring/quality-monitor.contract';
import { CAPTURE_PREFIX, VARIANT_NAME } from '../../lib/serving/release-descriptor.contract';
import { keep } from '../adapters/keep';
import { lazyHandler } from '../adapters/lazy-handler';
import { describePackage, servedModel, type ServedModel } from '../adapters/model-packages';
import { publishMetrics, type Measurement } from '../adapters/metrics';
import { listObjects, parseS3Uri, readText, s3Uri, writeJson, writeObject } from '../adapters/objects';
import { answerLines, FacetReader, featuresOf, labelLines, parseBaseline, parseEvaluation, type MetricValue } from '../core';
import { joinWindows } from './quality/join-windows';
import { qualityMeasurements } from './quality/measurements';
import { keepRows, type RowFiles } from './quality/row-files';
import { biasFound, newestJudged, reportOf, toJson, type ReportContext, type WindowReport } from './quality/window-report';
import { openWindows, type OpenWindows } from './quality/windows';
import { hourOf, startOfHour } from './scan/hours';

/** What registration left of the model that serves. */
interface Registered {
  readonly value: MetricValue | undefined;
  readonly features: readonly string[];
}

/**
 * Joins the labels that have come with the answers they are about, and measures each window that changed by them. A window without enough
 * labels is `insufficient`, never fine.
 */
export const handler = lazyHandler<MeasureQualityEvent, MeasureQualityResult>(() => {
  const env = MEASURE_QUALITY_ENV.read(process.env);
  const rules = JSON.parse(env.RULES) as MeasurementRules;
  const { CAPTURE_BUCKET: captured, ARTIFACTS_BUCKET: bucket } = env;
  const folder = QUALITY_FILES.folder(env.MONITOR_NAME);
  const s3 = new S3Client();
  const sagemaker = new SageMakerClient();
  const logger = new Logger({ serviceName: 'measure-quality' });

  // A package's documents never change.
  const registeredOf = keep(2, async (packageArn): Promise<Registered> => {
    const { ModelMetrics, DriftCheckBaselines } = await describePackage(sagemaker, packageArn);
    const evaluationUri = ModelMetrics?.ModelQuality?.Statistics?.S3Uri;
    const statisticsUri = DriftCheckBaselines?.ModelDataQuality?.Statistics?.S3Uri;
    if (rules.facets.length > 0 && statisticsUri === undefined) throw new Error(`${packageArn} was registered without a drift-check baseline, so nobody knows its features; register it by the training workflow`);
    return {
      value: evaluationUri === undefined ? undefined : parseEvaluation(await readText(s3, parseS3Uri(evaluationUri)), evaluationUri).metrics[rules.metric],
      features: rules.facets.length === 0 ? [] : featuresOf(parseBaseline(await readText(s3, parseS3Uri(statisticsUri!)))).map(({ name }) => name),
    };
  });

  async function rowsFor({ answerHours, labelHours }: OpenWindows, features: readonly string[]): Promise<{ answers: RowFiles; labels: RowFiles }> {
    const facets = rules.facets.length === 0 ? undefined : new FacetReader(rules.facets, features);
    const own = { s3, bucket: captured, logger };
    return {
      answers: await keepRows({
        ...own, source: `${CAPTURE_PREFIX}/${env.ENDPOINT_NAME}/${VARIANT_NAME}/`, folder: `${JOIN_PREFIX}/${env.ENDPOINT_NAME}/answers/`,
        rowsOf: () => answerLines({}, facets), layout: facets && [features, rules.facets.map(({ feature, values, above }) => [feature, values, above])],
      }, answerHours),
      labels: await keepRows({
        ...own, source: `${GROUND_TRUTH_PREFIX}/${env.ENDPOINT_NAME}/`, folder: `${JOIN_PREFIX}/${env.ENDPOINT_NAME}/labels/`,
        rowsOf: (hour) => labelLines(startOfHour(hour)), layout: undefined,
      }, labelHours),
    };
  }

  /** Writes the reports that differ from what is there; gives their windows. */
  async function writeChanged(reports: readonly WindowReport[], packageArn: string): Promise<string[]> {
    const windows = `${folder}${QUALITY_FILES.windows(packageArn.split('/').at(-1)!)}`;
    const known = new Set<string>();
    for await (const { Key } of listObjects(s3, bucket, windows)) known.add(Key);
    const changed: string[] = [];
    for (const report of reports) {
      const start = hourOf(Date.parse(report.window.start));
      const key = `${windows}${QUALITY_FILES.window(start)}`;
      const text = toJson(report);
      if (known.has(key) && await readText(s3, { bucket, key }) === text) continue;
      await writeObject(s3, { bucket, key }, text, 'application/json');
      changed.push(start);
    }
    return changed;
  }

  async function finish(state: MeasureQualityResult['state'], found: Record<string, unknown> & { reason: string }, measured: string[], measurements: Measurement[]): Promise<MeasureQualityResult> {
    const key = `${folder}${QUALITY_FILES.latest}`;
    await writeJson(s3, { bucket, key }, { state, ...found });
    publishMetrics(env.METRIC_NAMESPACE, { [MONITOR_DIMENSIONS.endpoint]: env.ENDPOINT_NAME, [MONITOR_DIMENSIONS.monitor]: env.MONITOR_NAME },
      [{ name: DRIFT_METRICS.scans, value: 1 }, ...measurements], { state, reason: found.reason });
    logger.info(`quality ${state}: ${found.reason}`, { measured });
    return { state, reportUri: s3Uri(bucket, key), measured };
  }

  async function measure(served: ServedModel, scheduledAt: string): Promise<MeasureQualityResult> {
    const { packageArn, servingSince } = served;
    const { value: registered, features } = await registeredOf(packageArn);
    const windows = openWindows(Date.parse(scheduledAt), servingSince.getTime(), rules);
    const { answers, labels } = await rowsFor(windows, features);
    const { counts, unmatched } = await joinWindows({
      s3, bucket: captured, answers, labels, windows, since: servingSince.getTime(), facets: rules.facets.length, threshold: rules.threshold,
    });
    const context: ReportContext = { rules, packageArn, registered };
    const reports = windows.starts.filter((start) => counts.get(start)!.quality.predictions > 0).map((start) => reportOf(start, counts.get(start)!, context));
    const measured = await writeChanged(reports, packageArn);
    const judged = newestJudged(reports, context);
    const bias = rules.facets.length === 0 ? undefined : biasFound(reports, rules.facets);
    const newest = reports.at(-1);
    return finish(judged?.state ?? 'insufficient', {
      scheduledAt, packageArn, reason: judged?.reason ?? newest?.reason ?? 'no answer of this model was captured in a window that has ended',
      window: judged?.window.start, bias,
      labels: { read: labels.rows, withoutAnswer: unmatched, rejectedLines: labels.rejected }, answers: { read: answers.rows, rejectedLines: answers.rejected },
    }, measured, qualityMeasurements(judged, newest, bias?.worst?.multiple));
  }

  return async ({ scheduledAt }) => {
    if (Number.isNaN(Date.parse(scheduledAt))) throw new Error(`the event's scheduledAt is ${JSON.stringify(scheduledAt)}; give the time of the measurement, ISO 8601`);
    const served = await servedModel(sagemaker, env.ENDPOINT_NAME);
    if (served !== undefined) return measure(served, scheduledAt);
    return finish('insufficient', { scheduledAt, reason: `endpoint ${env.ENDPOINT_NAME} does not serve a registered model yet` }, [], qualityMeasurements(undefined, undefined, undefined));
  };
});
