import { after, quiet, trained } from './bad-input/runs';
import { shortLoopAssembly } from './support/assembly';
import { Loop } from './support/loop';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

/* Nobody asks the model: there is nothing to judge, and that is no good news. */

let assembly: { directory: string; remove(): void };
let loop: Loop;

beforeAll(async () => {
  assembly = shortLoopAssembly();
  loop = await Loop.deploy(assembly.directory);
  await loop.advance(1);
  await quiet(loop);
  await loop.handInDays(7);
  expect(await trained(loop)).toMatchObject({ status: 'Succeeded' });
  const [{ ModelPackageArn }] = await loop.account.pending() as [any];
  expect(await after(loop, loop.names.releasePipeline, () => loop.account.approve(ModelPackageArn))).toMatchObject({ status: 'Succeeded' });
}, 240_000);

afterAll(async () => {
  await loop?.twin.stop();
  assembly?.remove();
});

const mails = (kind: 'ALARM' | 'OK') => loop.mails().map(({ text }) => text).filter((text) => text.startsWith(`${kind}: "`) && text.includes('MonitorUndecided'));

test('a day in which no window could be judged rings, and a judgement ends it', async () => {
  await loop.advance(18 * 60);
  expect(mails('ALARM')).toEqual([]);
  await loop.advance(8 * 60);
  expect(mails('ALARM')).toHaveLength(1);
  await loop.serveUntil('a window is judged, and the alarm is over', async () => mails('OK').length === 1, 30);
  expect(loop.failedRequests).toBe(0);
}, 240_000);
