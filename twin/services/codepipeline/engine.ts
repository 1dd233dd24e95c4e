import { AwsError, type Principal } from '../../service';
import type { Workshop } from './action-run';
import { assumePipelineRole } from './roles';
import { runStage, type StageOutcome } from './stage-run';
import { callerName, type ExecutionStatus, type Pipeline, type PipelineExecution, type RetryMode, type SourceRevision, type Stage } from './state';

const MAX_QUEUED = 50;

export interface StartOptions {
  readonly triggerType: string;
  readonly triggerDetail: string;
  readonly variables?: ReadonlyArray<{ readonly name: string; readonly value: string }>;
  readonly sourceRevisions?: readonly SourceRevision[];
}

/** Moves executions from stage to stage: what is locked, who waits, who overtakes whom. */
export class PipelineEngine {
  constructor(private readonly workshop: Workshop) {}

  start(pipeline: Pipeline, { triggerType, triggerDetail, variables = [], sourceRevisions = [] }: StartOptions): PipelineExecution {
    const { declaration } = pipeline;
    const running = pipeline.executions.filter(({ status }) => status === 'InProgress').length;
    if (declaration.executionMode !== 'SUPERSEDED' && running >= MAX_QUEUED) {
      throw new AwsError('ConcurrentPipelineExecutionsLimitExceededException', `The pipeline has reached the limit of ${MAX_QUEUED} concurrent executions`);
    }
    const now = this.now();
    const execution: PipelineExecution = {
      id: this.workshop.world.random.uuid(), pipelineName: pipeline.name, declaration, startTime: now, lastUpdateTime: now,
      trigger: { triggerType, triggerDetail }, variables: valuesOf(pipeline, variables), sourceRevisions,
      artifacts: new Map(), namespaces: new Map(), actionRuns: [], automaticRetries: new Map(), status: 'InProgress',
    };
    pipeline.executions.push(execution);
    this.workshop.events.pipeline(execution, 'STARTED');
    this.arrive(pipeline, execution, pipeline.stages[0]!);
    return execution;
  }

  /** Takes a failed execution back into the stage it failed in. */
  retry(pipeline: Pipeline, execution: PipelineExecution, stage: Stage, mode: RetryMode): void {
    execution.status = 'InProgress';
    execution.statusSummary = undefined;
    stage.latest!.manualRetries += 1;
    this.workshop.events.pipeline(execution, 'RESUMED');
    this.workshop.events.stage(execution, stage.name, 'RESUMED');
    this.arrive(pipeline, execution, stage, mode);
  }

  stop(pipeline: Pipeline, execution: PipelineExecution, abandon: boolean, reason: string | undefined): void {
    execution.stopReason = reason;
    const door = pipeline.stages.find(({ waiting }) => waiting.some((one) => one.execution === execution));
    if (door !== undefined) {
      leaveDoor(door, execution);
      this.finish(execution, 'Stopped', reason);
      return;
    }
    execution.status = 'Stopping';
    this.workshop.events.pipeline(execution, 'STOPPING');
    if (abandon) this.abandonActions(execution);
  }

  /** Ends everything: the pipeline is being deleted. */
  cancelAll(pipeline: Pipeline): void {
    for (const stage of pipeline.stages) stage.waiting.length = 0;
    for (const execution of pipeline.executions.filter(({ status }) => status === 'InProgress' || status === 'Stopping')) {
      this.finish(execution, 'Cancelled', 'the pipeline was deleted');
      this.abandonActions(execution);
    }
  }

  setTransition(pipeline: Pipeline, stage: Stage, enabled: boolean, caller: Principal, reason?: string): void {
    stage.transition = { enabled, disabledReason: enabled ? undefined : reason, lastChangedBy: callerName(caller), lastChangedAt: this.now() };
    if (enabled) this.admit(pipeline, stage);
  }

  private arrive(pipeline: Pipeline, execution: PipelineExecution, stage: Stage, retry?: RetryMode): void {
    if (execution.declaration.executionMode === 'SUPERSEDED' && retry === undefined) {
      for (const { execution: older } of [...stage.waiting]) {
        leaveDoor(stage, older);
        this.finish(older, 'Superseded', `superseded by execution ${execution.id}`);
      }
    }
    stage.waiting.push({ execution, retry });
    this.admit(pipeline, stage);
  }

