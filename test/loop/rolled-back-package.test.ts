import { tarGz, untar } from '../../twin/jobs/archive';
import type { SageMakerService } from '../../twin/services/sagemaker';
import { Hosting } from '../../lib';
import { decide, describe as describePackage, registerLike } from './bad-input/registry';
import { after, quiet, trained, type Outcome } from './bad-input/runs';
import { stackAssembly } from './support/assembly';
import { Loop } from './support/loop';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

/** Two stages; the size of production's fleet is a setting that a release carries. */
const settings = (instanceCount: number) => stackAssembly({ stagesBeforeProduction: [{ name: 'Staging' }], hosting: Hosting.realTime({ instanceCount }) });

const assemblies: Array<ReturnType<typeof settings>> = [];
let loop: Loop;
let staging: string;
let good: string;
let bad: string;

beforeAll(async () => {
  assemblies.push(settings(2));
  loop = await Loop.deploy(assemblies[0]!.directory);
  await loop.advance(1);
  await quiet(loop);
  await loop.handInDays(7);
  expect(await trained(loop)).toMatchObject({ status: 'Succeeded' });
  good = (await loop.account.pending())[0].ModelPackageArn;
  expect(await released(() => decide(loop, good, 'Approved'))).toMatchObject({ status: 'Succeeded' });
  const { Endpoints } = await loop.call('sagemaker', 'ListEndpoints');
  staging = Endpoints.map(({ EndpointName }: any) => EndpointName).find((name: string) => name !== loop.names.endpoint);
}, 300_000);

afterAll(async () => {
  await loop?.twin.stop();
  for (const assembly of assemblies) assembly.remove();
});

const released = (doing: () => Promise<void>): Promise<Outcome> => after(loop, loop.names.releasePipeline, doing);
const change = (instanceCount: number): Promise<Outcome> => released(async () => {
  assemblies.push(settings(instanceCount));
  await loop.twin.update(assemblies.at(-1)!.directory);
});

async function served(): Promise<{ staging: string; production: string }> {
  const packageOf = async (EndpointName: string) => {
    const { EndpointConfigName } = await loop.call('sagemaker', 'DescribeEndpoint', { EndpointName });
    const { ProductionVariants: [{ ModelName }] } = await loop.call('sagemaker', 'DescribeEndpointConfig', { EndpointConfigName });
    return (await loop.call('sagemaker', 'DescribeModel', { ModelName })).Containers[0].ModelPackageName;
  };
  return { staging: await packageOf(staging), production: await packageOf(loop.names.endpoint) };
}

async function instances(): Promise<number> {
  return (await loop.account.endpoint()).ProductionVariants[0].CurrentInstanceCount;
}

/** What the newest run of the release pipeline says that it releases. */
async function selection(): Promise<string> {
  const { actionExecutionDetails } = await loop.call('codepipeline', 'ListActionExecutions', { pipelineName: loop.names.releasePipeline });
  return actionExecutionDetails.find(({ actionName }: any) => actionName === 'Select').output.executionResult.externalExecutionSummary;
}

/** The good model's artifact, with weights that are no numbers: it loads, answers pings, and fails every request. */
async function artifact(broken: boolean): Promise<Buffer> {
  const [{ ModelDataUrl }] = (await describePackage(loop, good)).InferenceSpecification.Containers;
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(ModelDataUrl)!;
  const { Body } = await loop.call('s3', 'GetObject', { Bucket, Key });
  if (!broken) return Buffer.from(Body);
  return tarGz(untar(Buffer.from(Body)).map((file) => (file.path.endsWith('model.json')
    ? { ...file, content: Buffer.from(JSON.stringify({ ...JSON.parse(file.content.toString()), numeric: ['not', 'a', 'number'] })) } : file)));
}

const KEY = 'models/by-hand/model.tar.gz';
const put = async (broken: boolean) => loop.account.upload(loop.names.artifactsBucket, KEY, await artifact(broken));

test('a package that fails its requests is rolled back, and a change of settings releases the good one before it, not that package again', async () => {
  await put(true);
  bad = await registerLike(loop, good, (container) => ({ ...container, ModelDataUrl: `s3://${loop.names.artifactsBucket}/${KEY}` }));
  let traffic = true;
  const ask = (): void => {
    loop.twin.clock.after(10_000, 'a request to staging', async () => {
      if (!traffic) return;
      ask();
      await loop.call('sagemaker', 'InvokeEndpoint', { EndpointName: staging, ContentType: 'text/csv', Body: Buffer.from('12,3,450,BOS,DCA') }).catch(() => undefined);
    });
  };
  ask();
  const outcome = await released(() => decide(loop, bad, 'Approved'));
  expect(outcome).toMatchObject({ status: 'Failed', reason: expect.stringMatching(/^Staging\/Deploy: endpoint \S+ rolled back to .*-errors /) });
  expect(await served()).toEqual({ staging: good, production: good });

  expect(await change(4)).toMatchObject({ status: 'Succeeded' });
  traffic = false;
  expect(await served()).toEqual({ staging: good, production: good });
  expect(await instances()).toBe(4);
  expect(await selection()).toMatch(new RegExp(`^releasing ${good}; passed over until approved again: ${bad} was rolled back from endpoint ${staging} at \\S+ \\(.*-errors fired`));
}, 300_000);

test('a note on that package releases nothing', async () => {
  const since = loop.now;
  await loop.call('sagemaker', 'UpdateModelPackage', { ModelPackageArn: bad, CustomerMetadataProperties: { note: 'rolled back' } });
  await loop.advance(5);
  expect((await loop.account.executions(loop.names.releasePipeline)).filter(({ startTime }) => startTime.getTime() >= since)).toEqual([]);
});

test('approved again it is released again; rolled back from production alone, it is passed over in every stage', async () => {
  await put(false);
  loop.twin.service<SageMakerService>('sagemaker').conditions.rollBackSilently(loop.names.endpoint);
  const approve = (ApprovalDescription: string) => released(() => loop.call('sagemaker', 'UpdateModelPackage', { ModelPackageArn: bad, ModelApprovalStatus: 'Approved', ApprovalDescription }));
  expect(await approve('its artifact is mended')).toMatchObject({ status: 'Failed', reason: expect.stringContaining('Production/Deploy: ') });
  expect(await served()).toEqual({ staging: bad, production: good });

  expect(await change(2)).toMatchObject({ status: 'Succeeded' });
  expect(await served()).toEqual({ staging: good, production: good });

  expect(await approve('the model was not to blame')).toMatchObject({ status: 'Succeeded' });
  expect(await served()).toEqual({ staging: bad, production: bad });
  expect(await change(4)).toMatchObject({ status: 'Succeeded' });
  expect(await served()).toEqual({ staging: bad, production: bad });
  expect(await selection()).toBe(`releasing ${bad}`);
}, 300_000);
