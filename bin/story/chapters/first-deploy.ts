import { expect, type Stage } from '../story';

/** a. The stack stands in an empty account: no image, no data, no model, and nothing is red. */
export async function firstDeploy({ account }: Stage): Promise<string> {
  const { names } = account;
  await account.until('the first run of the training pipeline', async () => (await account.executions(names.trainingPipeline))[0]?.status !== 'InProgress', 120);
  await account.twin.advance({ hours: 2 });
  const [training] = await account.executions(names.trainingPipeline);
  const [release] = await account.executions(names.releasePipeline);
  const bad = async (pipeline: string, id: string) => `${pipeline} did not succeed: ${await account.failure(pipeline, id)}`;
  expect(training?.status === 'Succeeded', await bad(names.trainingPipeline, training!.pipelineExecutionId));
  expect(release?.status === 'Succeeded', await bad(names.releasePipeline, release!.pipelineExecutionId));
  expect(await account.endpoint() === undefined, 'there is an endpoint before there is a model');
  const ringing = await account.ringing();
  expect(ringing.length === 0, `alarms after the first deployment: ${ringing.join(', ')}`);
  return 'deployed into an empty account; both pipelines ended well with nothing to do, no endpoint yet, no alarm';
}
