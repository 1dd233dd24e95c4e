import { ADMINISTRATOR, AwsError, type ResourceHandle, type ResourceProvider } from '../../service';
import type { World } from '../../world';
import { declare, type PipelineDeclaration } from './declaration';
import type { PipelineEngine } from './engine';
import { assumePipelineRole } from './roles';
import type { CodePipelineState, Pipeline, Stage } from './state';

const PROPERTIES = [
  'Name', 'RoleArn', 'ArtifactStore', 'ArtifactStores', 'Stages', 'PipelineType', 'ExecutionMode', 'Variables', 'Triggers',
  'DisableInboundStageTransitions', 'RestartExecutionOnUpdate', 'Tags',
];

interface Transition {
  readonly StageName: string;
  readonly Reason: string;
}

export function pipelineProvider(world: World, state: CodePipelineState, engine: PipelineEngine): ResourceProvider {
  return {
    properties: PROPERTIES,
    createOnly: ['Name'],
    attributes: ['Version'],
    async create({ properties, generateName }) {
      const name: string = properties.Name ?? generateName(100);
      if (state.pipelines.has(name)) throw new AwsError('PipelineNameInUseException', `A pipeline with the name '${name}' already exists`);
      const declaration = declare(properties, name, 1);
      const arn = world.arn('codepipeline', name);
      await assumePipelineRole(world, declaration.roleArn, arn, name);
      const now = world.clock.date();
      const pipeline: Pipeline = {
        name, arn, created: now, updated: now, declaration, versions: [declaration], tags: tagsOf(properties),
        stages: stagesOf(declaration, []), executions: [], requestTokens: new Map(),
      };
      state.pipelines.set(name, pipeline);
      applyTransitions(pipeline, properties.DisableInboundStageTransitions ?? [], []);
      // Creating a pipeline runs it, whether or not there is anything to run on yet.
      engine.start(pipeline, { triggerType: 'CreatePipeline', triggerDetail: 'administrator' });
      return handleOf(pipeline);
    },
    async update({ properties }, existing, previous) {
      const pipeline = state.pipelines.get(existing.physicalId)!;
      const declaration = declare(properties, pipeline.name, pipeline.declaration.version + 1);
      await assumePipelineRole(world, declaration.roleArn, pipeline.arn, pipeline.name);
      pipeline.declaration = declaration;
      pipeline.versions.push(declaration);
      pipeline.updated = world.clock.date();
      pipeline.tags = tagsOf(properties);
      pipeline.stages = stagesOf(declaration, pipeline.stages);
      applyTransitions(pipeline, properties.DisableInboundStageTransitions ?? [], previous.DisableInboundStageTransitions ?? []);
      if (isTrue(properties.RestartExecutionOnUpdate)) engine.start(pipeline, { triggerType: 'StartPipelineExecution', triggerDetail: 'RestartExecutionOnUpdate' });
      return handleOf(pipeline);
    },
    delete(_request, existing) {
      const pipeline = state.pipelines.get(existing.physicalId);
      if (pipeline === undefined) return;
      engine.cancelAll(pipeline);
      state.pipelines.delete(pipeline.name);
    },
  };

  /** What the template holds up, and lets go on again when it no longer says so. */
  function applyTransitions(pipeline: Pipeline, disabled: readonly Transition[], before: readonly Transition[]): void {
    for (const { StageName: name, Reason: reason } of disabled) engine.setTransition(pipeline, stageNamed(pipeline, name), false, ADMINISTRATOR, reason);
    for (const { StageName: name } of before.filter((one) => !disabled.some((now) => now.StageName === one.StageName))) {
      const stage = pipeline.stages.find((one) => one.name === name);
      if (stage !== undefined) engine.setTransition(pipeline, stage, true, ADMINISTRATOR);
    }
  }
}

/** Stages keep what they hold when the pipeline is updated. */
function stagesOf(declaration: PipelineDeclaration, existing: readonly Stage[]): Stage[] {
  return declaration.stages.map(({ name }) => existing.find((stage) => stage.name === name)
    ?? { name, transition: { enabled: true }, waiting: [], inside: new Set() });
}

function stageNamed(pipeline: Pipeline, name: string): Stage {
  const stage = pipeline.stages.find((one) => one.name === name);
  if (stage === undefined) throw new AwsError('InvalidStructureException', `DisableInboundStageTransitions names the stage '${name}', which the pipeline does not have`);
  return stage;
}

function handleOf({ name, declaration }: Pipeline): ResourceHandle {
  return { physicalId: name, attributes: { Version: String(declaration.version) } };
}

function tagsOf(properties: Record<string, unknown>): Pipeline['tags'] {
  return ((properties.Tags ?? []) as Array<{ Key: string; Value: string }>).map(({ Key, Value }) => ({ key: Key, value: Value }));
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}
