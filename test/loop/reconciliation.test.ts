import { PACKAGE_VARIABLE } from '../../lib/delivery/start-release.contract';
import type { StoredReconciliation } from '../../lib/monitoring/reconcile-loop.contract';
import type { EventsService } from '../../twin/services/events';
import type { SageMakerService } from '../../twin/services/sagemaker';
import { decide, registerLike } from './bad-input/registry';
import { after, quiet, served, trained } from './bad-input/runs';
import { shortLoopAssembly } from './support/assembly';
import { Loop } from './support/loop';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

/* Somebody changes the loop by hand, or AWS loses an event: it is repaired, or an alarm fires, within two hours. */

const LIMIT = 240_000;
let assembly: { directory: string; remove(): void };
let loop: Loop;
let first: string;
let config: string;

beforeAll(async () => {
  assembly = shortLoopAssembly();
  loop = await Loop.deploy(assembly.directory);
  await loop.advance(1);
  await quiet(loop);
  await loop.handInDays(3);
  expect(await trained(loop)).toMatchObject({ status: 'Succeeded' });
  first = (await loop.account.pending())[0].ModelPackageArn;
  expect(await after(loop, loop.names.releasePipeline, () => decide(loop, first, 'Approved'))).toMatchObject({ status: 'Succeeded' });
  config = (await loop.account.endpoint()).EndpointConfigName;
}, LIMIT);

afterAll(async () => {
  await loop?.twin.stop();
  assembly?.remove();
});

const mails = (since: number, kind: 'ALARM' | 'OK') => loop.mails(since).map(({ text }) => text).filter((text) => text.startsWith(`${kind}: "`) && text.includes('Reconciliation'));

async function state(): Promise<StoredReconciliation> {
  const [key] = (await loop.account.keys(loop.names.artifactsBucket, 'state/')).filter((name) => name.endsWith('/reconciliation.json'));
  const { Body } = await loop.call('s3', 'GetObject', { Bucket: loop.names.artifactsBucket, Key: key });
  return JSON.parse(Buffer.from(Body).toString('utf8'));
}

/** Two hours after it was done. */
async function twoHoursAfter(doing: () => Promise<unknown>): Promise<number> {
  const since = loop.now;
  await doing();
  await loop.advance(120);
  await quiet(loop);
  return since;
}

/** The alarm fires and names this, and clears once it is undone. */
async function fires(doing: () => Promise<unknown>, text: RegExp, undo: () => Promise<unknown>): Promise<void> {
  const since = await twoHoursAfter(doing);
  expect((await state()).deviations).toEqual([expect.objectContaining({ text: expect.stringMatching(text) })]);
  expect(mails(since, 'ALARM')).toHaveLength(1);
  const undone = await twoHoursAfter(undo);
  expect((await state()).deviations).toEqual([]);
  expect(mails(undone, 'OK')).toHaveLength(1);
}

/** A release was started by nobody but the reconciliation, and the package serves. */
async function repairs(doing: () => Promise<unknown>, packageArn: string): Promise<void> {
  const since = await twoHoursAfter(doing);
  expect(loop.calls('StartPipelineExecution', since).map(({ caller }: any) => caller.roleArn)).toEqual([expect.stringContaining('Reconciliation')]);
  await loop.advance(60);
  expect(await served(loop)).toBe(packageArn);
  expect(await state()).not.toHaveProperty('repair');
  expect(mails(since, 'ALARM')).toEqual([]);
}

const serveBy = async (EndpointConfigName: string) => {
  await loop.call('sagemaker', 'UpdateEndpoint', { EndpointName: loop.names.endpoint, EndpointConfigName });
  await loop.advance(30);
};
const release = (packageArn: string) => after(loop, loop.names.releasePipeline, async () => {
  await loop.call('codepipeline', 'StartPipelineExecution', { name: loop.names.releasePipeline, variables: [{ name: PACKAGE_VARIABLE, value: packageArn }] });
});

test('a loop that is as it should be: neither alarm nor repair', async () => {
  const since = await twoHoursAfter(async () => undefined);
  expect((await state())).toMatchObject({ deviations: [] });
  expect(mails(0, 'ALARM')).toEqual([]);
  expect(loop.calls('StartPipelineExecution', since)).toEqual([]);
}, LIMIT);

test('an endpoint that is deleted comes back', async () => {
  await repairs(() => loop.call('sagemaker', 'DeleteEndpoint', { EndpointName: loop.names.endpoint }), first);
}, LIMIT);

test('an alarm fires when capture is switched off', async () => {
  const { ProductionVariants } = await loop.call('sagemaker', 'DescribeEndpointConfig', { EndpointConfigName: config });
  const before = (await loop.account.endpoint()).EndpointConfigName;
  await loop.call('sagemaker', 'CreateEndpointConfig', { EndpointConfigName: 'by-hand', ProductionVariants });
  const since = await twoHoursAfter(() => serveBy('by-hand'));
  expect((await state()).deviations.map(({ check }) => check)).toEqual(['endpoint', 'capture']);
  expect(mails(since, 'ALARM')).toHaveLength(1);
  const undone = await twoHoursAfter(() => serveBy(before));
  expect((await state()).deviations).toEqual([]);
  expect(mails(undone, 'OK')).toHaveLength(1);
}, LIMIT);

