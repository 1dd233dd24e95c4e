import { expectThat } from '../support/expectations';
import type { Loop } from '../support/loop';
import { changeProject } from './project';
import { BAD_PROJECTS } from './projects';
import { after, trained, type Outcome } from './runs';

/** Every way in which a job of the workflow can end badly, and what the pipeline says of it. */
export async function failedJobsAreTold(loop: Loop): Promise<void> {
  await loop.handInDays(2);
  for (const what of ['a training that fails', 'an evaluation that fails', 'no command evaluate']) {
    const [, changes, reason] = BAD_PROJECTS.find(([name]) => name === what)!;
    await changeProject(loop, changes);
    expectTold(what, await trained(loop), reason);
  }
  await changeProject(loop);
  expectTold('a training that is stopped', await stopped(loop, 'Training'), STOPPED.Training);
  expectTold('an evaluation that is stopped', await stopped(loop, 'Processing'), STOPPED.Processing);
}

/** What is said of a job that somebody stops. */
export const STOPPED = {
  Training: /training job \S+-train did not complete: Stopped; if it was Stopped, start the pipeline again/,
  Processing: /evaluation job \S+-eval did not complete: Stopped; start the pipeline again/,
};

/** A run whose first job of this kind somebody stops. */
export function stopped(loop: Loop, kind: keyof typeof STOPPED): Promise<Outcome> {
  return after(loop, loop.names.trainingPipeline, async () => {
    await loop.markComplete();
    let name: string | undefined;
    await loop.until(`a job to stop (${kind})`, async () => {
      const { [`${kind}JobSummaries`]: jobs } = await loop.call('sagemaker', `List${kind}Jobs`, { StatusEquals: 'InProgress' });
      name = jobs[0]?.[`${kind}JobName`];
      return name !== undefined;
    }, 60);
    await loop.call('sagemaker', `Stop${kind}Job`, { [`${kind}JobName`]: name });
  });
}

function expectTold(what: string, { status, reason }: Outcome, wanted: RegExp): void {
  expectThat(`${what} fails the run with the reason`, status === 'Failed' && wanted.test(reason), `the run is ${status}: ${reason}`);
}
