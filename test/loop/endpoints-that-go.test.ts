import { Hosting } from '../../lib';
import { leftBehind } from './support/steps/destroyed';
import { after, trained } from './bad-input/runs';
import { stackAssembly } from './support/assembly';
import { Loop } from './support/loop';
import { failsLast, slowService } from './support/slow';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

/* One stack after another in one account; the endpoints of the first one serve until an update takes them away. */

const scaling = Hosting.realTime({ instanceCount: 2, autoscaling: { minimumInstances: 2, maximumInstances: 4, invocationsPerInstance: 600 } });
const staged = { endpointName: 'flights', hosting: scaling, stagesBeforeProduction: [{ name: 'Staging', hosting: scaling }] };
const alone = { endpointName: 'flights', hosting: scaling };
const renamed = { endpointName: 'departures', hosting: scaling };

let loop: Loop;
/** Name of the endpoint of the stage, which is derived from its path. */
let staging: string;
const assemblies: Array<ReturnType<typeof stackAssembly>> = [];
const assembled = (...options: Parameters<typeof stackAssembly>): string => {
  const assembly = stackAssembly(...options);
  assemblies.push(assembly);
  return assembly.directory;
};

beforeAll(async () => {
  loop = await Loop.deploy(assembled(staged), { services: (world) => [slowService(world)] });
  staging = endpointsOfStack().find((name) => name !== 'flights')!;
  const { trainingPipeline, releasePipeline } = loop.names;
  await loop.expectSucceeded(trainingPipeline, await loop.ended(trainingPipeline, 0, 60));
  await loop.handInDays(7);
  expect(await trained(loop)).toMatchObject({ status: 'Succeeded' });
  expect(await after(loop, releasePipeline, async () => loop.account.approve((await loop.account.pending())[0].ModelPackageArn))).toMatchObject({ status: 'Succeeded' });
}, 300_000);

afterAll(async () => {
  await loop?.twin.stop();
  for (const assembly of assemblies) assembly.remove();
});

const status = () => loop.twin.cloudFormation.stacks.find(loop.stackName)!.status;

/** Names of the endpoints that the stack stands for. */
function endpointsOfStack(): string[] {
  const resources = [...loop.twin.cloudFormation.stacks.find(loop.stackName)!.resources.values()];
  return resources.filter(({ type }) => type === 'Custom::EndpointRetirement').map(({ properties }) => properties.Name as string);
}

async function endpoints(): Promise<Record<string, string>> {
  const { Endpoints } = await loop.call('sagemaker', 'ListEndpoints');
  return Object.fromEntries(Endpoints.map(({ EndpointName, EndpointStatus }: any) => [EndpointName, EndpointStatus]).sort());
}

/** What in the account belongs to an endpoint, by its name in the ARN. */
function belongingTo(name: string): string[] {
  return loop.twin.remaining().filter((arn) => arn.includes(name));
}

/** ARNs of the endpoint and of what its releases made; the standing rest is CloudFormation's. */
function madeByReleases(name: string): string[] {
  return belongingTo(name).filter((arn) => new RegExp(`:endpoint/${name}$|:(endpoint-config|model)/${name}-[0-9a-f]{10}$|:alarm:${name}-[0-9a-f]{10}-`).test(arn));
}

test('staging and production serve, scaled', async () => {
  expect(Object.values(await endpoints())).toEqual(['InService', 'InService']);
  for (const name of [staging, 'flights']) {
    expect(madeByReleases(name).map((arn) => /:(alarm|[a-z-]+(?=\/))/.exec(arn)?.[1]).sort()).toEqual(['alarm', 'alarm', 'endpoint', 'endpoint-config', 'model']);
  }
  expect(loop.twin.remaining().filter((arn) => arn.includes('scalable-target'))).toHaveLength(2);
});

describe('an update that fails', () => {
  test('after it renamed the endpoint: the old one serves, and the new one that a release had made is gone', async () => {
    const before = madeByReleases('flights');
    await expect(loop.twin.update(assembled(renamed, (stack) => { failsLast(stack, 90); }))).rejects.toThrow(/UPDATE_ROLLBACK_COMPLETE: Last/);
    expect(loop.calls('CreateEndpoint').length).toBe(3);
    expect(Object.keys(await endpoints()).filter((name) => name === 'flights' || name === 'departures')).toEqual(['flights']);
    expect(madeByReleases('departures')).toEqual([]);
    expect(madeByReleases('flights')).toEqual(expect.arrayContaining(before));
    await loop.advance(60);
    expect(Object.values(await endpoints())).toEqual(['InService', 'InService']);
    await loop.ask();
  }, 300_000);
});

describe('an update that succeeds', () => {
  test('without the stage takes its endpoint, configs, models, alarms, scaling and logs away, and nothing of production', async () => {
    const before = belongingTo('/flights');
    await loop.twin.update(assembled(alone));
    expect(status()).toBe('UPDATE_COMPLETE');
    expect(await endpoints()).toEqual({ flights: 'InService' });
    expect(belongingTo(staging)).toEqual([]);
    expect(loop.twin.remaining().filter((arn) => arn.includes('scalable-target'))).toHaveLength(1);
    expect(belongingTo('/flights')).toEqual(before);
    await loop.ask();
  }, 300_000);

  test('with another name takes the old endpoint away when nothing can fail any more; the release makes the new one', async () => {
    const since = loop.now;
    await loop.twin.update(assembled(renamed));
    expect(status()).toBe('UPDATE_COMPLETE');
    expect(belongingTo('flights').filter((arn) => !arn.includes('stack/'))).toEqual([]);
    await loop.expectSucceeded(loop.names.releasePipeline, await loop.ended(loop.names.releasePipeline, since, 240));
    expect(await endpoints()).toEqual({ departures: 'InService' });
  }, 300_000);

  test('leaves an endpoint alone that somebody else made under the name', async () => {
    const pipelineName = loop.names.releasePipeline;
    await loop.call('codepipeline', 'DisableStageTransition', { pipelineName, stageName: 'Select', transitionType: 'Inbound', reason: 'nothing is released meanwhile' });
    await loop.twin.update(assembled({ ...renamed, stagesBeforeProduction: [{ name: 'Staging' }] }));
    expect(endpointsOfStack()).toContain(staging);
    const { EndpointConfigName } = await loop.call('sagemaker', 'DescribeEndpoint', { EndpointName: 'departures' });
    await loop.call('sagemaker', 'CreateEndpoint', { EndpointName: staging, EndpointConfigName });
    await loop.advance(15);
    await loop.twin.update(assembled(renamed));
    expect(await endpoints()).toEqual({ departures: 'InService', [staging]: 'InService' });
    await loop.call('sagemaker', 'DeleteEndpoint', { EndpointName: staging });
    await loop.advance(5);
  }, 300_000);
});

test('at the end nothing is left of any of them', async () => {
  await loop.twin.destroy();
  expect(leftBehind(loop.twin)).toEqual([]);
}, 300_000);
