import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { Cloud } from '../../scripts/acceptance/cloud';
import { cleanUp, findLeftovers, settleStack } from '../../scripts/acceptance/clean-up';
import { Log } from '../../scripts/acceptance/log';
import { namesOf } from '../../scripts/acceptance/names';
import { SIGNED_CALLS } from '../../scripts/acceptance/signed-calls';
import { Tempo } from '../../scripts/acceptance/tempo';
import { serve, type TwinServer } from '../../twin/server/serve';
import { describeWith } from '../twin/differential/python';

/* The program's calls and its cleaning up, against the twin's endpoints. */

const SPEED = 600;
const names = namesOf('abc123');
let server: TwinServer;
let cloud: Cloud;
beforeEach(async () => {
  server = await serve({ port: 0, seed: 1, speed: SPEED, startTime: new Date(), account: '111122223333', region: 'eu-west-1' });
  const { AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = server.environment;
  cloud = new Cloud({
    region: 'eu-west-1', endpoint: AWS_ENDPOINT_URL,
    credentials: { accessKeyId: AWS_ACCESS_KEY_ID!, secretAccessKey: AWS_SECRET_ACCESS_KEY!, sessionToken: AWS_SESSION_TOKEN },
  });
});
afterEach(() => server.stop());

const lines: string[] = [];
const cleaning = () => ({ cloud, names, tempo: new Tempo(SPEED, new AbortController().signal), log: new Log((line) => { lines.push(line); }) });

/** A stack under the run's name, with a bucket. */
async function deployBucket(StackName: string, more: object = {}): Promise<string> {
  const TemplateBody = JSON.stringify({ Resources: { Bucket: { Type: 'AWS::S3::Bucket', ...more } } });
  await cloud.call('cloudformation', 'CreateStack', { StackName, TemplateBody });
  expect(await settleStack(cleaning(), StackName)).toBe('CREATE_COMPLETE');
  const { StackResourceDetail } = await cloud.call('cloudformation', 'DescribeStackResource', { StackName, LogicalResourceId: 'Bucket' });
  return StackResourceDetail.PhysicalResourceId as string;
}

test('calls are made by clients of the SDK, or signed by it', async () => {
  expect(await cloud.accountId()).toBe('111122223333');
  await cloud.call('s3', 'CreateBucket', { Bucket: 'bucket', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } });
  await cloud.upload('bucket', 'k.json', '{"a":1}');
  expect(await cloud.readJson('bucket', 'k.json')).toEqual({ a: 1 });
  await cloud.call('logs', 'CreateLogGroup', { logGroupName: 'g' });
  expect(await cloud.list('logs', 'DescribeLogGroups', 'logGroups')).toMatchObject([{ logGroupName: 'g' }]);
  await cloud.call('ssm', 'PutParameter', { Name: '/p', Value: '1', Type: 'String' });
  expect((await cloud.call('ssm', 'GetParameter', { Name: '/p' })).Parameter.Value).toBe('1');
  expect(await cloud.find('ssm', 'GetParameter', { Name: '/none' })).toBeUndefined();
  expect(await cloud.find('sagemaker', 'DescribeEndpoint', { EndpointName: 'none' })).toBeUndefined();
  expect(await cloud.find('cloudformation', 'DescribeStacks', { StackName: 'none' })).toBeUndefined();
  await expect(cloud.find('servicequotas', 'ListServiceQuotas', {})).rejects.toThrow('the twin knows no operation ListServiceQuotas of servicequotas');
  await expect(cloud.call('s3', 'NoSuchOperation')).rejects.toThrow('no client here makes the call s3:NoSuchOperation');
});

test('a list is read to its last page', async () => {
  for (let index = 0; index < 60; index++) await cloud.call('monitoring', 'PutDashboard', { DashboardName: `d${index}`, DashboardBody: '{"widgets":[]}' });
  await cloud.call('s3', 'CreateBucket', { Bucket: 'bucket', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } });
  for (let index = 0; index < 3; index++) await cloud.upload('bucket', `k${index}`, '');
  expect(await cloud.list('s3', 'ListObjectsV2', 'Contents', { Bucket: 'bucket', MaxKeys: 1 })).toHaveLength(3);
  expect(await cloud.list('monitoring', 'ListDashboards', 'DashboardEntries')).toHaveLength(60);
});

test('a layer is uploaded by calls and downloaded from the address that is given for it', async () => {
  const [repositoryName, layer] = ['models', Buffer.from('a layer')];
  const layerDigest = `sha256:${createHash('sha256').update(layer).digest('hex')}`;
  await cloud.call('ecr', 'CreateRepository', { repositoryName });
  const { uploadId } = await cloud.call('ecr', 'InitiateLayerUpload', { repositoryName });
  await cloud.call('ecr', 'UploadLayerPart', { repositoryName, uploadId, partFirstByte: 0, partLastByte: layer.length - 1, layerPartBlob: layer.toString('base64') });
  await cloud.call('ecr', 'CompleteLayerUpload', { repositoryName, uploadId, layerDigests: [layerDigest] });
  const { downloadUrl } = await cloud.call('ecr', 'GetDownloadUrlForLayer', { repositoryName, layerDigest });
  expect(await (await fetch(downloadUrl)).text()).toBe('a layer');
  expect((await fetch(`${downloadUrl}x`)).status).toBe(403);
});

