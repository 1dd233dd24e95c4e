import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { CategoricalComparison, DriftPreset } from '../../lib';
import { testApp } from '../lib/fixtures';
import { describe as describePackage } from './bad-input/registry';
import { OCEAN } from './support/airline';
import { stackAssembly } from './support/assembly';
import { HOUR, Loop } from './support/loop';
import { newCandidate } from './support/steps/training';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

/** A team that comes from Model Monitor: its rule, its names of metrics, and its files for a model that somebody else registered. */
describe('a monitor with the choices of another tool', () => {
  const bucketName = 'old-baselines';
  // The price of the metrics is announced; that it is, is tested elsewhere.
  jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const assembly = stackAssembly({
    drift: {
      window: Duration.hours(3),
      preset: DriftPreset.modelMonitor({ categoricalComparison: CategoricalComparison.CHI_SQUARED, categoricalThreshold: 0.001 }),
      criticalFeatures: ['distance', 'colour'],
      modelMonitorMetrics: { scheduleName: 'flights-hourly', featureCount: 5 },
      importedBaseline: { bucket: Bucket.fromBucketName(new Stack(testApp(), 'Elsewhere'), 'Old', bucketName), statisticsKey: 'job/statistics.json' },
    },
  }, (stack) => new Bucket(stack, 'OldBaselines', { bucketName, removalPolicy: RemovalPolicy.DESTROY }));
  let loop: Loop;

  beforeAll(async () => {
    loop = await Loop.deploy(assembly.directory);
    await loop.handInDays(7);
    await loop.markComplete();
    await serveWithout(await newCandidate(loop, loop.now, 16 * 60));
  }, 180_000);

  afterAll(async () => {
    await loop?.twin.stop();
    assembly.remove();
  });

  /** A package like the candidate, but without its baseline; that lies elsewhere, in the words of Model Monitor. */
  async function serveWithout(candidate: string): Promise<void> {
    const like = await describePackage(loop, candidate);
    const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(like.DriftCheckBaselines.ModelDataQuality.Statistics.S3Uri)!;
    const ours = await loop.account.readJson(bucket!, key!);
    const { cdk_mlops: _, ...foreign } = ours;
    foreign.features = foreign.features.map(({ cdk_mlops: __, ...feature }: any) => feature);
    await loop.account.upload(bucketName, 'job/statistics.json', JSON.stringify(foreign));
    const since = loop.now;
    await loop.call('sagemaker', 'CreateModelPackage', {
      ModelPackageGroupName: loop.names.packageGroup, ModelApprovalStatus: 'Approved', CustomerMetadataProperties: like.CustomerMetadataProperties,
      InferenceSpecification: { ...like.InferenceSpecification, Containers: like.InferenceSpecification.Containers.map(({ Image, ModelDataUrl }: any) => ({ Image, ModelDataUrl })) },
    });
    await loop.expectSucceeded(loop.names.releasePipeline, await loop.ended(loop.names.releasePipeline, since, 240));
  }

  async function newestReport(): Promise<any> {
    const keys = await loop.account.keys(loop.names.artifactsBucket, `monitoring/${loop.names.monitor}/reports/`);
    return loop.account.readJson(loop.names.artifactsBucket, keys.filter((key) => /\/[^./]+\.json$/.test(key)).at(-1)!);
  }

  /** The newest hour's value of a metric. */
  async function figure(Namespace: string, MetricName: string, Dimensions: Record<string, string>, Stat = 'Maximum'): Promise<number | undefined> {
    const { Datapoints } = await loop.call('monitoring', 'GetMetricStatistics', {
      Namespace, MetricName, Statistics: [Stat], Period: 3600, StartTime: new Date(loop.now - HOUR), EndTime: new Date(loop.now),
      Dimensions: Object.entries(Dimensions).map(([Name, Value]) => ({ Name, Value })),
    });
    return Datapoints.at(-1)?.[Stat];
  }
  const ofFeature = (Feature: string) => figure('CdkMlops', 'FeatureDrift', { Endpoint: loop.names.endpoint, Monitor: loop.names.monitor, Feature });
  const foreign = (name: string, stat?: string) => figure('aws/sagemaker/Endpoints/data-metrics', name, { Endpoint: loop.names.endpoint, MonitoringSchedule: 'flights-hourly' }, stat);

  test('judges a model by an imported baseline, and tells of a critical feature that nobody knows', async () => {
    for (let hour = 0; hour < 5; hour++) await loop.serveHour();
    await loop.advance(30);
    const report = await newestReport();
    expect(report).toMatchObject({ preset: 'model-monitor', rows: expect.any(Number) });
    expect(report.rows).toBeGreaterThan(30);
    expect(report.reason).toContain('critical feature colour is unknown to the baseline');
    expect(report.violations).toContainEqual(expect.objectContaining({ feature_name: 'colour', constraint_check_type: 'missing_column_check' }));
    const states = Object.fromEntries(report.features.map(({ name, state }: any) => [name, state]));
    expect(states).toMatchObject({ origin: 'ok', destination: 'ok', distance: 'ok' });
    expect(await ofFeature('distance')).toBeLessThan(1);
    expect(await ofFeature('colour')).toBeUndefined();
    expect(await foreign('feature_data_distance', 'SampleCount')).toBe(report.rows);
    expect(await foreign('feature_data_distance', 'Minimum')).toBeGreaterThanOrEqual(150);
    expect(await foreign('feature_data_distance', 'Maximum')).toBeLessThan(900);
    expect(await foreign('feature_non_null_origin', 'Sum')).toBe(1);
    expect(await foreign('feature_baseline_drift_distance', 'Sum')).toBeLessThan(0.1);
  }, 120_000);

  test('rings for a critical feature', async () => {
    const alarm = (await loop.account.alarms()).map(({ AlarmName }) => AlarmName).find((name) => /CriticalFeatures.*distance/i.test(name))!;
    expect(await loop.account.alarmState(alarm)).not.toBe('ALARM');
    loop.season = OCEAN;
    await loop.serveUntil('the critical feature rings', async () => await loop.account.alarmState(alarm) === 'ALARM', 8);
    await loop.advance(30);
    expect(await ofFeature('distance')).toBeGreaterThan(1);
    // What is known of Deequ's test: it looks at known values only. Those that nobody knows are a violation of their own.
    const { features, violations } = await newestReport();
    expect(features.find(({ name }: any) => name === 'origin')).toMatchObject({ state: 'insufficient', reason: expect.stringContaining('fewer than two categories') });
    expect(violations).toContainEqual(expect.objectContaining({ feature_name: 'origin', constraint_check_type: 'categorical_values_check' }));
    expect(await foreign('feature_baseline_drift_distance', 'Sum')).toBeGreaterThan(0.1);
  }, 120_000);
});
