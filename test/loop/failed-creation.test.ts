import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { namesOf } from '../../bin/story/names';
import { Account } from '../../bin/story/account';
import { ApprovalPolicy, MlopsLoop, type MlopsStackProps } from '../../lib';
import { ADMINISTRATOR, everyPage, Twin } from '../../twin';
import { quiet } from './bad-input/runs';
import { assemblyOf, SHORT_LOOP_PROPS, stackAssembly } from './support/assembly';
import { DAY, Loop, PREFIX, START } from './support/loop';
import { failsLast, slowService } from './support/slow';
import { leftBehind } from './support/steps/destroyed';
import { COAST, flightsDuring } from './support/airline';
import { labelledCsv, LABEL, TIME } from '../../bin/story/flights';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

/* Pipelines start themselves when they are created: whatever they have done by then goes with a creation that is rolled back. */

/** Of wall time. */
const LIMIT = 300_000;
/** A bucket with data that was there before the stack. */
const DATA = 'company-flights';

let twin: Twin;
const assemblies: Array<ReturnType<typeof assemblyOf>> = [];
const kept = (assembly: ReturnType<typeof assemblyOf>): string => {
  assemblies.push(assembly);
  return assembly.directory;
};
const assembled = (...options: Parameters<typeof stackAssembly>): string => kept(stackAssembly(...options));
const account = async (directory: string): Promise<void> => {
  twin = await Twin.fromAssembly(directory, { startTime: START, services: (world) => [slowService(world)] });
};
const call = (service: string, operation: string, input: Record<string, unknown> = {}): Promise<any> =>
  everyPage((page) => twin.call({ service, operation, input: page, caller: ADMINISTRATOR }), input);

afterEach(async () => { await twin?.stop(); });
afterAll(() => { for (const assembly of assemblies) assembly.remove(); });

/** A stack that fails to be created so many minutes after everything else is there. */
const failing = (minutes: number, props: Partial<MlopsStackProps> = {}): string =>
  assembled({ removalPolicy: undefined, ...props }, (stack) => { failsLast(stack, minutes); });

async function fails(): Promise<void> {
  await expect(twin.deploy()).rejects.toThrow(/^stack Mlops ended in ROLLBACK_COMPLETE: Last \(Test::Slow::Thing\): the slow thing was made to fail$/);
}

