import { namesOf } from '../../bin/story/names';
import { Account } from '../../bin/story/account';
import { ADMINISTRATOR, Twin } from '../../twin';
import { ASSETS_KEY_PARAMETER, BOOTSTRAP_STACK } from '../../twin/template';
import { shortLoopAssembly } from './support/assembly';
import { Loop, START } from './support/loop';

/** `cdk bootstrap`, with the options after it, and the key that it leaves the assets with. */
const BOOTSTRAPS: ReadonlyArray<[string, (twin: Twin) => Promise<string | undefined>]> = [
  ['', async () => undefined],
  ['--bootstrap-customer-key', async () => ''],
  ['--bootstrap-kms-key-id', async (twin) => (await twin.call({ service: 'kms', operation: 'CreateKey', input: {}, caller: ADMINISTRATOR })).KeyMetadata.Arn],
];

let assembly: ReturnType<typeof shortLoopAssembly>;
beforeAll(() => { assembly = shortLoopAssembly(); });
afterAll(() => { assembly.remove(); });

describe.each(BOOTSTRAPS)('after cdk bootstrap %s', (_options, keyOf) => {
  let loop: Loop;
  beforeAll(async () => {
    const twin = await Twin.fromAssembly(assembly.directory, { startTime: START });
    const key = await keyOf(twin);
    const outputs = await twin.deploy(key === undefined ? {} : { parameters: { [BOOTSTRAP_STACK]: { [ASSETS_KEY_PARAMETER]: key } } });
    loop = new Loop(new Account(twin, namesOf(outputs)), Object.keys(outputs)[0]!);
  }, 120_000);
  afterAll(() => loop?.twin.stop());

  const sources = async (since: number) => {
    const found: Array<{ status: string; bucket: string; key: string }> = [];
    for (const name of [loop.names.trainingPipeline, loop.names.releasePipeline]) {
      const { pipelineExecutionId } = await loop.ended(name, since, 120);
      const { actionExecutionDetails } = await loop.call('codepipeline', 'ListActionExecutions', { pipelineName: name, filter: { pipelineExecutionId } });
      const { status, output } = actionExecutionDetails.find(({ stageName }: { stageName: string }) => stageName === 'Source');
      found.push({ status, ...output?.outputArtifacts?.[0]?.s3location });
    }
    return found;
  };

  test('both pipelines read their assets', async () => {
    expect((await sources(0)).map(({ status }) => status)).toEqual(['Succeeded', 'Succeeded']);
  }, 60_000);

  test('tagged assets are copied with their tags', async () => {
    const Bucket = `cdk-hnb659fds-assets-${loop.twin.account}-${loop.twin.region}`;
    const tags = [{ Key: 'GuardDutyMalwareScanStatus', Value: 'NO_THREATS_FOUND' }, { Key: 'team', Value: 'a & b=c' }];
    for (const Key of await loop.account.keys(Bucket, '')) await loop.call('s3', 'PutObjectTagging', { Bucket, Key, Tagging: { TagSet: tags } });
    const since = loop.now;
    for (const name of [loop.names.trainingPipeline, loop.names.releasePipeline]) await loop.call('codepipeline', 'StartPipelineExecution', { name });
    for (const { status, bucket, key } of await sources(since)) {
      expect(status).toBe('Succeeded');
      expect((await loop.call('s3', 'GetObjectTagging', { Bucket: bucket, Key: key })).TagSet).toEqual(tags);
    }
  }, 60_000);
});
