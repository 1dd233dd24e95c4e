import { Duration } from 'aws-cdk-lib';
import { Hosting, Rollout } from '../../../lib';
import type { StageDescriptor } from '../../../lib/serving/release-descriptor.contract';
import { MINUTE } from '../../twin/services/sagemaker/fake-hosting';
import { account, STAGE } from './account';

const stageOf = (rollout: Rollout, instanceCount: number): StageDescriptor => {
  const hosting = Hosting.realTime({ instanceCount });
  return { ...STAGE, hosting: hosting._describe(), rollout: rollout._describe(hosting) };
};

/** A second release whose rollback alarm fires so many minutes after all traffic has moved; why it failed, or what it serves by. */
async function firing(minutes: number, stage: StageDescriptor): Promise<string> {
  const { approved, call, describe, release, sageMaker, world } = await account();
  await release(await approved(), stage);
  const packageArn = await approved();
  const watch = async (): Promise<void> => {
    const green = sageMaker.fleetsOf('flights')[1];
    if (green?.share !== 1) return void world.clock.after(10_000, 'not yet', watch);
    world.clock.after(minutes * MINUTE, 'the alarm fires', () => call('SetAlarmState', { AlarmName: `${green.config.name}-errors`, StateValue: 'ALARM', StateReason: 'a trial' }, 'monitoring').then(() => undefined));
  };
  await watch();
  const before = (await describe()).EndpointConfigName;
  const outcome = await release(packageArn, stage).catch((error: Error) => error.message);
  expect((await describe()).EndpointConfigName === before).toBe(/rolled back/.test(outcome));
  return outcome;
}

const bake = Duration.minutes(10);

describe.each([['a canary', 2], ['all at once', 1]])('a release by %s', (_, instanceCount) => {
  test.each([1, 9])('goes back when an alarm fires %d minutes into a bake of ten, though the old fleet is kept no longer', async (minutes) => {
    expect(await firing(minutes, stageOf(Rollout.auto({ bake, keepOldFleet: Duration.seconds(0) }), instanceCount))).toMatch(/^endpoint flights rolled back/);
  });

  test('goes back as long as the old fleet is kept after the bake', async () => {
    expect(await firing(14, stageOf(Rollout.auto({ bake, keepOldFleet: Duration.minutes(5) }), instanceCount))).toMatch(/^endpoint flights rolled back/);
  });

  test('stands when the old fleet is gone', async () => {
    expect(await firing(17, stageOf(Rollout.auto({ bake, keepOldFleet: Duration.minutes(5) }), instanceCount))).toMatch(/^endpoint flights serves/);
  });
});

describe('what SageMaker leaves out of its deployment guardrails', () => {
  const unwatched = Rollout.allAtOnce({ automaticRollback: false });
  const withoutRollback = { ...STAGE.rollbackAlarms, automatic: false };

  test.each<[string, StageDescriptor]>([
    ['alarms that roll back', stageOf(Rollout.allAtOnce(), 1)],
    ['a canary', { ...stageOf(Rollout.canary({ automaticRollback: false }), 2), rollbackAlarms: withoutRollback }],
  ])('a package of the AWS Marketplace is not released where the settings ask for %s', async (_, stage) => {
    const { approved, call, release } = await account();
    await expect(release(await approved({ ProductId: 'prod-1' }), stage)).rejects.toThrow(
      /^\S+ has containers of the AWS Marketplace \(product prod-1\), which .* leave out: .*; approve another package, or accept that with Rollout\.allAtOnce\(\{ automaticRollback: false \}\)$/);
    await expect(call('DescribeEndpoint', { EndpointName: 'flights' })).rejects.toThrow('Could not find endpoint');
  });

  test.each([['a package of the AWS Marketplace', { ProductId: 'prod-1' }, 'ml.m5.large'], ['an Inf1 instance', {}, 'ml.inf1.xlarge']])(
    '%s is released where that is accepted, and the summary says that nobody watched', async (_, container, instanceType) => {
      const { approved, release } = await account();
      const hosted = stageOf(unwatched, 1);
      const stage: StageDescriptor = { ...hosted, hosting: { ...hosted.hosting, instanceType }, rollbackAlarms: withoutRollback };
      expect(await release(await approved(container), stage)).toMatch(/^endpoint flights serves \S+ by \S+$/);
      expect(await release(await approved(container), stage)).toMatch(/^endpoint flights serves .*; SageMaker did not watch this release, nor keep the old fleet, for as long as it was told to;/);
    });

  test('a release that was watched does not say so', async () => {
    const { approved, release } = await account();
    for (const instanceCount of [1, 2]) expect(await release(await approved(), stageOf(Rollout.auto(), instanceCount))).not.toMatch('did not watch');
  });
});
