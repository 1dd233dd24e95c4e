import { ConcurrentUpdateException } from '@aws-sdk/client-application-auto-scaling';
import type { JobOutcome } from '../../../lambda/adapters/pipeline-job';
import type { Progress } from '../../../lambda/serving/deployment/deployment';
import { Hosting, Rollout } from '../../../lib';
import type { AutoscalingDescriptor, StageDescriptor } from '../../../lib/serving/release-descriptor.contract';
import { MINUTE } from '../../twin/services/sagemaker/fake-hosting';
import { account, STAGE, type Account } from './account';

/** What an invocation reports that another follows. */
type Waiting = Extract<JobOutcome<Progress>, { status: 'in-progress' }>;

const BEFORE: AutoscalingDescriptor = { minimumInstances: 1, maximumInstances: 4, invocationsPerInstance: 10 };
const AFTER: AutoscalingDescriptor = { minimumInstances: 2, maximumInstances: 8, invocationsPerInstance: 40 };

const scaled = (autoscaling: AutoscalingDescriptor | null, instanceType = 'ml.m5.large'): StageDescriptor => ({ ...STAGE, hosting: { ...STAGE.hosting, instanceType, autoscaling } });

/** Limits and target of the endpoint's scaling; `null` if it is not registered, a target of `null` if nothing drives it. */
async function scalingOf({ call }: Account): Promise<object | null> {
  const { ScalableTargets: [target] } = await call('DescribeScalableTargets', { ServiceNamespace: 'sagemaker' }, 'application-autoscaling');
  const { ScalingPolicies: [policy] } = await call('DescribeScalingPolicies', { ServiceNamespace: 'sagemaker' }, 'application-autoscaling');
  return target === undefined ? null : {
    minimumInstances: target.MinCapacity, maximumInstances: target.MaxCapacity, invocationsPerInstance: policy?.TargetTrackingScalingPolicyConfiguration.TargetValue ?? null,
  };
}

/** A stage as the library describes it. */
function settings(autoscaling: AutoscalingDescriptor | null, instanceCount: number): StageDescriptor {
  const hosting = Hosting.realTime({ instanceCount, autoscaling: autoscaling ?? undefined });
  return { ...STAGE, hosting: hosting._describe(), rollout: Rollout.auto()._describe(hosting) };
}

function traffic({ world, invoke }: Account, minutes: number, perMinute: number): void {
  const start = world.clock.now();
  for (let index = 0; index < minutes * perMinute; index++) world.clock.at(start + (index * MINUTE) / perMinute, 'a request', () => invoke().then(() => undefined));
}

async function instances({ describe }: Account): Promise<number> {
  return (await describe()).ProductionVariants[0].CurrentInstanceCount;
}

async function servingTag({ call, describe }: Account): Promise<string | undefined> {
  const { Tags } = await call('ListTags', { ResourceArn: (await describe()).EndpointArn });
  return Tags.find(({ Key }: { Key: string }) => Key === 'cdk-mlops:serving-config')?.Value;
}

/** A released endpoint that scales, and a second package. */
async function scaling(): Promise<{ world: Account; packageArn: string }> {
  const world = await account();
  await world.release(await world.approved(), scaled(BEFORE));
  expect(await scalingOf(world)).toEqual(BEFORE);
  return { world, packageArn: await world.approved() };
}

