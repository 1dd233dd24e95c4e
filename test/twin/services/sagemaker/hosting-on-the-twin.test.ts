import { DefaultStackSynthesizer, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { CfnModelPackageGroup } from 'aws-cdk-lib/aws-sagemaker';
import { CfnOutput } from 'aws-cdk-lib';
import { everyPage, Twin } from '../../../../twin';
import { parseReference, pushIndex } from '../../../../twin/jobs';
import { tarGz } from '../../../../twin/jobs/archive';
import { attested } from '../../../../twin/jobs/image-index';
import { ADMINISTRATOR, type Principal } from '../../../../twin/service';
import type { EcrService } from '../../../../twin/services/ecr';
import type { SageMakerService } from '../../../../twin/services/sagemaker';
import { imageFrom } from '../../jobs/images';
import { synth } from '../../template/fakes';

/** Answers with its model file, or with the status its environment names. */
const SERVER = `
import os, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
model = open(os.path.join(os.environ['SM_ML_ROOT'], 'model', 'answer.txt'), 'rb').read()
status = int(os.environ.get('STATUS', '200'))
class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    wbufsize = -1
    def answer(self, status, body):
        self.send_response(status)
        self.send_header('Content-Type', 'text/csv')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
    def do_GET(self): self.answer(200, b'')
    def do_POST(self):
        self.rfile.read(int(self.headers['Content-Length']))
        self.answer(status, model if status == 200 else b'broken')
    def log_message(self, *args): pass
print('serving', flush=True)
ThreadingHTTPServer((os.environ['SAGEMAKER_BIND_TO_HOST'], int(os.environ['SAGEMAKER_BIND_TO_PORT'])), Handler).serve_forever()
`;
const image = imageFrom('FROM python:3\nCOPY serve.py /opt/serve.py\nENTRYPOINT ["python3", "/opt/serve.py"]', { 'serve.py': SERVER });

/** What CloudFormation's handler for model packages and AmazonSageMakerModelRegistryFullAccess have in common beyond SageMaker's own actions. */
const VISIBILITY = ['ecr:DescribeImages', 'ecr:BatchGetImage', 's3:GetObject'];

function app({ capture = true, alarms = true, pull = true, models = true, createLogGroup = true, trust = 'sagemaker.amazonaws.com', registrarLacks = '' } = {}): string {
  return synth((stack: Stack) => {
    const bucket = new Bucket(stack, 'Bucket', { removalPolicy: RemovalPolicy.DESTROY });
    const repository = new Repository(stack, 'Repository', { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true });
    const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal(trust) });
    if (models) bucket.grantRead(role, 'models/*');
    if (capture) bucket.grantPut(role, 'captured/*');
    if (pull) repository.grantPull(role);
    if (alarms) role.addToPolicy(new PolicyStatement({ actions: ['cloudwatch:DescribeAlarms'], resources: ['*'] }));
    role.addToPolicy(new PolicyStatement({ actions: [...(createLogGroup ? ['logs:CreateLogGroup'] : []), 'logs:CreateLogStream', 'logs:PutLogEvents'], resources: ['*'] }));
    const registrar = new Role(stack, 'Registrar', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    const actions = ['sagemaker:CreateModelPackage', ...VISIBILITY].filter((action) => action !== registrarLacks);
    registrar.addToPolicy(new PolicyStatement({ actions, resources: ['*'] }));
    new CfnOutput(stack, 'RegistrarArn', { value: registrar.roleArn });
    new CfnModelPackageGroup(stack, 'Group', { modelPackageGroupName: 'flights' });
    new CfnOutput(stack, 'BucketName', { value: bucket.bucketName });
    new CfnOutput(stack, 'RoleArn', { value: role.roleArn });
    new CfnOutput(stack, 'RepositoryName', { value: repository.repositoryName });
  }, { synthesizer: new DefaultStackSynthesizer() });
}

const twins: Twin[] = [];
afterEach(async () => {
  for (const twin of twins.splice(0)) await twin.stop();
});

