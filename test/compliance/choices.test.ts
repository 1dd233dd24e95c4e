import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { ApprovalPolicy, BiasFacet, Hosting, MlopsLoop, ModelProject, QualityGate, type MlopsLoopProps } from '../../lib';
import { list, SMALLEST, statementsOf, testApp, type Resource } from '../lib/fixtures';

/** Permissions that only some choices bring, which the loop on the twin does not make, and why they are needed. */
const BROUGHT_ALONG: ReadonlyArray<{ readonly choice: string; readonly role: RegExp; readonly actions: readonly string[]; readonly reason: string }> = [
  {
    choice: 'a VPC', role: /^(Training(Training|Scoring)Role|(Staging)?EndpointExecutionRole)$/,
    actions: [
      'ec2:CreateNetworkInterface', 'ec2:CreateNetworkInterfacePermission', 'ec2:DeleteNetworkInterface', 'ec2:DeleteNetworkInterfacePermission',
      'ec2:DescribeDhcpOptions', 'ec2:DescribeNetworkInterfaces', 'ec2:DescribeSecurityGroups', 'ec2:DescribeSubnets', 'ec2:DescribeVpcs',
    ],
    reason: 'SageMaker puts the interfaces of jobs and models into the VPC under their roles, as its documentation of execution roles has it; the twin has no VPC',
  },
  {
    choice: 'a project in a bucket', role: /^TrainingPipelineNewCodeRole$/, actions: ['codepipeline:StartPipelineExecution'],
    reason: 'the rule that hears of a new version starts the pipeline, as the one for data does',
  },
  {
    choice: 'a project behind a connection', role: /^TrainingPipelineRole$/, actions: ['codeconnections:UseConnection', 'codestar-connections:UseConnection'],
    reason: 'the source action fetches the repository through the connection; connections have either name',
  },
  {
    choice: 'metrics under Model Monitor\'s names', role: /^MonitorReduceRole$/, actions: ['cloudwatch:PutMetricData'],
    reason: 'figures that are the least, the largest and the sum of many cannot be told by a log line; into that namespace only',
  },
];

/** What the loop on the twin is made of; see scripts/iam. */
const PLAYED: Partial<MlopsLoopProps> = {
  approval: ApprovalPolicy.automatic(), stagesBeforeProduction: [{ name: 'Staging' }], removalPolicy: RemovalPolicy.DESTROY,
  hosting: Hosting.realTime({ instanceCount: 2, autoscaling: { minimumInstances: 2, maximumInstances: 4, invocationsPerInstance: 600 } }),
};

const CHOICES: Readonly<Record<string, (stack: Stack) => Partial<MlopsLoopProps>>> = {
  'the defaults': () => ({ approval: undefined, stagesBeforeProduction: undefined, hosting: undefined, removalPolicy: undefined }),
  'a VPC': (stack) => ({ vpc: new Vpc(stack, 'Vpc', { restrictDefaultSecurityGroup: false }) }),
  'a project in a bucket': (stack) => ({ project: ModelProject.fromBucket(Bucket.fromBucketName(stack, 'Code', 'code'), 'project.zip') }),
  'a project behind a connection': () => ({
    project: ModelProject.fromConnection('arn:aws:codeconnections:eu-west-1:123456789012:connection/1', { owner: 'company', repository: 'model' }),
  }),
  'metrics under Model Monitor\'s names': () => ({ drift: { modelMonitorMetrics: {} } }),
  'critical features, an imported baseline and a gate on bias': (stack) => ({
    drift: { criticalFeatures: ['origin'], importedBaseline: { bucket: Bucket.fromBucketName(stack, 'Old', 'old'), statisticsKey: 'statistics.json' } },
    gate: QualityGate.atLeast('auc', 0.6, { bias: { facets: [BiasFacet.above('distance', 1000, { limits: { DPPL: 0.1 } })] } }),
  }),
  'a bucket with data': (stack) => ({ dataBucket: Bucket.fromBucketName(stack, 'Existing', 'data') }),
};

/** Who may do what, by role and action. */
function allowed(choose: (stack: Stack) => Partial<MlopsLoopProps>): Set<string> {
  const stack = new Stack(testApp(), 'Test');
  new MlopsLoop(stack, 'Loop', { ...SMALLEST, ...PLAYED, ...choose(stack) });
  const roles = Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Role') as Record<string, Resource>);
  return new Set(roles.flatMap(([id, role]) => statementsOf(role).flatMap(({ Action }) => list(Action)).map((action) => `${id.replace(/^Loop/, '').replace(/[0-9A-F]{8}$/, '')} ${action}`)));
}

const played = allowed(() => ({}));

test.each(Object.entries(CHOICES))('%s: brings no permission but those listed', (choice, choose) => {
  const entries = BROUGHT_ALONG.filter((entry) => entry.choice === choice);
  const more = [...allowed(choose)].filter((each) => !played.has(each)).map((each) => each.split(' ') as [string, string]);
  expect(more.filter(([role, action]) => !entries.some((entry) => entry.role.test(role) && entry.actions.includes(action)))).toEqual([]);
  for (const entry of entries) {
    for (const action of entry.actions) expect(more.some(([role, each]) => entry.role.test(role) && each === action)).toBe(true);
  }
});

test('in a VPC, interfaces are made in the chosen subnets and groups only', () => {
  const stack = new Stack(new App(), 'Test');
  new MlopsLoop(stack, 'Loop', { ...SMALLEST, vpc: new Vpc(stack, 'Vpc', { restrictDefaultSecurityGroup: false }) });
  const roles = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Role') as Record<string, Resource>);
  const making = roles.flatMap(statementsOf).filter(({ Action }) => list(Action).includes('ec2:CreateNetworkInterface'));
  expect(making).toHaveLength(3);
  for (const { Resource: resources } of making) {
    const names = list(resources as unknown[]).map((resource) => JSON.stringify(resource));
    expect(names.map((name) => /:(network-interface\/\*|subnet\/|security-group\/)/.exec(name)?.[1]).sort()).toEqual(['network-interface/*', 'security-group/', 'subnet/', 'subnet/']);
    expect(names.filter((name) => /\*/.test(name.replace('network-interface/*', '')))).toEqual([]);
  }
});
