import { AwsError } from '../../../../twin/service';
import { MINUTE, ROLE, setUp } from './fake-hosting';

const CAPTURE = {
  EnableCapture: true, InitialSamplingPercentage: 100, DestinationS3Uri: 's3://captured/traffic', KmsKeyId: 'key',
  CaptureOptions: [{ CaptureMode: 'Input' }, { CaptureMode: 'Output' }], CaptureContentTypeHeader: { CsvContentTypes: ['text/csv'] },
};

test('an answer, and the metrics of the request in both sets of dimensions', async () => {
  const { world, invoke, inService, call } = setUp();
  await inService();
  for (let index = 0; index < 10; index++) {
    expect(await invoke()).toMatchObject({ Body: Buffer.from('6\n'), ContentType: 'text/csv', InvokedProductionVariant: 'main' });
  }
  await world.clock.advance(MINUTE);
  const statistics = (MetricName: string, extra: object[] = []) => call('GetMetricStatistics', {
    Namespace: 'AWS/SageMaker', MetricName, Statistics: ['Sum', 'Average', 'SampleCount'], Period: 60,
    Dimensions: [{ Name: 'EndpointName', Value: 'flights' }, { Name: 'VariantName', Value: 'main' }, ...extra],
    StartTime: new Date('2026-01-01T00:00:00Z'), EndTime: new Date('2026-01-01T01:00:00Z'),
  }, 'monitoring');
  const ofConfig = [{ Name: 'EndpointConfigName', Value: 'one' }];
  expect((await statistics('Invocations', ofConfig)).Datapoints).toMatchObject([{ Sum: 10, Unit: 'None' }]);
  expect((await statistics('InvocationsPerInstance')).Datapoints).toMatchObject([{ Sum: 5 }]);
  expect((await statistics('Invocation5XXErrors')).Datapoints).toMatchObject([{ Sum: 0, SampleCount: 10 }]);
  const [latency] = (await statistics('ModelLatency')).Datapoints;
  expect(latency).toMatchObject({ Unit: 'Microseconds', SampleCount: 10 });
  expect(latency.Average).toBeGreaterThan(4_000);
  expect(latency.Average).toBeLessThan(6_000);
});

