import { IMAGE, MINUTE, ROLE, setUp } from './fake-hosting';

const SPECIFICATION = { Containers: [{ Image: IMAGE, ModelDataUrl: 's3://models/m.tar.gz' }], SupportedContentTypes: ['text/csv'] };

async function withGroup() {
  const context = setUp();
  await context.call('CreateModelPackageGroup', { ModelPackageGroupName: 'Flights' });
  const register = async (input: object = {}) =>
    (await context.call('CreateModelPackage', { ModelPackageGroupName: 'Flights', InferenceSpecification: SPECIFICATION, ...input })).ModelPackageArn as string;
  const describe = (ModelPackageName: string) => context.call('DescribeModelPackage', { ModelPackageName });
  const events = () => context.world.events.filter((event) => event['detail-type'] === 'SageMaker Model Package State Change').map(({ detail }) => detail);
  return { ...context, register, describe, events };
}

test('a package becomes Completed by and by, and every change is an event', async () => {
  const { world, call, register, describe, events } = await withGroup();
  const arn = await register({ CustomerMetadataProperties: { commit: 'abc' } });
  expect(arn).toBe('arn:aws:sagemaker:us-east-1:123456789012:model-package/flights/1');
  expect(await describe(arn)).toMatchObject({ ModelPackageStatus: 'Pending', ModelApprovalStatus: 'PendingManualApproval', ModelPackageVersion: 1 });
  await expect(call('UpdateModelPackage', { ModelPackageArn: arn, ModelApprovalStatus: 'Approved' })).rejects.toMatchObject({ code: 'ConflictException' });
  await world.clock.advance(MINUTE);
  await call('UpdateModelPackage', { ModelPackageArn: arn, ModelApprovalStatus: 'Approved' });
  await call('UpdateModelPackage', { ModelPackageArn: arn, CustomerMetadataProperties: { note: 'x' } });
  expect(await describe(arn)).toMatchObject({ ModelPackageStatus: 'Completed', ModelApprovalStatus: 'Approved', CustomerMetadataProperties: { commit: 'abc', note: 'x' } });
  expect(events().map(({ ModelPackageStatus, ModelApprovalStatus }) => `${ModelPackageStatus}/${ModelApprovalStatus}`)).toEqual([
    'Pending/PendingManualApproval', 'InProgress/PendingManualApproval', 'Completed/PendingManualApproval', 'Completed/Approved', 'Completed/Approved',
  ]);
});

test('an event of an update says what it changed, in the form of the developer guide', async () => {
  const { world, call, register, events } = await withGroup();
  const ModelPackageArn = await register();
  await world.clock.advance(MINUTE);
  const updates = [
    { ModelApprovalStatus: 'Approved', ApprovalDescription: 'good' },
    { ModelApprovalStatus: 'Approved', CustomerMetadataProperties: { note: 'x' } },
    { CustomerMetadataPropertiesToRemove: ['note'], ApprovalDescription: 'still good' },
  ];
  for (const update of updates) await call('UpdateModelPackage', { ModelPackageArn, ...update });
  expect(events().map(({ UpdatedModelPackageFields }) => UpdatedModelPackageFields)).toEqual([
    undefined, undefined, undefined,
    ['ModelApprovalStatus', 'ApprovalDescription'], ['CustomerMetadataProperties'], ['ApprovalDescription', 'CustomerMetadataProperties'],
  ]);
  expect(events().at(-1)).toMatchObject({ CreationTime: '2026-01-01T00:00:00Z', LastModifiedTime: '2026-01-01T00:01:00Z' });
});

test.each([
  ['image', { Image: IMAGE.replace(':1', ':gone'), ModelDataUrl: 's3://models/m.tar.gz' }, 'Requested image'],
  ['artifact', { Image: IMAGE, ModelDataUrl: 's3://models/gone.tar.gz' }, 'model data at s3://models/gone.tar.gz'],
])('without its %s a package fails', async (_what, container, reason) => {
  const { world, register, describe } = await withGroup();
  const arn = await register({ InferenceSpecification: { Containers: [container] } });
  await world.clock.advance(MINUTE);
  const found = await describe(arn);
  expect(found.ModelPackageStatus).toBe('Failed');
  expect(JSON.stringify(found.ModelPackageStatusDetails)).toContain(reason);
});

