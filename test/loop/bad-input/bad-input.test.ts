import type { SageMakerService } from '../../../twin/services/sagemaker';
import { shortLoopAssembly } from '../support/assembly';
import { DAY, Loop, PREFIX, START } from '../support/loop';
import { BAD_DATA } from './data';
import { changeProject } from './project';
import { BAD_PROJECTS } from './projects';
import { decide, describe as describePackage, registerLike } from './registry';
import { after, quiet, served, standing, trained, type Outcome } from './runs';
import { STOPPED, stopped } from './stopped';

/* One stack for all of it, from an empty account to a serving endpoint: whatever goes wrong, what stands stays, and the next good thing works. */

const INSTANCE = 'ml.m5.large';
let assembly: { directory: string; remove(): void };
let loop: Loop;

beforeAll(async () => {
  assembly = shortLoopAssembly({ minimumFreshRows: '1000000' });
  loop = await Loop.deploy(assembly.directory);
  await loop.twin.advance({ minutes: 1 });
  await quiet(loop);
}, 180_000);

afterAll(async () => {
  await loop?.twin.stop();
  assembly?.remove();
});

/** It failed, and the pipeline and the mail say why. */
function expectTold(outcome: Outcome, reason: string | RegExp): void {
  expect(outcome.status).toBe('Failed');
  if (typeof reason === 'string') expect(outcome.reason).toContain(reason);
  else expect(outcome.reason).toMatch(reason);
  const [, sentence] = /^[^:]*: (.*)$/s.exec(outcome.reason)!;
  expect(outcome.mails).toContainEqual(expect.stringContaining(JSON.stringify(sentence).slice(1, -1)));
}

/** Nothing is left half-done. */
async function unchanged(doing: () => Promise<Outcome>): Promise<Outcome> {
  const before = await standing(loop);
  const outcome = await doing();
  expect(await standing(loop)).toEqual(before);
  return outcome;
}

describe('data', () => {
  const key = `${PREFIX}bad.csv`;

  test.each(BAD_DATA)('%s', async (_, body, reason) => {
    const outcome = await unchanged(async () => {
      await loop.account.upload(loop.names.dataBucket, key, body);
      return trained(loop);
    });
    expectTold(outcome, reason.replace('BAD', `s3://${loop.names.dataBucket}/${key}`));
    expect(outcome.reason).not.toMatch(/yesterday|RICH/);
  });

  test('one bad object among good ones is named, and once it is gone the good ones become a model', async () => {
    await loop.handInDays(2);
    await loop.account.upload(loop.names.dataBucket, key, 'departure,late\n1,2,3\n');
    expectTold(await unchanged(() => trained(loop)), `s3://${loop.names.dataBucket}/${key}, line 2: 3 fields where the header names 2 columns`);
    await loop.call('s3', 'DeleteObject', { Bucket: loop.names.dataBucket, Key: key });
    expect(await trained(loop)).toMatchObject({ status: 'Succeeded' });
    expect(await loop.account.pending()).toHaveLength(1);
  });
});

describe('model project', () => {
  test.each(BAD_PROJECTS)('%s', async (_, changes, reason) => {
    await changeProject(loop, changes);
    expectTold(await unchanged(() => trained(loop)), reason);
  });
});

describe('training job', () => {
  const jobs = () => loop.twin.service<SageMakerService>('sagemaker').jobs.conditions;
  const began = (since: number) => loop.calls('CreateTrainingJob', since).length;

  beforeAll(() => changeProject(loop));

  test.each(['Training', 'Transform'] as const)('is stopped by somebody (%s)', async (kind) => {
    expectTold(await unchanged(() => stopped(loop, kind)), STOPPED[kind]);
  });

  test('never gets capacity, neither spare nor on demand', async () => {
    const since = loop.now;
    const back = jobs().shortage(INSTANCE);
    expectTold(await unchanged(() => trained(loop)), /training job \S+-retry failed: CapacityError: .* different ML instance type/);
    back();
    expect(began(since)).toBe(2);
  });

  test('a fault of its own is not paid for twice', async () => {
    const since = loop.now;
    await changeProject(loop, BAD_PROJECTS.find(([what]) => what === 'a training that fails')![1]);
    await unchanged(() => trained(loop));
    expect(began(since)).toBe(1);
    await changeProject(loop);
  });

  test('loses its spare instance half-way and goes on', async () => {
    const since = loop.now;
    jobs().interruptSpot(INSTANCE);
    expect(await trained(loop)).toMatchObject({ status: 'Succeeded' });
    expect(began(since)).toBe(1);
  });
});

