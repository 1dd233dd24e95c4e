import { tarGz, untar } from '../../twin/jobs/archive';
import type { SageMakerService } from '../../twin/services/sagemaker';
import { decide, registerLike } from './bad-input/registry';
import { after, quiet, served, trained } from './bad-input/runs';
import { shortLoopAssembly } from './support/assembly';
import { Loop } from './support/loop';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

let assembly: ReturnType<typeof shortLoopAssembly>;
/** The same with more instances. */
let larger: ReturnType<typeof shortLoopAssembly> | undefined;
let loop: Loop;
/** The package that serves from the first test on. */
let live: string;

beforeAll(async () => {
  assembly = shortLoopAssembly();
  loop = await Loop.deploy(assembly.directory);
  await loop.advance(1);
  await quiet(loop);
  await loop.handInDays(7);
  expect(await trained(loop)).toMatchObject({ status: 'Succeeded' });
  live = (await loop.account.pending())[0].ModelPackageArn;
  expect(await after(loop, loop.names.releasePipeline, () => decide(loop, live, 'Approved'))).toMatchObject({ status: 'Succeeded' });
}, 180_000);

afterAll(async () => {
  await loop?.twin.stop();
  assembly?.remove();
  larger?.remove();
});

const GOOD = '12,3,450,BOS,DCA';
/** A row that the model refuses: one column in place of five. */
const RUBBISH = 'BOS';

/** Requests at a steady pace until the returned function is called. */
function traffic(row: () => string, everySeconds: number): () => void {
  let steady = true;
  const ask = (): void => {
    loop.twin.clock.after(everySeconds * 1000, 'a request', async () => {
      if (!steady) return;
      ask();
      await loop.call('sagemaker', 'InvokeEndpoint', { EndpointName: loop.names.endpoint, ContentType: 'text/csv', Body: Buffer.from(row()) }).catch(() => undefined);
    });
  };
  ask();
  return () => { steady = false; };
}

/** The states of the endpoint's standing alarms, by the ids of their constructs. */
async function states(): Promise<Record<string, string>> {
  const found = (await loop.account.alarms()).flatMap(({ AlarmName, StateValue }) => {
    const id = /LoopEndpointAlarms([A-Z][A-Za-z0-9]*?)[0-9A-F]{8}/.exec(AlarmName)?.[1];
    return id === undefined ? [] : [[id, StateValue] as const];
  });
  return Object.fromEntries(found);
}

const firing = async () => Object.entries(await states()).filter(([, state]) => state === 'ALARM').map(([id]) => id);

test('clients that send nothing but rubbish set off no alarm of the endpoint, and a release meanwhile succeeds', async () => {
  const stop = traffic(() => RUBBISH, 2);
  await loop.advance(15);
  const minute = Math.floor(loop.now / 60_000) * 60_000;
  const { Datapoints } = await loop.call('monitoring', 'GetMetricStatistics', {
    Namespace: 'AWS/SageMaker', MetricName: 'InvocationModelErrors', Statistics: ['Sum'], Period: 60,
    Dimensions: [{ Name: 'EndpointName', Value: loop.names.endpoint }, { Name: 'VariantName', Value: 'main' }],
    StartTime: new Date(minute - 600_000), EndTime: new Date(minute),
  });
  expect(Datapoints.map(({ Sum }: any) => Sum)).toEqual(Array(10).fill(30));
  expect(await firing()).toEqual([]);
  const another = await registerLike(loop, live);
  expect(await after(loop, loop.names.releasePipeline, () => decide(loop, another, 'Approved'))).toMatchObject({ status: 'Succeeded', reason: '' });
  expect(await served(loop)).toBe(another);
  expect(await firing()).toEqual([]);
  stop();
}, 180_000);

