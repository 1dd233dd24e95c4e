import { CannotStartError } from '../../../../twin/jobs/container';
import { DOCKER_MANIFEST } from '../../../../twin/jobs/image';
import { ADMINISTRATOR, AwsError } from '../../../../twin/service';
import { ApplicationAutoScalingService } from '../../../../twin/services/application-autoscaling';
import { CloudWatchService } from '../../../../twin/services/cloudwatch';
import { EcrService } from '../../../../twin/services/ecr';
import { S3Service } from '../../../../twin/services/s3';
import { SageMakerService } from '../../../../twin/services/sagemaker';
import { ModelServers } from '../../../../twin/services/sagemaker/hosting/server-pool';
import { FakeWorld } from '../cloudwatch/fake-world';

export const IMAGE = '123456789012.dkr.ecr.us-east-1.amazonaws.com/model:1';
export const ROLE = 'arn:aws:iam::123456789012:role/serving';
export const MINUTE = 60_000;

/** Models that answer without a process; what a model does hangs on its environment: STATUS (`none`: no answer), HEALTH. */
function fakeServers(): ModelServers & { readonly running: Set<string> } {
  const running = new Set<string>();
  return {
    running,
    provision: async () => ({ image: { digest: '', architecture: 'amd64', config: { Env: [], WorkingDir: '/' }, rootfs: '' }, files: [] }),
    acquire: async (model, _instanceType, onLine) => {
      const { HEALTH, STATUS = '200' } = model.container.Environment ?? {};
      if (HEALTH === 'bad') throw new CannotStartError('no healthy answer');
      running.add(model.name);
      onLine('serving');
      return {
        invoke: async ({ body }) => {
          if (STATUS === 'none') throw new Error('the connection was reset');
          return { status: Number(STATUS), headers: { 'content-type': 'text/csv' }, body: Buffer.from(`${Buffer.from(body ?? '').length}\n`) };
        },
        release: async () => { running.delete(model.name); },
      };
    },
    stop: async () => {},
  };
}

export function setUp() {
  const world = new FakeWorld();
  const cloudWatch = world.add(new CloudWatchService(world));
  world.add(new ApplicationAutoScalingService(world));
  const servers = fakeServers();
  world.add(new EcrService(world));
  world.add(new S3Service(world));
  const sageMaker = world.add(new SageMakerService(world, servers));
  const objects = new Map<string, Buffer>([['models/m.tar.gz', Buffer.from('artifact')]]);
  Object.assign(world.stubs, {
    'sts:AssumeRole': () => ({}),
    'ecr:BatchGetImage': ({ imageIds }: { imageIds: Array<{ imageTag: string }> }) => ({ images: imageIds[0]!.imageTag === '1' ? [{ imageManifestMediaType: DOCKER_MANIFEST }] : [] }),
    's3:HeadObject': ({ Bucket, Key }: { Bucket: string; Key: string }) => {
      if (!objects.has(`${Bucket}/${Key}`)) throw new AwsError('NotFound', 'Not Found', 404);
      return {};
    },
    's3:PutObject': ({ Bucket, Key, Body }: { Bucket: string; Key: string; Body: Buffer }) => { objects.set(`${Bucket}/${Key}`, Body); },
    'logs:CreateLogGroup': () => ({}), 'logs:CreateLogStream': () => ({}), 'logs:PutLogEvents': () => ({}),
  });
  const call = (operation: string, input: object, service = 'sagemaker') => world.call({ service, operation, input, caller: ADMINISTRATOR });
  const model = (ModelName: string, Environment: Record<string, string> = {}) =>
    call('CreateModel', { ModelName, ExecutionRoleArn: ROLE, PrimaryContainer: { Image: IMAGE, ModelDataUrl: 's3://models/m.tar.gz', Environment } });
  const config = (EndpointConfigName: string, ModelName: string, { variant = {}, ...settings }: { variant?: object; DataCaptureConfig?: object; KmsKeyId?: string } = {}) =>
    call('CreateEndpointConfig', {
      EndpointConfigName, ...settings,
      ProductionVariants: [{ VariantName: 'main', ModelName, InstanceType: 'ml.m5.large', InitialInstanceCount: 2, InitialVariantWeight: 1, ...variant }],
    });
  const describe = () => call('DescribeEndpoint', { EndpointName: 'flights' });
  const statuses = () => world.events.filter((event) => event['detail-type'] === 'SageMaker Endpoint State Change').map(({ detail }) => detail.EndpointStatus);
  const invoke = (input: object = {}) => call('InvokeEndpoint', { EndpointName: 'flights', Body: Buffer.from('1,2,3\n'), ContentType: 'text/csv', ...input });
  /** An endpoint in service on config `one`. */
  const inService = async (settings?: Parameters<typeof config>[2]) => {
    await model('one');
    await config('one', 'one', settings);
    await call('CreateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'one' });
    await world.clock.advance(5 * MINUTE);
  };
  return { world, cloudWatch, sageMaker, servers, objects, call, model, config, describe, statuses, invoke, inService };
}
