import { gunzipSync } from 'node:zlib';
import * as path from 'node:path';
import { fartherThan, Flights, labelledCsv, oneIn } from '../../../bin/story/flights';
import { BuildContext } from '../../../twin/jobs/build-context';
import { buildImage } from '../../../twin/jobs/build-image';
import { parseDockerfile } from '../../../twin/jobs/dockerfile';
import { parseReference, pushIndex, untar } from '../../../twin/jobs';
import type { Image } from '../../../twin/jobs/image';
import { attested } from '../../../twin/jobs/image-index';
import { ADMINISTRATOR } from '../../../twin/service';
import type { EcrService } from '../../../twin/services/ecr';
import { KmsService } from '../../../twin/services/kms';
import { Artifacts } from '../../../twin/services/sagemaker/artifacts';
import { ServerPool } from '../../../twin/services/sagemaker/hosting/server-pool';
import { HostingState } from '../../../twin/services/sagemaker/hosting/state';
import { Jobs } from '../../../twin/services/sagemaker/jobs';
import { TagStore } from '../../../twin/services/sagemaker/tags';
import { imageFrom } from '../jobs/images';
import { TestWorld } from '../jobs/test-world';
import { readFileSync } from 'node:fs';

const ROLE = 'arn:aws:iam::123456789012:role/execution';
const MINUTE = 60_000;
const project = path.resolve(__dirname, '../../../examples/flight-delay');
const flightDelay = () => buildImage(parseDockerfile(readFileSync(path.join(project, 'Dockerfile'), 'utf8')), { context: new BuildContext(project), architecture: 'amd64' });
const shell = (body: string) => imageFrom('FROM python:3\nCOPY run.sh /opt/run.sh\nENTRYPOINT ["/opt/run.sh"]', { 'run.sh*': `#!/bin/sh\ncd "$SM_ML_ROOT"\n${body}` });

