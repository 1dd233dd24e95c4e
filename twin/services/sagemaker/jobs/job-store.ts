import { AwsError } from '../../../service';
import type { World } from '../../../world';
import { validation } from '../names';

/* eslint-disable @typescript-eslint/no-explicit-any -- requests as the service's model has them */

export type JobStatus = 'InProgress' | 'Completed' | 'Failed' | 'Stopping' | 'Stopped';

export interface Job {
  readonly name: string;
  readonly arn: string;
  /** The request, without tags. */
  readonly input: any;
  readonly createdAt: Date;
  modifiedAt: Date;
  startedAt?: Date;
  endedAt?: Date;
  status: JobStatus;
  stopRequested?: boolean;
  failureReason?: string;
}

export const REASON_LIMIT = 1024;

/** Jobs by name. A name is taken for good: a job that has ended keeps it. */
export class JobStore<T extends Job> {
  private readonly jobs = new Map<string, T>();
  /** Names being created: two requests at once are settled by who came first. */
  private readonly reserved = new Set<string>();

  constructor(private readonly world: World, private readonly kind: 'training-job' | 'processing-job' | 'transform-job', private readonly title: string) {}

  arn(name: string): string {
    return this.world.arn('sagemaker', `${this.kind}/${name.toLowerCase()}`);
  }

  async create(name: string, make: () => Promise<T>): Promise<T> {
    if (this.jobs.has(name) || this.reserved.has(name)) {
      throw new AwsError('ResourceInUse', `${this.title} names must be unique within an AWS account and region, and a ${this.title.toLowerCase()} with this name already exists (${this.arn(name)})`);
    }
    this.reserved.add(name);
    try {
      const job = await make();
      this.jobs.set(name, job);
      return job;
    } finally {
      this.reserved.delete(name);
    }
  }

  get(name: string): T {
    const job = this.jobs.get(name);
    if (job === undefined) throw validation(`Could not find requested job with name: ${name}`);
    return job;
  }

  all(): T[] {
    return [...this.jobs.values()];
  }

  /** Jobs that still run; what has ended is history. */
  running(): T[] {
    return this.all().filter(({ status }) => status === 'InProgress' || status === 'Stopping');
  }
}

/** Notes a job's new status, and its end if it has ended. */
export function setStatus(world: World, job: Job, status: JobStatus, failureReason?: string): void {
  job.status = status;
  job.modifiedAt = world.clock.date();
  if (failureReason !== undefined) job.failureReason = failureReason;
  if (status === 'Completed' || status === 'Failed' || status === 'Stopped') job.endedAt = job.modifiedAt;
}

/** A job that was told to stop: thrown where it next looks. */
export class Stopped extends Error {}
