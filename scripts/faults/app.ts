/** The example's loop for fault schedules: approves by policy, and may retrain often enough that one account lives through many drifts. */
import { join } from 'path';
import { App, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { ApprovalPolicy, MlopsStack, ModelProject, QualityGate } from '../../lib';
import { COOLDOWN_HOURS } from './cooldown';

const app = new App({ analyticsReporting: false });

new MlopsStack(app, 'Mlops', {
  // The code never changes here; its own tests would be half of a schedule's time.
  project: ModelProject.fromDirectory(join(__dirname, '..', '..', 'examples', 'flight-delay'), { testCommands: [] }),
  dataset: {
    name: 'flights', prefix: 'flights/', labelColumn: 'late', timeColumn: 'departure',
    trainingWindow: Duration.days(7), holdout: Duration.hours(6), minimumFreshRows: 60,
  },
  gate: QualityGate.atLeast('auc', 0.58),
  approval: ApprovalPolicy.automatic(),
  retraining: { cooldown: Duration.hours(COOLDOWN_HOURS), monthlyBudget: 100 },
  // Short, so that a drift is found and over within hours.
  drift: { window: Duration.hours(3), minimumRows: 30 },
  alarmEmails: ['team@example.com'],
  removalPolicy: RemovalPolicy.DESTROY,
});

app.synth();
