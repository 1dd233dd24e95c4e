import { CannotStartError } from '../../../jobs/container';
import { runJob, type JobOptions, type JobResult } from '../../../jobs/run-job';
import type { World } from '../../../world';
import { executionRole } from './execution-role';
import { writeJobLog } from './job-log';
import type { Job } from './job-store';

export interface LoggedContainer extends Pick<JobOptions, 'label' | 'image' | 'architecture' | 'mlRoot' | 'entrypoint' | 'arguments' | 'identity' | 'identityFiles'> {
  readonly logGroup: string;
  /** Without a network: the container finds no credentials. */
  readonly isolated: boolean;
}

/** Runs a job's container to its end and writes its log, both as the job's role. Throws `cannotStart` of the reason if it does not start. */
export async function runLogged(world: World, job: Job, { logGroup, isolated, ...container }: LoggedContainer, cannotStart: (reason: string) => Error): Promise<JobResult> {
  const role = executionRole(job.input.RoleArn);
  const write = (lines: readonly string[]) => writeJobLog(world, role, logGroup, `${job.name}/algo-1-${Math.floor(job.createdAt.getTime() / 1000)}`, lines);
  let result: JobResult;
  try {
    result = await runJob(world, { ...container, environment: { ...job.input.Environment, AWS_REGION: world.region }, principal: isolated ? undefined : role });
  } catch (error) {
    if (!(error instanceof CannotStartError)) throw error;
    await write([error.message]);
    throw cannotStart(error.message);
  }
  await write(result.lines);
  return result;
}
