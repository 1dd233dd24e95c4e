import { runAction, type Workshop } from './action-run';
import { evaluate } from './conditions';
import type { ActionDeclaration, Condition, StageDeclaration } from './declaration';
import type { ActionRun, ConditionRun, Pipeline, PipelineExecution, RetryMode, Stage, StageStatus } from './state';

export interface StageOutcome {
  readonly status: Extract<StageStatus, 'Succeeded' | 'Failed' | 'Skipped' | 'Stopped'>;
  readonly summary?: string;
}

/** Takes an execution through one stage: entry condition, actions by run order, a retry if one is declared, success condition. */
export async function runStage(
  workshop: Workshop, pipeline: Pipeline, stage: Stage, execution: PipelineExecution, retry: RetryMode | undefined,
): Promise<StageOutcome> {
  const declaration = execution.declaration.stages.find(({ name }) => name === stage.name)!;
  const { world } = workshop;
  if (retry === undefined) {
    const refused = await check(declaration.beforeEntry?.conditions, (run) => { stage.beforeEntry = run; });
    if (refused !== undefined) return { status: refused.condition.result === 'SKIP' ? 'Skipped' : 'Failed', summary: refused.run.summary };
  }
  const outcome = await runActions(workshop, pipeline, execution, declaration, retry);
  if (outcome.status === 'Failed' && declaration.onFailure?.result === 'RETRY' && (execution.automaticRetries.get(stage.name) ?? 0) === 0) {
    execution.automaticRetries.set(stage.name, 1);
    workshop.events.stage(execution, stage.name, 'RESUMED');
    const mode = declaration.onFailure.retryConfiguration?.retryMode ?? 'FAILED_ACTIONS';
    return succeeded(await runActions(workshop, pipeline, execution, declaration, mode));
  }
  return succeeded(outcome);

  async function succeeded(result: StageOutcome): Promise<StageOutcome> {
    if (result.status !== 'Succeeded') return result;
    const refused = await check(declaration.onSuccess?.conditions, (run) => { stage.onSuccess = run; });
    return refused === undefined ? result : { status: 'Failed', summary: refused.run.summary };
  }

  async function check(conditions: readonly Condition[] | undefined, keep: (run: ConditionRun) => void) {
    for (const condition of conditions ?? []) {
      const run = await evaluate(condition, world, pipeline, execution);
      keep(run);
      if (run.status === 'Failed') return { condition, run };
    }
    return undefined;
  }
}

async function runActions(
  workshop: Workshop, pipeline: Pipeline, execution: PipelineExecution, stage: StageDeclaration, retry: RetryMode | undefined,
): Promise<StageOutcome> {
  const orders = [...new Set(stage.actions.map(({ runOrder }) => runOrder))].sort((a, b) => a - b);
  for (const order of orders) {
    const group = stage.actions.filter((action) => action.runOrder === order && !(retry === 'FAILED_ACTIONS' && hasSucceeded(execution, stage, action)));
    const runs = await Promise.all(group.map((action) => runAction(workshop, pipeline, execution, stage, action)));
    // Whatever runs beside a failed action comes to its end first.
    const failed = runs.filter(({ status }) => status === 'Failed');
    if (failed.length > 0) return { status: 'Failed', summary: failed.map(explain).join('; ') };
    if (execution.status !== 'InProgress') return { status: 'Stopped' };
  }
  return { status: 'Succeeded' };
}

function hasSucceeded(execution: PipelineExecution, stage: StageDeclaration, action: ActionDeclaration): boolean {
  return execution.actionRuns.findLast((run) => run.stageName === stage.name && run.declaration.name === action.name)?.status === 'Succeeded';
}

function explain({ declaration, error }: ActionRun): string {
  return `action ${declaration.name}: ${error?.message}`;
}