test('an alarm fires when a rule is disabled', async () => {
  const { Rules } = await loop.call('events', 'ListRules');
  const Name: string = Rules.map((rule: any) => rule.Name).find((name: string) => name.includes('MonitorSchedule'));
  await fires(() => loop.call('events', 'DisableRule', { Name }), new RegExp(Name), () => loop.call('events', 'EnableRule', { Name }));
}, LIMIT);

test('a lost approval is made good, and a lost rejection', async () => {
  const events = loop.twin.service<EventsService>('events');
  const second: string = await registerLike(loop, first);
  await repairs(async () => {
    events.faults = () => [];
    await decide(loop, second, 'Approved');
    events.faults = () => [0];
  }, second);
  await repairs(async () => {
    events.faults = () => [];
    await decide(loop, second, 'Rejected');
    events.faults = () => [0];
  }, first);
}, LIMIT);

test('an older package that was released by name is left in peace', async () => {
  const newer: string = await registerLike(loop, first);
  expect(await after(loop, loop.names.releasePipeline, () => decide(loop, newer, 'Approved'))).toMatchObject({ status: 'Succeeded' });
  expect(await release(first)).toMatchObject({ status: 'Succeeded' });
  const since = await twoHoursAfter(async () => undefined);
  expect(await served(loop)).toBe(first);
  expect((await state()).deviations).toEqual([]);
  expect(loop.calls('StartPipelineExecution', since)).toEqual([]);
  expect(await release(newer)).toMatchObject({ status: 'Succeeded' });
}, LIMIT);

test('an alarm fires when a release is stopped while traffic moves, and it is not started again', async () => {
  const { releasePipeline: name } = loop.names;
  const newer: string = await registerLike(loop, first);
  const since = await twoHoursAfter(async () => {
    await decide(loop, newer, 'Approved');
    await loop.until('traffic moves', async () => (await loop.account.endpoint()).EndpointStatus === 'Updating', 30);
    const [{ pipelineExecutionId }] = await loop.account.executions(name) as [any];
    await loop.call('codepipeline', 'StopPipelineExecution', { pipelineName: name, pipelineExecutionId, abandon: true });
  });
  expect((await state()).deviations.map(({ check }) => check)).toEqual(['endpoint']);
  expect(mails(since, 'ALARM')).toHaveLength(1);
  expect(loop.calls('StartPipelineExecution', since).map(({ caller }: any) => caller.roleArn)).toEqual([expect.stringContaining('ReleasePipelineStart')]);
  const mended = await twoHoursAfter(() => release(newer));
  expect(await served(loop)).toBe(newer);
  expect(mails(mended, 'OK')).toHaveLength(1);
}, LIMIT);

test('an alarm fires when the package that serves is deleted', async () => {
  const gone = await served(loop);
  const since = await twoHoursAfter(() => loop.call('sagemaker', 'DeleteModelPackage', { ModelPackageName: gone }));
  expect((await state()).deviations.map(({ check }) => check)).toContain('package');
  expect(mails(since, 'ALARM')).toHaveLength(1);
}, LIMIT);

test('an alarm fires when a rule is deleted', async () => {
  const { Rules } = await loop.call('events', 'ListRules');
  const Name: string = Rules.map((rule: any) => rule.Name).find((name: string) => name.includes('RetrainingHourly'));
  const { Targets } = await loop.call('events', 'ListTargetsByRule', { Rule: Name });
  await twoHoursAfter(async () => {
    await loop.call('events', 'RemoveTargets', { Rule: Name, Ids: Targets.map(({ Id }: any) => Id) });
    await loop.call('events', 'DeleteRule', { Name });
  });
  expect((await state()).deviations).toContainEqual({ check: 'rules', text: expect.stringContaining(Name) });
}, LIMIT);

test('a release that was started for a lost approval and is stopped hours later is not started again', async () => {
  const events = loop.twin.service<EventsService>('events');
  const last: string = await registerLike(loop, first);
  const since = loop.now;
  loop.twin.service<SageMakerService>('sagemaker').conditions.getStuck(loop.names.endpoint);
  events.faults = () => [];
  await decide(loop, last, 'Approved');
  events.faults = () => [0];
  await loop.until('the release is started', async () => loop.calls('StartPipelineExecution', since).length > 0, 90);
  await loop.advance(65);
  const [{ pipelineExecutionId, status }] = await loop.account.executions(loop.names.releasePipeline) as [any];
  expect(status).toBe('InProgress');
  await loop.call('codepipeline', 'StopPipelineExecution', { pipelineName: loop.names.releasePipeline, pipelineExecutionId, abandon: true });
  await loop.advance(3 * 60);
  expect(loop.calls('StartPipelineExecution', since)).toHaveLength(1);
  expect((await state()).deviations.map(({ check }) => check)).toContain('release');
}, LIMIT);

test('the heartbeat alarm fires when its own rule is disabled', async () => {
  const { Rules } = await loop.call('events', 'ListRules');
  const since = loop.now;
  await loop.call('events', 'DisableRule', { Name: Rules.map((rule: any) => rule.Name).find((name: string) => name.includes('ReconciliationSchedule')) });
  await loop.advance(5 * 60);
  expect(mails(since, 'ALARM')).toContainEqual(expect.stringMatching(/ReconciliationHeartbeat/));
}, LIMIT);
