import { Hosting } from '../../lib';
import type { SageMakerService } from '../../twin/services/sagemaker';
import { decide, registerLike } from './bad-input/registry';
import { after, quiet, served, trained, type Outcome } from './bad-input/runs';
import { stackAssembly } from './support/assembly';
import { Loop } from './support/loop';

/* One stack whose endpoint scales, from its first release on; each test starts with the endpoint in service. */

jest.setTimeout(180_000);

const LIMITS = { minimumInstances: 2, maximumInstances: 5, invocationsPerInstance: 10 };
const assemblyOf = (instanceType: string, limits = LIMITS) => stackAssembly({ hosting: Hosting.realTime({ instanceType, instanceCount: 2, autoscaling: limits }) });

let loop: Loop;
const assemblies: Array<ReturnType<typeof assemblyOf>> = [];

function assembly(...settings: Parameters<typeof assemblyOf>): string {
  const made = assemblyOf(...settings);
  assemblies.push(made);
  return made.directory;
}

beforeAll(async () => {
  loop = await Loop.deploy(assembly('ml.m5.large'));
  await loop.advance(1);
  await quiet(loop);
  await loop.handInDays(7);
  expect(await trained(loop)).toMatchObject({ status: 'Succeeded' });
  const [{ ModelPackageArn }] = await loop.account.pending();
  expect(await released(() => decide(loop, ModelPackageArn, 'Approved'))).toMatchObject({ status: 'Succeeded', reason: '' });
}, 300_000);

afterAll(async () => {
  await loop?.twin.stop();
  for (const each of assemblies) each.remove();
});

function released(doing: () => Promise<void>): Promise<Outcome> {
  return after(loop, loop.names.releasePipeline, doing);
}

/** What SageMaker's hosting does by itself. */
const conditions = () => loop.twin.service<SageMakerService>('sagemaker').conditions;

async function limits(): Promise<object | undefined> {
  const { ScalableTargets: [target] } = await loop.call('application-autoscaling', 'DescribeScalableTargets', { ServiceNamespace: 'sagemaker' });
  const { ScalingPolicies: [policy] } = await loop.call('application-autoscaling', 'DescribeScalingPolicies', { ServiceNamespace: 'sagemaker' });
  return target && policy && {
    minimumInstances: target.MinCapacity, maximumInstances: target.MaxCapacity, invocationsPerInstance: policy.TargetTrackingScalingPolicyConfiguration.TargetValue,
  };
}

const instanceType = () => loop.twin.service<SageMakerService>('sagemaker').fleetsOf(loop.names.endpoint).find(({ share }) => share === 1)!.variants[0]!.settings.InstanceType;

test('its first release ends with the scaling registered', async () => {
  expect(await limits()).toEqual(LIMITS);
});

test('traffic grows the fleet to three; a release starts with three and a canary of one, and ends with the scaling registered', async () => {
  const fleets = () => loop.twin.service<SageMakerService>('sagemaker').fleetsOf(loop.names.endpoint);
  const start = loop.now;
  for (let index = 0; index < 40 * 29; index++) loop.twin.clock.at(start + (index * 60_000) / 29, 'a request', () => loop.ask().then(() => undefined));
  await loop.advance(15);
  expect(fleets().at(-1)!.instances).toBe(3);
  const before = fleets().length;
  const next = await registerLike(loop, await served(loop));
  expect(await released(() => decide(loop, next, 'Approved'))).toMatchObject({ status: 'Succeeded', reason: '' });
  expect([fleets().length, fleets().at(-1)!.instances]).toEqual([before + 1, 3]);
  expect((await loop.account.endpoint()).LastDeploymentConfig.BlueGreenUpdatePolicy.TrafficRoutingConfiguration).toMatchObject({ Type: 'CANARY', CanarySize: { Type: 'INSTANCE_COUNT', Value: 1 } });
  expect(await limits()).toEqual(LIMITS);
});

describe('a change of the instance type and of the limits', () => {
  const WIDER = { minimumInstances: 2, maximumInstances: 8, invocationsPerInstance: 40 };
  const change = (type: string) => released(async () => { await loop.twin.update(assembly(type, WIDER)); });

  test('that is refused leaves the old fleet with the limits it had', async () => {
    const lift = conditions().quota('ml.m5.xlarge', 1);
    expect(await change('ml.m5.xlarge')).toMatchObject({ status: 'Failed', reason: expect.stringContaining("The account-level service limit 'ml.m5.xlarge for endpoint usage' is 1 Instances") });
    lift();
    expect([instanceType(), await limits()]).toEqual(['ml.m5.large', LIMITS]);
  });

  test('that is rolled back leaves the old fleet with the limits it had', async () => {
    conditions().rollBackSilently(loop.names.endpoint);
    expect(await change('ml.m5.2xlarge')).toMatchObject({ status: 'Failed', reason: expect.stringContaining('rolled back') });
    expect([instanceType(), await limits()]).toEqual(['ml.m5.large', LIMITS]);
  });

  test('that comes about ends with the new limits', async () => {
    expect(await change('ml.m5.4xlarge')).toMatchObject({ status: 'Succeeded', reason: '' });
    expect([instanceType(), await limits()]).toEqual(['ml.m5.4xlarge', WIDER]);
  });
});
