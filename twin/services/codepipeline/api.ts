import { AwsError, type Operation } from '../../service';
import type { World } from '../../world';
import { decide } from './actions/manual-approval';
import type { PipelineEngine } from './engine';
import { executionOf, paginate, pipelineOf, stageOf } from './lookup';
import { callerName, type CodePipelineState } from './state';
import { actionDetail, executionSummary, executionView, pipelineState } from './views';

type Operations = Readonly<Record<string, Operation>>;

/** Reading pipelines and their executions. */
export function pipelineOperations(world: World, state: CodePipelineState): Operations {
  const on = (action: string) => ({ name, pipelineName }: { name?: string; pipelineName?: string }) => [
    { action: `codepipeline:${action}`, resource: world.arn('codepipeline', (name ?? pipelineName)!) },
  ];
  return {
    GetPipeline: {
      authorize: on('GetPipeline'),
      run: ({ name, version }) => {
        const pipeline = pipelineOf(state, name);
        const found = version === undefined ? pipeline.declaration : pipeline.versions.find((one) => one.version === version);
        if (found === undefined) throw new AwsError('PipelineVersionNotFoundException', `The pipeline ${name} has no version ${version}`);
        return { pipeline: found, metadata: { pipelineArn: pipeline.arn, created: pipeline.created, updated: pipeline.updated } };
      },
    },
    ListPipelines: {
      authorize: () => [{ action: 'codepipeline:ListPipelines', resource: '*' }],
      run: ({ maxResults, nextToken }) => {
        const { page, nextToken: next } = paginate([...state.pipelines.values()], maxResults, nextToken);
        return {
          pipelines: page.map(({ name, declaration: { version, pipelineType, executionMode }, created, updated }) => ({ name, version, pipelineType, executionMode, created, updated })),
          nextToken: next,
        };
      },
    },
    GetPipelineState: { authorize: on('GetPipelineState'), run: ({ name }) => pipelineState(pipelineOf(state, name)) },
    GetPipelineExecution: {
      authorize: on('GetPipelineExecution'),
      run: ({ pipelineName, pipelineExecutionId }) => ({ pipelineExecution: executionView(executionOf(pipelineOf(state, pipelineName), pipelineExecutionId)) }),
    },
    ListPipelineExecutions: {
      authorize: on('ListPipelineExecutions'),
      run: ({ pipelineName, maxResults, nextToken, filter }) => {
        const stage = filter?.succeededInStage?.stageName as string | undefined;
        const found = pipelineOf(state, pipelineName).executions
          .filter((execution) => stage === undefined || succeededIn(execution, stage)).reverse();
        const { page, nextToken: next } = paginate(found, maxResults, nextToken);
        return { pipelineExecutionSummaries: page.map(executionSummary), nextToken: next };
      },
    },
    ListActionExecutions: {
      authorize: on('ListActionExecutions'),
      run: ({ pipelineName, filter, maxResults, nextToken }) => {
        const pipeline = pipelineOf(state, pipelineName);
        const id = (filter?.pipelineExecutionId ?? filter?.latestInPipelineExecution?.pipelineExecutionId) as string | undefined;
        const executions = id === undefined ? pipeline.executions : [executionOf(pipeline, id)];
        const details = executions.flatMap((execution) => execution.actionRuns.map((run) => actionDetail(execution, run))).reverse();
        const { page, nextToken: next } = paginate(details, maxResults, nextToken);
        return { actionExecutionDetails: page, nextToken: next };
      },
    },
    ListTagsForResource: {
      authorize: ({ resourceArn }) => [{ action: 'codepipeline:ListTagsForResource', resource: resourceArn }],
      run: ({ resourceArn }) => ({ tags: [...pipelineOf(state, resourceArn.split(':').pop()).tags] }),
    },
  };
}

