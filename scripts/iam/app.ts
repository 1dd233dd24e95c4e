import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { App, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { ManagedPolicy, PermissionsBoundary, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { ApprovalPolicy, BiasFacet, Hosting, MlopsStack, ModelProject, ModelTask, QualityGate, type MlopsStackProps } from '../../lib';

const ROOT = path.resolve(__dirname, '../..');

export const STACK = 'Mlops';

/** The loop with every part that brings permissions of its own: automatic approval, a stage, scaling, measured quality, and nothing that stays. */
const fullLoop = (instanceType: string): MlopsStackProps => ({
  hosting: Hosting.realTime({ instanceType, instanceCount: 2, autoscaling: { minimumInstances: 2, maximumInstances: 4, invocationsPerInstance: 600 } }),
  project: ModelProject.fromDirectory(path.join(ROOT, 'examples/flight-delay')),
  dataset: {
    name: 'flights', prefix: 'flights/', labelColumn: 'late', timeColumn: 'departure',
    trainingWindow: Duration.days(7), holdout: Duration.hours(6), minimumFreshRows: 120,
  },
  gate: QualityGate.atLeast('auc', 0.58, { customMetrics: ['train_auc'] }),
  approval: ApprovalPolicy.automatic(),
  stagesBeforeProduction: [{ name: 'Staging' }],
  quality: {
    window: Duration.hours(1), minimumLabels: 10, task: ModelTask.binaryClassification({ facets: [BiasFacet.ofValues('origin', ['LGA'], { limits: { DPPL: 0.1 } })] }),
  },
  retraining: { trainingWindow: Duration.days(1) },
  alarmEmails: ['team@example.com'],
  removalPolicy: RemovalPolicy.DESTROY,
});

/** With the feature flags of cdk.json, as the deployable app has them. */
export function appWithFlags(outdir?: string): App {
  const { context } = JSON.parse(readFileSync(path.join(ROOT, 'cdk.json'), 'utf8')) as { context: Record<string, unknown> };
  return new App({ analyticsReporting: false, outdir, context });
}

/** The services that a company lets its platform's roles use, and nothing with identities but the passing of roles and those of services. */
const BOUNDARY = [
  'application-autoscaling:*', 'cloudformation:*', 'cloudwatch:*', 'codebuild:*', 'codepipeline:*', 'ecr:*', 'events:*', 'iam:CreateServiceLinkedRole', 'iam:PassRole', 'kms:*', 'lambda:*', 'logs:*',
  's3:*', 'sagemaker:*', 'sqs:*', 'states:*',
];

/** Staging runs on ml.m5.large. Every role is held within a permissions boundary. */
export function synthesizeFullLoop(outdir: string, instanceType = 'ml.m5.xlarge'): void {
  const app = appWithFlags(outdir);
  const stack = new MlopsStack(app, STACK, fullLoop(instanceType));
  const boundary = new ManagedPolicy(stack, 'Boundary', { statements: [new PolicyStatement({ actions: BOUNDARY, resources: ['*'] })] });
  PermissionsBoundary.of(stack).apply(boundary);
  app.synth();
}