describe('release', () => {
  let first: string;
  const release = (doing: () => Promise<void>) => after(loop, loop.names.releasePipeline, doing);
  const moving = () => loop.until('the endpoint moves', async () => (await loop.account.endpoint()).EndpointStatus === 'Updating', 60);

  beforeAll(async () => {
    first = (await loop.account.pending())[0].ModelPackageArn;
  });

  test('an approval of a package that failed', async () => {
    const broken = await registerLike(loop, first, ({ Image, ModelDataUrl }) => ({ Image, ModelDataUrl: ModelDataUrl.replace('model.tar.gz', 'gone.tar.gz') }));
    const outcome = await unchanged(() => release(() => decide(loop, broken, 'Approved')));
    expectTold(outcome, new RegExp(`${broken} is Approved but failed, so it cannot be served: .*gone\\.tar\\.gz.*; approve another package`));
    expect(await loop.account.endpoint()).toBeUndefined();
  });

  test('the next good package is released', async () => {
    expect(await release(() => decide(loop, first, 'Approved'))).toMatchObject({ status: 'Succeeded' });
    expect(await served(loop)).toBe(first);
  });

  test('a rejection before the package is selected', async () => {
    const rejected = await registerLike(loop, first);
    const outcome = await unchanged(() => release(async () => {
      const since = loop.now;
      await decide(loop, rejected, 'Approved');
      while (loop.calls('StartPipelineExecution', since).length === 0) await loop.twin.advance({ seconds: 1 });
      await decide(loop, rejected, 'Rejected');
    }));
    expect(outcome).toMatchObject({ status: 'Succeeded' });
    expect(await served(loop)).toBe(first);
  });

  test('a rejection in the same breath as the approval', async () => {
    const rejected = await registerLike(loop, first);
    const since = loop.now;
    await decide(loop, rejected, 'Approved');
    await decide(loop, rejected, 'Rejected');
    await loop.advance(1);
    await quiet(loop);
    expect(loop.calls('UpdateEndpoint', since)).toEqual([]);
    expect(await served(loop)).toBe(first);
  });

  test('a rejection between selection and deployment', async () => {
    const rejected = await registerLike(loop, first);
    const outcome = await unchanged(() => release(async () => {
      const since = loop.now;
      await decide(loop, rejected, 'Approved');
      while (loop.calls('PutJobSuccessResult', since).length === 0) await loop.twin.advance({ seconds: 1 });
      await decide(loop, rejected, 'Rejected');
    }));
    expectTold(outcome, `${rejected} is Rejected now, so it is not released; approve it to release it`);
    expect(await served(loop)).toBe(first);
  });

  test('a rejection while traffic moves: the one before serves again', async () => {
    const rejected = await registerLike(loop, first);
    const outcome = await release(async () => {
      await decide(loop, rejected, 'Approved');
      await moving();
      await decide(loop, rejected, 'Rejected');
    });
    expectTold(outcome, `${rejected} is Rejected now, though it was approved when its release began`);
    expect(await served(loop)).toBe(first);
  });

  test('two approvals at once: one release each, and the newer package serves in the end; its rejection brings back the other', async () => {
    const [older, newer] = [await registerLike(loop, first), await registerLike(loop, first)];
    const since = loop.now;
    expect(await release(async () => { await Promise.all([decide(loop, older, 'Approved'), decide(loop, newer, 'Approved')]); })).toMatchObject({ status: 'Succeeded' });
    expect(await served(loop)).toBe(newer);
    expect(loop.calls('StartPipelineExecution', since)).toHaveLength(2);
    expect(loop.calls('UpdateEndpoint', since).filter(({ error }) => error === undefined)).toHaveLength(2);
    expect(await release(() => decide(loop, newer, 'Rejected'))).toMatchObject({ status: 'Succeeded' });
    expect(await served(loop)).toBe(older);
  });

  test('an image that no longer exists', async () => {
    const orphan = await registerLike(loop, first);
    const serving = await served(loop);
    const [, repositoryName, imageDigest] = /\/(.+)@(.+)$/.exec((await describePackage(loop, orphan)).InferenceSpecification.Containers[0].Image)!;
    await loop.call('ecr', 'BatchDeleteImage', { repositoryName, imageIds: [{ imageDigest }] });
    const outcome = await unchanged(() => release(() => decide(loop, orphan, 'Approved')));
    expectTold(outcome, new RegExp(`no model can be made of ${orphan}: .*${imageDigest} not found. Approve a package whose image and artifact exist, or start the training pipeline to make both anew`));
    expect(await served(loop)).toBe(serving);
  });

  test('no approved package is left: said, and the endpoint goes on', async () => {
    const { ModelPackageSummaryList } = await loop.call('sagemaker', 'ListModelPackages', { ModelPackageGroupName: loop.names.packageGroup, ModelApprovalStatus: 'Approved' });
    const serving = await served(loop);
    const others = ModelPackageSummaryList.map(({ ModelPackageArn }: Record<string, string>) => ModelPackageArn).filter((arn: string) => arn !== serving);
    for (const arn of others) await decide(loop, arn, 'Rejected');
    const outcome = await release(() => decide(loop, serving, 'Rejected'));
    expectTold(outcome, `${serving} is no longer approved and there is no other approved package; an endpoint that serves it keeps serving it. Approve a package, or delete the endpoint`);
    expect(await served(loop)).toBe(serving);
  });
});