/** What is left but the stack itself, which can still be looked at. */
function left(): string[] {
  return leftBehind(twin).filter((arn) => !/:stack\/Mlops\//.test(arn));
}

/** Operations by which pipelines leave something behind that CloudFormation does not know of. */
function begun(): string[] {
  const telling = ['CreateTrainingJob', 'CreateModelPackage', 'CreateEndpoint', 'PutImage'];
  return telling.filter((operation) => twin.record.some((each) => each.operation === operation && each.error === undefined));
}

async function dataBefore(): Promise<void> {
  await call('s3', 'CreateBucket', { Bucket: DATA });
  await call('s3', 'PutBucketVersioning', { Bucket: DATA, VersioningConfiguration: { Status: 'Enabled' } });
  await call('s3', 'PutBucketNotificationConfiguration', { Bucket: DATA, NotificationConfiguration: { EventBridgeConfiguration: {} } });
  for (let day = START.getTime() - 7 * DAY; day < START.getTime(); day += DAY) {
    const Body = Buffer.from(labelledCsv(flightsDuring(day, day + DAY, COAST, 40)).replace(LABEL, 'late').replace(TIME, 'departure'));
    await call('s3', 'PutObject', { Bucket: DATA, Key: `${PREFIX}${new Date(day).toISOString().slice(0, 10)}.csv`, Body });
  }
  await call('s3', 'PutObject', { Bucket: DATA, Key: `${PREFIX}_SUCCESS`, Body: Buffer.from('') });
}

/** A loop over the data that are there already; what trains by itself is released by itself. */
const withData = (minutes: number): string => kept(assemblyOf((app) => {
  const stack = new Stack(app, 'Mlops');
  new MlopsLoop(stack, 'Loop', { ...SHORT_LOOP_PROPS, approval: ApprovalPolicy.automatic(), dataBucket: Bucket.fromBucketName(stack, 'Existing', DATA) });
  failsLast(stack, minutes);
}));

describe('a first creation that fails leaves nothing', () => {
  test.each([
    // A build is left to end, and may push its image before its role is gone.
    ['right after its pipelines have started', 0, expect.not.arrayContaining(['CreateTrainingJob'])],
    ['when the image was pushed', 10, ['PutImage']],
  ])('%s', async (_, minutes, expected) => {
    await account(failing(minutes));
    await fails();
    expect(begun()).toEqual(expected);
    expect(left()).toEqual([]);
    await twin.advance({ days: 1 });
    expect(left()).toEqual([]);
  }, LIMIT);

  test.each([
    ['while its first model is trained', 8, ['CreateTrainingJob', 'PutImage']],
    ['when its first model serves', 90, ['CreateTrainingJob', 'CreateModelPackage', 'CreateEndpoint', 'PutImage']],
  ])('%s', async (_, minutes, expected) => {
    await account(withData(minutes));
    await dataBefore();
    await fails();
    expect(begun()).toEqual(expected);
    expect(left()).toEqual([`arn:aws:s3:::${DATA}`]);
    expect((await call('s3', 'ListObjectsV2', { Bucket: DATA })).Contents).toHaveLength(8);
  }, LIMIT);

  test('with DESTROY, too, and the next attempt can be made', async () => {
    await account(failing(10, { removalPolicy: RemovalPolicy.DESTROY }));
    await fails();
    expect(left()).toEqual([]);
    await twin.update(assembled({ removalPolicy: RemovalPolicy.DESTROY }));
    expect(twin.cloudFormation.stacks.find('Mlops')!.status).toBe('CREATE_COMPLETE');
    await twin.destroy();
    expect(left()).toEqual([]);
  }, LIMIT);
});

describe('a first creation that fails keeps', () => {
  test('everything where it was told to', async () => {
    await account(failing(10, { removalPolicy: RemovalPolicy.RETAIN }));
    await fails();
    const kinds = left().map((arn) => arn.split(':')[2]).sort();
    expect(kinds).toEqual(['ecr', 'kms', 's3', 's3', 's3', 's3', 'sagemaker']);
  }, LIMIT);

  test('data that somebody has put into its bucket meanwhile, and says so', async () => {
    await account(failing(10));
    twin.clock.after(8 * 60_000, 'data', async () => {
      const bucket = [...twin.cloudFormation.stacks.find('Mlops')!.resources.values()].find(({ logicalId }) => logicalId.startsWith('LoopDataDatasets'))!;
      await call('s3', 'PutObject', { Bucket: bucket.handle!.physicalId, Key: `${PREFIX}1.csv`, Body: Buffer.from('late,departure') });
    });
    await expect(twin.deploy()).rejects.toThrow(/ROLLBACK_FAILED: .*LoopDataDatasets\w+ \(AWS::S3::Bucket\): The bucket you tried to delete is not empty/);
    expect(left().filter((arn) => /:s3:/.test(arn))).toEqual([expect.stringContaining('loopdatadatasets')]);
  }, LIMIT);
});

test('the rollback of an update empties nothing, and stops no run', async () => {
  await account(assembled({ removalPolicy: undefined }));
  const loop = new Loop(new Account(twin, namesOf(await twin.deploy())), 'Mlops');
  await quiet(loop);
  await loop.handInDays(7);
  await loop.markComplete();
  await loop.advance(5);
  const contents = async () => {
    const buckets = [...twin.cloudFormation.stacks.find('Mlops')!.resources.values()].filter(({ type }) => type === 'AWS::S3::Bucket').map(({ handle }) => handle!.physicalId);
    return Promise.all(buckets.map(async (Bucket) => (await call('s3', 'ListObjectsV2', { Bucket })).Contents?.map(({ Key }: any) => `${Bucket}/${Key}`) ?? [])).then((keys) => keys.flat());
  };
  const before = await contents();
  expect(before.length).toBeGreaterThan(10);
  await expect(twin.update(failing(1))).rejects.toThrow('UPDATE_ROLLBACK_COMPLETE');
  expect(await contents()).toEqual(expect.arrayContaining(before));
  await quiet(loop);
  expect((await loop.account.executions(loop.names.trainingPipeline))[0]).toMatchObject({ status: 'Succeeded' });
  expect(await loop.account.pending()).toHaveLength(1);
}, LIMIT);