describe('SageMaker jobs', () => {
  let world: TestWorld;
  let jobs: Jobs;
  beforeEach(() => {
    process.env.CDK_MLOPS_TWIN_JOB_CACHE = 'off';
    world = new TestWorld((made) => {
      jobs = new Jobs(made, new TagStore(), new HostingState(made), new ServerPool(made, new Artifacts(made)));
      return [{ name: 'sagemaker', operations: jobs.operations, resources: {}, remaining: () => jobs.remaining() }, new KmsService(made)];
    });
  });
  afterEach(() => { world.remove(); });

  const call = (operation: string, input: object) => world.call({ service: 'sagemaker', operation, input, caller: ADMINISTRATOR });
  const seed = (image: Image) => world.service<EcrService>('ecr').seedImage({ registryId: world.account, repository: 'models', image });
  const training = (image: string, more: Record<string, unknown> = {}) => call('CreateTrainingJob', {
    TrainingJobName: 'job-1', RoleArn: ROLE, AlgorithmSpecification: { TrainingImage: image, TrainingInputMode: 'File' },
    InputDataConfig: [{ ChannelName: 'train', DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: 's3://data/train/' } } }],
    OutputDataConfig: { S3OutputPath: 's3://artifacts/model/' }, ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 10 },
    StoppingCondition: { MaxRuntimeInSeconds: 3600 }, ...more,
  });
  const described = () => call('DescribeTrainingJob', { TrainingJobName: 'job-1' });
  const after = async (minutes: number) => {
    await world.clock.advance(minutes * MINUTE);
    return described();
  };
  const put = (name: string, content: string) => world.objects.set(name, Buffer.from(content));
  const log = (group: string) => [...world.logs].filter(([name]) => name.startsWith(`/aws/sagemaker/${group}/`)).flatMap(([, lines]) => lines);

  describe('train', () => {
    beforeEach(() => { put('data/train/a.csv', 'a'); });

    test('goes through its states, writes model and log, and says so', async () => {
      const image = seed(shell('test "$1" = train || exit 9; cat input/data/train/a.csv input/config/hyperparameters.json > model/out; echo "loss=0.25"; echo "loss=0.125"'));
      await training(image, {
        HyperParameters: { depth: '3' }, Tags: [{ Key: 'loop', Value: 'x' }],
        AlgorithmSpecification: { TrainingImage: image, TrainingInputMode: 'File', MetricDefinitions: [{ Name: 'loss', Regex: 'loss=([0-9.]+)' }] },
      });
      expect(await described()).toMatchObject({ TrainingJobStatus: 'InProgress', SecondaryStatus: 'Starting' });
      const done = await after(30);
      expect(done).toMatchObject({
        TrainingJobStatus: 'Completed', SecondaryStatus: 'Completed', ModelArtifacts: { S3ModelArtifacts: 's3://artifacts/model/job-1/output/model.tar.gz' },
        FinalMetricDataList: [{ MetricName: 'loss', Value: 0.125 }], TrainingTimeInSeconds: 180, BillableTimeInSeconds: 180,
      });
      expect(done.SecondaryStatusTransitions.map((step: { Status: string }) => step.Status)).toEqual(['Starting', 'Downloading', 'Training', 'Uploading', 'Completed']);
      const files = untar(gunzipSync(world.objects.get('artifacts/model/job-1/output/model.tar.gz')!));
      expect(files.map((file) => [file.path, file.content.toString()])).toEqual([['out', 'a{"depth":"3"}']]);
      expect(log('TrainingJobs')).toEqual(['loss=0.25', 'loss=0.125']);
      expect(world.events.map(({ detail }) => detail.SecondaryStatus)).toEqual(['Starting', 'Downloading', 'Training', 'Uploading', 'Completed']);
      expect(world.events.at(-1)).toMatchObject({
        source: 'aws.sagemaker', 'detail-type': 'SageMaker Training Job State Change',
        detail: { TrainingJobStatus: 'Completed', Tags: { loop: 'x' }, CreationTime: Date.UTC(2001, 1, 1) },
      });
      expect(jobs.remaining()).toEqual([]);
    });

    test('acts as its execution role, and without it fails with the reason', async () => {
      await training(seed(shell('echo model > model/m')));
      await after(30);
      const asRole = world.record.filter(({ caller }) => caller.kind === 'role' && caller.roleArn === ROLE).map(({ service, operation }) => `${service}:${operation}`);
      expect([...new Set(asRole)].sort()).toEqual(['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetAuthorizationToken', 'ecr:GetDownloadUrlForLayer', 's3:GetObject', 's3:ListObjectsV2', 's3:PutObject']);
    });

    test.each([
      ['s3:ListObjectsV2', 'ClientError: Data download failed:AccessDenied'],
      ['s3:GetObject', 'ClientError: Data download failed:AccessDenied'],
      ['s3:PutObject', 'ClientError: Artifact upload failed:AccessDenied'],
    ])('without %s it fails', async (action, reason) => {
      const image = seed(shell('echo model > model/m'));
      world.deny(action);
      await training(image);
      const job = await after(30);
      expect(job.TrainingJobStatus).toBe('Failed');
      expect(job.FailureReason).toContain(reason);
    });

    test('without permission to write logs it goes on, and the log is lost', async () => {
      world.deny('logs:CreateLogStream');
      await training(seed(shell('echo hello')));
      expect((await after(30)).TrainingJobStatus).toBe('Completed');
      expect(log('TrainingJobs')).toEqual([]);
    });

    test.each([
      ['its own words', 'echo "the column late is missing" > output/failure; exit 1', 'AlgorithmError: the column late is missing, exit code: 1'],
      ['no words', 'exit 7', 'AlgorithmError: See job logs for more information, exit code: 7'],
    ])('a container that fails with %s', async (_, body, reason) => {
      await training(seed(shell(body)));
      expect(await after(30)).toMatchObject({ TrainingJobStatus: 'Failed', FailureReason: reason });
      expect([...world.objects.keys()]).toEqual(['data/train/a.csv']);
    });

    test('a long reason is cut at 1,024 characters', async () => {
      await training(seed(shell('head -c 5000 /dev/zero | tr "\\0" x > output/failure; exit 1')));
      const { FailureReason: reason } = await after(30);
      expect(reason).toHaveLength(1024);
      expect(reason).toMatch(/, exit code: 1$/);
    });

    test('an image without the command cannot start', async () => {
      await training(seed(imageFrom('FROM python:3\nENV A=1')));
      const job = await after(30);
      expect(job.FailureReason).toContain('CannotStartContainerError');
      expect(job.FailureReason).toContain('exec: "train": executable file not found in $PATH');
      expect(log('TrainingJobs')).toEqual(['exec: "train": executable file not found in $PATH']);
    });

    test('an image for other processors ends at once, and the log says why', async () => {
      const arm = imageFrom('FROM python:3\nCOPY run.sh /opt/run.sh\nENTRYPOINT ["/opt/run.sh"]', { 'run.sh*': '#!/bin/sh\necho trained' }, 'arm64');
      await training(seed(arm));
      expect(await after(30)).toMatchObject({ TrainingJobStatus: 'Failed', FailureReason: 'AlgorithmError: See job logs for more information, exit code: 1' });
      expect(log('TrainingJobs')).toEqual([expect.stringMatching(/^exec \S+\/opt\/run\.sh: exec format error$/)]);
    });

    test('an empty prefix fails, and a prefix matches what begins with it', async () => {
      const image = seed(shell('ls input/data/train > model/list'));
      const from = (uri: string) => ({ InputDataConfig: [{ ChannelName: 'train', DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: uri } } }] });
      put('data/v1/x.csv', 'x');
      put('data/v10/y.csv', 'y');
      await training(image, from('s3://data/nothing/'));
      expect((await after(30)).FailureReason).toContain('at least one object under the S3 prefix s3://data/nothing/');
      await training(image, { TrainingJobName: 'job-2', ...from('s3://data/v1') });
      await world.clock.advance(30 * MINUTE);
      expect(untar(world.objects.get('artifacts/model/job-2/output/model.tar.gz')!)[0]!.content.toString()).toBe('v10\nx.csv\n');
    });

    test('a manifest names its objects', async () => {
      put('data/list.manifest', JSON.stringify([{ prefix: 's3://data/' }, 'train/a.csv']));
      const source = { S3DataSource: { S3DataType: 'ManifestFile', S3Uri: 's3://data/list.manifest' } };
      await training(seed(shell('cat input/data/train/train/a.csv')), { InputDataConfig: [{ ChannelName: 'train', DataSource: source }] });
      expect((await after(30)).TrainingJobStatus).toBe('Completed');
      expect(log('TrainingJobs')).toEqual(['a']);
    });

    test('a name is taken for good', async () => {
      const image = seed(shell('true'));
      await training(image);
      await after(30);
      await expect(training(image)).rejects.toMatchObject({ code: 'ResourceInUse' });
    });

    test.each([
      [{ EnableManagedSpotTraining: true }, 'Invalid MaxWaitTimeInSeconds'],
      [{ EnableManagedSpotTraining: true, StoppingCondition: { MaxRuntimeInSeconds: 3600, MaxWaitTimeInSeconds: 3599 } }, 'Invalid MaxWaitTimeInSeconds'],
      [{ StoppingCondition: { MaxRuntimeInSeconds: 3600, MaxWaitTimeInSeconds: 7200 } }, 'MaxWaitTimeInSeconds above 0'],
      [{ ResourceConfig: { InstanceType: 'ml.c6g.large', InstanceCount: 1, VolumeSizeInGB: 10 } }, 'Member must satisfy enum value set'],
      [{ ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 2, VolumeSizeInGB: 10 } }, 'the twin does not implement training on 2 instances'],
    ])('%j is refused', async (more, message) => {
      await expect(training(seed(shell('true')), more)).rejects.toThrow(message);
    });

    test('a key is refused for an instance type with local storage', async () => {
      const { KeyMetadata } = await world.call({ service: 'kms', operation: 'CreateKey', input: {}, caller: ADMINISTRATOR });
      const ResourceConfig = { InstanceType: 'ml.g5.xlarge', InstanceCount: 1, VolumeSizeInGB: 10, VolumeKmsKeyId: KeyMetadata.KeyId };
      await expect(training(seed(shell('true')), { ResourceConfig })).rejects.toThrow('VolumeKmsKeyId is not supported for instance type ml.g5.xlarge');
    });

    test('an image that is gone, and a repository that is not there, are refused', async () => {
      const image = seed(shell('true'));
      await expect(training(image.replace(/[0-9a-f]{8}$/, '00000000'))).rejects.toThrow(/Requested image .* not found\./);
      await expect(training(image.replace('models', 'others'))).rejects.toThrow('Cannot find repository: others in registry ID: 123456789012');
    });

    test('an OCI manifest and an index are refused', async () => {
      const oci = imageFrom('FROM python:3\nCOPY a /a', { a: 'a' }, 'amd64', 'oci');
      await expect(training(seed(oci))).rejects.toThrow(/^Unsupported manifest media type application\/vnd\.oci\.image\.manifest\.v1\+json for image .*@sha256:/);
      const tagged = `${world.account}.dkr.ecr.us-east-1.amazonaws.com/models:v1`;
      await pushIndex(world, attested(oci), parseReference(tagged)!, ADMINISTRATOR);
      await expect(training(tagged)).rejects.toThrow(`Unsupported manifest media type application/vnd.oci.image.index.v1+json for image ${tagged}.`);
    });

    test('creating needs the permission, the right to pass the role, and to tag', async () => {
      await training(seed(shell('true')), { Tags: [{ Key: 'a', Value: 'b' }] });
      const create = world.record.find(({ operation }) => operation === 'CreateTrainingJob')!;
      expect(create.authorized.map(({ action }) => action)).toEqual(['sagemaker:CreateTrainingJob', 'iam:PassRole', 'sagemaker:AddTags']);
      expect(create.authorized[0]!.context).toMatchObject({ 'sagemaker:InstanceTypes': ['ml.m5.large'], 'sagemaker:NetworkIsolation': 'false' });
      expect(create.authorized[1]!.context).toEqual({ 'iam:PassedToService': 'sagemaker.amazonaws.com' });
    });

    test('stopping: Stopping, then Stopped, without a model', async () => {
      await training(seed(shell('echo m > model/m')));
      await world.clock.advance(2 * MINUTE);
      await call('StopTrainingJob', { TrainingJobName: 'job-1' });
      expect((await described()).TrainingJobStatus).toBe('Stopping');
      expect(await after(10)).toMatchObject({ TrainingJobStatus: 'Stopped', SecondaryStatus: 'Stopped' });
      await expect(call('StopTrainingJob', { TrainingJobName: 'job-1' })).rejects.toThrow('The request was rejected because the training job is in status Stopped.');
    });

    test('too long: Stopped, MaxRuntimeExceeded', async () => {
      await training(seed(shell('true')), { StoppingCondition: { MaxRuntimeInSeconds: 60 } });
      expect(await after(30)).toMatchObject({ TrainingJobStatus: 'Stopped', SecondaryStatus: 'MaxRuntimeExceeded' });
    });

    const SPOT = { EnableManagedSpotTraining: true, StoppingCondition: { MaxRuntimeInSeconds: 3600, MaxWaitTimeInSeconds: 7200 } };

    test('no spot capacity: Stopped, MaxWaitTimeExceeded; on demand: Failed', async () => {
      const image = seed(shell('true'));
      jobs.conditions.shortage('ml.m5.large');
      await training(image, SPOT);
      expect((await after(60)).SecondaryStatus).toBe('Pending');
      expect(await after(70)).toMatchObject({ TrainingJobStatus: 'Stopped', SecondaryStatus: 'MaxWaitTimeExceeded' });
      await training(image, { TrainingJobName: 'job-2' });
      await world.clock.advance(2 * 60 * MINUTE);
      expect(await call('DescribeTrainingJob', { TrainingJobName: 'job-2' })).toMatchObject({ TrainingJobStatus: 'Failed', FailureReason: expect.stringContaining('CapacityError') });
    });

    test('a quota is counted by instance type and kind of job, and refuses one instance too many', async () => {
      const image = seed(shell('true'));
      const lift = jobs.conditions.quota('ml.m5.large', 'spot training job', 0);
      await expect(training(image, SPOT)).rejects.toMatchObject({
        code: 'ResourceLimitExceeded', message: expect.stringContaining('limit \'ml.m5.large for spot training job usage\' is 0 Instances, with current utilization of 0 Instances'),
      });
      await training(image);
      lift();
      jobs.conditions.quota('ml.m5.large', 'spot training job', 1);
      await training(image, { ...SPOT, TrainingJobName: 'job-2' });
      await expect(training(image, { ...SPOT, TrainingJobName: 'job-3' })).rejects.toThrow('current utilization of 1 Instances');
      await world.clock.advance(30 * MINUTE);
      await training(image, { ...SPOT, TrainingJobName: 'job-3' });
    });

    test('a spot instance taken away starts again and completes', async () => {
      jobs.conditions.interruptSpot('ml.m5.large');
      await training(seed(shell('echo m > model/m')), SPOT);
      const job = await after(60);
      expect(job.TrainingJobStatus).toBe('Completed');
      expect(job.SecondaryStatusTransitions.map((step: { Status: string }) => step.Status)).toEqual([
        'Starting', 'Downloading', 'Training', 'Interrupted', 'Starting', 'Downloading', 'Training', 'Uploading', 'Completed',
      ]);
    });

    test('checkpoints are kept in S3 and brought back', async () => {
      const image = seed(shell('cat checkpoints/state 2>/dev/null; echo one more >> checkpoints/state'));
      const CheckpointConfig = { S3Uri: 's3://artifacts/checkpoints' };
      await training(image, { CheckpointConfig });
      await after(30);
      await training(image, { CheckpointConfig, TrainingJobName: 'job-2' });
      await world.clock.advance(30 * MINUTE);
      expect(world.objects.get('artifacts/checkpoints/state')!.toString()).toBe('one more\none more\n');
    });
  });

  describe('process', () => {
    const processing = (image: string, more: Record<string, unknown> = {}) => call('CreateProcessingJob', {
      ProcessingJobName: 'evaluation', RoleArn: ROLE, AppSpecification: { ImageUri: image, ContainerArguments: ['evaluate'] },
      ProcessingResources: { ClusterConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 10 } },
      ProcessingInputs: ['model', 'test'].map((name) => ({
        InputName: name, S3Input: { S3Uri: `s3://data/${name}`, LocalPath: `/opt/ml/processing/${name}`, S3DataType: 'S3Prefix', S3InputMode: 'File' },
      })),
      ProcessingOutputConfig: { Outputs: [{ OutputName: 'evaluation', S3Output: { S3Uri: 's3://artifacts/evaluation', LocalPath: '/opt/ml/processing/evaluation', S3UploadMode: 'EndOfJob' } }] },
      ...more,
    });
    const result = async () => {
      await world.clock.advance(30 * MINUTE);
      return call('DescribeProcessingJob', { ProcessingJobName: 'evaluation' });
    };
    beforeEach(() => {
      put('data/model/m', 'model');
      put('data/test/t', 'test');
    });

    test('brings inputs, takes outputs', async () => {
      await processing(seed(shell('test "$1" = evaluate || exit 9; cat processing/model/m processing/test/t > processing/evaluation/e; echo fine > output/message')));
      expect(await result()).toMatchObject({ ProcessingJobStatus: 'Completed', ExitMessage: 'fine\n' });
      expect(world.objects.get('artifacts/evaluation/e')!.toString()).toBe('modeltest');
      expect(world.events.map(({ detail }) => detail.ProcessingJobStatus)).toEqual(['InProgress', 'Completed']);
    });

    test('an entrypoint of the job replaces the image\'s, command and all', async () => {
      const image = seed(imageFrom('FROM python:3\nCOPY x /x\nENTRYPOINT ["/none"]\nCMD ["a"]', { 'x*': '#!/bin/sh\necho "arguments: $*"' }));
      await processing(image, { AppSpecification: { ImageUri: image, ContainerEntrypoint: ['/x', 'b'] } });
      await result();
      expect(log('ProcessingJobs')).toEqual(['arguments: b']);
    });

    test('fails with message and log', async () => {
      await processing(seed(shell('echo "no metric" > output/message; echo details; exit 1')));
      expect(await result()).toMatchObject({ ProcessingJobStatus: 'Failed', ExitMessage: 'no metric\n', FailureReason: expect.stringContaining('AlgorithmError') });
      expect(log('ProcessingJobs')).toEqual(['details']);
      expect([...world.objects.keys()].filter((key) => key.startsWith('artifacts/'))).toEqual([]);
    });

    test('too long: Stopped, as ProcessingStoppingCondition has it', async () => {
      await processing(seed(shell('true')), { StoppingCondition: { MaxRuntimeInSeconds: 60 } });
      const { ProcessingJobStatus, FailureReason } = await result();
      expect({ ProcessingJobStatus, FailureReason }).toEqual({ ProcessingJobStatus: 'Stopped', FailureReason: undefined });
    });

    test('can be stopped; names are unique', async () => {
      const image = seed(shell('true'));
      await processing(image);
      await call('StopProcessingJob', { ProcessingJobName: 'evaluation' });
      expect((await result()).ProcessingJobStatus).toBe('Stopped');
      await expect(processing(image)).rejects.toMatchObject({ code: 'ResourceInUse' });
      await expect(call('DescribeProcessingJob', { ProcessingJobName: 'other' })).rejects.toThrow('Could not find requested job with name: other');
    });
  });

  test('the example trains on January\'s flights and ranks those of February', async () => {
    const flights = await Flights.load({ until: new Date('2001-02-22') });
    const between = (from: string, to: string, traffic = oneIn(8)) => flights.during(new Date(from), new Date(to), traffic);
    const evaluation = async (name: string, train: ReturnType<typeof between>, test: ReturnType<typeof between>) => {
      put(`data/${name}/train.csv`, labelledCsv(train));
      put(`data/${name}-test/test.csv`, labelledCsv(test));
      const image = seed(flightDelay());
      const source = { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: `s3://data/${name}/` } };
      await training(image, { TrainingJobName: name, InputDataConfig: [{ ChannelName: 'train', DataSource: source }] });
      await world.clock.advance(30 * MINUTE);
      const inputs = { model: `s3://artifacts/model/${name}/output/model.tar.gz`, test: `s3://data/${name}-test/` };
      await call('CreateProcessingJob', {
        ProcessingJobName: name, RoleArn: ROLE, AppSpecification: { ImageUri: image, ContainerArguments: ['evaluate'] },
        ProcessingResources: { ClusterConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 10 } },
        ProcessingInputs: Object.entries(inputs).map(([input, uri]) => ({
          InputName: input, S3Input: { S3Uri: uri, LocalPath: `/opt/ml/processing/${input}`, S3DataType: 'S3Prefix', S3InputMode: 'File' },
        })),
        ProcessingOutputConfig: { Outputs: [{ OutputName: 'o', S3Output: { S3Uri: `s3://artifacts/${name}`, LocalPath: '/opt/ml/processing/evaluation', S3UploadMode: 'EndOfJob' } }] },
      });
      await world.clock.advance(30 * MINUTE);
      expect(await call('DescribeProcessingJob', { ProcessingJobName: name })).toMatchObject({ ProcessingJobStatus: 'Completed' });
      return JSON.parse(world.objects.get(`artifacts/${name}/evaluation.json`)!.toString()).metrics;
    };
    const ordinary = await evaluation('january', between('2001-01-01', '2001-02-01'), between('2001-02-01', '2001-02-08'));
    expect(ordinary.train_auc.value).toBeGreaterThan(0.6);
    expect(ordinary.train_log_loss_gain.value).toBeGreaterThan(0);
    const holdout = between('2001-02-18', '2001-02-21', fartherThan(1500));
    const champion = await evaluation('champion', between('2001-01-01', '2001-02-01'), holdout);
    const candidate = await evaluation('candidate', between('2001-02-08', '2001-02-18', fartherThan(1500)), holdout);
    expect(candidate.train_auc.value - champion.train_auc.value).toBeGreaterThan(0.1);
  });
});