async function setUp(options?: Parameters<typeof app>[0]) {
  const twin = await Twin.fromAssembly(app(options));
  twins.push(twin);
  const { BucketName, RoleArn, RepositoryName, RegistrarArn } = Object.values(await twin.deploy())[0]! as Record<string, string>;
  const call = (service: string, operation: string, input: object, caller: Principal = ADMINISTRATOR) => twin.call({ service, operation, input, caller });
  const uri = twin.service<EcrService>('ecr').seedImage({ registryId: twin.account, repository: RepositoryName!, image });
  await call('s3', 'PutObject', { Bucket: BucketName, Key: 'models/model.tar.gz', Body: tarGz([{ path: 'answer.txt', content: Buffer.from('0.25\n') }]) });
  const sm = (operation: string, input: object) => call('sagemaker', operation, input);
  const specification = {
    ModelPackageGroupName: 'flights',
    InferenceSpecification: { Containers: [{ Image: uri, ModelDataUrl: `s3://${BucketName}/models/model.tar.gz` }], SupportedContentTypes: ['text/csv'], SupportedResponseMIMETypes: ['text/csv'] },
  };
  const register = () => call('sagemaker', 'CreateModelPackage', specification, { kind: 'role', roleArn: RegistrarArn!, sessionName: 'registrar' });
  const release = async (name: string, Environment: Record<string, string> = {}, InstanceType = 'ml.m5.large') => {
    const { ModelPackageArn } = await sm('CreateModelPackage', { ...specification, ModelApprovalStatus: 'Approved' });
    await twin.advance({ minutes: 1 });
    await sm('CreateModel', { ModelName: name, ExecutionRoleArn: RoleArn, PrimaryContainer: { ModelPackageName: ModelPackageArn, Environment } });
    await sm('CreateEndpointConfig', {
      EndpointConfigName: name,
      ProductionVariants: [{ VariantName: 'main', ModelName: name, InstanceType, InitialInstanceCount: 2 }],
      DataCaptureConfig: {
        EnableCapture: true, InitialSamplingPercentage: 100, DestinationS3Uri: `s3://${BucketName}/captured`,
        CaptureOptions: [{ CaptureMode: 'InputAndOutput' }], CaptureContentTypeHeader: { CsvContentTypes: ['text/csv'] },
      },
    });
  };
  const endpoint = async () => {
    await release('one');
    await sm('CreateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'one' });
    await twin.advance({ minutes: 5 });
  };
  const invoke = () => sm('InvokeEndpoint', { EndpointName: 'flights', Body: Buffer.from('1,2\n'), ContentType: 'text/csv' });
  const captured = async () => (await everyPage((page) => call('s3', 'ListObjectsV2', page), { Bucket: BucketName, Prefix: 'captured/' })).Contents ?? [];
  return { twin, sm, call, release, endpoint, invoke, captured, register, RoleArn: RoleArn!, repository: RepositoryName! };
}

test('a real container answers, logs and is captured; destroying its endpoint ends it', async () => {
  const { twin, sm, call, endpoint, invoke, captured } = await setUp();
  await endpoint();
  expect((await invoke()).Body.toString()).toBe('0.25\n');
  await Promise.all(Array.from({ length: 8 }, invoke));
  await twin.advance({ minutes: 10 });
  expect((await captured()).length).toBeGreaterThan(0);
  const { events } = await call('logs', 'FilterLogEvents', { logGroupName: '/aws/sagemaker/Endpoints/flights' });
  expect(events).toMatchObject([{ message: 'serving' }]);
  await sm('DeleteEndpoint', { EndpointName: 'flights' });
  await twin.advance({ minutes: 5 });
  expect(twin.remaining().filter((arn) => arn.includes(':endpoint/'))).toEqual([]);
});

test('a role that may not create the log group writes no logs, even if the group exists', async () => {
  const { call, twin, endpoint, invoke } = await setUp({ createLogGroup: false });
  await call('logs', 'CreateLogGroup', { logGroupName: '/aws/sagemaker/Endpoints/flights' });
  await endpoint();
  await invoke();
  await twin.advance({ minutes: 10 });
  expect((await call('logs', 'FilterLogEvents', { logGroupName: '/aws/sagemaker/Endpoints/flights' })).events).toEqual([]);
});

test('an alarm of the new fleet rolls the release back', async () => {
  const { twin, sm, call, endpoint, release, invoke } = await setUp();
  await endpoint();
  await release('two', { STATUS: '500' });
  await call('monitoring', 'PutMetricAlarm', {
    AlarmName: 'errors', Namespace: 'AWS/SageMaker', MetricName: 'Invocation5XXErrors', Statistic: 'Sum', Period: 60, EvaluationPeriods: 1, Threshold: 0,
    ComparisonOperator: 'GreaterThanThreshold', TreatMissingData: 'notBreaching',
    Dimensions: [{ Name: 'EndpointName', Value: 'flights' }, { Name: 'VariantName', Value: 'main' }, { Name: 'EndpointConfigName', Value: 'two' }],
  });
  const start = twin.clock.now();
  for (let index = 0; index < 600; index++) twin.clock.at(start + index * 1000, 'request', () => invoke().then(() => undefined, () => undefined));
  await sm('UpdateEndpoint', {
    EndpointName: 'flights', EndpointConfigName: 'two',
    DeploymentConfig: {
      BlueGreenUpdatePolicy: { TrafficRoutingConfiguration: { Type: 'CANARY', CanarySize: { Type: 'CAPACITY_PERCENT', Value: 50 }, WaitIntervalInSeconds: 300 }, TerminationWaitInSeconds: 60 },
      AutoRollbackConfiguration: { Alarms: [{ AlarmName: 'errors' }] },
    },
  });
  await twin.advance({ minutes: 12 });
  expect(await sm('DescribeEndpoint', { EndpointName: 'flights' })).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: 'one' });
  const [blue, green] = twin.service<SageMakerService>('sagemaker').fleetsOf('flights');
  expect(blue!.errors).toBe(0);
  expect(green!.errors).toBeGreaterThan(0);
});

