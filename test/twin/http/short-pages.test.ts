import { CreateModelPackageGroupCommand, ListModelPackageGroupsCommand, paginateListModelPackageGroups, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { CreateBucketCommand, ListObjectsV2Command, paginateListObjectsV2, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ADMINISTRATOR, everyPage, FULL_PAGES, Twin, type PagePlan } from '../../../twin';

const GROUPS = Array.from({ length: 9 }, (_, index) => `group-${index}`);
const KEYS = Array.from({ length: 9 }, (_, index) => `key-${index}`);
const HOURS = 20;

const twins: Twin[] = [];
afterEach(async () => { for (const twin of twins.splice(0)) await twin.stop(); });

async function account(pages?: PagePlan, seed?: number) {
  const twin = await Twin.start({ authorization: 'off', ...(pages && { pages }), ...(seed !== undefined && { seed }) });
  twins.push(twin);
  const config = { endpoint: twin.endpoint, region: twin.region, credentials: twin.credentialsFor(ADMINISTRATOR), forcePathStyle: true };
  const [sagemaker, s3] = [new SageMakerClient(config), new S3Client(config)];
  for (const ModelPackageGroupName of GROUPS) await sagemaker.send(new CreateModelPackageGroupCommand({ ModelPackageGroupName }));
  await s3.send(new CreateBucketCommand({ Bucket: 'bucket' }));
  for (const Key of KEYS) await s3.send(new PutObjectCommand({ Bucket: 'bucket', Key, Body: 'x' }));
  return { twin, sagemaker, s3 };
}

/** Lengths of the pages of one listing; their results together are always all there is. */
async function pagesOf({ sagemaker, s3 }: Awaited<ReturnType<typeof account>>): Promise<{ groups: number[]; keys: number[] }> {
  const groups: string[][] = [];
  for await (const page of paginateListModelPackageGroups({ client: sagemaker }, { MaxResults: 5 })) groups.push(page.ModelPackageGroupSummaryList!.map((group) => group.ModelPackageGroupName!));
  const keys: string[][] = [];
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: 'bucket' })) keys.push((page.Contents ?? []).map((object) => object.Key!));
  expect(groups.flat()).toEqual(GROUPS);
  expect(keys.flat()).toEqual(KEYS);
  return { groups: groups.map((page) => page.length), keys: keys.map((page) => page.length) };
}

async function overTime(seed?: number): Promise<Array<{ groups: number[]; keys: number[] }>> {
  const around = await account(undefined, seed);
  const seen = [];
  for (let hour = 0; hour < HOURS; hour++) {
    seen.push(await pagesOf(around));
    await around.twin.advance({ hours: 1 });
  }
  return seen;
}

test('pages are at times shorter than asked for, never longer, and nothing is lost between them', async () => {
  const seen = await overTime();
  expect(seen.every(({ groups }) => groups.every((length) => length >= 1 && length <= 5))).toBe(true);
  for (const kind of ['groups', 'keys'] as const) expect(new Set(seen.map((each) => each[kind].join())).size).toBeGreaterThan(3);
  // As full as asked for, too: what is usual must be tried as well.
  expect(seen.map(({ groups }) => groups.join())).toContain('5,4');
});

test('the same seed gives the same pages, another one others', async () => {
  const first = await overTime(1);
  expect(await overTime(1)).toEqual(first);
  expect(await overTime(2)).not.toEqual(first);
});

test('an answer repeats what was asked for, whatever came of it', async () => {
  const { s3, sagemaker } = await account({ most: () => 2 });
  expect(await s3.send(new ListObjectsV2Command({ Bucket: 'bucket' }))).toMatchObject({ MaxKeys: 1000, KeyCount: 2, IsTruncated: true });
  expect(await s3.send(new ListObjectsV2Command({ Bucket: 'bucket', MaxKeys: 4 }))).toMatchObject({ MaxKeys: 4, KeyCount: 2, IsTruncated: true });
  expect((await sagemaker.send(new ListModelPackageGroupsCommand({}))).ModelPackageGroupSummaryList).toHaveLength(2);
});

test('full pages can be had, and every page as one', async () => {
  const full = await account(FULL_PAGES);
  expect(await pagesOf(full)).toEqual({ groups: [5, 4], keys: [9] });
  const { twin } = await account({ most: () => 1 });
  const call = (service: string, operation: string) => (input: object) => twin.call({ service, operation, input, caller: ADMINISTRATOR });
  const groups = await everyPage(call('sagemaker', 'ListModelPackageGroups'));
  expect(groups.ModelPackageGroupSummaryList).toHaveLength(GROUPS.length);
  expect(groups.NextToken).toBeUndefined();
  expect((await everyPage(call('s3', 'ListObjectsV2'), { Bucket: 'bucket' })).Contents).toHaveLength(KEYS.length);
});
