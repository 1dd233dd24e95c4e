import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { Duration, RemovalPolicy, type App } from 'aws-cdk-lib';
import { synthesizeApp } from '../../../bin/story/synthesize';
import { ModelProject, MlopsStack, QualityGate, type MlopsLoopProps, type MlopsStackProps } from '../../../lib';
import { PROJECT, testApp } from '../../lib/fixtures';

// The CDK's own validation of templates takes longer than a whole deployment; test/lib synthesizes with it.
process.env.CDK_VALIDATION = 'false';

/** The deployable app, set for data that comes and is learned in hours instead of weeks. */
export const SHORT_LOOP_CONTEXT: Readonly<Record<string, string>> = {
  removalPolicy: 'destroy',
  email: 'team@example.com',
  trainingWindow: 'P7D',
  retrainingWindow: 'P7D',
  holdout: 'PT6H',
  minimumFreshRows: '120',
  minimumHoldoutRows: '10',
};

/** Synthesizes it into a folder of its own; `remove` deletes that. */
export function shortLoopAssembly(context: Readonly<Record<string, string>> = {}): { directory: string; remove(): void } {
  const directory = mkdtempSync(path.join(tmpdir(), 'cdk-mlops-loop-'));
  synthesizeApp(directory, { ...SHORT_LOOP_CONTEXT, ...context });
  return { directory, remove: () => { rmSync(directory, { recursive: true, force: true }); } };
}

/** What every loop needs, with data that come and are learned in hours. */
export const SHORT_LOOP_PROPS: Pick<MlopsLoopProps, 'project' | 'dataset' | 'gate'> = {
  // Its own tests take longer than the rest of a build; where the deployable app is turned, they run.
  project: ModelProject.fromDirectory(PROJECT, { testCommands: [] }),
  dataset: { prefix: 'flights/', labelColumn: 'late', timeColumn: 'departure', trainingWindow: Duration.days(7), holdout: Duration.hours(6), minimumHoldoutRows: 10 },
  gate: QualityGate.atLeast('auc', 0.58),
};

/** Synthesizes a stack of its own for what the deployable app has no setting for. */
export function stackAssembly(props: Partial<MlopsStackProps>, build: (stack: MlopsStack) => void = () => undefined): { directory: string; remove(): void } {
  return assemblyOf((app) => { build(new MlopsStack(app, 'Mlops', { ...SHORT_LOOP_PROPS, removalPolicy: RemovalPolicy.DESTROY, ...props })); });
}

/** Synthesizes an app into a folder of its own; `remove` deletes that. */
export function assemblyOf(build: (app: App) => void): { directory: string; remove(): void } {
  const directory = mkdtempSync(path.join(tmpdir(), 'cdk-mlops-loop-'));
  const app = testApp({ outdir: directory });
  build(app);
  app.synth();
  return { directory, remove: () => { rmSync(directory, { recursive: true, force: true }); } };
}
