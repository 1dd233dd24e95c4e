import { MINUTE, setUp } from './fake-hosting';

/* The ranges are those of SageMaker's developer guide, "Amazon SageMaker AI metrics in Amazon CloudWatch": CPUUtilization is the sum
   over all cores, GPU figures over all GPUs, memory and disk are shares. Cores and GPUs are EC2's. */

/** An endpoint on so many instances of a type, and what they report. */
async function endpointOn(InstanceType: string, InitialInstanceCount = 1) {
  const context = setUp();
  await context.inService({ variant: { InstanceType, InitialInstanceCount } });
  const reported = async (MetricName: string, minutes = 1) => {
    const end = Math.floor(context.world.clock.now() / MINUTE) * MINUTE;
    const { Datapoints } = await context.call('GetMetricStatistics', {
      Namespace: '/aws/sagemaker/Endpoints', MetricName, Statistics: ['Average', 'SampleCount'], Period: 60, StartTime: new Date(end - minutes * MINUTE), EndTime: new Date(end),
      Dimensions: [{ Name: 'EndpointName', Value: 'flights' }, { Name: 'VariantName', Value: 'main' }],
    }, 'monitoring');
    return Datapoints as Array<{ Average: number; SampleCount: number; Unit: string }>;
  };
  /** A minute with so many requests. */
  const serve = async (requests: number) => {
    for (let index = 0; index < requests; index++) await context.invoke();
    await context.world.clock.advance(MINUTE);
  };
  return { ...context, reported, serve };
}

test('every instance reports every minute, asked or not, until its fleet goes', async () => {
  const { world, call, reported } = await endpointOn('ml.m5.large', 3);
  await world.clock.advance(10 * MINUTE);
  for (const name of ['CPUUtilization', 'MemoryUtilization', 'DiskUtilization']) {
    const points = await reported(name, 10);
    expect(points.map(({ SampleCount }) => SampleCount)).toEqual(Array(10).fill(3));
    for (const { Average, Unit } of points) {
      expect(Unit).toBe('Percent');
      expect(Average).toBeGreaterThan(0);
      expect(Average).toBeLessThan(20);
    }
  }
  expect(await reported('GPUUtilization', 10)).toEqual([]);
  await call('DeleteEndpoint', { EndpointName: 'flights' });
  await world.clock.advance(10 * MINUTE);
  expect(await reported('CPUUtilization', 5)).toEqual([]);
});

test.each([
  // Eight requests that each keep a core busy for 30 of the 60 seconds: four cores' worth.
  ['ml.m5.2xlarge', 1, 402], ['ml.m5.2xlarge', 2, 202],
  // More than there is.
  ['ml.m5.large', 1, 200], ['ml.m5.xlarge', 1, 400], ['ml.m5.large', 3, 400 / 3 + 2],
])('processors of %s, %d of them: the sum over cores', async (type, count, percent) => {
  const { sageMaker, serve, reported } = await endpointOn(type, count);
  sageMaker.conditions.slowDown('flights', 30_000);
  await serve(8);
  expect((await reported('CPUUtilization'))[0]!.Average).toBeCloseTo(percent, 6);
});

test.each([['ml.g4dn.xlarge', 100], ['ml.g4dn.12xlarge', 400], ['ml.p4d.24xlarge', 600]])('GPUs of %s: the sum over GPUs', async (type, percent) => {
  const { sageMaker, serve, reported } = await endpointOn(type);
  sageMaker.conditions.slowDown('flights', 60_000);
  await serve(6);
  expect((await reported('GPUUtilization'))[0]!.Average).toBeCloseTo(percent, 6);
  expect(await reported('GPUMemoryUtilization')).toHaveLength(1);
});

test('what requests leave behind stays in memory until it is full, also after they have ended', async () => {
  const { sageMaker, serve, world, reported } = await endpointOn('ml.m5.large');
  await world.clock.advance(2 * MINUTE);
  const idle = (await reported('MemoryUtilization'))[0]!.Average;
  const end = sageMaker.conditions.leak('flights', 819.2);
  await serve(5);
  expect((await reported('MemoryUtilization'))[0]!.Average).toBeCloseTo(idle + 50, 6);
  end();
  await serve(5);
  await world.clock.advance(60 * MINUTE);
  expect((await reported('MemoryUtilization'))[0]!.Average).toBeCloseTo(idle + 50, 6);
  sageMaker.conditions.leak('flights', 8_192);
  await serve(1);
  expect((await reported('MemoryUtilization'))[0]!.Average).toBe(100);
});

test('a request that takes longer than a minute is given up, as SageMaker words it', async () => {
  const { sageMaker, invoke } = await endpointOn('ml.m5.large');
  sageMaker.conditions.slowDown('flights', 60_001);
  await expect(invoke()).rejects.toMatchObject({
    code: 'ModelError', httpStatus: 424,
    message: expect.stringMatching(/^Received server error \(0\) from primary with message "Your invocation timed out while waiting for a response from container primary\./),
  });
});
