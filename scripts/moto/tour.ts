import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  ApplicationAutoScalingClient, DescribeScalableTargetsCommand, RegisterScalableTargetCommand, ScalableDimension, ServiceNamespace,
} from '@aws-sdk/client-application-auto-scaling';
import { CloudWatchClient, GetMetricStatisticsCommand, PutMetricAlarmCommand, SetAlarmStateCommand, StateValue } from '@aws-sdk/client-cloudwatch';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateModelPackageGroupCommand, DescribeEndpointCommand, DescribeModelPackageCommand, ListModelPackagesCommand, SageMakerClient, UpdateModelPackageCommand,
} from '@aws-sdk/client-sagemaker';
import { labelledCsv } from '../../bin/story/flights';
import { answersFile, ARTIFACT_KEYS, requestsFile } from '../../lib/data/artifact-keys.contract';
import type { ProfileDataResult } from '../../lib/data/profile-data.contract';
import type { ResolveDatasetResult } from '../../lib/data/resolve-dataset.contract';
import { DRIFT_METRICS, MONITOR_DIMENSIONS, REPORT_FILES, type PlanScanResult, type ReduceScanResult, type Shard } from '../../lib/monitoring/drift-monitor.contract';
import { VARIANT_NAME } from '../../lib/serving/release-descriptor.contract';
import { ENDPOINT_RETIREMENT } from '../../lib/serving/retire-endpoint.contract';
import type { StoredRetraining } from '../../lib/monitoring/start-retraining.contract';
import type { JudgeCandidateResult } from '../../lib/training/judge-candidate.contract';
import type { RegisterCandidateResult } from '../../lib/training/register-candidate.contract';
import { COAST, flightsDuring } from '../../test/loop/support/airline';
import { captureFolder, captureLines } from '../../test/loop/support/captured';
import type { Functions } from './functions';
import { trainAndAnswer } from './model-project';
import { releaseActions } from './release-actions';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const FLIGHTS_PER_HOUR = 12;
const IMAGE = `123456789012.dkr.ecr.us-east-1.amazonaws.com/models@sha256:${'a'.repeat(64)}`;

/** From data to a model that serves and is watched: every handler in the order of the loop, on what the ones before it made. */
export class Tour {
  private readonly s3 = new S3Client();
  private readonly sagemaker = new SageMakerClient();
  private readonly autoscaling = new ApplicationAutoScalingClient();
  private readonly cloudwatch = new CloudWatchClient();
  private readonly buckets: { readonly data: string; readonly artifacts: string; readonly captured: string };
  private readonly group: string;
  private readonly endpoint: string;

  constructor(private readonly functions: Functions, private readonly motoEndpoint: string, private readonly stackId: string, private readonly assembly: string) {
    const data = functions.environment('resolve-dataset');
    this.buckets = { data: data.DATA_BUCKET!, artifacts: data.ARTIFACTS_BUCKET!, captured: functions.environment('plan-scan').CAPTURE_BUCKET! };
    this.group = data.MODEL_PACKAGE_GROUP!;
    this.endpoint = data.ENDPOINT_NAME!;
  }

  async take(): Promise<void> {
    await this.heartbeat();
    // moto's CloudFormation leaves it out, moto itself knows it.
    await this.sagemaker.send(new CreateModelPackageGroupCommand({ ModelPackageGroupName: this.group }));
    assert.deepEqual((await this.functions.run('resolve-dataset', { execution: 'early', trainingWindow: 'default' })).result, { status: 'empty' });
    const now = Date.now();
    await this.put(this.buckets.data, `${this.functions.environment('resolve-dataset').DATA_PREFIX}flights.csv`, labelledCsv(flightsDuring(now - 9 * DAY, now, COAST, FLIGHTS_PER_HOUR)));
    const first = await this.train('first', false);
    const packageArn = await this.register(first);
    await this.release(packageArn);
    await this.train('second', true, packageArn);
    await this.watch(packageArn);
    await this.retrain();
    await this.retire();
  }