describe('each standing alarm of the endpoint fires for its own reason, notifies the team, and clears', () => {
  const conditions = () => loop.twin.service<SageMakerService>('sagemaker').conditions;
  const fired = new Set<string>();

  /** Requests at a pace, until exactly these alarms are in ALARM; then what caused it ends, and they clear. */
  async function fires(expected: readonly string[], pace: number, begin: () => (() => unknown) | Promise<() => unknown>): Promise<void> {
    const since = loop.now;
    const end = await begin();
    const stop = traffic(() => GOOD, pace);
    await loop.until(`${expected.join(' and ')} fire`, async () => (await firing()).length >= expected.length, 40);
    expect((await firing()).sort()).toEqual([...expected].sort());
    await loop.twin.advance({ seconds: 10 });
    for (const id of expected) {
      fired.add(id);
      expect(loop.mails(since).filter(({ text }) => new RegExp(`^ALARM: "[^"]*LoopEndpointAlarms${id}[0-9A-F]{8}[^"]*"`).test(text))).toHaveLength(1);
    }
    stop();
    await end();
    await loop.until('all is well again', async () => (await firing()).length === 0, 40);
  }

  beforeAll(async () => {
    await loop.until('no alarm is in ALARM', async () => (await firing()).length === 0, 40);
  });

  test('5xx: a model that fails every request, put live by hand', async () => {
    await fires(['Errors', 'ModelErrors'], 5, async () => {
      const before = (await loop.account.endpoint()).EndpointConfigName;
      await serveByHand(await brokenConfig(before));
      return () => serveByHand(before);
    });
  }, 180_000);

  test('no answer within a minute: the model counts as failing, though SageMaker counts no 5xx', async () => {
    // One such request a minute is slow, too, and keeps one of four processors busy.
    await fires(['ModelErrors', 'Latency'], 60, () => conditions().slowDown(loop.names.endpoint, 61_000));
  }, 180_000);

  test('slow answers', async () => {
    await fires(['Latency'], 10, () => conditions().slowDown(loop.names.endpoint, 3_000));
  }, 180_000);

  test('more requests than the processors can take, on instances with two of them', async () => {
    // 120 requests a minute of 1.9 seconds each on two instances: 190 of 200 per cent.
    await fires(['Cpu'], 0.5, () => conditions().slowDown(loop.names.endpoint, 1_900));
  }, 180_000);

  test('memory that requests do not give back; a fresh fleet ends it', async () => {
    await fires(['Memory'], 10, () => {
      const mend = conditions().leak(loop.names.endpoint, 500);
      return async () => {
        mend();
        await loop.advance(30);
        // Memory does not come back by itself.
        expect(await firing()).toEqual(['Memory']);
        larger = shortLoopAssembly({ instanceCount: '4' });
        expect(await after(loop, loop.names.releasePipeline, async () => { await loop.twin.update(larger!.directory); })).toMatchObject({ status: 'Succeeded' });
      };
    });
  }, 180_000);

  test('and these were all of them', async () => {
    expect([...fired].sort()).toEqual(Object.keys(await states()).sort());
    expect(fired.size).toBe(5);
  });
});

/** Somebody moves the endpoint past the pipeline, without guardrails. */
async function serveByHand(EndpointConfigName: string): Promise<void> {
  await loop.call('sagemaker', 'UpdateEndpoint', { EndpointName: loop.names.endpoint, EndpointConfigName });
  await loop.until('the endpoint has moved', async () => (await loop.account.endpoint()).EndpointStatus === 'InService', 30);
}

/** A config like another, of a model whose weights are no numbers: it answers pings and fails every request. */
async function brokenConfig(like: string): Promise<string> {
  const { ProductionVariants: [variant] } = await loop.call('sagemaker', 'DescribeEndpointConfig', { EndpointConfigName: like });
  const { ExecutionRoleArn, Containers: [{ ModelPackageName }] } = await loop.call('sagemaker', 'DescribeModel', { ModelName: variant.ModelName });
  const { InferenceSpecification: { Containers: [{ Image, ModelDataUrl }] } } = await loop.call('sagemaker', 'DescribeModelPackage', { ModelPackageName });
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(ModelDataUrl)!;
  const { Body } = await loop.call('s3', 'GetObject', { Bucket, Key });
  const broken = 'models/by-hand/model.tar.gz';
  await loop.account.upload(loop.names.artifactsBucket, broken, tarGz(untar(Buffer.from(Body)).map((file) => (file.path.endsWith('model.json')
    ? { ...file, content: Buffer.from(JSON.stringify({ ...JSON.parse(file.content.toString()), numeric: ['not', 'a', 'number'] })) } : file))));
  await loop.call('sagemaker', 'CreateModel', {
    ModelName: 'broken', ExecutionRoleArn, Containers: [{ Image, ModelDataUrl: `s3://${loop.names.artifactsBucket}/${broken}` }], EnableNetworkIsolation: true,
  });
  await loop.call('sagemaker', 'CreateEndpointConfig', { EndpointConfigName: 'broken', ProductionVariants: [{ ...variant, ModelName: 'broken' }] });
  return 'broken';
}
