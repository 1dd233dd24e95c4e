import type { ActionDeclaration } from './declaration';
import type { ActionRun, Artifact, ConditionRun, Pipeline, PipelineExecution, Stage } from './state';

/** The state of every stage, as GetPipelineState shows it. */
export function pipelineState(pipeline: Pipeline) {
  return {
    pipelineName: pipeline.name, pipelineVersion: pipeline.declaration.version, created: pipeline.created, updated: pipeline.updated,
    stageStates: pipeline.stages.map((stage) => stageState(pipeline, stage)),
  };
}

function stageState(pipeline: Pipeline, stage: Stage) {
  const declaration = pipeline.declaration.stages.find(({ name }) => name === stage.name)!;
  const waiting = stage.waiting.map(({ execution }) => ({ pipelineExecutionId: execution.id, status: 'InProgress', type: 'STANDARD' }));
  const { latest } = stage;
  return {
    stageName: stage.name,
    inboundExecution: waiting[0], inboundExecutions: waiting,
    inboundTransitionState: { ...stage.transition },
    actionStates: declaration.actions.map((action) => actionState(pipeline, stage, action)),
    latestExecution: latest === undefined ? undefined : { pipelineExecutionId: latest.execution.id, status: latest.status, type: 'STANDARD' },
    beforeEntryConditionState: conditionState(stage.beforeEntry),
    onSuccessConditionState: conditionState(stage.onSuccess),
    retryStageMetadata: latest === undefined ? undefined : retries(latest.execution.automaticRetries.get(stage.name) ?? 0, latest.manualRetries),
  };
}

/** Attempts are counted from one; a stage that was never retried has no such metadata. */
function retries(automatic: number, manual: number) {
  if (automatic === 0 && manual === 0) return undefined;
  return { ...(automatic > 0 && { autoStageRetryAttempt: automatic }), ...(manual > 0 && { manualStageRetryAttempt: manual }) };
}

function actionState(pipeline: Pipeline, stage: Stage, action: ActionDeclaration) {
  const run = pipeline.executions.flatMap(({ actionRuns }) => actionRuns)
    .filter((one) => one.stageName === stage.name && one.declaration.name === action.name)
    .sort((a, b) => a.startTime.getTime() - b.startTime.getTime()).at(-1);
  const revision = run?.outputs[0]?.revision;
  return {
    actionName: action.name,
    currentRevision: revision === undefined ? undefined : { revisionId: revision.id, revisionChangeId: run!.id, created: revision.created },
    latestExecution: run === undefined ? undefined : {
      actionExecutionId: run.id, status: run.status, summary: run.summary, lastStatusChange: run.lastUpdateTime, token: run.token,
      lastUpdatedBy: run.lastUpdatedBy, externalExecutionId: run.externalExecutionId, percentComplete: run.percentComplete, errorDetails: run.error,
    },
  };
}

function conditionState(run: ConditionRun | undefined) {
  if (run === undefined) return undefined;
  const latestExecution = { status: run.status, summary: run.summary };
  return {
    latestExecution,
    conditionStates: [{
      latestExecution: { ...latestExecution, lastStatusChange: run.at },
      ruleStates: run.rules.map(({ id, name, status, summary, lastStatusChange }) => ({ ruleName: name, latestExecution: { ruleExecutionId: id, status, summary, lastStatusChange } })),
    }],
  };
}

export function executionView(execution: PipelineExecution) {
  const { declaration } = execution;
  return {
    pipelineName: execution.pipelineName, pipelineVersion: declaration.version, pipelineExecutionId: execution.id,
    status: execution.status, statusSummary: execution.statusSummary, trigger: execution.trigger,
    executionMode: declaration.executionMode, executionType: 'STANDARD',
    variables: Object.entries(execution.variables).map(([name, resolvedValue]) => ({ name, resolvedValue })),
    artifactRevisions: [...execution.artifacts.values()].flatMap(({ name, revision }) => (revision === undefined ? []
      : [{ name, revisionId: revision.id, revisionSummary: revision.summary, revisionUrl: revision.url, created: revision.created }])),
  };
}

export function executionSummary(execution: PipelineExecution) {
  return {
    pipelineExecutionId: execution.id, status: execution.status, statusSummary: execution.statusSummary,
    startTime: execution.startTime, lastUpdateTime: execution.lastUpdateTime, trigger: execution.trigger,
    stopTrigger: execution.stopReason === undefined ? undefined : { reason: execution.stopReason },
    executionMode: execution.declaration.executionMode, executionType: 'STANDARD',
    sourceRevisions: execution.actionRuns.filter(({ outputs }) => outputs[0]?.revision !== undefined)
      .map(({ declaration, outputs }) => ({ actionName: declaration.name, revisionId: outputs[0]!.revision!.id, revisionSummary: outputs[0]!.revision!.summary })),
  };
}

export function actionDetail(execution: PipelineExecution, run: ActionRun) {
  const { declaration } = run;
  return {
    pipelineExecutionId: execution.id, actionExecutionId: run.id, pipelineVersion: run.pipelineVersion, stageName: run.stageName, actionName: declaration.name,
    startTime: run.startTime, lastUpdateTime: run.lastUpdateTime, updatedBy: run.lastUpdatedBy, status: run.status,
    input: {
      actionTypeId: declaration.actionTypeId, configuration: declaration.configuration, resolvedConfiguration: run.resolvedConfiguration,
      roleArn: declaration.roleArn, region: declaration.region, inputArtifacts: run.inputs.map(located), namespace: declaration.namespace,
    },
    output: {
      outputArtifacts: run.outputs.map(located), outputVariables: run.outputVariables,
      executionResult: { externalExecutionId: run.externalExecutionId, externalExecutionSummary: run.summary, errorDetails: run.error },
    },
  };
}

function located({ name, bucket, key }: Artifact) {
  return { name, s3location: { bucket, key } };
}
