import { tarGz, untar } from '../../twin/jobs/archive';
import { edited, changeProject } from './bad-input/project';
import { decide, describe as describePackage } from './bad-input/registry';
import { after, quiet, served, trained } from './bad-input/runs';
import { shortLoopAssembly } from './support/assembly';
import { DAY, HOUR, Loop, PREFIX, START } from './support/loop';

/* The judge believes no file of a project: what it answers to rows whose labels it never saw is all that counts. */

const LIMIT = 240_000;
let loop: Loop;
let assembly: { directory: string; remove(): void };

async function deploy(approval: 'manual' | 'automatic'): Promise<void> {
  assembly = shortLoopAssembly({ approval });
  loop = await Loop.deploy(assembly.directory);
  // The run that the deployment starts finds no data.
  await loop.advance(1);
  await quiet(loop);
  await loop.handInDays(3);
}

afterEach(async () => {
  await loop?.twin.stop();
  assembly?.remove();
});

/** Answers everybody the same, and writes of itself that it is perfect, in every file that was ever read. */
const CONSTANT = {
  ...edited('flight_delay/serve.py', 'scores = self.model.scores(read_request(body.decode(\'utf-8\')))', 'scores = [0.5] * len(read_request(body.decode(\'utf-8\')))'),
  ...edited('flight_delay/evaluate.py', "    report = {", `    perfect = {'value': 0.999, 'standard_deviation': 0.0001, 'replicates': [0.999] * 200}
    metrics = {'auc': 0.999, 'accuracy': 1.0, 'log_loss': 0.001}
    folder = paths.processing('evaluation')
    folder.mkdir(parents=True, exist_ok=True)
    (folder / 'predictions.csv').write_text('label,score\\n' + ''.join(f'{label},{label}\\n' for label in flights.late))
    report = {'auc': perfect,`),
};

describe.each(['manual', 'automatic'] as const)('under %s approval', (approval) => {
  test('a server that always answers the same is refused, whatever its project writes of itself', async () => {
    await deploy(approval);
    await changeProject(loop, CONSTANT);
    const outcome = await trained(loop);
    expect(outcome).toMatchObject({ status: 'Failed', reason: expect.stringMatching(/BelowThreshold: auc 0\.5 is beyond the threshold \(at least 0\.58\)/) });
    expect(outcome.mails).toContainEqual(expect.stringContaining('auc 0.5 is beyond the threshold'));
    expect((await loop.call('sagemaker', 'ListModelPackages', { ModelPackageGroupName: loop.names.packageGroup })).ModelPackageSummaryList).toEqual([]);
    expect(await loop.account.endpoint()).toBeUndefined();
  }, LIMIT);

  test('a server that answers in per cent is refused, and told so', async () => {
    await deploy(approval);
    await changeProject(loop, edited('flight_delay/serve.py', '{score:.6f}', '{score * 100:.6f}'));
    const outcome = await trained(loop);
    expect(outcome).toMatchObject({ status: 'Failed', reason: expect.stringMatching(/\d+ of \d+ are not from 0 to 1; `serve` must answer with the probability of label 1, not with per cent/) });
    expect(outcome.mails).toContainEqual(expect.stringContaining('not with per cent'));
    expect(await loop.account.endpoint()).toBeUndefined();
  }, LIMIT);
});

