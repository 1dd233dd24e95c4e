import { Stack, type App } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import * as library from '../../lib';
import {
  AlarmTopic, ApprovalPolicy, BiasFacet, CandidateApproval, DataBuckets, Dataset, DriftMonitor, EndpointAlarms, Hosting, JobLogGroups, LoopRetirement, MlopsLoop, MlopsStack,
  ModelDashboard, ModelEndpoint, ModelImage, ModelRegistry, ModelTask, QualityMonitor, Reconciliation, ReleasePipeline, Retraining, TrainingPipeline, TrainingWorkflow,
} from '../../lib';
import { SMALLEST } from '../lib/fixtures';
import { ACKNOWLEDGED } from './acknowledged';
import { covers, findingsOf, synthesizeAcknowledged, type Finding } from './nag';

const QUALITY = { task: ModelTask.binaryClassification({ facets: [BiasFacet.ofValues('origin', ['BOS'], { limits: { DPPL: 0.1 } })] }) };

const FULL = {
  ...SMALLEST, quality: QUALITY, approval: ApprovalPolicy.automatic(), stagesBeforeProduction: [{ name: 'Staging' }],
  hosting: Hosting.realTime({ autoscaling: { maximumInstances: 2, invocationsPerInstance: 100 } }),
};

/** What a construct needs beside it. */
interface Around {
  readonly scope: Construct;
  readonly buckets: DataBuckets;
  readonly registry: ModelRegistry;
  readonly image: ModelImage;
  readonly encryptionKey: Key;
  readonly alarmTopic: ITopic;
}

function around(stack: Stack): Around {
  const scope = new Construct(stack, 'Around');
  const encryptionKey = new Key(scope, 'Key', { enableKeyRotation: true });
  const buckets = new DataBuckets(scope, 'Data', { encryptionKey });
  const alarmTopic = new AlarmTopic(scope, 'Alarms', { encryptionKey }).topic;
  return { scope, encryptionKey, alarmTopic, buckets, registry: new ModelRegistry(scope, 'Registry'), image: image(scope, buckets.pipelineArtifacts, encryptionKey) };
}

const image = (scope: Construct, pipelineArtifacts: IBucket, encryptionKey: Key) =>
  new ModelImage(scope, 'Image', { project: SMALLEST.project, pipelineArtifacts, encryptionKey });
const dataset = ({ buckets }: Around) => Dataset.fromBucket(buckets.datasets, SMALLEST.dataset);
const endpoint = (scope: Construct, beside: Around) => new ModelEndpoint(scope, 'Endpoint', { ...beside, hosting: FULL.hosting });
const training = (scope: Construct, beside: Around) =>
  new TrainingWorkflow(scope, 'Training', { ...beside, dataset: dataset(beside), gate: SMALLEST.gate, championEndpointName: 'champion' });
const trainingPipeline = (scope: Construct, beside: Around) =>
  new TrainingPipeline(scope, 'TrainingPipeline', { ...beside, dataset: dataset(beside), workflow: training(beside.scope, beside) });
const monitor = (scope: Construct, beside: Around) => new DriftMonitor(scope, 'Monitor', { ...beside, endpointName: 'flights' });
const retraining = (scope: Construct, beside: Around) => new Retraining(scope, 'Retraining', {
  ...beside, dataset: dataset(beside), alarm: monitor(beside.scope, beside).driftAlarm, pipeline: trainingPipeline(beside.scope, beside).pipeline,
});

