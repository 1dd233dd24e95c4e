import { paginateListPipelineExecutions, PipelineExecutionStatus, type CodePipelineClient } from '@aws-sdk/client-codepipeline';

/** Whether an execution of the pipeline is in progress, on whatever page: those that came after it may have failed already. */
export async function isInProgress(codepipeline: CodePipelineClient, pipelineName: string): Promise<boolean> {
  for await (const { pipelineExecutionSummaries = [] } of paginateListPipelineExecutions({ client: codepipeline }, { pipelineName })) {
    if (pipelineExecutionSummaries.some(({ status }) => status === PipelineExecutionStatus.InProgress)) return true;
  }
  return false;
}