describe('cleaning up', () => {
  test('removes the run, from stacks to what nobody remembers, and nothing else', async () => {
    const other = await deployBucket('other');
    const bucket = await deployBucket(names.stack);
    await cloud.upload(bucket, 'k', '1');
    await cloud.call('s3', 'PutBucketVersioning', { Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } });
    await cloud.upload(bucket, 'k', '2');
    await cloud.call('s3', 'DeleteObject', { Bucket: bucket, Key: 'k' });
    await cloud.call('logs', 'CreateLogGroup', { logGroupName: `/aws/sagemaker/Endpoints/${names.stack}-loop-endpoint` });
    await cloud.call('logs', 'CreateLogGroup', { logGroupName: '/aws/sagemaker/TrainingJobs' });
    await cloud.call('logs', 'CreateLogStream', { logGroupName: '/aws/sagemaker/TrainingJobs', logStreamName: `${names.stack}-1` });
    await cloud.call('logs', 'CreateLogStream', { logGroupName: '/aws/sagemaker/TrainingJobs', logStreamName: 'other-1' });
    await cloud.call('sagemaker', 'CreateModelPackageGroup', { ModelPackageGroupName: `${names.stack}-group` });
    await cloud.call('events', 'PutRule', { Name: `${names.stack}-rule`, ScheduleExpression: 'rate(1 hour)' });
    await cloud.call('sqs', 'CreateQueue', { QueueName: `${names.stack}-queue` });
    const { leftovers } = await findLeftovers(cleaning(), names.stack);
    expect(leftovers.map(({ what }) => what)).toEqual(expect.arrayContaining([`stack ${names.stack}`, `bucket ${bucket}`, `rule ${names.stack}-rule`]));

    // The bucket is not empty: the stack can be deleted only once it is.
    expect(await cleanUp({ ...cleaning(), jobPrefix: names.stack })).toEqual([]);
    expect(server.twin.remaining()).toEqual(expect.arrayContaining([`arn:aws:s3:::${other}`]));
    expect(server.twin.remaining().filter((arn) => arn.includes(names.stack))).toEqual([]);
    const streams = await cloud.list('logs', 'DescribeLogStreams', 'logStreams', { logGroupName: '/aws/sagemaker/TrainingJobs' });
    expect(streams.map(({ logStreamName }) => logStreamName)).toEqual(['other-1']);
    expect(await cleanUp(cleaning())).toEqual([]);
  });

  test('waits for what CloudFormation is doing', async () => {
    await cloud.call('cloudformation', 'CreateStack', {
      StackName: names.stack, TemplateBody: JSON.stringify({ Resources: Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`B${index}`, { Type: 'AWS::S3::Bucket' }])) }),
    });
    expect(await cleanUp(cleaning())).toEqual([]);
    expect(server.twin.remaining()).toEqual([]);
  });

  test('says what it could not remove, and why', async () => {
    await deployBucket(names.stack);
    await cloud.call('cloudformation', 'UpdateTerminationProtection', { StackName: names.stack, EnableTerminationProtection: true });
    const failures = await cleanUp(cleaning());
    expect(failures).toEqual(expect.arrayContaining([
      `stack ${names.stack}: Stack [${names.stack}] cannot be deleted while TerminationProtection is enabled`, `stack ${names.stack} is still there`,
    ]));
  });
});

describeWith(['botocore'], 'signed calls', () => {
  test('go where botocore\'s models say', () => {
    const script = 'import json, sys, botocore.session\nl = botocore.session.get_session().get_component("data_loader")\n'
      + 'print(json.dumps([l.load_service_model(s, "service-2")["metadata"] for s in sys.argv[1:]]))';
    const names = Object.keys(SIGNED_CALLS).map((service) => ({ servicequotas: 'service-quotas', tagging: 'resourcegroupstaggingapi' })[service] ?? service);
    const models = JSON.parse(execFileSync('python3', ['-c', script, ...names], { encoding: 'utf8' })) as Array<Record<string, string>>;
    const expected = models.map(({ signingName, endpointPrefix, targetPrefix, jsonVersion }) => [
      signingName ?? endpointPrefix, { target: targetPrefix, version: jsonVersion, host: endpointPrefix },
    ]);
    expect(Object.entries(SIGNED_CALLS).map(([service, { target, version, host = service }]) => [service, { target, version, host }])).toEqual(expected);
  });
});