/** Each construct under the name that it has in the loop, with a key. */
const CONSTRUCTS: Readonly<Record<string, (stack: Stack, beside: Around) => void>> = {
  DataBuckets: (stack, { encryptionKey }) => new DataBuckets(stack, 'Data', { encryptionKey }),
  ModelRegistry: (stack) => new ModelRegistry(stack, 'Registry'),
  ModelImage: (stack, { buckets, encryptionKey }) => image(stack, buckets.pipelineArtifacts, encryptionKey),
  AlarmTopic: (stack, { encryptionKey }) => new AlarmTopic(stack, 'Alarms', { emails: ['team@example.com'], encryptionKey }),
  JobLogGroups: (stack, { encryptionKey }) => new JobLogGroups(stack, 'JobLogs', { encryptionKey }),
  EndpointAlarms: (stack, { alarmTopic }) => new EndpointAlarms(stack, 'EndpointAlarms', { endpointName: 'flights', instanceType: 'ml.m5.large', topic: alarmTopic }),
  ModelEndpoint: endpoint,
  TrainingWorkflow: training,
  TrainingPipeline: trainingPipeline,
  ReleasePipeline: (stack, beside) => new ReleasePipeline(stack, 'ReleasePipeline', { ...beside, stages: [{ name: 'Production', endpoint: endpoint(beside.scope, beside) }] }),
  CandidateApproval: (stack, beside) => new CandidateApproval(stack, 'Approval', { ...beside, gate: SMALLEST.gate }),
  DriftMonitor: monitor,
  QualityMonitor: (stack, beside) => new QualityMonitor(stack, 'Quality', { ...beside, ...QUALITY, endpointName: 'flights' }),
  Retraining: retraining,
  Reconciliation: (stack, beside) => {
    const served = endpoint(beside.scope, beside);
    const { endpointName } = served;
    const releasePipeline = new ReleasePipeline(beside.scope, 'ReleasePipeline', { ...beside, stages: [{ name: 'Production', endpoint: served }] });
    new Reconciliation(stack, 'Reconciliation', { ...beside, releasePipeline, endpointName, rules: releasePipeline.rules });
  },
  ModelDashboard: (stack, beside) =>
    new ModelDashboard(stack, 'Dashboard', { endpoint: endpoint(beside.scope, beside), monitor: monitor(stack, beside), retraining: retraining(beside.scope, beside) }),
  LoopRetirement: (stack, beside) => {
    const { stateMachine, rule } = monitor(beside.scope, beside);
    new LoopRetirement(stack, 'Retirement', {
      endpoints: [endpoint(beside.scope, beside)], starters: [rule], workflows: [stateMachine], registry: beside.registry, buckets: [beside.buckets.captured],
      encryptionKey: beside.encryptionKey,
    });
  },
  MlopsLoop: (stack, { encryptionKey }) => new MlopsLoop(stack, 'Loop', { ...FULL, encryptionKey }),
};

/** A stack for each, in one app: the packs are run once. */
function alone(app: App): void {
  for (const [name, make] of Object.entries(CONSTRUCTS)) {
    const stack = new Stack(app, name);
    make(stack, around(stack));
  }
}

function whole(app: App): void {
  new MlopsStack(app, 'Mlops', FULL);
}

/** In the company's own network, which is not looked at. */
function inVpc(app: App): void {
  const stack = new Stack(app, 'Mlops');
  const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-0123456789abcdef0', vpcCidrBlock: '10.0.0.0/16', availabilityZones: ['eu-west-1a', 'eu-west-1b'],
    privateSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'], privateSubnetRouteTableIds: ['rtb-0123456789abcdef0', 'rtb-0123456789abcdef1'],
  });
  new MlopsLoop(stack, 'Loop', { ...FULL, vpc });
}

describe('the packs AwsSolutions, NIST 800-53, HIPAA and PCI DSS', () => {
  const found: Record<string, Finding[]> = {};
  beforeAll(() => {
    found.whole = findingsOf(whole);
    found.inVpc = findingsOf(inVpc);
    found.alone = findingsOf(alone);
  }, 300_000);

  test('every construct that the library exports is looked at alone', () => {
    const exported = Object.entries(library).filter(([, each]) => typeof each === 'function' && each.prototype instanceof Construct && !(each.prototype instanceof Stack)).map(([name]) => name);
    expect(Object.keys(CONSTRUCTS).sort()).toEqual(exported.sort());
  });

  test.each([['the app', 'whole'], ['the app in a VPC', 'inVpc'], ['each construct alone', 'alone']])('%s: every finding is acknowledged with a reason', (_, what) => {
    expect(found[what]!.filter((finding) => !ACKNOWLEDGED.some((entry) => covers(entry, finding)))).toEqual([]);
  });

  test.each([['the app', whole, 'whole'], ['the app in a VPC', inVpc, 'inVpc'], ['each construct alone', alone, 'alone']] as const)('%s: once acknowledged, nothing is left to say', (_, build, what) => {
    expect(() => { synthesizeAcknowledged(build, found[what]!, ACKNOWLEDGED); }).not.toThrow();
  }, 180_000);

  test('every acknowledgement is needed', () => {
    const all = Object.values(found).flat();
    expect(ACKNOWLEDGED.filter((entry) => !all.some((finding) => covers(entry, finding)))).toEqual([]);
  });
});