  /** The custom resource of the monitor, answered as CloudFormation has it: by a PUT to a URL. */
  private async heartbeat(): Promise<void> {
    const { METRIC_NAMESPACE, MONITOR_NAME, ENDPOINT_NAME } = this.functions.environment('start-heartbeat');
    assert.equal(await this.askCustomResource('start-heartbeat', 'Create'), 'SUCCESS');
    const { Datapoints = [] } = await this.cloudwatch.send(new GetMetricStatisticsCommand({
      Namespace: METRIC_NAMESPACE, MetricName: DRIFT_METRICS.scans, Statistics: ['Sum'], Period: 300, StartTime: new Date(Date.now() - HOUR), EndTime: new Date(Date.now() + HOUR),
      Dimensions: [{ Name: MONITOR_DIMENSIONS.endpoint, Value: ENDPOINT_NAME }, { Name: MONITOR_DIMENSIONS.monitor, Value: MONITOR_NAME }],
    }));
    assert.deepEqual(Datapoints.map(({ Sum }) => Sum), [1], 'the monitor shows its first sign of life once');
  }

  /** The training workflow up to its judgement; SageMaker's part is played by the project's own commands. */
  private async train(execution: string, hasChampion: boolean, champion?: string): Promise<{ data: Extract<ResolveDatasetResult, { status: 'ready' }>; profile: ProfileDataResult; judgement: JudgeCandidateResult }> {
    const data = (await this.functions.run('resolve-dataset', { execution, trainingWindow: 'default' })).result as ResolveDatasetResult;
    assert.equal(data.status, 'ready');
    const { run } = data;
    assert.equal(data.hasChampion, hasChampion);
    assert.equal(data.champion?.packageArn, champion);
    const file = (key: string) => this.get(this.buckets.artifacts, key);
    const asked = ['train', 'holdout'] as const;
    const train = await file(`${ARTIFACT_KEYS.trainingRows(run)}part-00000.csv`);
    const requests = await Promise.all(asked.map((of) => file(`${ARTIFACT_KEYS.requests(run)}${requestsFile(of, 0)}`)));
    const lines = (bytes: Uint8Array) => Buffer.from(bytes).toString().trim().split('\n').length;
    assert.deepEqual([lines(train) - 1, ...requests.map(lines)], [data.trainRows, data.trainRows, data.holdoutRows], 'the copies hold the rows that were pinned');

    const profile = (await this.functions.run('profile-data', { run, trainUri: data.trainUri })).result as ProfileDataResult;
    assert.equal(profile.rows, data.trainRows);
    assert.deepEqual(await this.keys(this.buckets.artifacts, ARTIFACT_KEYS.profile(run)), ['constraints.json', 'probe.csv', 'quality.json', 'statistics.json']);

    const { artifact, answers } = trainAndAnswer(train, requests);
    await this.put(this.buckets.artifacts, `${ARTIFACT_KEYS.model(run)}model.tar.gz`, artifact);
    // The same data, the same model: the champion that was just released answers the same.
    for (const role of hasChampion ? ['candidate', 'champion'] as const : ['candidate'] as const) {
      for (const [i, of] of asked.entries()) await this.put(this.buckets.artifacts, `${ARTIFACT_KEYS.answers(run, role)}${answersFile(requestsFile(of, 0))}`, answers[i]!);
    }
    const judgement = (await this.functions.run('judge-candidate', {
      run, champion: data.champion, championScore: { status: hasChampion ? 'scored' : 'none' }, notes: data.notes,
    })).result as JudgeCandidateResult;
    assert.equal(judgement.verdict, hasChampion ? 'champion-kept' : 'accepted', judgement.reason);
    return { data, profile, judgement };
  }

  private async register({ data, profile, judgement }: Awaited<ReturnType<Tour['train']>>): Promise<string> {
    const { run } = data;
    const { packageArn } = (await this.functions.run('register-candidate', {
      run, imageUri: IMAGE, modelDataUrl: `${data.output.model}model.tar.gz`, codeRevision: 'revision', fingerprint: data.fingerprint,
      trainedFrom: data.trainedFrom, trainedUntil: data.trainedUntil, statisticsUri: profile.statisticsUri, constraintsUri: profile.constraintsUri,
      probeUri: profile.probeUri, candidateValue: judgement.candidateValue, metric: judgement.metric, reason: judgement.reason,
    })).result as RegisterCandidateResult;
    const { ModelPackageSummaryList: packages = [] } = await this.sagemaker.send(new ListModelPackagesCommand({ ModelPackageGroupName: this.group }));
    assert.deepEqual(packages.map(({ ModelPackageArn, ModelApprovalStatus }) => [ModelPackageArn, ModelApprovalStatus]), [[packageArn, 'PendingManualApproval']]);
    assert.deepEqual(await this.keys(this.buckets.artifacts, ARTIFACT_KEYS.baseline(run)), ['statistics.json']);
    return packageArn;
  }

