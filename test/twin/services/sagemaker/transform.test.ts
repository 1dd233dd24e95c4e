import { MINUTE, setUp } from './fake-hosting';

/* Batch transform as the API reference and the developer guide describe it. */

type Call = ReturnType<typeof setUp>;

async function transform({ call }: Call, more: Record<string, unknown> = {}): Promise<void> {
  await call('CreateTransformJob', {
    TransformJobName: 'answers', ModelName: 'm', MaxPayloadInMB: 1, BatchStrategy: 'MultiRecord',
    TransformInput: { DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: 's3://rows/in/' } }, ContentType: 'text/csv', SplitType: 'Line' },
    TransformOutput: { S3OutputPath: 's3://rows/out', Accept: 'text/csv', AssembleWith: 'Line' },
    TransformResources: { InstanceType: 'ml.m5.large', InstanceCount: 1 }, ...more,
  });
}

async function ended({ world, call }: Call, minutes = 20): Promise<any> {
  await world.clock.advance(minutes * MINUTE);
  return call('DescribeTransformJob', { TransformJobName: 'answers' });
}

function withObjects(files: Record<string, string>, environment: Record<string, string> = {}): Call & { readonly objects: Map<string, Buffer> } {
  const hosting = setUp();
  const objects = new Map<string, Buffer>(Object.entries(files).map(([name, text]) => [`rows/${name}`, Buffer.from(text)]));
  Object.assign(hosting.world.stubs, {
    's3:ListObjectsV2': ({ Bucket, Prefix }: { Bucket: string; Prefix: string }) => ({
      Contents: [...objects.keys()].filter((key) => key.startsWith(`${Bucket}/${Prefix}`)).sort().map((key) => ({ Key: key.slice(Bucket.length + 1) })),
    }),
    's3:GetObject': ({ Bucket, Key }: { Bucket: string; Key: string }) => ({ Body: objects.get(`${Bucket}/${Key}`) }),
    's3:PutObject': ({ Bucket, Key, Body }: { Bucket: string; Key: string; Body: Buffer }) => { objects.set(`${Bucket}/${Key}`, Body); },
  });
  return Object.assign(hosting, { objects, environment });
}

test('every object gets its answers under its own name, and the events tell the states', async () => {
  const hosting = withObjects({ 'in/a.csv': '1,2\n3,4\n', 'in/b.csv': '5,6\n' });
  await hosting.model('m');
  await transform(hosting);
  expect(await ended(hosting)).toMatchObject({ TransformJobStatus: 'Completed', ModelName: 'm', TransformStartTime: expect.any(Date), TransformEndTime: expect.any(Date) });
  // The server of the test answers with the length of the request, and a line end.
  expect(hosting.objects.get('rows/out/a.csv.out')?.toString()).toBe('8\n\n');
  expect(hosting.objects.get('rows/out/b.csv.out')?.toString()).toBe('4\n\n');
});

test('one record a request, and no request above the limit', async () => {
  const hosting = withObjects({ 'in/a.csv': '1,2\n3,4\n' });
  await hosting.model('m');
  await transform(hosting, { BatchStrategy: 'SingleRecord' });
  await ended(hosting);
  expect(hosting.objects.get('rows/out/a.csv.out')?.toString()).toBe('4\n\n4\n\n');
});

test('an object whose requests are refused has no output; the others have theirs, and the job has failed', async () => {
  const hosting = withObjects({ 'in/a.csv': `${'x'.repeat(1024 * 1024)}\n`, 'in/b.csv': '5,6\n' });
  await hosting.model('m');
  await transform(hosting);
  expect(await ended(hosting)).toMatchObject({ TransformJobStatus: 'Failed', FailureReason: 'ClientError: See job logs for more information' });
  expect([...hosting.objects.keys()].filter((key) => key.startsWith('rows/out'))).toEqual(['rows/out/b.csv.out']);
});

test.each([
  ['400', 'ClientError: See job logs for more information'], ['500', 'AlgorithmError: See job logs for more information'],
  ['none', 'AlgorithmError: See job logs for more information'],
])('a server that answers %s fails the job', async (STATUS, reason) => {
  const hosting = withObjects({ 'in/a.csv': '1\n' });
  await hosting.model('m', { STATUS });
  await transform(hosting);
  expect(await ended(hosting)).toMatchObject({ TransformJobStatus: 'Failed', FailureReason: reason });
});

test('a container that does not become healthy fails the job', async () => {
  const hosting = withObjects({ 'in/a.csv': '1\n' });
  await hosting.model('m', { HEALTH: 'bad' });
  await transform(hosting);
  expect(await ended(hosting)).toMatchObject({ TransformJobStatus: 'Failed', FailureReason: expect.stringMatching(/^AlgorithmError: .*ping/) });
});

test('nothing under the prefix fails the job', async () => {
  const hosting = withObjects({});
  await hosting.model('m');
  await transform(hosting);
  expect(await ended(hosting)).toMatchObject({ TransformJobStatus: 'Failed', FailureReason: expect.stringMatching(/^ClientError: No objects found/) });
});

test('a job that is stopped ends as stopped; an ended one cannot be stopped', async () => {
  const hosting = withObjects({ 'in/a.csv': '1\n' });
  await hosting.model('m');
  await transform(hosting);
  await hosting.world.clock.advance(MINUTE);
  await hosting.call('StopTransformJob', { TransformJobName: 'answers' });
  expect(await ended(hosting)).toMatchObject({ TransformJobStatus: 'Stopped' });
  await expect(hosting.call('StopTransformJob', { TransformJobName: 'answers' })).rejects.toMatchObject({ code: 'ValidationException' });
});

test.each([
  ['a name that is taken', async (hosting: Call) => { await transform(hosting); }, /already exists/],
  ['too much at once', async (hosting: Call) => { await transform(hosting, { TransformJobName: 'two', MaxPayloadInMB: 60, MaxConcurrentTransforms: 2 }); }, /must not exceed 100 MB/],
  ['no such model', async (hosting: Call) => { await transform(hosting, { TransformJobName: 'three', ModelName: 'nobody' }); }, /[Cc]ould not find model/],
])('%s is refused', async (_, attempt, message) => {
  const hosting = withObjects({ 'in/a.csv': '1\n' });
  await hosting.model('m');
  await transform(hosting);
  await expect(attempt(hosting)).rejects.toThrow(message);
});

test('a deleted model does not disturb the job that was accepted for it', async () => {
  const hosting = withObjects({ 'in/a.csv': '1\n' });
  await hosting.model('m');
  await transform(hosting);
  await hosting.call('DeleteModel', { ModelName: 'm' });
  expect(await ended(hosting)).toMatchObject({ TransformJobStatus: 'Completed' });
});
