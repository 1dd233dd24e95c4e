import type { Loop } from '../support/loop';
import { after, type Outcome } from './runs';

/** What is said of a job that somebody stops. */
export const STOPPED = {
  Training: /training job \S+-train did not complete: Stopped; if it was Stopped, start the pipeline again/,
  Transform: /transform job \S+-cand did not complete: Stopped; if nobody stopped it, the model took too long to answer; start the pipeline again/,
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
