import type { Operation, ResourceProvider, Service } from '../../service';
import type { World } from '../../world';
import type { Workshop } from './action-run';
import { executionOperations, pipelineOperations } from './api';
import { internalOperations, jobOperations } from './api-jobs';
import { ArtifactStore } from './artifacts';
import { Connections } from './connections';
import { PipelineEngine } from './engine';
import { PipelineEvents } from './events';
import { Jobs } from './jobs';
import { pipelineProvider } from './resources';
import { CodePipelineState } from './state';
import { pushTargets } from './triggers';

/** CodePipeline: stages, actions under their own roles, jobs, approvals, conditions and variables. */
export class CodePipelineService implements Service {
  readonly name = 'codepipeline';
  readonly operations: Readonly<Record<string, Operation>>;
  readonly resources: Readonly<Record<string, ResourceProvider>>;
  readonly state: CodePipelineState;
  /** Where folders are registered as the repositories behind CodeConnections. */
  readonly connections = new Connections();
  private readonly engine: PipelineEngine;

  constructor(world: World) {
    this.state = new CodePipelineState(world.account);
    const jobs = new Jobs(world, this.state);
    const workshop: Workshop = { world, jobs, artifacts: new ArtifactStore(world), connections: this.connections, events: new PipelineEvents(world) };
    this.engine = new PipelineEngine(workshop);
    this.operations = {
      ...pipelineOperations(world, this.state),
      ...executionOperations(world, this.state, this.engine),
      ...jobOperations(world, jobs),
      ...internalOperations(),
    };
    this.resources = { 'AWS::CodePipeline::Pipeline': pipelineProvider(world, this.state, this.engine) };
  }

  /** Somebody pushed to a branch that a connection reaches: the pipelines that listen to it start. */
  push(connectionArn: string, fullRepositoryId: string, branch: string): void {
    for (const pipeline of pushTargets([...this.state.pipelines.values()], connectionArn, fullRepositoryId, branch)) {
      this.engine.start(pipeline, { triggerType: 'WebhookV2', triggerDetail: connectionArn });
    }
  }

  remaining(): string[] {
    return [...this.state.pipelines.values()].map(({ arn }) => arn);
  }
}