  /** Lets in whoever may enter. A stage holds one execution at a time, except in PARALLEL mode. */
  private admit(pipeline: Pipeline, stage: Stage): void {
    while (stage.transition.enabled && stage.waiting.length > 0) {
      const { execution, retry } = stage.waiting[0]!;
      if (stage.inside.size > 0 && execution.declaration.executionMode !== 'PARALLEL') return;
      stage.waiting.shift();
      stage.inside.add(execution);
      void this.pass(pipeline, stage, execution, retry);
    }
  }

  private async pass(pipeline: Pipeline, stage: Stage, execution: PipelineExecution, retry: RetryMode | undefined): Promise<void> {
    const { events } = this.workshop;
    const latest = { execution, status: 'InProgress' as 'InProgress' | StageOutcome['status'], manualRetries: retry === undefined ? 0 : stage.latest?.manualRetries ?? 0 };
    stage.latest = latest;
    if (retry === undefined) events.stage(execution, stage.name, 'STARTED');
    const outcome = await this.guarded(pipeline, stage, execution, retry);
    latest.status = outcome.status;
    events.stage(execution, stage.name, { Succeeded: 'SUCCEEDED', Failed: 'FAILED', Skipped: 'SKIPPED', Stopped: 'STOPPED' }[outcome.status]);
    stage.inside.delete(execution);
    this.proceed(pipeline, stage, execution, outcome);
    this.admit(pipeline, stage);
  }

  private async guarded(pipeline: Pipeline, stage: Stage, execution: PipelineExecution, retry: RetryMode | undefined): Promise<StageOutcome> {
    try {
      if (stage === pipeline.stages[0] && retry === undefined) {
        await assumePipelineRole(this.workshop.world, pipeline.declaration.roleArn, pipeline.arn, pipeline.name);
        const without = execution.declaration.variables.filter(({ name }) => execution.variables[name] === undefined);
        if (without.length > 0) return { status: 'Failed', summary: `the pipeline variable ${without[0]!.name} has no value and no default` };
      }
      return await runStage(this.workshop, pipeline, stage, execution, retry);
    } catch (error) {
      return { status: 'Failed', summary: error instanceof Error ? error.message : String(error) };
    }
  }

  private proceed(pipeline: Pipeline, stage: Stage, execution: PipelineExecution, { status, summary }: StageOutcome): void {
    if (execution.status === 'Stopping') this.finish(execution, 'Stopped', execution.stopReason);
    if (execution.status !== 'InProgress') return;
    execution.lastUpdateTime = this.now();
    if (status === 'Failed') {
      this.finish(execution, 'Failed', summary);
      return;
    }
    const index = execution.declaration.stages.findIndex(({ name }) => name === stage.name);
    const nextName = execution.declaration.stages[index + 1]?.name;
    if (nextName === undefined) {
      this.finish(execution, 'Succeeded');
      return;
    }
    const next = pipeline.stages.find(({ name }) => name === nextName);
    // The pipeline was changed under the execution.
    if (next === undefined) this.finish(execution, 'Cancelled', `stage ${nextName} was removed from the pipeline`);
    else this.arrive(pipeline, execution, next);
  }

  private finish(execution: PipelineExecution, status: ExecutionStatus, summary?: string): void {
    execution.status = status;
    execution.statusSummary = summary;
    execution.lastUpdateTime = this.now();
    this.workshop.events.pipeline(execution, status === 'Cancelled' ? 'CANCELED' : status.toUpperCase());
  }

  private abandonActions(execution: PipelineExecution): void {
    for (const run of execution.actionRuns.filter((one) => one.status === 'InProgress')) run.abandon();
  }

  private now(): Date {
    return this.workshop.world.clock.date();
  }
}

function leaveDoor(stage: Stage, execution: PipelineExecution): void {
  stage.waiting.splice(stage.waiting.findIndex((one) => one.execution === execution), 1);
}

function valuesOf(pipeline: Pipeline, given: ReadonlyArray<{ readonly name: string; readonly value: string }>): Record<string, string> {
  const declared = pipeline.declaration.variables;
  for (const { name } of given) {
    if (!declared.some((variable) => variable.name === name)) throw new AwsError('ValidationException', `The pipeline ${pipeline.name} declares no variable '${name}'`);
  }
  return Object.fromEntries(declared.flatMap(({ name, defaultValue }) => {
    const value = given.find((one) => one.name === name)?.value ?? defaultValue;
    return value === undefined ? [] : [[name, value]];
  }));
}