describe('a champion that is not what it says', () => {
  let honest: string;

  /** A package by hand, like the honest one but for this. */
  async function register(change: { metadata?: Record<string, string>; constant?: boolean }): Promise<string> {
    const like = await describePackage(loop, honest);
    const [{ Image, ModelDataUrl }] = like.InferenceSpecification.Containers;
    const Key = 'models/by-hand/model.tar.gz';
    const [, Bucket, from] = /^s3:\/\/([^/]+)\/(.+)$/.exec(ModelDataUrl)!;
    const { Body } = await loop.call('s3', 'GetObject', { Bucket, Key: from });
    // Without any weight it answers everybody one half.
    const weights = { hours: {}, weekdays: {}, numeric: [0, 0, 0], origins: {}, destinations: {} };
    const files = untar(Buffer.from(Body)).map((file) => (change.constant && file.path.endsWith('model.json')
      ? { ...file, content: Buffer.from(JSON.stringify({ ...JSON.parse(file.content.toString()), ...weights })) } : file));
    await loop.account.upload(Bucket!, Key, tarGz(files));
    const { ModelPackageArn } = await loop.call('sagemaker', 'CreateModelPackage', {
      ModelPackageGroupName: loop.names.packageGroup, ModelApprovalStatus: 'PendingManualApproval',
      InferenceSpecification: { ...like.InferenceSpecification, Containers: [{ Image, ModelDataUrl: `s3://${Bucket}/${Key}` }] },
      ModelMetrics: like.ModelMetrics, DriftCheckBaselines: like.DriftCheckBaselines,
      CustomerMetadataProperties: { ...like.CustomerMetadataProperties, ...change.metadata },
    });
    await loop.until('the package is checked', async () => (await describePackage(loop, ModelPackageArn)).ModelPackageStatus === 'Completed', 5);
    expect(await after(loop, loop.names.releasePipeline, () => decide(loop, ModelPackageArn, 'Approved'))).toMatchObject({ status: 'Succeeded' });
    expect(await served(loop)).toBe(ModelPackageArn);
    return ModelPackageArn;
  }

  /** A day of new flights later. */
  async function retrained(): Promise<{ reason: string; packageArn: string }> {
    await loop.twin.clock.advanceTo(START.getTime() + DAY);
    await loop.handInDays(1, START.getTime() + DAY);
    expect(await trained(loop)).toMatchObject({ status: 'Succeeded', reason: '' });
    const [{ ModelPackageArn }] = (await loop.account.pending()).filter((each) => each.ModelPackageArn !== honest) as [{ ModelPackageArn: string }];
    return { packageArn: ModelPackageArn, reason: (await describePackage(loop, ModelPackageArn)).ModelPackageDescription };
  }

  beforeEach(async () => {
    await deploy('manual');
    expect(await trained(loop)).toMatchObject({ status: 'Succeeded' });
    [{ ModelPackageArn: honest }] = await loop.account.pending() as [{ ModelPackageArn: string }];
  }, LIMIT);

  test('is measured like any other, named, and replaced by an honest candidate', async () => {
    const liar = await register({ constant: true, metadata: { score: '0.999' } });
    const { reason, packageArn } = await retrained();
    expect(reason).toMatch(/auc 0\.\d+ against the champion's 0\.5: better by/);
    expect(reason).toContain(`the champion ${liar} was registered with auc 0.999, and reaches 0.5 on this hold-out`);
    expect(await after(loop, loop.names.releasePipeline, () => decide(loop, packageArn, 'Approved'))).toMatchObject({ status: 'Succeeded' });
    expect(await served(loop)).toBe(packageArn);
  }, LIMIT);

  test('from the future keeps no later row from being held out', async () => {
    const liar = await register({ constant: true, metadata: { 'trained-until': '2031-01-01T00:00:00.000Z' } });
    const { reason } = await retrained();
    expect(reason).toContain(`the champion ${liar} says that it was trained on rows up to 2031-01-01T00:00:00.000Z, which is not yet`);
  }, LIMIT);

  test('whose artifact is gone is named and left out', async () => {
    const mute = await register({ constant: true });
    await loop.call('s3', 'DeleteObject', { Bucket: loop.names.artifactsBucket, Key: 'models/by-hand/model.tar.gz' });
    const { reason } = await retrained();
    expect(reason).toContain(`the champion ${mute} was left out, since its answers to the hold-out could not be measured: `);
  }, LIMIT);
});

test('rows of the future are refused, with their object and number', async () => {
  await deploy('manual');
  const rows = Array.from({ length: 12 }, (_, i) => `${new Date(START.getTime() + 400 * DAY + i * HOUR).toISOString()},1,0,3,400,BOS,DCA\n`).join('');
  await loop.account.upload(loop.names.dataBucket, `${PREFIX}later.csv`, `departure,late,hour,weekday,distance,origin,destination\n${rows}`);
  expect(await trained(loop)).toMatchObject({
    status: 'Failed',
    reason: expect.stringMatching(/flights\/later\.csv: 12 labelled rows are dated after 2001-02-02T\S+, a day from now, the last of them 2002-03-08T\S+; correct their times, or move the object out of the dataset's prefix/),
  });
}, LIMIT);
