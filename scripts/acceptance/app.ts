/** The loop that acceptance plays: the example, small, cheap, learned in hours, and with nothing that stays. Its settings come as JSON in the context. */
import * as path from 'node:path';
import { App, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Hosting, MlopsStack, ModelProject, QualityGate } from '../../lib';
import { DATASET, type AppSettings } from './app-settings';

delete process.env.CDK_PERF_COUNTERS_FILE;

const app = new App({ analyticsReporting: false });
const settings = JSON.parse(app.node.getContext('acceptance') as string) as AppSettings;

new MlopsStack(app, settings.stackName, {
  project: ModelProject.fromDirectory(path.join(__dirname, '../../examples/flight-delay')),
  dataset: {
    name: 'flights', prefix: DATASET.prefix, labelColumn: DATASET.label, timeColumn: DATASET.time, trainingWindow: Duration.days(7), holdout: Duration.hours(6), minimumFreshRows: 15,
  },
  gate: QualityGate.atLeast('auc', 0.58),
  // Two, so that a release begins with a canary; later three or four.
  hosting: Hosting.realTime({
    instanceType: settings.instanceType, instanceCount: settings.scales ? 3 : 2,
    autoscaling: settings.scales ? { minimumInstances: 3, maximumInstances: 4, invocationsPerInstance: 6_000 } : undefined,
  }),
  // The shortest window that there is: three of four hours with drift fire the alarm.
  drift: { window: Duration.hours(1), minimumRows: 30 },
  removalPolicy: RemovalPolicy.DESTROY,
});

app.synth();
