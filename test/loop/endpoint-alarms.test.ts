import { decide, registerLike } from './bad-input/registry';
import { after, quiet, served, trained } from './bad-input/runs';
import { shortLoopAssembly } from './support/assembly';
import { Loop } from './support/loop';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

let assembly: ReturnType<typeof shortLoopAssembly>;
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
});

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
