import * as path from 'node:path';
import { readFolder } from '../../../twin/jobs';
import { ADMINISTRATOR } from '../../../twin/service';
import type { ResourceRequest } from '../../../twin/service';
import { CodeBuildService } from '../../../twin/services/codebuild';
import { unzip, zip } from '../../../twin/services/codebuild/zip';
import type { EcrService } from '../../../twin/services/ecr';
import { TestWorld } from '../jobs/test-world';

const ROLE = 'arn:aws:iam::123456789012:role/build';
const MINUTE = 60_000;
const REPOSITORY = '123456789012.dkr.ecr.us-east-1.amazonaws.com/models';
const file = (name: string, content: string, executable = false) => ({ path: name, content: Buffer.from(content), executable });

describe('CodeBuild', () => {
  let world: TestWorld;
  beforeEach(() => { world = new TestWorld((made) => [new CodeBuildService(made)]); });
  afterEach(() => { world.remove(); });

  const call = (operation: string, input: object) => world.call({ service: 'codebuild', operation, input, caller: ADMINISTRATOR });
  const project = async (more: Record<string, unknown> = {}, privileged = true) => {
    const provider = world.service<CodeBuildService>('codebuild').resources['AWS::CodeBuild::Project']!;
    await provider.create({
      world, type: 'AWS::CodeBuild::Project', logicalId: 'Build', stackName: 'stack', stackId: 'id', generateName: () => 'generated',
      properties: {
        Name: 'image', ServiceRole: ROLE, Source: { Type: 'NO_SOURCE' }, Artifacts: { Type: 'NO_ARTIFACTS' },
        Environment: {
          Type: 'LINUX_CONTAINER', Image: 'aws/codebuild/standard:7.0', ComputeType: 'BUILD_GENERAL1_SMALL', PrivilegedMode: privileged,
          EnvironmentVariables: [{ Name: 'REPOSITORY_URI', Value: REPOSITORY, Type: 'PLAINTEXT' }],
        },
        ...more,
      },
    } as ResourceRequest);
  };
  /** Starts a build of this buildspec, and waits for its end. */
  const build = async (spec: object | string, input: Record<string, unknown> = {}) => {
    const { build: { id } } = await call('StartBuild', { projectName: 'image', buildspecOverride: typeof spec === 'string' ? spec : JSON.stringify(spec), ...input });
    await world.clock.advance(10 * MINUTE);
    return (await call('BatchGetBuilds', { ids: [id] })).builds[0];
  };
  const commands = (...list: string[]) => ({ version: '0.2', phases: { build: { commands: list } } });
  const lines = () => [...world.logs.values()].flat();
  const output = () => lines().filter((line) => !line.startsWith('[Container]'));
  const phase = (done: { phases: Array<{ phaseType: string }> }, name: string) => done.phases.find(({ phaseType }) => phaseType === name);

  test('runs its phases, tells the bus, and takes about two and a half minutes', async () => {
    await project();
    const done = await build({ version: '0.2', phases: { install: { commands: ['echo one'] }, build: { commands: ['echo two'] } } });
    expect(done).toMatchObject({ buildStatus: 'SUCCEEDED', buildComplete: true, currentPhase: 'COMPLETED', buildNumber: 1 });
    expect(done.phases.map(({ phaseType }: { phaseType: string }) => phaseType)).toEqual([
      'SUBMITTED', 'QUEUED', 'PROVISIONING', 'DOWNLOAD_SOURCE', 'INSTALL', 'PRE_BUILD', 'BUILD', 'POST_BUILD', 'UPLOAD_ARTIFACTS', 'FINALIZING', 'COMPLETED',
    ]);
    expect((done.endTime - done.startTime) / 1000).toBe(145);
    expect(output()).toEqual(['one', 'two']);
    expect([...world.logs.keys()]).toEqual([`/aws/codebuild/image/${done.id.split(':')[1]}`]);
    expect(world.events.map(({ detail }) => [detail['build-status'], detail['project-name']])).toEqual([['IN_PROGRESS', 'image'], ['SUCCEEDED', 'image']]);
  });

  test('commands share folder and variables, as in one shell; an exit ends its command only', async () => {
    await project();
    const done = await build({
      version: '0.2', env: { 'variables': { GIVEN: 'from the buildspec' }, 'exported-variables': ['RESULT', 'MISSING', 'LINES'] },
      phases: {
        pre_build: { commands: ['mkdir sub && cd sub', 'PLAIN="it\'s set"', 'export RESULT=$REPOSITORY_URI', 'LINES=$(printf "a\\nb")'] },
        build: { commands: ['basename $PWD', 'echo "$PLAIN, $GIVEN"', 'exit 0', 'echo after'] },
      },
    });
    expect(output()).toEqual(['sub', 'it\'s set, from the buildspec', 'after']);
    expect(done.exportedEnvironmentVariables).toEqual([{ name: 'RESULT', value: REPOSITORY }, { name: 'LINES', value: 'a\nb' }]);
  });

  test.each([
    ['in the background', '(sleep 20; echo late) &'],
    ['in a session of its own', 'setsid sleep 20 &'],
  ])('a command that leaves a process %s ends, and nobody waits for the process', async (_where, left) => {
    await project();
    const begun = Date.now();
    expect(await build({ version: '0.2', phases: { build: { commands: [`${left} echo begun`, 'echo after'] } } })).toMatchObject({ buildStatus: 'SUCCEEDED' });
    expect(output()).toEqual(['begun', 'after']);
    expect(Date.now() - begun).toBeLessThan(15_000);
  });

  test('the environment is CodeBuild\'s and the template\'s, not ours, and holds no credentials', async () => {
    process.env.A_SECRET_OF_THIS_PROCESS = 'secret-of-ours';
    await project();
    await build(commands('env', 'echo "id=$CODEBUILD_BUILD_ID"'), { environmentVariablesOverride: [{ name: 'EXTRA', value: 'given', type: 'PLAINTEXT' }] });
    const text = output().join('\n');
    expect(text).toMatch(/id=image:[0-9a-f-]{36}/);
    expect(text).toContain('EXTRA=given');
    for (const secret of ['secret-of-ours', 'AWS_SECRET_ACCESS_KEY']) expect(text).not.toContain(secret);
  });

  test('a failing command fails its phase by name; a failed build still has its post_build', async () => {
    await project();
    const done = await build({ version: '0.2', phases: { build: { commands: ['echo before', 'ls /no/such/place', 'echo never'] }, post_build: { commands: ['echo "succeeding=$CODEBUILD_BUILD_SUCCEEDING"'] } } });
    expect(done.buildStatus).toBe('FAILED');
    expect(phase(done, 'BUILD')).toMatchObject({
      phaseStatus: 'FAILED', contexts: [{ statusCode: 'COMMAND_EXECUTION_ERROR', message: 'Error while executing command: ls /no/such/place. Reason: exit status 2' }],
    });
    expect(output().filter((line) => !line.startsWith('ls:'))).toEqual(['before', 'succeeding=0']);
  });

  test.each([
    ['pre_build ends it', { pre_build: { commands: ['false'] }, build: { commands: ['echo built'] } }, []],
    ['on-failure ABORT', { build: { commands: ['false'], 'on-failure': 'ABORT' }, post_build: { commands: ['echo post'] } }, []],
    ['on-failure CONTINUE', { install: { commands: ['false'], 'on-failure': 'CONTINUE' }, build: { commands: ['echo built'] } }, ['built']],
    ['finally', { build: { commands: ['false'], finally: ['echo cleaned'] } }, ['cleaned']],
  ])('a failure: %s', async (_, phases, expected) => {
    await project();
    expect((await build({ version: '0.2', phases })).buildStatus).toBe('FAILED');
    expect(output()).toEqual(expected);
  });

  test.each([
    ['nothing: a list', 'the buildspec is empty', '\n'],
    ['another version', 'Invalid buildspec: version 0.1 is not 0.2', '{"version": 0.1}'],
    ['an unknown key', 'the twin does not implement batch in the top of a buildspec', '{"version": 0.2, "batch": {}}'],
    ['a misspelt phase', 'the twin does not implement biuld in phases', '{"version": 0.2, "phases": {"biuld": {}}}'],
    ['a file that is not there', 'YAML file does not exist: other.yml', 'other.yml'],
  ])('a buildspec with %s', async (_, message, spec) => {
    await project();
    expect(phase(await build(spec), 'DOWNLOAD_SOURCE')).toMatchObject({ phaseStatus: 'FAILED', contexts: [{ statusCode: 'YAML_FILE_ERROR', message: expect.stringContaining(message) }] });
  });

  test('YAML is read, from the source, too', async () => {
    await project({ Source: { Type: 'S3', Location: 'bucket/source.zip' } });
    world.objects.set('bucket/source.zip', zip([file('buildspec.yml', 'version: 0.2\nphases:\n  build:\n    commands:\n      - ./run.sh\n'), file('run.sh', '#!/bin/sh\necho ran', true)]));
    expect((await build(commands(), { buildspecOverride: undefined })).buildStatus).toBe('SUCCEEDED');
    expect(output()).toEqual(['ran']);
  });

  test('a pipeline\'s artifacts come and go as the project\'s role', async () => {
    await project({ Source: { Type: 'CODEPIPELINE' }, Artifacts: { Type: 'CODEPIPELINE' }, EncryptionKey: 'arn:aws:kms:us-east-1:123456789012:key/k' });
    world.objects.set('pipe/in', zip([file('a.txt', 'alpha'), file('lib/b.txt', 'beta')]));
    const spec = {
      ...commands('echo made > c.txt'),
      artifacts: { 'files': ['**/*'], 'exclude-paths': ['a.txt'], 'secondary-artifacts': { Extra: { 'files': ['lib/*'], 'discard-paths': 'yes' } } },
    };
    const start = { sourceTypeOverride: 'CODEPIPELINE', sourceLocationOverride: 'pipe/in', artifactsOverride: { type: 'CODEPIPELINE', location: 'pipe', name: 'out' } };
    const done = await build(spec, { ...start, secondaryArtifactsOverride: [{ type: 'CODEPIPELINE', location: 'pipe', name: 'extra', artifactIdentifier: 'Extra' }] });
    expect(done.buildStatus).toBe('SUCCEEDED');
    expect(unzip(world.objects.get('pipe/out')!).map(({ path: name }) => name)).toEqual(['c.txt', 'lib/b.txt']);
    expect(unzip(world.objects.get('pipe/extra')!).map(({ path: name }) => name)).toEqual(['b.txt']);
    const s3 = world.record.filter(({ service }) => service === 's3');
    expect(s3.map(({ operation, caller }) => [operation, caller.kind === 'role' && caller.roleArn])).toEqual([['GetObject', ROLE], ['PutObject', ROLE], ['PutObject', ROLE]]);
    await expect(call('StartBuild', { projectName: 'image' })).rejects.toThrow('started by a pipeline');
    expect(phase(await build({ ...spec, artifacts: { files: ['none'] } }, start), 'UPLOAD_ARTIFACTS')).toMatchObject({ phaseStatus: 'FAILED', contexts: [{ message: 'no matching artifact paths found for none' }] });
  });

  test('without permission for its log or its source a build fails and says so', async () => {
    await project({ Source: { Type: 'S3', Location: 'bucket/source.zip' } });
    world.deny('logs:CreateLogStream');
    expect(phase(await build(commands('true')), 'PROVISIONING')).toMatchObject({ phaseStatus: 'FAILED', contexts: [{ statusCode: 'ACCESS_DENIED', message: expect.stringContaining('does not allow AWS CodeBuild to create Amazon CloudWatch Logs log streams') }] });
    world.deny('s3:GetObject');
    expect(phase(await build(commands('true')), 'DOWNLOAD_SOURCE')).toMatchObject({ phaseStatus: 'FAILED', contexts: [{ statusCode: 'ACCESS_DENIED' }] });
  });

  test('can be stopped; a token starts one build only; the limit holds', async () => {
    await project({ ConcurrentBuildLimit: 1 });
    const input = { projectName: 'image', buildspecOverride: JSON.stringify(commands('echo ran')), idempotencyToken: 'once' };
    const { build: { id } } = await call('StartBuild', input);
    expect((await call('StartBuild', input)).build.id).toBe(id);
    await expect(call('StartBuild', { projectName: 'image' })).rejects.toMatchObject({ code: 'AccountLimitExceededException' });
    await call('StopBuild', { id });
    await world.clock.advance(10 * MINUTE);
    expect((await call('BatchGetBuilds', { ids: [id] })).builds[0].buildStatus).toBe('STOPPED');
    expect(output()).toEqual([]);
    expect((await call('ListBuildsForProject', { projectName: 'image' })).ids).toEqual([id]);
  });

  test('goes on when its project is deleted, and is something that is left', async () => {
    await project();
    const { build: { id, arn } } = await call('StartBuild', { projectName: 'image', buildspecOverride: JSON.stringify(commands('echo ran')) });
    await world.clock.advance(MINUTE);
    const service = world.service<CodeBuildService>('codebuild');
    await service.resources['AWS::CodeBuild::Project']!.delete({} as ResourceRequest, { physicalId: 'image' });
    expect(service.remaining()).toEqual([arn]);
    await world.clock.advance(10 * MINUTE);
    expect((await call('BatchGetBuilds', { ids: [id] })).builds[0].buildStatus).toBe('SUCCEEDED');
    expect(output()).toEqual(['ran']);
    expect(service.remaining()).toEqual([]);
  });

  test.each([
    [{ Source: { Type: 'GITHUB' } }, 'source.type GITHUB'],
    [{ Cache: { Type: 'S3' } }, 'cache.type S3'],
    [{ LogsConfig: { S3Logs: { Status: 'ENABLED' } } }, 'logsConfig.s3Logs.status ENABLED'],
  ])('a project that the twin cannot build is refused when it is made: %j', async (more, message) => {
    await expect(project(more)).rejects.toThrow(`the twin does not build projects with ${message}`);
  });

  describe('images', () => {
    const LOGIN = 'aws ecr get-login-password | docker login --username AWS --password-stdin "${REPOSITORY_URI%%/*}"';
    const example = readFolder(path.resolve(__dirname, '../../../examples/flight-delay')).filter(({ path: name }) => !name.includes('__pycache__'));
    const image = (...more: string[]) => ({ version: '0.2', env: { 'shell': 'bash', 'exported-variables': ['IMAGE'] }, phases: { build: { commands: [LOGIN, ...more] } } });
    const PUSH = ['export TAG="$REPOSITORY_URI:${CODEBUILD_BUILD_ID##*:}"', 'docker build --provenance=false --tag "$TAG" .', 'docker push "$TAG"', 'export IMAGE="$(docker inspect --format \'{{index .RepoDigests 0}}\' "$TAG")"'];

    beforeEach(async () => {
      await project({ Source: { Type: 'S3', Location: 'bucket/source.zip' } });
      await world.call({ service: 'ecr', operation: 'CreateRepository', input: { repositoryName: 'models', imageTagMutability: 'IMMUTABLE' }, caller: ADMINISTRATOR });
      world.objects.set('bucket/source.zip', zip(example));
    });

    test('the example is tested, built and pushed; its digest is the content\'s', async () => {
      const first = await build(image('python3 -m unittest', ...PUSH));
      expect(first.buildStatus).toBe('SUCCEEDED');
      const [{ value }] = first.exportedEnvironmentVariables;
      expect(value).toMatch(new RegExp(`^${REPOSITORY}@sha256:[0-9a-f]{64}$`));
      const second = await build(image(...PUSH));
      expect(second.exportedEnvironmentVariables[0].value).toBe(value);
      const { imageDetails } = await world.call({ service: 'ecr', operation: 'DescribeImages', input: { repositoryName: 'models' }, caller: ADMINISTRATOR });
      expect(imageDetails).toHaveLength(1);
      expect(imageDetails[0].imageTags).toHaveLength(2);
      expect(output().join('\n')).toContain('Login Succeeded');
      const calls = world.record.filter(({ service }) => service === 'ecr').map(({ operation, caller }) => [operation, caller.kind]);
      expect(calls.slice(1)).toContainEqual(['PutImage', 'role']);
    });

    const INDEX = 'application/vnd.oci.image.index.v1+json';
    const OCI = 'application/vnd.oci.image.manifest.v1+json';
    const DOCKER = 'application/vnd.docker.distribution.manifest.v2+json';
    test.each([
      ['by default, since BuildKit attaches provenance', 'docker build --tag "$TAG" .', INDEX],
      ['with Docker\'s media types, which attestations overrule', 'docker build --output type=image,oci-mediatypes=false --tag "$TAG" .', INDEX],
      ['with the variable that switches provenance off', 'BUILDX_NO_DEFAULT_ATTESTATIONS=1 docker build --tag "$TAG" .', OCI],
      ['with the option that does', 'docker build --provenance=false --tag "$TAG" .', OCI],
      ['with the long form of it', 'docker buildx build --attest type=provenance,disabled=true --tag "$TAG" .', OCI],
      ['with the variable, but an SBOM', 'BUILDX_NO_DEFAULT_ATTESTATIONS=1 docker build --sbom=true --tag "$TAG" .', INDEX],
      ['without attestations, with Docker\'s media types', 'BUILDX_NO_DEFAULT_ATTESTATIONS=true docker build --output type=image,oci-mediatypes=false --tag "$TAG" .', DOCKER],
    ])('the type of what is pushed %s', async (_, command, expected) => {
      const done = await build(image(PUSH[0]!, command, ...PUSH.slice(2)));
      expect(done.buildStatus).toBe('SUCCEEDED');
      const [, imageDigest] = done.exportedEnvironmentVariables[0].value.split('@');
      const { imageDetails } = await world.call({ service: 'ecr', operation: 'DescribeImages', input: { repositoryName: 'models' }, caller: ADMINISTRATOR });
      const [tagged, ...others] = imageDetails.filter(({ imageTags }: { imageTags?: string[] }) => imageTags !== undefined);
      expect(others).toEqual([]);
      expect(tagged).toMatchObject({ imageManifestMediaType: expected, imageDigest });
      expect(imageDetails).toHaveLength(expected === INDEX ? 3 : 1);
    });

    test('an image behind an index can be pulled by its platform; a value that is no truth value is refused', async () => {
      await build(image(PUSH[0]!, 'docker build --tag "$TAG" .', ...PUSH.slice(2), 'docker pull "$IMAGE"', 'docker inspect --format "{{json .Config}}" "$IMAGE"'));
      expect(output().join('\n')).toContain('"WorkingDir":"/opt/program"');
      expect((await build(image('BUILDX_NO_DEFAULT_ATTESTATIONS=no docker build .'))).buildStatus).toBe('FAILED');
      expect(output().at(-1)).toContain('invalid BUILDX_NO_DEFAULT_ATTESTATIONS: strconv.ParseBool: parsing "no": invalid syntax');
    });

    test.each([
      ['a COPY of nothing', 'COPY missing /x', '"/missing": not found'],
      ['an instruction the twin does not build', 'ADD a /x', 'the twin does not build ADD'],
    ])('%s fails the build and is in its log', async (_, line, message) => {
      world.objects.set('bucket/source.zip', zip([file('Dockerfile', `FROM python:3\n${line}\n`)]));
      const done = await build(image(...PUSH));
      expect(phase(done, 'BUILD')).toMatchObject({ phaseStatus: 'FAILED', contexts: [{ message: expect.stringContaining('docker build') }] });
      expect(output().join('\n')).toContain(message);
    });

    test.each([
      ['no login', PUSH.slice(0, 3), 'no basic auth credentials'],
      ['an unknown command', ['docker compose up'], 'the twin does not implement docker compose'],
      ['an unknown option', ['docker build --squash .'], 'the twin does not implement docker build --squash'],
    ])('docker: %s', async (_, list, message) => {
      expect((await build(commands(...list))).buildStatus).toBe('FAILED');
      expect(output().join('\n')).toContain(message);
    });

    test('a push needs the permission, and the daemon a privileged project', async () => {
      world.deny('ecr:PutImage');
      await build(image(...PUSH));
      expect(output().join('\n')).toContain('denied: User: arn:aws:sts::123456789012:assumed-role/build/AWSCodeBuild-');
      await build(image(...PUSH), { privilegedModeOverride: false });
      expect(output().join('\n')).toContain('Cannot connect to the Docker daemon');
    });

    test('aws: operations by name, S3 copies, errors as the command line words them', async () => {
      await build(image(
        ...PUSH, 'aws ecr describe-images --repository-name models --query "imageDetails[0].imageDigest" --output text',
        'echo body > f.txt; aws s3 cp f.txt s3://bucket/kept/; aws s3 cp s3://bucket/kept/f.txt -', 'aws s3api get-object --bucket bucket --nope x || echo "code $?"',
        'aws ecr describe-images --repository-name other || echo "code $?"', 'aws s3 ls || echo "code $?"',
      ));
      const text = output().join('\n');
      expect(text).toMatch(/^sha256:[0-9a-f]{64}$/m);
      expect(text).toContain('upload: f.txt to s3://bucket/kept/f.txt\nbody');
      expect(text).toContain('argument --nope is unknown');
      expect(text).toContain('An error occurred (RepositoryNotFoundException) when calling the DescribeImages operation');
      expect(text).toContain('code 254');
      expect(text).toContain('the twin does not implement aws s3 ls');
    });

    test('a token that ECR did not issue is refused', async () => {
      expect(world.service<EcrService>('ecr').principalOfToken('guess')).toBeUndefined();
      await build(commands('echo guess | docker login --username AWS --password-stdin "${REPOSITORY_URI%%/*}"'));
      expect(output().join('\n')).toContain('400 Bad Request');
    });
  });
});
