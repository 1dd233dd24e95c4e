import type { SageMakerService } from '../../../../twin/services/sagemaker';
import type { StepFunctionsService } from '../../../../twin/services/step-functions';
import { jobsAreGuarded } from '../checks/jobs';
import { packageTellsTheTruth } from '../checks/package';
import { expectThat } from '../expectations';
import type { Loop } from '../loop';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

/** A week of data, while there is no spot capacity: the job is run again on demand, and a first candidate waits for approval. */
export async function firstTraining(loop: Loop): Promise<string> {
  const { conditions } = loop.twin.service<SageMakerService>('sagemaker').jobs;
  const stepFunctions = loop.twin.service<StepFunctionsService>('states').conditions;
  stepFunctions.stoppedJob = 'completes';
  const capacityIsBack = conditions.shortage('ml.m5.large', { spot: true });
  await loop.handInDays(7);
  // Not of this dataset.
  await loop.account.upload(loop.names.dataBucket, 'notes/todo.csv', 'who,what\nanybody,nothing\n');
  const since = loop.now;
  await loop.markComplete();
  const candidate = await newCandidate(loop, since, 16 * 60);
  capacityIsBack();
  stepFunctions.stoppedJob = 'fails';
  return candidate;
}

/** The package that the run since then has registered. */
export async function newCandidate(loop: Loop, since: number, limitMinutes: number): Promise<string> {
  const { trainingPipeline } = loop.names;
  await loop.expectSucceeded(trainingPipeline, await loop.ended(trainingPipeline, since, limitMinutes));
  const [candidate] = (await loop.account.pending()).filter(({ CreationTime }) => CreationTime.getTime() >= since);
  expectThat('a training run registers a candidate that waits for approval', candidate !== undefined, `no package is pending since ${new Date(since).toISOString()}`);
  await jobsAreGuarded(loop, since);
  await packageTellsTheTruth(loop, candidate.ModelPackageArn);
  return candidate.ModelPackageArn;
}