  /** From approval to an endpoint that answers. CodePipeline hands out the jobs in the pipeline's own words. */
  private async release(packageArn: string): Promise<void> {
    const event = { source: 'aws.sagemaker', account: '123456789012', detail: { ModelPackageArn: packageArn } };
    const describe = () => this.sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: packageArn }));
    const { CustomerMetadataProperties } = await describe();
    await this.functions.run('approve-candidate', event);
    assert.equal((await describe()).ModelApprovalStatus, 'Approved');
    // On moto an update takes away what it does not mention.
    await this.sagemaker.send(new UpdateModelPackageCommand({ ModelPackageArn: packageArn, ModelApprovalStatus: 'Approved', CustomerMetadataProperties }));

    await this.functions.run('start-release', event);
    const approvals = await this.get(this.buckets.artifacts, ARTIFACT_KEYS.releaseState(this.functions.environment('start-release').PIPELINE_NAME!));
    assert.ok(Buffer.from(approvals).toString().includes(packageArn), 'the approval that is acted on is remembered');

    const job = releaseActions(this.assembly, { PackageArn: packageArn });
    const lookAt = async (action: 'Select' | 'Deploy' | 'Probe', said: string) => {
      const { handler, event: look } = job(action);
      const { log } = await this.functions.run(handler, look);
      assert.ok(log.includes(said), `${handler} was to say '${said}':\n${log}`);
    };
    await lookAt('Select', `releasing ${packageArn}`);
    await lookAt('Deploy', `endpoint ${this.endpoint} is being created`);
    // A target that is not there is ObjectNotFoundException on AWS, ValidationException on moto; so there is one, and it is to go.
    const scalable = {
      ServiceNamespace: ServiceNamespace.SAGEMAKER, ResourceId: `endpoint/${this.endpoint}/variant/${VARIANT_NAME}`,
      ScalableDimension: ScalableDimension.SageMakerVariantDesiredInstanceCount,
    };
    await this.autoscaling.send(new RegisterScalableTargetCommand({ ...scalable, MinCapacity: 1, MaxCapacity: 2 }));
    await lookAt('Deploy', `endpoint ${this.endpoint} serves ${packageArn}`);
    assert.deepEqual((await this.autoscaling.send(new DescribeScalableTargetsCommand({ ...scalable, ResourceIds: [scalable.ResourceId] }))).ScalableTargets, []);
    const { EndpointStatus } = await this.sagemaker.send(new DescribeEndpointCommand({ EndpointName: this.endpoint }));
    assert.equal(EndpointStatus, 'InService');
    // The answers of its endpoints are put in moto's mouth.
    const results = Array.from({ length: 5 }, () => ({ Body: '0.25\n', ContentType: 'text/csv' }));
    await fetch(`${this.motoEndpoint}/moto-api/static/sagemaker/endpoint-results`, { method: 'POST', body: JSON.stringify({ account_id: '123456789012', region: 'us-east-1', results }) });
    await lookAt('Probe', 'watched until');
  }

  /** A window of captured traffic like the training data: planned, counted, decided. */
  private async watch(packageArn: string): Promise<void> {
    const { WINDOW_HOURS } = this.functions.environment('plan-scan');
    const start = Math.ceil(Date.now() / HOUR) * HOUR;
    const end = start + Number(WINDOW_HOURS) * HOUR;
    for (let hour = start; hour < end; hour += HOUR) {
      await this.put(this.buckets.captured, `${captureFolder(this.endpoint, hour)}0.jsonl`, captureLines(flightsDuring(hour, hour + HOUR, COAST, FLIGHTS_PER_HOUR), COAST));
    }
    const planned = (await this.functions.run('plan-scan', { scheduledAt: new Date(end + 60_000).toISOString(), execution: 'first-scan' })).result as PlanScanResult;
    assert.equal(planned.status, 'planned');
    assert.equal(planned.plan.packageArn, packageArn);
    assert.equal(planned.shardCount, Number(WINDOW_HOURS), 'one file an hour, one shard an hour');
    const shards = JSON.parse(Buffer.from(await this.get(this.buckets.artifacts, planned.shardsKey!)).toString()) as Shard[];
    for (const shard of shards) await this.functions.run('scan-capture', { plan: planned.plan, shard });
    const { result, log } = await this.functions.run('reduce-scan', { plan: planned.plan });
    const { reportUri } = result as ReduceScanResult;
    const report = JSON.parse(Buffer.from(await this.get(this.buckets.artifacts, reportUri.slice(`s3://${this.buckets.artifacts}/`.length))).toString()) as { rows: number; packageArn: string };
    assert.equal(report.rows, Number(WINDOW_HOURS) * FLIGHTS_PER_HOUR);
    assert.equal(report.packageArn, packageArn);
    const { windowEnd } = planned.plan;
    assert.deepEqual(await this.keys(this.buckets.artifacts, ARTIFACT_KEYS.reports(planned.plan.monitor)),
      [REPORT_FILES.violations(windowEnd), REPORT_FILES.page(windowEnd), REPORT_FILES.report(windowEnd)].sort());
    assert.ok(log.includes(`"${DRIFT_METRICS.scans}":1`), 'the scan is counted in a line of metrics');
  }

  private async retrain(): Promise<void> {
    const { ALARM_NAME, LOOP_NAME } = this.functions.environment('start-retraining');
    await this.cloudwatch.send(new PutMetricAlarmCommand({
      AlarmName: ALARM_NAME, MetricName: DRIFT_METRICS.driftDetected, Namespace: DRIFT_METRICS.namespace, Statistic: 'Maximum', Period: 3600, EvaluationPeriods: 1,
      Threshold: 1, ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    }));
    const decided = async (state: StateValue) => {
      await this.cloudwatch.send(new SetAlarmStateCommand({ AlarmName: ALARM_NAME, StateValue: state, StateReason: 'as the tour has it' }));
      await this.functions.run('start-retraining', {});
      return (JSON.parse(Buffer.from(await this.get(this.buckets.artifacts, ARTIFACT_KEYS.retrainingState(LOOP_NAME!))).toString()) as StoredRetraining).decision;
    };
    assert.equal(await decided('OK'), 'none: the drift alarm is OK');
    await decided('ALARM');
  }

  /** A Delete while the stack lives, as of a replacement, must leave the endpoint alone. */
  private async retire(): Promise<void> {
    assert.equal(await this.askCustomResource('retire-endpoint', 'Delete', { ResourceType: ENDPOINT_RETIREMENT, ResourceProperties: { Name: this.endpoint } }), 'SUCCESS');
    const { EndpointStatus } = await this.sagemaker.send(new DescribeEndpointCommand({ EndpointName: this.endpoint }));
    assert.equal(EndpointStatus, 'InService');
  }

  private async askCustomResource(handler: string, RequestType: 'Create' | 'Delete', more: object = {}): Promise<string> {
    const key = `answers/${handler}`;
    await this.functions.run(handler, {
      RequestType, ResponseURL: `${this.motoEndpoint}/${this.buckets.artifacts}/${key}`, StackId: this.stackId, RequestId: randomUUID(), LogicalResourceId: 'Resource',
      ...(RequestType === 'Delete' && { PhysicalResourceId: 'resource' }), ...more,
    });
    return (JSON.parse(Buffer.from(await this.get(this.buckets.artifacts, key)).toString()) as { Status: string }).Status;
  }

  private async put(Bucket: string, Key: string, Body: string | Uint8Array): Promise<void> {
    await this.s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  }

  private async get(Bucket: string, Key: string): Promise<Uint8Array> {
    return (await this.s3.send(new GetObjectCommand({ Bucket, Key }))).Body!.transformToByteArray();
  }

  /** Names below a prefix, sorted. */
  private async keys(Bucket: string, Prefix: string): Promise<string[]> {
    const { Contents = [] } = await this.s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
    return Contents.map(({ Key }) => Key!.slice(Prefix.length)).sort();
  }
}
