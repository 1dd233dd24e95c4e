import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CodePipelineClient, StartPipelineExecutionCommand } from '@aws-sdk/client-codepipeline';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { S3Client } from '@aws-sdk/client-s3';
import { Logger } from '@aws-lambda-powertools/logger';
import { ARTIFACT_KEYS } from '../../lib/data/artifact-keys.contract';
import type { DatasetDescription } from '../../lib/data/resolve-dataset.contract';
import {
  RETRAINING_METRICS, START_RETRAINING_ENV, TRAINING_VARIABLES, type RetrainingRules, type StoredRetraining,
} from '../../lib/monitoring/start-retraining.contract';
import { metricAlarms } from '../adapters/alarms';
import { digest } from '../adapters/digest';
import { lazyHandler } from '../adapters/lazy-handler';
import { publishMetrics } from '../adapters/metrics';
import { modelPackages } from '../adapters/model-packages';
import { readState, writeState, type Versioned } from '../adapters/objects';
import { isInProgress } from '../adapters/pipeline-executions';
import { asStarted, decideRetraining } from '../core';
import { indexDataset } from '../data/dataset/dataset-index';
import { countRows } from '../data/dataset/window';

const HOUR_SECONDS = 3600;
const DAY_SECONDS = 86_400;

/**
 * Starts a retraining while the drift alarm is in ALARM. Called for every change of the alarm and every hour; what the event
 * says is not looked at, since the alarm itself says what is true now.
 */
export const handler = lazyHandler<unknown, StoredRetraining>(() => {
  const env = START_RETRAINING_ENV.read(process.env);
  const dataset = JSON.parse(env.DATASET) as DatasetDescription;
  const rules = JSON.parse(env.RULES) as RetrainingRules;
  const source = { dataBucket: env.DATA_BUCKET, prefix: env.DATA_PREFIX ?? '', artifactsBucket: env.ARTIFACTS_BUCKET };
  const at = { bucket: env.ARTIFACTS_BUCKET, key: ARTIFACT_KEYS.retrainingState(env.LOOP_NAME) };
  const s3 = new S3Client();
  const cloudwatch = new CloudWatchClient();
  const codepipeline = new CodePipelineClient();
  const sagemaker = new SageMakerClient();
  const logger = new Logger({ serviceName: 'start-retraining' });

  async function driftAlarm() {
    const [alarm] = await metricAlarms(cloudwatch, { AlarmNames: [env.ALARM_NAME] });
    if (alarm === undefined) throw new Error(`there is no alarm '${env.ALARM_NAME}'; deploy the stack again to restore it`);
    return { state: alarm.StateValue!, since: alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp! };
  }

  async function candidateIsPending(since: Date): Promise<boolean> {
    const pending = modelPackages(sagemaker, { ModelPackageGroupName: env.MODEL_PACKAGE_GROUP, ModelApprovalStatus: 'PendingManualApproval', CreationTimeAfter: since });
    for await (const _candidate of pending) return true;
    return false;
  }

  /** A token makes a repeated start the same execution, so a start that broke off half-way is simply made again. */
  async function start(token: string): Promise<void> {
    const { pipelineExecutionId } = await codepipeline.send(new StartPipelineExecutionCommand({
      name: env.PIPELINE_NAME, clientRequestToken: token,
      variables: [{ name: TRAINING_VARIABLES.window, value: rules.trainingWindow }, { name: TRAINING_VARIABLES.trigger, value: 'drift' }],
    }));
    logger.info('retraining started', { pipelineExecutionId });
    publishMetrics(env.METRIC_NAMESPACE, { Loop: env.LOOP_NAME }, [{ name: RETRAINING_METRICS.started, value: 1 }]);
  }

  async function finishStart(stored: Versioned<StoredRetraining>): Promise<StoredRetraining> {
    await start(stored.value.starting!);
    return (await writeState(s3, at, { ...stored.value, ...asStarted(stored.value, new Date()), starting: undefined }, stored)).value;
  }

  return async () => {
    const stored = await readState<StoredRetraining>(s3, at);
    if (stored?.value.starting !== undefined) return finishStart(stored);
    const alarm = await driftAlarm();
    const ringing = alarm.state === 'ALARM';
    const now = new Date();
    const freshRows = ringing ? countRows((await indexDataset(s3, source, dataset)).rows, alarm.since.getTime(), Infinity) : 0;
    const decision = decideRetraining({
      now, alarm: alarm.state, alarmSince: alarm.since, freshRows,
      state: { starts: stored?.value.starts ?? [], answered: stored?.value.answered },
      running: ringing && await isInProgress(codepipeline, env.PIPELINE_NAME),
      candidatePending: ringing && await candidateIsPending(alarm.since),
      policy: {
        cooldownSeconds: rules.cooldownHours * HOUR_SECONDS, budget: rules.monthlyBudget, budgetSeconds: 30 * DAY_SECONDS,
        minimumFreshRows: dataset.minimumFreshRows, retrySeconds: HOUR_SECONDS,
      },
    });
    logger.info(`${decision.action}: ${decision.reason}`);
    const next: StoredRetraining = {
      version: 1, ...decision.state, decision: `${decision.action}: ${decision.reason}`, decidedAt: now.toISOString(),
      // Reserved before it is started: two looks at once decide on the same state, and only one may write.
      starting: decision.action === 'start' ? digest([env.LOOP_NAME, decision.state.starts]) : undefined,
    };
    if (decision.action === 'wait') {
      publishMetrics(env.METRIC_NAMESPACE, { Loop: env.LOOP_NAME }, [
        { name: RETRAINING_METRICS.waiting, value: 1 }, { name: RETRAINING_METRICS.missingRows, value: Math.max(0, dataset.minimumFreshRows - freshRows) },
      ]);
    }
    const written = await writeState(s3, at, next, stored);
    return next.starting === undefined ? next : finishStart(written);
  };
});
