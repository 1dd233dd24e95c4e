import { labelledCsv } from '../flights';
import { expect, type Stage } from '../story';

const DAY = 86_400_000;

/** b, first part. January's flights come in; a model is trained, judged, registered, approved by a person, and served. */
export async function firstModel(stage: Stage): Promise<string> {
  const { account, flights, options, moments } = stage;
  const { names, twin } = account;
  const january = flights.during(new Date('2001-01-01T00:00:00Z'), new Date('2001-02-01T00:00:00Z'), options.ordinary);
  for (let day = Date.UTC(2001, 0, 1); day < Date.UTC(2001, 1, 1); day += DAY) {
    const rows = january.filter(({ departure }) => departure.getTime() >= day && departure.getTime() < day + DAY);
    await account.upload(names.dataBucket, `${PREFIX}${new Date(day).toISOString().slice(0, 10)}.csv`, labelledCsv(rows));
  }
  await account.upload(names.dataBucket, `${PREFIX}_SUCCESS`, '');
  moments.push({ time: twin.clock.now(), kind: 'data', text: `${january.length} flights of January` });

  const packageArn = await trainedPackage(stage, 240);
  await account.approve(packageArn);
  moments.push({ time: twin.clock.now(), kind: 'approval', text: 'the first model is approved' });
  await released(stage, 120);
  const endpoint = await account.endpoint();
  expect(endpoint?.EndpointStatus === 'InService', `the endpoint is ${endpoint?.EndpointStatus}`);
  return `${january.length} flights of January became a model, approved and in service`;
}

export const PREFIX = 'flights/';

/** Waits for a candidate that waits for approval; a pipeline that fails meanwhile ends the story with its reason. */
export async function trainedPackage(stage: Stage, limitMinutes: number): Promise<string> {
  const { account, moments } = stage;
  const pipeline = account.names.trainingPipeline;
  const known = new Set((await account.pending()).map((found) => found.ModelPackageArn));
  await account.until('a candidate to approve', async () => {
    const [newest] = await account.executions(pipeline);
    if (newest?.status === 'Failed') expect(false, `training failed: ${await account.failure(pipeline, newest.pipelineExecutionId)}`);
    return (await account.pending()).some(({ ModelPackageArn, ModelPackageStatus }) => !known.has(ModelPackageArn) && ModelPackageStatus === 'Completed');
  }, limitMinutes);
  const [candidate] = (await account.pending()).filter(({ ModelPackageArn }) => !known.has(ModelPackageArn));
  moments.push({ time: account.twin.clock.now(), kind: 'training', text: `registered ${shortArn(candidate.ModelPackageArn)}` });
  return candidate.ModelPackageArn;
}

/** Waits until the newest release has ended, and wants it to have succeeded. */
export async function released(stage: Stage, limitMinutes: number): Promise<void> {
  const { account, moments } = stage;
  const pipeline = account.names.releasePipeline;
  const before = (await account.executions(pipeline)).length;
  await account.until('a release to begin', async () => (await account.executions(pipeline)).length > before || (await account.executions(pipeline))[0]?.status === 'InProgress', 10);
  await account.until('the release to end', async () => (await account.executions(pipeline))[0]?.status !== 'InProgress', limitMinutes);
  const newest = (await account.executions(pipeline))[0]!;
  expect(newest.status === 'Succeeded', `the release failed: ${await account.failure(pipeline, newest.pipelineExecutionId)}`);
  moments.push({ time: account.twin.clock.now(), kind: 'release', text: 'released' });
}

export function shortArn(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}
