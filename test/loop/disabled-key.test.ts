import { after, quiet, served, trained } from './bad-input/runs';
import { shortLoopAssembly } from './support/assembly';
import { Loop } from './support/loop';

/* Somebody disables the key of all data: everything stops, and that is said. */

const LIMIT = 240_000;
let assembly: { directory: string; remove(): void };
let loop: Loop;

beforeAll(async () => {
  assembly = shortLoopAssembly();
  loop = await Loop.deploy(assembly.directory);
  await loop.advance(1);
  await quiet(loop);
  await loop.handInDays(3);
  expect(await trained(loop)).toMatchObject({ status: 'Succeeded' });
  const [{ ModelPackageArn }] = await loop.account.pending() as [{ ModelPackageArn: string }];
  expect(await after(loop, loop.names.releasePipeline, () => loop.account.approve(ModelPackageArn))).toMatchObject({ status: 'Succeeded' });
  await loop.serveHour();
}, LIMIT);

afterAll(async () => {
  await loop?.twin.stop();
  assembly?.remove();
});

/** The key of buckets and logs. */
async function dataKey(): Promise<string> {
  const { ServerSideEncryptionConfiguration } = await loop.call('s3', 'GetBucketEncryption', { Bucket: loop.names.artifactsBucket });
  return ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.KMSMasterKeyID;
}

test('alarms reach the team while the key of all data is disabled, and the loop goes on when it is enabled again', async () => {
  const KeyId = await dataKey();
  const since = loop.now;
  await loop.call('kms', 'DisableKey', { KeyId });
  const mails = () => loop.mails(since).map(({ text }) => text);
  await loop.advance(60);
  expect(mails()).toContainEqual(expect.stringMatching(/^ALARM: "[^"]*DeadLetters/));
  await loop.advance(7 * 60);
  expect(mails()).toContainEqual(expect.stringMatching(/^ALARM: "[^"]*Heartbeat/));
  // A rule sends the notice of a run that fails.
  await loop.call('codepipeline', 'StartPipelineExecution', { name: loop.names.trainingPipeline });
  await loop.advance(60);
  expect(mails()).toContainEqual(expect.stringMatching(/of pipeline \S+ failed in run/));

  await loop.call('kms', 'EnableKey', { KeyId });
  const again = loop.now;
  for (let hours = 0; hours < 4; hours++) await loop.serveHour();
  expect(loop.mails(again).map(({ text }) => text)).toContainEqual(expect.stringMatching(/^OK: "[^"]*Heartbeat/));
  expect(await served(loop)).toMatch(/model-package/);
}, LIMIT);
