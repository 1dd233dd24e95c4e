/**
 * The deployable app. It is configured by context alone, `-c key=value` or in cdk.json; the defaults deploy the example.
 *
 *     npx cdk deploy -c email=team@example.com
 */
import { join } from 'path';
import { App, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { ApprovalPolicy, DatasetFormat, Hosting, JobLogGroups, MlopsStack, ModelProject, QualityGate, Rollout } from '../lib';
import { qualitySettings } from './quality-settings';
import { Settings } from './settings';

// The command line asks slow synths for their timings, in a file of the assembly. Two synths shall be byte-identical.
delete process.env.CDK_PERF_COUNTERS_FILE;

const app = new App({ analyticsReporting: false });
const settings = new Settings(app.node);

const stack = new MlopsStack(app, settings.text('stackName', 'Mlops'), {
  project: ModelProject.fromDirectory(settings.text('project', join(__dirname, '..', 'examples', 'flight-delay'))),
  dataset: {
    name: settings.text('dataset', 'flights'),
    prefix: settings.text('prefix', 'flights/'),
    format: settings.oneOf('datasetFormat', [DatasetFormat.CSV, DatasetFormat.JSON_LINES, DatasetFormat.PARQUET]),
    labelColumn: settings.text('labelColumn', 'late'),
    timeColumn: settings.text('timeColumn', 'departure'),
    ignoredColumns: settings.list('ignoredColumns'),
    trainingWindow: Duration.parse(settings.text('trainingWindow', 'P31D')),
    holdout: Duration.parse(settings.text('holdout', 'P1D')),
    minimumHoldoutRows: settings.number('minimumHoldoutRows', 100),
    minimumFreshRows: settings.number('minimumFreshRows', 18_000),
  },
  gate: settings.oneOf('direction', ['maximize', 'minimize']) === 'maximize'
    ? QualityGate.atLeast(settings.text('metric', 'auc'), settings.number('threshold', 0.58))
    : QualityGate.atMost(settings.text('metric', 'auc'), settings.number('threshold', 0.58)),
  hosting: Hosting.realTime({
    instanceType: settings.text('instanceType', 'ml.m5.large'),
    instanceCount: settings.number('instanceCount', 2),
  }),
  rollout: Rollout.auto({ automaticRollback: settings.oneOf('automaticRollback', ['on', 'off']) === 'on' }),
  approval: settings.oneOf('approval', ['manual', 'automatic']) === 'manual' ? ApprovalPolicy.manual() : ApprovalPolicy.automatic(),
  retraining: { trainingWindow: Duration.parse(settings.text('retrainingWindow', 'P10D')) },
  quality: qualitySettings(settings),
  alarmEmails: settings.list('email'),
  removalPolicy: settings.oneOf('removalPolicy', ['retain', 'destroy']) === 'retain' ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
});

// All SageMaker jobs of an account share these log groups. Only an account that has none yet can let this stack own them.
if (settings.oneOf('jobLogs', ['shared', 'owned']) === 'owned') {
  new JobLogGroups(stack, 'JobLogs', { encryptionKey: stack.loop.encryptionKey });
}

app.synth();