test('the same client token is the same package; tags do not go with a group', async () => {
  const { register } = await withGroup();
  expect(await register({ ClientToken: 'a' })).toBe(await register({ ClientToken: 'a' }));
  expect(await register({ ClientToken: 'b' })).toMatch(/\/2$/);
  await expect(register({ Tags: [{ Key: 'a', Value: 'b' }] })).rejects.toThrow('Tags cannot be specified');
  await expect(register({ ModelPackageGroupName: 'none' })).rejects.toThrow('does not exist');
});

test('packages are listed oldest first, ten at a time, and a page can be empty', async () => {
  const { call, register } = await withGroup();
  for (let index = 0; index < 12; index++) await register({ ModelApprovalStatus: index === 11 ? 'Approved' : 'Rejected' });
  const first = await call('ListModelPackages', { ModelPackageGroupName: 'Flights', ModelApprovalStatus: 'Approved' });
  expect(first.ModelPackageSummaryList).toEqual([]);
  const second = await call('ListModelPackages', { ModelPackageGroupName: 'Flights', ModelApprovalStatus: 'Approved', NextToken: first.NextToken });
  expect(second.ModelPackageSummaryList).toMatchObject([{ ModelPackageVersion: 12 }]);
  expect(second.NextToken).toBeUndefined();
  const newest = await call('ListModelPackages', { ModelPackageGroupName: 'Flights', SortBy: 'CreationTime', SortOrder: 'Descending', MaxResults: 1 });
  expect(newest.ModelPackageSummaryList).toMatchObject([{ ModelPackageVersion: 12 }]);
});

/* "the MaxResults number of training jobs are first retrieved ignoring the StatusEquals parameter and then they are filtered" (ListTrainingJobs) */
test('whatever else filters a list does so after the page is cut', async () => {
  const { world, call, register } = await withGroup();
  await register();
  await world.clock.advance(MINUTE);
  const since = world.clock.date();
  await world.clock.advance(MINUTE);
  await register();
  const ask = (NextToken?: string) => call('ListModelPackages', { ModelPackageGroupName: 'Flights', CreationTimeAfter: since, MaxResults: 1, NextToken });
  const first = await ask();
  expect(first).toEqual({ ModelPackageSummaryList: [], NextToken: expect.any(String) });
  expect((await ask(first.NextToken)).ModelPackageSummaryList).toMatchObject([{ ModelPackageVersion: 2 }]);
});

test('a group with packages stays; versions do not come back', async () => {
  const { call, register } = await withGroup();
  const arn = await register();
  await expect(call('DeleteModelPackageGroup', { ModelPackageGroupName: 'Flights' })).rejects.toMatchObject({ code: 'ConflictException' });
  await call('DeleteModelPackage', { ModelPackageName: arn });
  expect(await register()).toMatch(/\/2$/);
});

test('only a package that is Completed and Approved becomes a model', async () => {
  const { world, call, register } = await withGroup();
  const arn = await register();
  const create = () => call('CreateModel', { ModelName: 'm', ExecutionRoleArn: ROLE, Containers: [{ ModelPackageName: arn }] });
  await expect(create()).rejects.toThrow('only a Completed');
  await world.clock.advance(MINUTE);
  await expect(create()).rejects.toThrow('not approved');
  await call('UpdateModelPackage', { ModelPackageArn: arn, ModelApprovalStatus: 'Approved' });
  await create();
  await expect(create()).rejects.toThrow('Cannot create already existing model');
  await expect(call('DescribeModel', { ModelName: 'other' })).rejects.toMatchObject({ code: 'ValidationException', message: expect.stringContaining('Could not find model "arn:') });
});
