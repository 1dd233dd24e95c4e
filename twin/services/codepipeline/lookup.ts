import { AwsError } from '../../service';
import type { CodePipelineState, Pipeline, PipelineExecution, Stage } from './state';

export function pipelineOf(state: CodePipelineState, name: string): Pipeline {
  const pipeline = state.pipelines.get(name);
  if (pipeline === undefined) throw new AwsError('PipelineNotFoundException', `Account '${state.account}' does not have a pipeline with name '${name}'`);
  return pipeline;
}

export function executionOf(pipeline: Pipeline, id: string): PipelineExecution {
  const execution = pipeline.executions.find((one) => one.id === id);
  if (execution === undefined) throw new AwsError('PipelineExecutionNotFoundException', `Pipeline ${pipeline.name} has no execution with id ${id}`);
  return execution;
}

export function stageOf(pipeline: Pipeline, name: string): Stage {
  const stage = pipeline.stages.find((one) => one.name === name);
  if (stage === undefined) throw new AwsError('StageNotFoundException', `The stage '${name}' was not found in the pipeline '${pipeline.name}'`);
  return stage;
}

export function paginate<T>(items: readonly T[], maxResults: number | undefined, token: string | undefined): { page: T[]; nextToken?: string } {
  const from = token === undefined ? 0 : Number(token);
  const to = from + (maxResults ?? 100);
  return { page: items.slice(from, to), nextToken: to < items.length ? String(to) : undefined };
}
