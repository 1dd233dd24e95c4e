import type { Account } from '../account';
import { expect, type Stage } from '../story';
import { ask } from '../traffic-source';
import { breakModel } from './broken-model';
import { shortArn } from './first-model';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
/** Five requests a second. */
const INTERVAL = 200;

export interface BadRelease {
  readonly status: string;
  readonly reason: string;
  /** Per endpoint config: how much of the steady traffic it got, and how much of that it failed. */
  readonly fleets: ReadonlyArray<{ readonly config: string; readonly requests: number; readonly errors: number }>;
  /** From the first error of the new fleet to the end of the release, minutes. */
  readonly minutesToRollback: number;
  readonly servedBefore: string;
  readonly servedAfter: string;
}

/** e. A model whose server answers 5xx is approved, under steady traffic. */
export async function badRelease(stage: Stage): Promise<BadRelease> {
  const { account, moments } = stage;
  const { names, twin } = account;
  const { clock } = twin;
  const servedBefore = (await account.endpoint()).EndpointConfigName as string;
  const before = new Map(account.fleets().map((fleet) => [fleet.config, fleet]));
  const packageArn = await registerBroken(stage);
  let firstError = 0;
  let steady = true;
  const sample = stage.flights.during(new Date(clock.now() - DAY), clock.date(), stage.options.shifted);
  const tick = (index: number): void => {
    clock.after(INTERVAL, 'steady traffic', async () => {
      if (!steady) return;
      tick(index + 1);
      const answer = await ask(account, sample[index % sample.length]!);
      if (answer.error !== undefined) firstError ||= answer.time;
    });
  };
  tick(0);
  await account.approve(packageArn);
  moments.push({ time: clock.now(), kind: 'approval', text: `${shortArn(packageArn)}, which is broken, is approved` });
  const releases = (await account.executions(names.releasePipeline)).length;
  let rolledBack = 0;
  await account.until('the release of the broken model to end', async () => {
    const endpoint = await account.endpoint();
    if (firstError > 0 && rolledBack === 0 && endpoint.EndpointStatus === 'InService' && endpoint.EndpointConfigName === servedBefore) rolledBack = clock.now();
    const all = await account.executions(names.releasePipeline);
    return all.length > releases && all[0]!.status !== 'InProgress';
  }, 180);
  await twin.advance({ minutes: 5 });
  steady = false;
  await twin.advance({ seconds: 1 });
  const [release] = await account.executions(names.releasePipeline);
  moments.push({ time: clock.now(), kind: 'release', text: `the release of the broken model: ${release!.status}` });
  const fleets = account.fleets().map(({ config, requests, errors }) => ({
    config, requests: requests - (before.get(config)?.requests ?? 0), errors: errors - (before.get(config)?.errors ?? 0),
  })).filter(({ requests }) => requests > 0);
  return {
    status: release!.status, reason: await account.failure(names.releasePipeline, release!.pipelineExecutionId), fleets,
    minutesToRollback: (rolledBack - firstError) / MINUTE, servedBefore, servedAfter: (await account.endpoint()).EndpointConfigName,
  };
}

export function judgeRollback(result: BadRelease): string {
  const { status, reason, fleets, minutesToRollback, servedBefore, servedAfter } = result;
  expect(status === 'Failed', `the release of the broken model ended as ${status}`);
  expect(/rolled back/.test(reason), `the pipeline's reason does not name the rollback: ${reason}`);
  expect(servedAfter === servedBefore, `the endpoint serves ${servedAfter}, not ${servedBefore} as before`);
  const old = fleets.find(({ config }) => config === servedBefore);
  expect(old?.errors === 0, `the old fleet had ${old?.errors} errors`);
  expect(fleets.some(({ config, errors }) => config !== servedBefore && errors > 0), 'the broken fleet was never asked');
  expect(minutesToRollback >= 0 && minutesToRollback <= 5, `the rollback took ${minutesToRollback.toFixed(1)} minutes from the first error`);
  return `${fleetTable(result)}; rolled back ${minutesToRollback.toFixed(1)} min after the first error; the pipeline says: ${reason}`;
}

/** The same release without the rollback alarm shows that it is the alarm that saved the day. */
export function judgeUnguarded(result: BadRelease): string {
  expect(result.servedAfter !== result.servedBefore, 'without the rollback alarm the broken model should have gone live, and did not');
  return `without the rollback alarm it goes live: ${fleetTable(result)}`;
}

function fleetTable({ fleets, servedBefore }: BadRelease): string {
  return fleets.map(({ config, requests, errors }) => `${config === servedBefore ? 'old' : 'new'} fleet ${requests} requests, ${errors} errors`).join(', ');
}

/** Registers, as a person could, a package like the live one whose artifact the server cannot use. */
async function registerBroken({ account }: Stage): Promise<string> {
  const { names } = account;
  const { ModelPackageSummaryList } = await account.call('sagemaker', 'ListModelPackages', {
    ModelPackageGroupName: names.packageGroup, ModelApprovalStatus: 'Approved', SortBy: 'CreationTime', SortOrder: 'Descending',
  });
  const live = await account.call('sagemaker', 'DescribeModelPackage', { ModelPackageName: ModelPackageSummaryList[0].ModelPackageArn });
  const [container] = live.InferenceSpecification.Containers;
  const key = 'models/by-hand/model.tar.gz';
  await account.upload(names.artifactsBucket, key, await brokenModel(account, container.ModelDataUrl));
  const { ModelPackageArn } = await account.call('sagemaker', 'CreateModelPackage', {
    ModelPackageGroupName: names.packageGroup,
    ModelApprovalStatus: 'PendingManualApproval',
    InferenceSpecification: { ...live.InferenceSpecification, Containers: [{ Image: container.Image, ModelDataUrl: `s3://${names.artifactsBucket}/${key}` }] },
    ModelMetrics: live.ModelMetrics, DriftCheckBaselines: live.DriftCheckBaselines, CustomerMetadataProperties: live.CustomerMetadataProperties,
  });
  await account.until('the package', async () => (await account.call('sagemaker', 'DescribeModelPackage', { ModelPackageName: ModelPackageArn })).ModelPackageStatus === 'Completed', 30);
  return ModelPackageArn;
}

async function brokenModel(account: Account, liveUri: string): Promise<Buffer> {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(liveUri)!;
  const { Body } = await account.call('s3', 'GetObject', { Bucket: bucket, Key: key });
  return breakModel(Buffer.from(Body));
}
