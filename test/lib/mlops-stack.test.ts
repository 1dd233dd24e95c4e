import { createHash } from 'crypto';
import { readFileSync, readdirSync, statSync } from 'fs';
import { join } from 'path';
import { Aspects, CfnResource, Duration, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { IpAddresses, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { ManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { ApprovalPolicy, Hosting, MlopsStack, QualityGate, Rollout, TrainingCapacity } from '../../lib';
import { SMALLEST, actionsOf, loopTemplate, outline, resource, resources, testApp } from './fixtures';

function digestOf(folder: string): string {
  const hash = createHash('sha256');
  const walk = (path: string) => {
    for (const name of readdirSync(path).sort()) {
      const file = join(path, name);
      hash.update(name);
      if (statSync(file).isDirectory()) walk(file);
      else hash.update(readFileSync(file));
    }
  };
  walk(folder);
  return hash.digest('hex');
}

test('two syntheses are the same, byte for byte', () => {
  const synth = () => {
    const app = testApp();
    new MlopsStack(app, 'Mlops', SMALLEST);
    return digestOf(app.synth().directory);
  };
  // From the same line: the assembly notes where each construct was made.
  const [first, second] = [0, 1].map(synth);
  expect(first).toBe(second);
}, 120_000);

test('the smallest stack has every part and stays small', () => {
  const template = loopTemplate();
  expect(Object.keys(template.toJSON().Resources).length).toBeLessThan(250);
  expect(outline(template)).toMatchSnapshot();
});

test('there is no endpoint in the template: the first release makes it', () => {
  const types = Object.values(loopTemplate().toJSON().Resources as Record<string, { Type: string }>).map(({ Type }) => Type);
  expect(types.filter((type) => /SageMaker::(Endpoint|EndpointConfig|Model)$/.test(type))).toEqual([]);
});

test('nothing of the CDK\'s own functions and providers gets in', () => {
  const functions = Object.values(resources(loopTemplate({ removalPolicy: RemovalPolicy.DESTROY }), 'AWS::Lambda::Function'));
  for (const { Properties } of functions) expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Handler: 'index.handler', Architectures: ['arm64'] });
});

test('no partition is written out', () => {
  expect(JSON.stringify(loopTemplate().toJSON())).not.toMatch(/arn:aws[:-]/);
});

describe('the removal policy', () => {
  const retirementOf = (template: Template) => Object.values(resources(template, 'Custom::LoopRetirement'))[0]!.Properties;
  const keeping = ['AWS::S3::Bucket', 'AWS::KMS::Key', 'AWS::ECR::Repository', 'AWS::SageMaker::ModelPackageGroup'];
  /** All but the key of alarms, under which nothing is kept. */
  const keptOf = (template: Template) => keeping.flatMap((type) => Object.entries(resources(template, type))).filter(([id]) => !id.startsWith('LoopAlarmsKey')).map(([, each]) => each);

  test('keeps data, models, images and keys by default, and says what they cost', () => {
    const template = loopTemplate();
    for (const { DeletionPolicy, UpdateReplacePolicy } of keptOf(template)) {
      expect({ DeletionPolicy, UpdateReplacePolicy }).toEqual({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
    }
    template.hasOutput('EncryptionKeyArn', { Description: Match.stringLikeRegexp('USD') });
    const { OnDeletion, OnRollback } = retirementOf(template);
    expect(OnDeletion).toEqual({ BucketNames: [] });
    // What people have put in is theirs, even when a creation is rolled back.
    for (const bucket of ['Artifacts', 'Captured', 'PipelineArtifacts']) expect(JSON.stringify(OnRollback.BucketNames)).toContain(`LoopData${bucket}`);
    expect(JSON.stringify(OnRollback.BucketNames)).not.toContain('Datasets');
    expect(OnRollback.ModelPackageGroupName).toBeDefined();
    template.hasResourceProperties('AWS::ECR::Repository', { EmptyOnDelete: true });
  });

  test('RETAIN keeps them whatever happens, and nobody may empty anything', () => {
    const template = loopTemplate({ removalPolicy: RemovalPolicy.RETAIN });
    for (const { DeletionPolicy } of keptOf(template)) expect(DeletionPolicy).toBe('Retain');
    expect(retirementOf(template)).toMatchObject({ OnDeletion: { BucketNames: [] }, OnRollback: { BucketNames: [] } });
    const actions = actionsOf(resource(template, 'AWS::IAM::Role', 'LoopRetirementRetireRole'));
    expect(actions.filter((action) => /^s3:|ModelPackage/.test(action))).toEqual([]);
    template.hasResourceProperties('AWS::ECR::Repository', { EmptyOnDelete: false });
  });

  test('DESTROY takes everything along, emptied', () => {
    const template = loopTemplate({ removalPolicy: RemovalPolicy.DESTROY });
    for (const type of keeping) for (const { DeletionPolicy } of Object.values(resources(template, type))) expect(DeletionPolicy).toBe('Delete');
    template.hasResourceProperties('AWS::ECR::Repository', { EmptyOnDelete: true });
    const { OnDeletion, OnRollback } = retirementOf(template);
    for (const bucket of Object.keys(resources(template, 'AWS::S3::Bucket'))) expect(JSON.stringify(OnDeletion.BucketNames)).toContain(bucket);
    expect(OnRollback).toEqual(OnDeletion);
  });
});

describe('what a user passes reaches everything', () => {
  test('a key encrypts every bucket, log group, topic and job', () => {
    const app = testApp();
    const keys = new Stack(app, 'Keys');
    const key = new Key(keys, 'Key');
    const template = Template.fromStack(new MlopsStack(app, 'Mlops', { ...SMALLEST, encryptionKey: key }));
    expect(Object.keys(resources(template, 'AWS::KMS::Key'))).toEqual([expect.stringMatching(/^LoopAlarmsKey/)]);
    for (const { Properties } of Object.values(resources(template, 'AWS::Logs::LogGroup'))) expect(Properties.KmsKeyId).toBeDefined();
    for (const { Properties } of Object.values(resources(template, 'AWS::S3::Bucket'))) {
      expect(Properties.BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault.KMSMasterKeyID).toBeDefined();
    }
    for (const { Properties } of Object.values(resources(template, 'AWS::SNS::Topic'))) expect(Properties.KmsMasterKeyId).toBeDefined();
    const services = JSON.stringify(Template.fromStack(keys).toJSON());
    expect(services).toContain('logs.');
    // Alarms and events go under a key of their own.
    expect(services).not.toMatch(/cloudwatch\.amazonaws|events\.amazonaws/);
  });

  test('a permissions boundary reaches every role', () => {
    const app = testApp();
    const stack = new MlopsStack(app, 'Mlops', SMALLEST);
    PermissionsBoundary.of(stack).apply(ManagedPolicy.fromAwsManagedPolicyName('PowerUserAccess'));
    for (const { Properties } of Object.values(resources(Template.fromStack(stack), 'AWS::IAM::Role'))) expect(Properties.PermissionsBoundary).toBeDefined();
  });

  test('tags reach what can be tagged, and aspects what is there', () => {
    const app = testApp();
    const stack = new MlopsStack(app, 'Mlops', SMALLEST);
    Tags.of(stack).add('team', 'flights');
    const visited = new Set<string>();
    Aspects.of(stack).add({ visit: (node) => { if (CfnResource.isCfnResource(node)) visited.add(node.cfnResourceType); } });
    const template = Template.fromStack(stack);
    template.allResourcesProperties('AWS::S3::Bucket', { Tags: Match.arrayWith([{ Key: 'team', Value: 'flights' }]) });
    template.allResourcesProperties('AWS::IAM::Role', { Tags: Match.arrayWith([{ Key: 'team', Value: 'flights' }]) });
    expect(visited).toContain('AWS::SageMaker::ModelPackageGroup');
  });

  test('a vpc holds jobs and models, in its private subnets', () => {
    const app = testApp();
    const network = new Stack(app, 'Network');
    const vpc = new Vpc(network, 'Vpc', { maxAzs: 2, natGateways: 1, ipAddresses: IpAddresses.cidr('10.0.0.0/16') });
    const template = Template.fromStack(new MlopsStack(app, 'Mlops', { ...SMALLEST, vpc }));
    expect(Object.keys(resources(template, 'AWS::EC2::SecurityGroup'))).toHaveLength(2);
    const definitions = Object.values(resources(template, 'AWS::StepFunctions::StateMachine')).map(({ Properties }) => JSON.stringify(Properties.DefinitionString));
    expect(definitions.find((text) => text.includes('createTrainingJob'))).toContain('VpcConfig');
    const deploy = Object.values(resources(template, 'AWS::Lambda::Function')).find(({ Properties }) => Properties.Environment.Variables.EXECUTION_ROLE_ARN)!;
    expect(JSON.stringify(deploy.Properties.Environment.Variables.SUBNETS)).toMatch(/PrivateSubnet1.*PrivateSubnet2/);
  });
});

describe('bad input is refused at synthesis, all of it at once, before anything is made', () => {
  const failing = (props: Partial<typeof SMALLEST> & Record<string, unknown>) => () => new MlopsStack(testApp(), 'Mlops', { ...SMALLEST, ...props });

  test.each([
    ['an invalid endpoint name', { endpointName: 'Flight_Delay' }, /endpointName is 'Flight_Delay'; give 1 to 52 lower-case letters/],
    ['a negative threshold', { gate: QualityGate.atLeast('auc', -1) }, /threshold of auc is -1; give a number from 0 to 1/],
    ['a threshold that is no number', { gate: QualityGate.atLeast('auc', NaN) }, /threshold of auc is NaN/],
    ['a share above one', { endpointAlarms: { maximumErrorShare: 2 } }, /maximumErrorShare is 2; give a number from 0 to 1/],
    ['half an instance', { hosting: Hosting.realTime({ instanceCount: 1.5 }) }, /instanceCount is 1.5; give a whole number of at least 1/],
    ['no instance', { hosting: Hosting.realTime({ instanceCount: 0 }) }, /instanceCount is 0/],
    ['an instance type of EC2', { hosting: Hosting.realTime({ instanceType: 'm5.large' }) }, /instanceType is 'm5.large'; give a SageMaker instance type/],
    ['a canary of one instance', { rollout: Rollout.canary() }, /a canary needs at least 2 instances and the fleet may have 1/],
    ['a canary of a fleet that may shrink to one', {
      rollout: Rollout.canary(), hosting: Hosting.realTime({ instanceCount: 2, autoscaling: { maximumInstances: 4, invocationsPerInstance: 100 } }),
    }, /a canary needs at least 2 instances/],
    ['scaling a burstable type', {
      hosting: Hosting.realTime({ instanceType: 'ml.t2.medium', autoscaling: { maximumInstances: 4, invocationsPerInstance: 100 } }),
    }, /'ml.t2.medium' is burstable/],
    ['instances that SageMaker cannot watch', { hosting: Hosting.realTime({ instanceType: 'ml.inf1.xlarge' }) }, /'ml.inf1.xlarge' is left out of SageMaker's deployment guardrails/],
    ['a canary on instances that SageMaker cannot watch', {
      hosting: Hosting.realTime({ instanceType: 'ml.inf1.xlarge', instanceCount: 2 }), rollout: Rollout.auto({ automaticRollback: false }),
    }, /'ml.inf1.xlarge' is left out of SageMaker's deployment guardrails/],
    ['a maximum below the minimum', {
      hosting: Hosting.realTime({ instanceCount: 3, autoscaling: { minimumInstances: 3, maximumInstances: 2, invocationsPerInstance: 100 } }),
    }, /maximumInstances is 2, less than minimumInstances 3/],
    ['a watch shorter than its alarms', { rollout: Rollout.allAtOnce({ bake: Duration.minutes(1), keepOldFleet: Duration.minutes(1) }) },
      /rollout.bake and rollout.keepOldFleet are together 2 minutes, in which no alarm can fire; give at least 4 minutes/],
    ['a canary that is watched for less than its alarms need', { hosting: Hosting.realTime({ instanceCount: 2 }), rollout: Rollout.canary({ bake: Duration.minutes(3) }) },
      /rollout.bake is 3 minutes, in which no alarm can fire; give at least 4 minutes/],
    ['a watch longer than SageMaker keeps the old fleet', { rollout: Rollout.auto({ bake: Duration.minutes(50), keepOldFleet: Duration.minutes(11) }) },
      /rollout.bake and rollout.keepOldFleet are together 1 hour 1 minute; SageMaker keeps the old fleet for at most 1 hour, so shorten one of them/],
    ['a window of half hours', { drift: { window: Duration.minutes(90) } }, /drift.window is 1 hour 30 minutes; give whole hours/],
    ['a label that is the time', { dataset: { labelColumn: 'time', timeColumn: 'time' } }, /both 'time'; name two columns/],
    ['a prefix without its slash', { dataset: { labelColumn: 'late', timeColumn: 'time', prefix: 'flights' } }, /prefix is 'flights'; end it with '\/'/],
    ['a wait shorter than the run', {
      training: { maximumRuntime: Duration.hours(2), capacity: TrainingCapacity.spot({ maximumWait: Duration.hours(1) }) },
    }, /maximumWait is 1 hour, less than maximumRuntime 2 hours/],
    ['a budget of nothing', { retraining: { monthlyBudget: 0 } }, /monthlyBudget is 0; give a whole number from 1 to 100/],
    ['a negative score', { approval: ApprovalPolicy.automatic({ minimumScore: -0.5 }) }, /minimumScore is -0.5; give a number from 0 to 1/],
    ['no address', { alarmEmails: ['nobody'] }, /'nobody' is not an address/],
    ['two stages of one name', { stagesBeforeProduction: [{ name: 'Production' }] }, /Production, Production; give each its own name/],
  ])('%s', (_, props, message) => {
    expect(failing(props as never)).toThrow(message);
  });

  test('a vpc without private subnets', () => {
    const app = testApp();
    const vpc = new Vpc(new Stack(app, 'Network'), 'Vpc', { subnetConfiguration: [{ name: 'public', subnetType: SubnetType.PUBLIC }] });
    expect(() => new MlopsStack(app, 'Mlops', { ...SMALLEST, vpc })).toThrow(/has no private subnets; .* add private subnets or name others in vpcSubnets/);
  });

  test('public subnets by name', () => {
    const app = testApp();
    const vpc = new Vpc(new Stack(app, 'Network'), 'Vpc', { maxAzs: 1 });
    expect(() => new MlopsStack(app, 'Mlops', { ...SMALLEST, vpc, vpcSubnets: { subnetType: SubnetType.PUBLIC } })).toThrow(/contain public subnets/);
  });

  test('several faults in one error', () => {
    expect(failing({ gate: QualityGate.atLeast('', NaN), drift: { minimumRows: 0 } })).toThrow(/3 faults:(.|\n)*metric is ''(.|\n)*threshold of  is NaN(.|\n)*minimumRows is 0/);
  });
});
