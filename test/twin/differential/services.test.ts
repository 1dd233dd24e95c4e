import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { ADMINISTRATOR, FULL_PAGES, Twin } from '../../../twin';
import { synth } from '../template/fakes';
import { ACCEPTED } from './accepted-services';
import type { Call } from './calls';
import { MESSAGE_CALLS } from './calls-messages';
import { modelCalls, type ModelParts } from './calls-models';
import { S3_CALLS, SETTINGS_CALLS } from './calls-storage';
import { describeWith, scriptAt } from './python';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

/* The twin's services against moto's, by the same client, over HTTP. */

interface Outcome {
  readonly code?: string;
  readonly message?: string;
  readonly value?: any;
}

const ROLE = 'execution';

/** What a model is made of: a role, an image and an artifact. */
async function makeParts(twin: Twin): Promise<ModelParts> {
  const call = (service: string, operation: string, input: object): Promise<any> => twin.call({ service, operation, input, caller: ADMINISTRATOR });
  await call('s3', 'CreateBucket', { Bucket: 'artifacts' });
  await call('s3', 'PutObject', { Bucket: 'artifacts', Key: 'model.tar.gz', Body: Buffer.from('x') });
  const { repository } = await call('ecr', 'CreateRepository', { repositoryName: 'models' });
  const blob = async (text: string) => {
    const layerPartBlob = Buffer.from(text);
    const digest = `sha256:${createHash('sha256').update(layerPartBlob).digest('hex')}`;
    const { uploadId } = await call('ecr', 'InitiateLayerUpload', { repositoryName: 'models' });
    await call('ecr', 'UploadLayerPart', { repositoryName: 'models', uploadId, partFirstByte: 0, partLastByte: layerPartBlob.length - 1, layerPartBlob });
    await call('ecr', 'CompleteLayerUpload', { repositoryName: 'models', uploadId, layerDigests: [digest] });
    return { digest, size: layerPartBlob.length };
  };
  const [config, layer] = [await blob('{"config":{}}'), await blob('layer')];
  const type = 'application/vnd.docker';
  const imageManifest = JSON.stringify({
    schemaVersion: 2, mediaType: `${type}.distribution.manifest.v2+json`,
    config: { mediaType: `${type}.container.image.v1+json`, ...config }, layers: [{ mediaType: `${type}.image.rootfs.diff.tar.gzip`, ...layer }],
  });
  await call('ecr', 'PutImage', { repositoryName: 'models', imageManifest, imageTag: 'one' });
  return { image: `${repository.repositoryUri}:one`, modelDataUrl: 's3://artifacts/model.tar.gz', roleArn: twin.arn('iam', `role/${ROLE}`, '') };
}

function makeCalls(request: object): Promise<Array<{ twin: Outcome; moto: Outcome }>> {
  return new Promise((resolve, reject) => {
    const child = spawn('python3', [scriptAt('make_calls.py')], { stdio: 'pipe' });
    let [text, errors] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (part: string) => { text += part; });
    child.stderr.setEncoding('utf8').on('data', (part: string) => { errors += part; });
    child.on('error', reject).on('close', (code) => {
      if (code === 0) resolve(text.trimEnd().split('\n').map((line) => JSON.parse(line)));
      else reject(new Error(errors));
    });
    child.stdin.end(JSON.stringify(request));
  });
}

const at = (value: any, member: string): unknown => member.split('.').reduce((found, step) => found?.[step], value);

/** An empty list and none are the same to an SDK's user. */
const shown = (value: unknown) => (Array.isArray(value) && value.length === 0 ? 'none' : JSON.stringify(value) ?? 'none');

function differences({ same = [] }: Call, twin: Outcome, moto: Outcome): string[] {
  const outcome = ({ code }: Outcome) => code ?? 'done';
  if (outcome(twin) !== outcome(moto)) return [`twin: ${outcome(twin)} ${twin.message ?? ''}, moto: ${outcome(moto)} ${moto.message ?? ''}`];
  return same.flatMap((member) => {
    const [ours, theirs] = [shown(at(twin.value, member)), shown(at(moto.value, member))];
    return ours === theirs ? [] : [`${member}: twin ${ours}, moto ${theirs}`];
  });
}

describeWith(['moto.server', 'boto3', 'flask'], 'calls answered by the twin and by moto', () => {
  let twin: Twin;
  beforeAll(async () => {
    const assembly = synth((stack) => new Role(stack, 'Role', { roleName: ROLE, assumedBy: new ServicePrincipal('sagemaker.amazonaws.com') }));
    twin = await Twin.fromAssembly(assembly, { authorization: 'off', pages: FULL_PAGES });
    await twin.deploy();
  });
  afterAll(() => twin?.stop());

  test('have the same outcome', async () => {
    const calls = [...S3_CALLS, ...SETTINGS_CALLS, ...MESSAGE_CALLS, ...modelCalls(await makeParts(twin))];
    const { accessKeyId: aws_access_key_id, secretAccessKey: aws_secret_access_key, sessionToken: aws_session_token } = twin.credentialsFor(ADMINISTRATOR);
    const outcomes = await makeCalls({ twin: { url: twin.endpoint, aws_access_key_id, aws_secret_access_key, aws_session_token }, calls });
    expect(outcomes).toHaveLength(calls.length);
    const unexplained: string[] = [];
    const accepted = ACCEPTED.map((each) => ({ ...each, count: 0 }));
    calls.forEach((call, index) => {
      const found = differences(call, outcomes[index]!.twin, outcomes[index]!.moto);
      const name = `${call.service} ${call.operation} ${JSON.stringify(call.input).slice(0, 120)}`;
      for (const difference of found.map((each) => `${name}: ${each}`)) {
        const known = accepted.find((each) => each.differences.test(difference));
        if (known === undefined) unexplained.push(difference);
        else known.count++;
      }
    });
    process.stdout.write(`differential: ${calls.length} calls of ${new Set(calls.map(({ service, operation }) => `${service} ${operation}`)).size} operations compared with moto, `
      + `${accepted.reduce((sum, { count }) => sum + count, 0)} accepted differences of ${accepted.length} kinds\n`);
    expect(unexplained).toEqual([]);
    expect(accepted.filter(({ count }) => count === 0).map(({ reason }) => reason)).toEqual([]);
  }, 120_000);
});
