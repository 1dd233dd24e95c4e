import { account, type Account } from './account';
import { MINUTE } from '../../twin/services/sagemaker/fake-hosting';

/** How an endpoint in service comes into the state, and whose release notices. */
const STATES: Readonly<Record<string, (account: Account) => Promise<string>>> = {
  UpdateRollbackFailed: async ({ sageMaker, approved, release }) => {
    const second = await approved();
    sageMaker.conditions.rollBackSilently('flights');
    sageMaker.conditions.failRollback('flights');
    await expect(release(second)).rejects.toThrow(HELP);
    return second;
  },
  OutOfService: async ({ sageMaker, approved }) => {
    sageMaker.endpoints.takeOutOfService('flights');
    return approved();
  },
};
const HELP = 'delete it, then start the release pipeline: aws sagemaker delete-endpoint --endpoint-name flights';

describe.each(Object.entries(STATES))('an endpoint that is %s', (state, reach) => {
  test('fails the release with one command, after which a release serves', async () => {
    const context = await account();
    await context.release(await context.approved());
    const packageArn = await reach(context);
    expect((await context.describe()).EndpointStatus).toBe(state);
    await expect(context.release(packageArn)).rejects.toThrow(new RegExp(`^endpoint flights is ${state} \\(.+\\); ${HELP}$`));
    await context.call('DeleteEndpoint', { EndpointName: 'flights' });
    await context.world.clock.advance(2 * MINUTE);
    expect(await context.release(packageArn)).toMatch(`endpoint flights serves ${packageArn}`);
  });

  test('goes with its stack, and leaves nothing', async () => {
    const context = await account();
    await context.release(await context.approved());
    await reach(context);
    expect(await context.retire()).toEqual(expect.arrayContaining(['endpoint flights is being deleted']));
    await expect(context.describe()).rejects.toThrow('Could not find endpoint');
    expect(context.servers.running.size).toBe(0);
    expect(context.sageMaker.remaining().filter((each) => !each.includes('model-package'))).toEqual([]);
  });
});
