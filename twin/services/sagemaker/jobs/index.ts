import type { Operation } from '../../../service';
import type { World } from '../../../world';
import type { ModelServers } from '../hosting/server-pool';
import type { HostingState } from '../hosting/state';
import type { TagStore } from '../tags';
import { JobConditions } from './conditions';
import { ProcessingJobs } from './processing';
import { TrainingJobs } from './training';
import { TransformJobs } from './transform';

export { JobConditions } from './conditions';

/** Training, processing and transform jobs: the part of SageMaker that runs a model project's `train` and `evaluate`, and its `serve` over stored rows. */
export class Jobs {
  readonly conditions = new JobConditions();
  readonly operations: Readonly<Record<string, Operation>>;
  private readonly training: TrainingJobs;
  private readonly processing: ProcessingJobs;
  private readonly transform: TransformJobs;

  constructor(world: World, tags: TagStore, hosting: HostingState, servers: ModelServers) {
    this.training = new TrainingJobs(world, tags, this.conditions);
    this.processing = new ProcessingJobs(world, tags, this.conditions);
    this.transform = new TransformJobs(world, hosting, servers, tags, this.conditions);
    this.operations = { ...this.training.operations, ...this.processing.operations, ...this.transform.operations };
  }

  /** ARNs of jobs that run. Those that have ended are history, which nobody can delete. */
  remaining(): string[] {
    return [...this.training.store.running(), ...this.processing.store.running(), ...this.transform.store.running()].map(({ arn }) => arn);
  }
}
