import { AwsError } from '../../service';
import type { World } from '../../world';
import { findProvider } from './actions';
import { type ActionContext, ActionFailure, type ActionProvider, type ActionResult } from './actions/provider';
import type { ArtifactStore } from './artifacts';
import type { Connections } from './connections';
import type { ActionDeclaration, StageDeclaration } from './declaration';
import type { PipelineEvents } from './events';
import type { Jobs } from './jobs';
import { assume } from './roles';
import type { ActionRun, Pipeline, PipelineExecution } from './state';
import { resolveConfiguration } from './variables';

/** What actions share. */
export interface Workshop {
  readonly world: World;
  readonly artifacts: ArtifactStore;
  readonly jobs: Jobs;
  readonly connections: Connections;
  readonly events: PipelineEvents;
}

/** Time CodePipeline itself takes for an action. */
const OVERHEAD = 2_000;

/** Runs one action once and leaves the record of it in the execution. */
export async function runAction(
  workshop: Workshop, pipeline: Pipeline, execution: PipelineExecution, stage: StageDeclaration, declaration: ActionDeclaration,
): Promise<ActionRun> {
  const { world, events } = workshop;
  const cancels = new Set<() => void>();
  let abandoned!: () => void;
  const abandonment = new Promise<'abandoned'>((resolve) => { abandoned = () => resolve('abandoned'); });
  const run = begin(workshop, pipeline, execution, stage, declaration, abandoned);
  execution.actionRuns.push(run);
  events.action(execution, run, 'STARTED');

  const provider = findProvider(declaration.actionTypeId) as ActionProvider;
  try {
    const result = await Promise.race([
      perform(provider, workshop, pipeline, execution, run, cancels),
      overdue(world, provider, declaration, cancels),
      abandonment,
    ]);
    if (result === 'abandoned') end(run, 'Abandoned', world);
    else succeed(run, result, execution, world);
  } catch (error) {
    run.error = errorOf(error);
    if (error instanceof ActionFailure && error.externalExecutionId !== undefined) run.externalExecutionId = error.externalExecutionId;
    end(run, 'Failed', world);
  } finally {
    for (const cancel of cancels) cancel();
  }
  events.action(execution, run, { Succeeded: 'SUCCEEDED', Failed: 'FAILED', Abandoned: 'CANCELED', InProgress: '' }[run.status]);
  return run;
}

function begin(
  { world, artifacts }: Workshop, pipeline: Pipeline, execution: PipelineExecution, stage: StageDeclaration, declaration: ActionDeclaration, abandon: () => void,
): ActionRun {
  const now = world.clock.date();
  return {
    id: world.random.uuid(), stageName: stage.name, declaration, pipelineVersion: execution.declaration.version, startTime: now, lastUpdateTime: now,
    roleArn: declaration.roleArn ?? pipeline.declaration.roleArn,
    // An artifact may be missing if the stage that makes it was skipped; the action then fails when it runs.
    inputs: declaration.inputArtifacts.flatMap(({ name }) => execution.artifacts.get(name) ?? []),
    outputs: declaration.outputArtifacts.map(({ name }) => artifacts.place(execution.declaration, name, declaration.region ?? world.region)),
    status: 'InProgress', resolvedConfiguration: {}, outputVariables: {}, abandon,
  };
}

async function perform(
  provider: ActionProvider, workshop: Workshop, pipeline: Pipeline, execution: PipelineExecution, run: ActionRun, cancels: Set<() => void>,
): Promise<ActionResult> {
  const { world } = workshop;
  const { declaration } = run;
  const onAbandon = (cancel: () => void): void => { cancels.add(cancel); };
  const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => {
    const timer = world.clock.after(milliseconds, `pipeline action ${declaration.name}`, resolve);
    onAbandon(() => timer.cancel());
  });
  await pause(OVERHEAD);
  const missing = declaration.inputArtifacts.filter(({ name }) => !execution.artifacts.has(name)).map(({ name }) => name);
  if (missing.length > 0) throw new ActionFailure('InvalidActionConfiguration', `this execution has no artifact ${missing.join(', ')}: the stage that makes it was skipped`);
  run.resolvedConfiguration = resolveConfiguration(declaration.configuration, execution);
  const context: ActionContext = {
    ...workshop, pipeline, execution, run, onAbandon, pause,
    configuration: run.resolvedConfiguration, inputs: run.inputs, outputs: run.outputs,
    revisions: execution.sourceRevisions.filter(({ actionName }) => actionName === declaration.name),
    caller: await assume(world, pipeline, declaration.roleArn, run.id),
  };
  return provider.run(context);
}

function overdue(world: World, provider: ActionProvider, declaration: ActionDeclaration, cancels: Set<() => void>): Promise<never> {
  const minutes = declaration.timeoutInMinutes ?? provider.timeoutMinutes;
  return new Promise((_, reject) => {
    const timer = world.clock.after(minutes * 60_000, `time-out of pipeline action ${declaration.name}`, () => {
      reject(new ActionFailure('JobTimedOut', `The action did not end within ${minutes} minutes`));
    });
    cancels.add(() => timer.cancel());
  });
}

function succeed(run: ActionRun, result: ActionResult, execution: PipelineExecution, world: World): void {
  run.outputVariables = result.outputVariables ?? {};
  run.summary = result.summary ?? run.summary;
  run.externalExecutionId = result.externalExecutionId ?? run.externalExecutionId;
  if (run.declaration.namespace !== undefined) execution.namespaces.set(run.declaration.namespace, run.outputVariables);
  for (const output of run.outputs) execution.artifacts.set(output.name, output);
  end(run, 'Succeeded', world);
}

function end(run: ActionRun, status: ActionRun['status'], world: World): void {
  run.status = status;
  run.lastUpdateTime = world.clock.date();
}

function errorOf(error: unknown): { code: string; message: string } {
  if (error instanceof ActionFailure) return { code: error.code, message: error.message };
  if (error instanceof AwsError) {
    const denied = /AccessDenied|AuthorizationError/.test(error.code);
    return { code: denied ? 'PermissionError' : 'JobFailed', message: `${error.code}: ${error.message}` };
  }
  return { code: 'InternalError', message: error instanceof Error ? error.message : String(error) };
}