test('an image for x86 never answers on Graviton, even while the same model serves on x86; the log says why', async () => {
  const { twin, sm, call, endpoint, release, invoke } = await setUp();
  await endpoint();
  await release('arm', {}, 'ml.c6g.large');
  await sm('CreateEndpoint', { EndpointName: 'on-graviton', EndpointConfigName: 'arm' });
  await twin.advance({ minutes: 20 });
  expect(await sm('DescribeEndpoint', { EndpointName: 'on-graviton' })).toMatchObject({ EndpointStatus: 'Failed', FailureReason: expect.stringContaining('did not pass the ping health check') });
  const { events } = await call('logs', 'FilterLogEvents', { logGroupName: '/aws/sagemaker/Endpoints/on-graviton' });
  expect(events).toMatchObject([{ message: expect.stringMatching(/^exec \S+: exec format error$/) }]);
  await sm('CreateEndpointConfig', { EndpointConfigName: 'same-model', ProductionVariants: [{ VariantName: 'main', ModelName: 'one', InstanceType: 'ml.c6g.large', InitialInstanceCount: 1 }] });
  await sm('UpdateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'same-model' });
  await twin.advance({ minutes: 20 });
  expect(await sm('DescribeEndpoint', { EndpointName: 'flights' })).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: 'one' });
  expect((await invoke()).Body.toString()).toBe('0.25\n');
});

