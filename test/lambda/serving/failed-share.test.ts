import { account, STAGE } from './account';
import { MINUTE } from '../../twin/services/sagemaker/fake-hosting';

/** Long enough for the alarms to see the new fleet. */
const stage: typeof STAGE = { ...STAGE, rollout: { ...STAGE.rollout, kind: 'canary', bakeSeconds: 300, terminationWaitSeconds: 300 } };

/** Releases a second model that answers every request with this status, under steady traffic; how that ends. */
async function releaseUnderTraffic(STATUS: string): Promise<string> {
  const context = await account();
  await context.release(await context.approved(), stage);
  const second = await context.approved({ Environment: { STATUS } });
  let steady = true;
  const ask = (): void => {
    context.world.clock.after(5_000, 'a request', async () => {
      if (!steady) return;
      ask();
      await context.invoke().catch(() => undefined);
    });
  };
  ask();
  const outcome = await context.release(second, stage).catch((error: Error) => error.message);
  steady = false;
  await context.world.clock.advance(10 * MINUTE);
  return outcome;
}

test.each([['200'], ['400'], ['422']])('a model that answers %s goes live: what clients send wrong does not condemn it', async (status) => {
  expect(await releaseUnderTraffic(status)).toMatch(/^endpoint flights serves /);
});

test.each([['500'], ['503'], ['none']])('a model that answers %s is rolled back', async (status) => {
  expect(await releaseUnderTraffic(status)).toMatch(/^endpoint flights rolled back to .*-errors fired/);
});
