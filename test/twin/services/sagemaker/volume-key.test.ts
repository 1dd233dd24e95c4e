import { ADMINISTRATOR, AwsError, type Principal } from '../../../../twin/service';
import type { EcrService } from '../../../../twin/services/ecr';
import { KmsService } from '../../../../twin/services/kms';
import { SageMakerService } from '../../../../twin/services/sagemaker';
import { imageFrom } from '../../jobs/images';
import { TestWorld } from '../../jobs/test-world';
import { MINUTE, ROLE, setUp } from './fake-hosting';

const TRAINING = (TrainingImage: string, VolumeKmsKeyId: string) => ({
  TrainingJobName: 'job', RoleArn: ROLE, AlgorithmSpecification: { TrainingImage, TrainingInputMode: 'File' },
  OutputDataConfig: { S3OutputPath: 's3://artifacts/model/' }, StoppingCondition: { MaxRuntimeInSeconds: 3600 },
  ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 10, VolumeKmsKeyId },
});
const PROCESSING = (ImageUri: string, VolumeKmsKeyId: string) => ({
  ProcessingJobName: 'job', RoleArn: ROLE, AppSpecification: { ImageUri },
  ProcessingResources: { ClusterConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 10, VolumeKmsKeyId } },
});

describe.each([['CreateTrainingJob', TRAINING], ['CreateProcessingJob', PROCESSING]])('%s with a key for its volume', (operation, input) => {
  let world: TestWorld;
  let create: () => Promise<unknown>;
  beforeEach(async () => {
    world = new TestWorld((made) => [new SageMakerService(made), new KmsService(made)]);
    const image = world.service<EcrService>('ecr').seedImage({ registryId: world.account, repository: 'models', image: imageFrom('FROM python:3\nENTRYPOINT ["true"]', {}) });
    const { KeyMetadata } = await world.call({ service: 'kms', operation: 'CreateKey', input: {}, caller: ADMINISTRATOR });
    create = () => world.call({ service: 'sagemaker', operation, input: input(image, KeyMetadata.Arn), caller: ADMINISTRATOR });
  });
  afterEach(() => { world.remove(); });

  const refuse = (kind: Principal['kind'], refused: string) => {
    world.authorizer = { decide: (principal, { action }) => ({ allowed: principal.kind !== kind || action !== refused }) };
  };

  test.each(['kms:CreateGrant', 'kms:DescribeKey'])('needs %s of the caller and of the execution role', async (action) => {
    refuse('administrator', action);
    await expect(create()).rejects.toMatchObject({ code: 'AccessDeniedException', message: expect.stringContaining(action) });
    refuse('role', action);
    await expect(create()).rejects.toMatchObject({ code: 'ValidationException', message: expect.stringContaining(`by the role ${ROLE}`) });
  });

  test('asks by way of SageMaker, for a resource of AWS', async () => {
    await create();
    const grants = world.record.flatMap(({ authorized }) => authorized).filter(({ action }) => action === 'kms:CreateGrant');
    expect(grants).toHaveLength(2);
    for (const { context } of grants) expect(context).toMatchObject({ 'kms:ViaService': 'sagemaker.us-east-1.amazonaws.com', 'kms:GrantIsForAWSResource': 'true' });
  });
});

describe('an endpoint with a key for its volumes', () => {
  const withKey = async () => {
    const context = setUp();
    context.world.add(new KmsService(context.world));
    const { KeyMetadata } = await context.call('CreateKey', {}, 'kms');
    await context.model('one');
    await context.config('one', 'one', { KmsKeyId: KeyMetadata.Arn });
    return context;
  };

  test('needs the key of the caller', async () => {
    const { world, sageMaker } = await withKey();
    const input = { EndpointName: 'flights', EndpointConfigName: 'one' };
    for (const operation of ['CreateEndpoint', 'UpdateEndpoint']) {
      const needs = sageMaker.operations[operation]!.authorize(input, { world, service: 'sagemaker', operation, caller: ADMINISTRATOR });
      expect(needs.map(({ action }) => action)).toEqual(expect.arrayContaining(['kms:CreateGrant', 'kms:DescribeKey']));
    }
  });

  test('does not come up if the execution role may not lend it', async () => {
    const { world, call, describe: described } = await withKey();
    const refused: Principal[] = [];
    world.stubs['sagemaker:UseVolumeKey'] = (_, caller) => {
      refused.push(caller);
      throw new AwsError('AccessDeniedException', 'no');
    };
    await call('CreateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'one' });
    await world.clock.advance(5 * MINUTE);
    expect(await described()).toMatchObject({ EndpointStatus: 'Failed', FailureReason: expect.stringContaining(`by the role ${ROLE}`) });
    expect(refused).toEqual([{ kind: 'role', roleArn: ROLE, sessionName: 'SageMaker' }]);
  });
});