test('a container that fails is a ModelError with the original status', async () => {
  const { world, call, invoke, model, config } = setUp();
  await model('one', { STATUS: '503' });
  await config('one', 'one');
  await call('CreateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'one' });
  await world.clock.advance(5 * MINUTE);
  await expect(invoke()).rejects.toMatchObject({ code: 'ModelError', httpStatus: 424, details: { OriginalStatusCode: 503 } });
  await expect(invoke({ TargetVariant: 'none' })).rejects.toMatchObject({ code: 'ValidationError' });
  await expect(call('InvokeEndpoint', { EndpointName: 'other', Body: '' })).rejects.toThrow('Endpoint other of account 123456789012 not found.');
});

// SageMaker's developer guide, "Amazon SageMaker AI metrics in Amazon CloudWatch": 4XX and 5XX count what the model returned,
// InvocationModelErrors what did not result in 2XX: "4XX/5XX status codes, low-level socket errors, malformed HTTP responses, and
// request timeouts".
test.each([
  ['200', { Invocation4XXErrors: 0, Invocation5XXErrors: 0, InvocationModelErrors: 0 }],
  ['400', { Invocation4XXErrors: 1, Invocation5XXErrors: 0, InvocationModelErrors: 1 }],
  ['500', { Invocation4XXErrors: 0, Invocation5XXErrors: 1, InvocationModelErrors: 1 }],
  ['none', { Invocation4XXErrors: 0, Invocation5XXErrors: 0, InvocationModelErrors: 1 }],
])('a model that answers %s counts in the error metrics as documented', async (STATUS, counts) => {
  const { world, call, invoke, model, config } = setUp();
  await model('one', { STATUS });
  await config('one', 'one');
  await call('CreateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'one' });
  await world.clock.advance(5 * MINUTE);
  const error = await invoke().then(() => undefined, (thrown: AwsError) => thrown);
  if (STATUS === 'none') expect(error).toMatchObject({ code: 'ModelError', details: { OriginalStatusCode: 0 }, message: expect.stringMatching(/^Received server error \(0\) from primary/) });
  await world.clock.advance(MINUTE);
  for (const [MetricName, Sum] of Object.entries(counts)) {
    const { Datapoints } = await call('GetMetricStatistics', {
      Namespace: 'AWS/SageMaker', MetricName, Statistics: ['Sum', 'SampleCount'], Period: 60, StartTime: new Date('2026-01-01T00:00:00Z'), EndTime: new Date('2026-01-01T01:00:00Z'),
      Dimensions: [{ Name: 'EndpointName', Value: 'flights' }, { Name: 'VariantName', Value: 'main' }],
    }, 'monitoring');
    expect([MetricName, Datapoints]).toEqual([MetricName, [expect.objectContaining({ Sum, SampleCount: 1 })]]);
  }
});

test('requests and answers are captured minutes later, as the execution role, line by line', async () => {
  const { world, invoke, inService, objects } = setUp();
  await inService({ DataCaptureConfig: CAPTURE });
  await invoke({ InferenceId: 'flight-1' });
  await invoke({ ContentType: 'application/x-npy' });
  await world.clock.advance(MINUTE);
  expect([...objects.keys()]).toHaveLength(1);
  await world.clock.advance(6 * MINUTE);
  const [key, body] = [...objects].find(([name]) => name.startsWith('captured/'))!;
  expect(key).toMatch(/^captured\/traffic\/flights\/main\/2026\/01\/01\/00\/05-00-000-[0-9a-f-]{36}\.jsonl$/);
  const lines = body.toString().split('\n');
  expect(lines).toHaveLength(3);
  expect(JSON.parse(lines[0]!)).toEqual({
    captureData: {
      endpointInput: { observedContentType: 'text/csv', mode: 'INPUT', data: '1,2,3\n', encoding: 'CSV' },
      endpointOutput: { observedContentType: 'text/csv', mode: 'OUTPUT', data: '6\n', encoding: 'CSV' },
    },
    eventMetadata: { eventId: expect.any(String), inferenceId: 'flight-1', inferenceTime: '2026-01-01T00:05:00Z' },
    eventVersion: '0',
  });
  expect(JSON.parse(lines[1]!).captureData.endpointInput).toMatchObject({ encoding: 'BASE64', data: Buffer.from('1,2,3\n').toString('base64') });
  const put = world.calls.find(({ operation }) => operation === 'PutObject')!;
  expect(put.caller).toMatchObject({ kind: 'role', roleArn: ROLE });
  expect(put.input).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'key' });
});

test('capture that may not be written is lost without a word', async () => {
  const { world, invoke, inService, sageMaker } = setUp();
  await inService({ DataCaptureConfig: CAPTURE });
  world.stubs['s3:PutObject'] = () => { throw new AwsError('AccessDenied', 'no', 403); };
  await invoke();
  await world.clock.advance(10 * MINUTE);
  expect(sageMaker.fleetsOf('flights')[0]!.variants[0]!.capture!.lostFiles).toBe(1);
});

test('a sample is a sample, drawn from the seed', async () => {
  const { world, invoke, inService, objects } = setUp();
  await inService({ DataCaptureConfig: { ...CAPTURE, InitialSamplingPercentage: 30, CaptureOptions: [{ CaptureMode: 'Input' }] } });
  for (let index = 0; index < 500; index++) await invoke();
  await world.clock.advance(10 * MINUTE);
  const lines = [...objects].filter(([key]) => key.startsWith('captured/')).flatMap(([, body]) => body.toString().trim().split('\n'));
  expect(Math.abs(lines.length - 150)).toBeLessThan(40);
  expect(JSON.parse(lines[0]!).captureData.endpointOutput).toBeUndefined();
});