describe('captured traffic', () => {
  const SECRET = 'SECRET-OF-A-PASSENGER';

  test('objects that are truncated or empty are counted as rejected, with reason and place, and the monitor goes on', async () => {
    await loop.serveHour();
    const captured = await loop.resource('AWS::S3::Bucket', 'Captured');
    const newest = (await loop.account.keys(captured, `capture/${loop.names.endpoint}/`)).at(-1)!;
    const folder = newest.slice(0, newest.lastIndexOf('/') + 1);
    const whole = JSON.stringify({
      captureData: { endpointInput: { observedContentType: 'text/csv', mode: 'INPUT', data: `7,1,${SECRET},BOS,DCA`, encoding: 'CSV' } },
      eventMetadata: { eventId: 'a', inferenceTime: new Date(loop.now - 60_000).toISOString() }, eventVersion: '0',
    });
    await loop.account.upload(captured, `${folder}00-empty.jsonl`, '');
    await loop.account.upload(captured, `${folder}00-truncated.jsonl`, whole.slice(0, whole.indexOf(SECRET) + SECRET.length));
    await loop.advance(30);

    const reports = await loop.account.keys(loop.names.artifactsBucket, `monitoring/${loop.names.monitor}/reports/`);
    const report = await loop.account.readJson(loop.names.artifactsBucket, reports.at(-1)!);
    expect(report.rejects).toEqual({
      'empty-object': { count: 1, samples: [{ object: `${folder}00-empty.jsonl`, offset: 0 }] },
      'not-json': { count: 1, samples: [{ object: `${folder}00-truncated.jsonl`, offset: 0 }] },
    });
    expect(report).toMatchObject({ rejected: 2, rows: expect.any(Number) });
    expect(report.rows).toBeGreaterThan(0);
    expect(JSON.stringify(report)).not.toContain(SECRET);
    expect(await loop.account.ringing()).toEqual([]);
  });

  test('what they hold is in no log', async () => {
    const { logGroups } = await loop.call('logs', 'DescribeLogGroups');
    let lines = 0;
    for (const { logGroupName } of logGroups) {
      const { events } = await loop.call('logs', 'FilterLogEvents', { logGroupName, startTime: START.getTime(), endTime: START.getTime() + 30 * DAY });
      lines += events.length;
      for (const { message } of events) expect(message).not.toContain(SECRET);
    }
    expect(lines).toBeGreaterThan(0);
  });
});
