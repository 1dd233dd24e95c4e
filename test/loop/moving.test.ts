import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Hosting, KeyManagement, MlopsLoop, ModelProject, type MlopsLoopProps } from '../../lib';
import { testApp } from '../lib/fixtures';
import { decide } from './bad-input/registry';
import { after, quiet, trained } from './bad-input/runs';
import { OCEAN } from './support/airline';
import { SHORT_LOOP_PROPS, stackAssembly } from './support/assembly';
import { ImportedImage } from './support/imported-image';
import { Loop } from './support/loop';

/* docs/moving.md, played: what serves needs its old image, and its old key, until something newer serves. */

const folders: string[] = [];
const imported = new ImportedImage();
const kept = { removalPolicy: RemovalPolicy.RETAIN, hosting: Hosting.realTime({ instanceCount: 1 }) };
let loop: Loop;

/** The stack after a move: one of its owner's own, with the loop in it. */
function moved(props: (stack: Stack) => Partial<MlopsLoopProps>): string {
  const outdir = mkdtempSync(path.join(tmpdir(), 'cdk-mlops-loop-'));
  folders.push(outdir);
  const app = testApp({ outdir });
  const stack = new Stack(app, 'Mlops');
  new MlopsLoop(stack, 'Loop', {
    ...SHORT_LOOP_PROPS, ...kept, ...props(stack),
  });
  app.synth();
  return outdir;
}

/** A loop that serves a model of its own image, under its own key. */
beforeEach(async () => {
  const assembly = stackAssembly(kept);
  folders.push(assembly.directory);
  loop = await Loop.deploy(assembly.directory);
  await quiet(loop);
  await loop.handInDays(7);
  expect(await trained(loop)).toMatchObject({ status: 'Succeeded' });
  await releaseCandidate();
}, 120_000);

afterEach(async () => {
  await loop?.twin.stop();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

async function releaseCandidate(): Promise<void> {
  const [{ ModelPackageArn }] = await loop.account.pending();
  expect(await after(loop, loop.names.releasePipeline, () => decide(loop, ModelPackageArn, 'Approved'))).toMatchObject({ status: 'Succeeded' });
}

/** A second instance, as traffic would ask for it, and back; why there is none, if there is none. */
async function secondInstance(): Promise<string | undefined> {
  let reason: string | undefined;
  await loop.advance(1);
  await quiet(loop);
  for (const DesiredInstanceCount of [2, 1]) {
    await loop.call('sagemaker', 'UpdateEndpointWeightsAndCapacities', { EndpointName: loop.names.endpoint, DesiredWeightsAndCapacities: [{ VariantName: 'main', DesiredInstanceCount }] });
    await loop.advance(5);
    reason ??= (await loop.account.endpoint()).FailureReason;
  }
  return reason;
}

/** Trains on data that the champion knows nothing of; it is evaluated on them with its own image. */
async function retrained(): Promise<void> {
  const since = loop.now;
  loop.season = OCEAN;
  await loop.handInDays(7);
  expect(await trained(loop)).toMatchObject({ status: 'Succeeded' });
  expect(loop.calls('CreateTransformJob', since).map(({ error }) => error)).toEqual([undefined, undefined]);
}

test('to another image: without rights on the old repository the champion cannot grow and not be evaluated; with them the move goes through', async () => {
  const repository = await loop.resource('AWS::ECR::Repository');
  imported.push(loop);
  const project = ModelProject.fromImage(imported.address);
  const careless = moved(() => ({ project }));

  // The deployment starts a training run by itself.
  const stranded = await after(loop, loop.names.trainingPipeline, async () => { await loop.twin.update(careless); });
  expect(stranded).toMatchObject({ status: 'Failed', reason: expect.stringMatching(new RegExp(`repository of your image [^ ]+/${repository}@[^ ]+ does not grant .* permission to the role [^ ]+ScoringRole`)) });
  expect(await secondInstance()).toMatch(/ecr:/);

  await loop.twin.update(moved((stack) => ({ project, additionalPullRepositories: [Repository.fromRepositoryName(stack, 'FormerImages', repository)] })));
  expect(await secondInstance()).toBeUndefined();
  await retrained();
  await releaseCandidate();

  // What serves now is the new image: the old repository can go.
  await loop.twin.update(careless);
  expect(await secondInstance()).toBeUndefined();
}, 240_000);

test('to another key: the images and objects under the old one stay readable, if its owner says so', async () => {
  const repository = await loop.resource('AWS::ECR::Repository');
  const keyArn = await loop.keyArn();
  const keyManagement = KeyManagement.AWS;

  const keys = (stack: Stack) => ({ formerEncryptionKeys: [Key.fromKeyArn(stack, 'FormerKey', keyArn)] });
  const repositories = (stack: Stack) => ({ additionalPullRepositories: [Repository.fromRepositoryName(stack, 'FormerImages', repository)] });

  await loop.twin.update(moved((stack) => ({ keyManagement, ...repositories(stack) })));
  expect(await loop.resource('AWS::ECR::Repository')).not.toBe(repository);
  expect(await secondInstance()).toMatch(/kms:/);

  await loop.twin.update(moved((stack) => ({ keyManagement, ...keys(stack) })));
  expect(await secondInstance()).toMatch(/ecr:/);

  await loop.twin.update(moved((stack) => ({ keyManagement, ...repositories(stack), ...keys(stack) })));
  expect(await secondInstance()).toBeUndefined();
  // The config that serves still names the old key for what it captures.
  const captured = await loop.resource('AWS::S3::Bucket', 'Captured');
  const before = (await loop.account.keys(captured, 'capture/')).length;
  await loop.serveHour();
  expect((await loop.account.keys(captured, 'capture/')).length).toBeGreaterThan(before);
  await retrained();
}, 240_000);
