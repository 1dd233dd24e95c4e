import type { Run } from './run';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

export interface Execution {
  readonly pipelineExecutionId: string;
  readonly status: string;
  readonly startTime: Date;
  readonly lastUpdateTime: Date;
}

/** Newest first. */
export function executions({ cloud }: Run, pipelineName: string): Promise<Execution[]> {
  return cloud.list('codepipeline', 'ListPipelineExecutions', 'pipelineExecutionSummaries', { pipelineName });
}

/** The next execution that comes to an end beside those that `known` names. */
export function ended(run: Run, pipelineName: string, known: readonly Execution[], minutes: number, look: () => Promise<void> = async () => undefined): Promise<Execution> {
  const before = new Set(known.map(({ pipelineExecutionId }) => pipelineExecutionId));
  return run.tempo.until(`a run of ${pipelineName} to end`, async () => {
    await look();
    const [newest] = (await executions(run, pipelineName)).filter(({ pipelineExecutionId }) => !before.has(pipelineExecutionId));
    return newest !== undefined && !['InProgress', 'Stopping'].includes(newest.status) ? newest : undefined;
  }, { minutes });
}

/** Why an execution failed, in the words of its actions. */
export async function failure({ cloud }: Run, pipelineName: string, pipelineExecutionId: string): Promise<string> {
  const actions = await cloud.list('codepipeline', 'ListActionExecutions', 'actionExecutionDetails', { pipelineName, filter: { pipelineExecutionId } });
  return actions.filter(({ status }) => status === 'Failed').map((action: any) => {
    const { errorDetails, externalExecutionSummary } = action.output?.executionResult ?? {};
    return `${action.stageName}/${action.actionName}: ${errorDetails?.message ?? externalExecutionSummary ?? 'no reason given'}`;
  }).join('; ');
}

/** What the actions of an execution say of themselves. */
export async function summaries({ cloud }: Run, pipelineName: string, pipelineExecutionId: string): Promise<string[]> {
  const actions = await cloud.list('codepipeline', 'ListActionExecutions', 'actionExecutionDetails', { pipelineName, filter: { pipelineExecutionId } });
  return actions.map(({ output }) => output?.executionResult?.externalExecutionSummary as string | undefined).filter((summary) => summary !== undefined && summary !== '') as string[];
}

export async function expectSucceeded(run: Run, pipelineName: string, { status, pipelineExecutionId }: Execution): Promise<void> {
  run.log.expect(`a run of ${pipelineName} succeeds`, status === 'Succeeded', status === 'Succeeded' ? status : `${status}: ${await failure(run, pipelineName, pipelineExecutionId)}`);
}
