import type { Operation } from '../../../service';
import type { World } from '../../../world';
import type { TagStore } from '../tags';
import { JobConditions } from './conditions';
import { ProcessingJobs } from './processing';
import { TrainingJobs } from './training';

export { JobConditions } from './conditions';

/** Training and processing jobs: the part of SageMaker that runs a model project's `train` and `evaluate`. */
export class Jobs {
  readonly conditions = new JobConditions();
  readonly operations: Readonly<Record<string, Operation>>;
  private readonly training: TrainingJobs;
  private readonly processing: ProcessingJobs;

  constructor(world: World, tags: TagStore) {
    this.training = new TrainingJobs(world, tags, this.conditions);
    this.processing = new ProcessingJobs(world, tags, this.conditions);
    this.operations = { ...this.training.operations, ...this.processing.operations };
  }

  /** ARNs of jobs that run. Those that have ended are history, which nobody can delete. */
  remaining(): string[] {
    return [...this.training.store.running(), ...this.processing.store.running()].map(({ arn }) => arn);
  }
}