describe('a release of an endpoint that scales', () => {
  test('ends with the scaling of its settings', async () => {
    const { world, packageArn } = await scaling();
    await world.release(packageArn, scaled(AFTER));
    expect(await scalingOf(world)).toEqual(AFTER);
    await world.release(packageArn, scaled(null));
    expect(await scalingOf(world)).toBeNull();
  });

  test('changes the instance type, which takes the scaling away, and registers it again', async () => {
    const { world, packageArn } = await scaling();
    await world.release(packageArn, scaled(AFTER, 'ml.m5.xlarge'));
    expect(await scalingOf(world)).toEqual(AFTER);
  });

  test('that cannot register the scaling says so, keeps its notes, and is completed by a retry', async () => {
    const { world, packageArn } = await scaling();
    world.failing.set('RegisterScalableTarget', Object.assign(new Error('User is missing the following permissions: cloudwatch:DeleteAlarms'), { name: 'ValidationException' }));
    await expect(world.release(packageArn, scaled(AFTER))).rejects.toThrow(
      /^endpoint flights serves \S+ by \S+, but its scaling could not be changed: User is missing the following permissions: cloudwatch:DeleteAlarms; correct that, then retry the stage$/);
    expect(await servingTag(world)).toBe((await world.describe()).EndpointConfigName);
    world.failing.clear();
    await world.release(packageArn, scaled(AFTER));
    expect(await scalingOf(world)).toEqual(AFTER);
  });

  test('that cannot remove what earlier releases left has registered the scaling before', async () => {
    const { world, packageArn } = await scaling();
    world.failing.set('ListModels', Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' }));
    await expect(world.release(packageArn, scaled(AFTER))).rejects.toThrow('not authorized');
    expect(await scalingOf(world)).toEqual(AFTER);
  });

  test('waits while somebody else changes the same scaling, not for ever', async () => {
    const { world, packageArn } = await scaling();
    world.failing.set('RegisterScalableTarget', new ConcurrentUpdateException({ message: 'busy', $metadata: {} }));
    world.world.clock.after(12 * MINUTE, 'no longer busy', () => { world.failing.clear(); });
    await world.release(packageArn, scaled(AFTER));
    expect(await scalingOf(world)).toEqual(AFTER);
    world.failing.set('RegisterScalableTarget', new ConcurrentUpdateException({ message: 'busy', $metadata: {} }));
    await expect(world.release(packageArn, scaled(BEFORE))).rejects.toThrow('busy');
  });
});

describe('traffic grows the fleet, and a release starts with what runs', () => {
  test.each([[2, 3, 1], [1, 2, 1], [2, 5, 1], [2, 24, 2]])('from %d to %d instances, %d of them the canary', async (from, to, canary) => {
    const world = await account();
    const stage = settings({ minimumInstances: from, maximumInstances: 30, invocationsPerInstance: 10 }, from);
    await world.release(await world.approved(), stage);
    traffic(world, 60, 10 * to - 1);
    await world.world.clock.advance(20 * MINUTE);
    expect(await instances(world)).toBe(to);
    const packageArn = await world.approved();
    await world.invocation(packageArn, stage);
    await world.world.clock.advance(MINUTE);
    expect(await world.describe()).toMatchObject({
      PendingDeploymentSummary: { ProductionVariants: [{ DesiredInstanceCount: to }] },
      LastDeploymentConfig: { BlueGreenUpdatePolicy: { TrafficRoutingConfiguration: { Type: 'CANARY', CanarySize: { Type: 'INSTANCE_COUNT', Value: canary } } } },
    });
    expect(await world.release(packageArn, stage)).toMatch(/^endpoint flights serves \S+ by \S+$/);
    expect(await instances(world)).toBe(to);
    expect(await scalingOf(world)).toEqual(stage.hosting.autoscaling);
  });

  test('a fleet of one gets all traffic at once, and the release says so', async () => {
    const world = await account();
    const stage = settings({ minimumInstances: 1, maximumInstances: 4, invocationsPerInstance: 10 }, 1);
    await world.release(await world.approved(), stage);
    expect(await world.release(await world.approved(), stage)).toMatch(/^endpoint flights serves \S+ by \S+; all traffic moves at once instead of a canary, which takes at most half of the instances: of the 1 that runs, and of the 1 that the new fleet starts with$/);
    expect((await world.describe()).LastDeploymentConfig.BlueGreenUpdatePolicy.TrafficRoutingConfiguration.Type).toBe('ALL_AT_ONCE');
  });

  test.each([
    ['raised to two', 1, [1, 4], [2, 4], 2, 'in place of the 1 that runs'],
    ['lowered to three', 5, [2, 8], [2, 3], 3, 'in place of the 5 that run'],
  ] as const)('a count beyond limits that are %s is not taken over', async (_, running, [low, high], [minimumInstances, maximumInstances], expected, note) => {
    const world = await account();
    await world.release(await world.approved(), settings({ minimumInstances: low, maximumInstances: high, invocationsPerInstance: 10 }, low));
    traffic(world, 90, 10 * running - 1);
    await world.world.clock.advance(20 * MINUTE);
    expect(await instances(world)).toBe(running);
    const stage = settings({ minimumInstances, maximumInstances, invocationsPerInstance: 10 }, 2);
    const packageArn = await world.approved();
    expect((await world.invocation(packageArn, stage)).summary).toContain(`the new fleet starts with ${expected} ${note}, which the settings do not allow any more`);
    await world.world.clock.advance(MINUTE);
    expect((await world.describe()).PendingDeploymentSummary.ProductionVariants[0].DesiredInstanceCount).toBe(expected);
    await world.release(packageArn, stage);
    expect(await scalingOf(world)).toEqual(stage.hosting.autoscaling);
  });

  test('a config that is released again starts with what runs, not with what ran when it was made', async () => {
    const world = await account();
    const stage = settings({ minimumInstances: 1, maximumInstances: 8, invocationsPerInstance: 10 }, 1);
    const [first, second] = [await world.approved(), await world.approved()];
    await world.release(first, stage);
    await world.release(second, stage);
    traffic(world, 90, 39);
    await world.world.clock.advance(20 * MINUTE);
    expect(await instances(world)).toBe(4);
    await world.release(first, stage);
    expect(await instances(world)).toBe(4);
  });

  test('a change of what is captured takes effect on as many instances as run', async () => {
    const world = await account();
    const stage = settings({ minimumInstances: 1, maximumInstances: 8, invocationsPerInstance: 10 }, 1);
    const packageArn = await world.approved();
    await world.release(packageArn, stage);
    traffic(world, 90, 39);
    await world.world.clock.advance(20 * MINUTE);
    await world.release(packageArn, { ...stage, capture: { samplingPercentage: 20 } });
    expect((await world.describe()).DataCaptureConfig.CurrentSamplingPercentage).toBe(20);
    expect(await instances(world)).toBe(4);
    const updates = world.world.calls.filter(({ operation }) => operation === 'UpdateEndpoint').map(({ input }) => input as object);
    // The API reference has of excluding `DataCaptureConfig` from what is retained: "Not currently supported".
    expect(updates.filter((input) => 'ExcludeRetainedVariantProperties' in input)).toEqual([]);
  });

  test('without autoscaling the fleet has the size of its settings', async () => {
    const world = await account();
    await world.release(await world.approved(), settings({ minimumInstances: 4, maximumInstances: 8, invocationsPerInstance: 10 }, 4));
    await world.release(await world.approved(), settings(null, 2));
    expect([await instances(world), await scalingOf(world)]).toEqual([2, null]);
  });
});

describe('a change of instance type', () => {
  /** Ways in which it does not come about, and what the release says. */
  const ENDS: Readonly<Record<string, [arrange: (world: Account) => void, reason: RegExp]>> = {
    'that is refused': [({ sageMaker }) => { sageMaker.conditions.quota('ml.m5.xlarge', 1); }, /^The account-level service limit 'ml\.m5\.xlarge for endpoint usage' is 1 Instances/],
    'for which there are no instances': [({ sageMaker }) => { sageMaker.conditions.shortage('ml.m5.xlarge'); }, /^endpoint flights rolled back to \S+: Unable to provision/],
    'that is rolled back without a reason': [({ sageMaker }) => { sageMaker.conditions.rollBackSilently('flights'); }, /^endpoint flights rolled back to \S+: SageMaker gave no reason/],
  };

  test.each(Object.entries(ENDS))('%s leaves the endpoint with the scaling it had', async (_, [arrange, reason]) => {
    const { world, packageArn } = await scaling();
    const serving = (await world.describe()).EndpointConfigName;
    arrange(world);
    for (let time = 0; time < 2; time++) {
      await expect(world.release(packageArn, scaled(AFTER, 'ml.m5.xlarge'))).rejects.toThrow(reason);
      expect((await world.describe()).EndpointConfigName).toBe(serving);
      expect(await scalingOf(world)).toEqual(BEFORE);
      world.sageMaker.conditions.rollBackSilently('flights');
    }
  });

  test('whose package is rejected while it waits leaves the endpoint with the scaling it had', async () => {
    const { world, packageArn } = await scaling();
    const stage = scaled(AFTER, 'ml.m5.xlarge');
    world.failing.set('UpdateEndpoint', Object.assign(new Error('Cannot update in-progress endpoint "flights".'), { name: 'ValidationException' }));
    const { continuation } = await world.invocation(packageArn, stage) as Waiting;
    expect(continuation.phase).toBe('waiting');
    expect(await scalingOf(world)).toBeNull();
    await world.call('UpdateModelPackage', { ModelPackageArn: packageArn, ModelApprovalStatus: 'Rejected' });
    await expect(world.invocation(packageArn, stage, continuation)).rejects.toThrow('is Rejected now');
    expect(await scalingOf(world)).toEqual(BEFORE);
  });

  test('whose first invocation runs twice is followed to its end all the same', async () => {
    const { world, packageArn } = await scaling();
    const stage = scaled(AFTER, 'ml.m5.xlarge');
    world.sageMaker.conditions.rollBackSilently('flights');
    // The report of the first invocation was lost, so it runs again, with nothing left from before.
    await world.invocation(packageArn, stage);
    await world.world.clock.advance(MINUTE);
    const { continuation } = await world.invocation(packageArn, stage) as Waiting;
    await world.world.clock.advance(15 * MINUTE);
    for (let time = 0; time < 2; time++) {
      await expect(world.invocation(packageArn, stage, continuation)).rejects.toThrow('rolled back');
      expect(await scalingOf(world)).toEqual(BEFORE);
    }
  });

  test('that is refused, and whose scaling cannot be registered again, says both', async () => {
    const { world, packageArn } = await scaling();
    world.sageMaker.conditions.quota('ml.m5.xlarge', 1);
    world.failing.set('RegisterScalableTarget', new Error('denied'));
    await expect(world.release(packageArn, scaled(AFTER, 'ml.m5.xlarge'))).rejects.toThrow(/^The account-level service limit .*\. Besides, endpoint flights does not scale any more: denied; correct that and retry the stage$/);
  });

  test.each([
    ['was never scaled gets none', null, null],
    ['a version without notes released gets that of its settings', undefined, AFTER],
  ])('of an endpoint that %s when it is rolled back', async (_, noted, expected) => {
    const world = await account();
    await world.release(await world.approved(), scaled(null));
    if (noted === undefined) await world.call('DeleteTags', { ResourceArn: (await world.describe()).EndpointArn, TagKeys: ['cdk-mlops:scaling'] });
    world.sageMaker.conditions.rollBackSilently('flights');
    await expect(world.release(await world.approved(), scaled(AFTER, 'ml.m5.xlarge'))).rejects.toThrow('rolled back');
    expect(await scalingOf(world)).toEqual(expected);
  });
});