test('a role that may not see the alarms, or not write what is captured', async () => {
  const { twin, sm, endpoint, release, invoke, captured } = await setUp({ alarms: false, capture: false });
  await endpoint();
  await invoke();
  await twin.advance({ minutes: 10 });
  expect(await captured()).toEqual([]);
  await release('two');
  await sm('UpdateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'two', DeploymentConfig: { AutoRollbackConfiguration: { Alarms: [{ AlarmName: 'errors' }] } } });
  await twin.advance({ minutes: 10 });
  expect(await sm('DescribeEndpoint', { EndpointName: 'flights' })).toMatchObject({
    EndpointStatus: 'InService', EndpointConfigName: 'one', FailureReason: expect.stringContaining('cloudwatch:DescribeAlarms'),
  });
});

test('new instances pull image and artifact by what the role may do now; those that stand go on', async () => {
  const { twin, sm, endpoint, invoke } = await setUp();
  await endpoint();
  const scaled = async (count: number) => {
    await sm('UpdateEndpointWeightsAndCapacities', { EndpointName: 'flights', DesiredWeightsAndCapacities: [{ VariantName: 'main', DesiredInstanceCount: count }] });
    await twin.advance({ minutes: 5 });
    return sm('DescribeEndpoint', { EndpointName: 'flights' });
  };
  const instances = (count: number) => [{ CurrentInstanceCount: count, DesiredInstanceCount: count }];
  expect(await scaled(3)).toMatchObject({ EndpointStatus: 'InService', ProductionVariants: instances(3) });

  for (const [options, action] of [[{ pull: false }, 'ecr:'], [{ models: false }, 's3:GetObject']] as const) {
    await twin.update(app(options));
    expect(await scaled(4)).toMatchObject({ EndpointStatus: 'InService', FailureReason: expect.stringContaining(action), ProductionVariants: instances(3) });
    expect(await scaled(3)).not.toHaveProperty('FailureReason');
  }
  twin.service<SageMakerService>('sagemaker').endpoints.patch('flights', 60_000);
  await twin.advance({ minutes: 2 });
  expect(await sm('DescribeEndpoint', { EndpointName: 'flights' })).toMatchObject({ EndpointStatus: 'InService', FailureReason: expect.stringContaining('s3:GetObject'), ProductionVariants: instances(3) });
  expect((await invoke()).Body.toString()).toBe('0.25\n');

  // A release of the model that serves needs new instances, too.
  await sm('CreateEndpointConfig', { EndpointConfigName: 'again', ProductionVariants: [{ VariantName: 'main', ModelName: 'one', InstanceType: 'ml.m5.xlarge', InitialInstanceCount: 1 }] });
  await sm('UpdateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'again' });
  await twin.advance({ minutes: 20 });
  expect(await sm('DescribeEndpoint', { EndpointName: 'flights' })).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: 'one', FailureReason: expect.stringContaining('s3:GetObject') });
  await twin.update(app());
  expect(await scaled(4)).toMatchObject({ ProductionVariants: instances(4) });
});

test.each(VISIBILITY)('a package is not made by a role without %s: image and artifact are looked at in its name', async (registrarLacks) => {
  const { twin, sm, register } = await setUp({ registrarLacks });
  await expect(register()).rejects.toMatchObject({ code: 'AccessDeniedException', message: expect.stringContaining(`is not authorized to perform: ${registrarLacks} on resource`) });
  expect((await sm('ListModelPackages', { ModelPackageGroupName: 'flights' })).ModelPackageSummaryList).toEqual([]);
  await twin.update(app());
  expect(await register()).toMatchObject({ ModelPackageArn: expect.stringMatching(/\/1$/) });
});

test('no model is made of an index', async () => {
  const { twin, sm, RoleArn, repository } = await setUp();
  const address = `${twin.account}.dkr.ecr.${twin.region}.amazonaws.com/${repository}:v1`;
  await pushIndex(twin, attested(image), parseReference(address)!, ADMINISTRATOR);
  await expect(sm('CreateModel', { ModelName: 'one', ExecutionRoleArn: RoleArn, PrimaryContainer: { Image: address } }))
    .rejects.toThrow(`Unsupported manifest media type application/vnd.oci.image.index.v1+json for image ${address}. Ensure that valid manifest media type is used for specified image.`);
});

test('a role that does not trust SageMaker makes no model', async () => {
  const { release } = await setUp({ trust: 'lambda.amazonaws.com' });
  await expect(release('one')).rejects.toThrow('Could not assume role');
});