/** Starting, stopping, holding up and deciding. */
export function executionOperations(world: World, state: CodePipelineState, engine: PipelineEngine): Operations {
  const arn = (...path: string[]) => world.arn('codepipeline', path.join('/'));
  return {
    StartPipelineExecution: {
      authorize: ({ name }) => [{ action: 'codepipeline:StartPipelineExecution', resource: arn(name) }],
      run: ({ name, variables, clientRequestToken, sourceRevisions }, { caller }) => {
        const pipeline = pipelineOf(state, name);
        const known = clientRequestToken === undefined ? undefined : pipeline.requestTokens.get(clientRequestToken);
        const execution = known ?? engine.start(pipeline, { triggerType: 'StartPipelineExecution', triggerDetail: callerName(caller), variables, sourceRevisions });
        if (clientRequestToken !== undefined) pipeline.requestTokens.set(clientRequestToken, execution);
        return { pipelineExecutionId: execution.id };
      },
    },
    StopPipelineExecution: {
      authorize: ({ pipelineName }) => [{ action: 'codepipeline:StopPipelineExecution', resource: arn(pipelineName) }],
      run: ({ pipelineName, pipelineExecutionId, abandon = false, reason }) => {
        const pipeline = pipelineOf(state, pipelineName);
        const execution = executionOf(pipeline, pipelineExecutionId);
        if (execution.status === 'Stopping' && !abandon) throw new AwsError('DuplicatedStopRequestException', 'The execution is already being stopped');
        if (execution.status !== 'InProgress' && execution.status !== 'Stopping') {
          throw new AwsError('PipelineExecutionNotStoppableException', `The execution is in state ${execution.status} and cannot be stopped`);
        }
        engine.stop(pipeline, execution, abandon, reason);
        return { pipelineExecutionId };
      },
    },
    RetryStageExecution: {
      authorize: ({ pipelineName, stageName }) => [{ action: 'codepipeline:RetryStageExecution', resource: arn(pipelineName, stageName) }],
      run: ({ pipelineName, stageName, pipelineExecutionId, retryMode }) => {
        const pipeline = pipelineOf(state, pipelineName);
        const stage = stageOf(pipeline, stageName);
        const execution = executionOf(pipeline, pipelineExecutionId);
        if (stage.latest?.execution !== execution) throw new AwsError('NotLatestPipelineExecutionException', 'The execution is not the latest one in the stage');
        if (stage.latest.status !== 'Failed' || execution.status !== 'Failed') throw new AwsError('StageNotRetryableException', `The stage is in state ${stage.latest.status} and cannot be retried`);
        engine.retry(pipeline, execution, stage, retryMode);
        return { pipelineExecutionId };
      },
    },
    ...transitionOperations(state, engine, arn),
    PutApprovalResult: {
      authorize: ({ pipelineName, stageName, actionName }) => [{ action: 'codepipeline:PutApprovalResult', resource: arn(pipelineName, stageName, actionName) }],
      run: ({ pipelineName, stageName, actionName, token, result }, { caller }) => {
        const pipeline = pipelineOf(state, pipelineName);
        stageOf(pipeline, stageName);
        const runs = pipeline.executions.flatMap(({ actionRuns }) => actionRuns).filter((run) => run.stageName === stageName && run.declaration.name === actionName);
        if (runs.length === 0) throw new AwsError('ActionNotFoundException', `The action '${actionName}' was not found in the stage '${stageName}', or has not run`);
        const run = runs.find((one) => one.token === token);
        if (run === undefined) {
          if (runs.some(({ status }) => status === 'InProgress')) throw new AwsError('InvalidApprovalTokenException', 'The approval token is not valid');
          throw new AwsError('ApprovalAlreadyCompletedException', 'The approval action has already been approved or rejected');
        }
        run.lastUpdatedBy = callerName(caller);
        decide(run, result);
        return { approvedAt: world.clock.date() };
      },
    },
  };
}

function transitionOperations(state: CodePipelineState, engine: PipelineEngine, arn: (...path: string[]) => string): Operations {
  const set = (enabled: boolean): Operation['run'] => ({ pipelineName, stageName, transitionType, reason }, { caller }) => {
    if (transitionType !== 'Inbound') throw new AwsError('ValidationException', `Transition type ${transitionType} is not implemented by the twin, use Inbound`);
    const pipeline = pipelineOf(state, pipelineName);
    engine.setTransition(pipeline, stageOf(pipeline, stageName), enabled, caller, reason);
    return {};
  };
  const on = (action: string): Operation['authorize'] => ({ pipelineName, stageName }) => [{ action: `codepipeline:${action}`, resource: arn(pipelineName, stageName) }];
  return {
    DisableStageTransition: { authorize: on('DisableStageTransition'), run: set(false) },
    EnableStageTransition: { authorize: on('EnableStageTransition'), run: set(true) },
  };
}

function succeededIn(execution: { actionRuns: ReadonlyArray<{ stageName: string; status: string; declaration: { name: string } }> }, stage: string): boolean {
  const last = new Map(execution.actionRuns.filter(({ stageName }) => stageName === stage).map(({ declaration, status }) => [declaration.name, status]));
  return last.size > 0 && [...last.values()].every((status) => status === 'Succeeded');
}
