import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { ApprovalPolicy, Hosting, KeyManagement, MlopsLoop, MlopsStack } from '../../lib';
import { SMALLEST, list, loopTemplate, statementsOf, testApp, type Resource } from '../lib/fixtures';

/* eslint-disable @typescript-eslint/no-explicit-any -- properties of templates */

/** Where each kind of resource that keeps something says with which key it does. */
const KEY_OF: Readonly<Record<string, (properties: any) => unknown>> = {
  'AWS::S3::Bucket': ({ BucketEncryption }) => BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault.KMSMasterKeyID,
  'AWS::Logs::LogGroup': ({ KmsKeyId }) => KmsKeyId,
  'AWS::SNS::Topic': ({ KmsMasterKeyId }) => KmsMasterKeyId,
  'AWS::SQS::Queue': ({ KmsMasterKeyId }) => KmsMasterKeyId,
  'AWS::ECR::Repository': ({ EncryptionConfiguration }) => EncryptionConfiguration.KmsKey,
  'AWS::CodeBuild::Project': ({ EncryptionKey }) => EncryptionKey,
};

/** Kinds of resource that keep no data of the loop: definitions, permissions and figures. */
const NOTHING_KEPT = [
  'AWS::CloudWatch::Alarm', 'AWS::CloudWatch::Dashboard', 'AWS::CodePipeline::Pipeline', 'AWS::Events::Rule', 'AWS::IAM::Policy', 'AWS::IAM::Role', 'AWS::KMS::Key',
  'AWS::Lambda::EventInvokeConfig', 'AWS::Lambda::Function', 'AWS::Lambda::Permission', 'AWS::S3::BucketPolicy', 'AWS::SNS::TopicPolicy', 'AWS::SQS::QueuePolicy',
  'AWS::SageMaker::ModelPackageGroup', 'AWS::StepFunctions::StateMachine', 'AWS::CDK::Metadata', 'Custom::EndpointRetirement', 'Custom::LoopRetirement', 'Custom::FirstHeartbeat', 'Custom::FirstReconciliation',
];

const FULL = { approval: ApprovalPolicy.automatic(), stagesBeforeProduction: [{ name: 'Staging' }], quality: {} };
const resourcesOf = (template: Template) => Object.entries(template.toJSON().Resources as Record<string, Resource>);
const endpointFunctions = (template: Template) => resourcesOf(template).filter(([id, { Type }]) => Type === 'AWS::Lambda::Function' && /EndpointDeploy/.test(id))
  .map(([, { Properties }]) => Properties.Environment.Variables as Record<string, unknown>);

/** Kinds and keys of what keeps something. */
function keysOf(template: Template): Array<[string, unknown]> {
  return resourcesOf(template).filter(([, { Type }]) => Type in KEY_OF).map(([id, { Type, Properties }]) => [id, KEY_OF[Type]!(Properties)]);
}

test('everything that is kept is of a kind that is looked at here', () => {
  const kinds = [...new Set(resourcesOf(loopTemplate(FULL)).map(([, { Type }]) => Type))];
  expect(kinds.filter((kind) => !(kind in KEY_OF) && !NOTHING_KEPT.includes(kind))).toEqual([]);
});

/** What tells the team of trouble. */
const TELLS = /^LoopAlarms|^LoopDeadLetters/;

test('a key of the stack, rotated, encrypts every bucket, log group, repository and build; what tells of alarms has another one, rotated too', () => {
  const template = loopTemplate(FULL);
  const made = resourcesOf(template).filter(([, { Type }]) => Type === 'AWS::KMS::Key');
  expect(made.map(([id]) => id.replace(/[0-9A-F]{8}$/, '')).sort()).toEqual(['LoopAlarmsKey', 'LoopKey']);
  for (const [, { Properties }] of made) expect(Properties.EnableKeyRotation).toBe(true);
  const keys = keysOf(template);
  expect(keys.length).toBeGreaterThan(25);
  const idOf = (tells: boolean) => made.find(([id]) => TELLS.test(id) === tells)![0];
  expect(keys.filter(([id, key]) => {
    const keyId = idOf(TELLS.test(id));
    return JSON.stringify(key) !== JSON.stringify({ 'Fn::GetAtt': [keyId, 'Arn'] }) && JSON.stringify(key) !== JSON.stringify({ Ref: keyId });
  })).toEqual([]);
});

test('keys that are brought along encrypt all of it, and no other is made', () => {
  const stack = new Stack(testApp(), 'Company', { env: { region: 'eu-west-1', account: '123456789012' } });
  const [data, alarms] = ['1', '2'].map((digit) => `arn:aws:kms:eu-west-1:123456789012:key/${digit.repeat(8)}-12ab-34cd-56ef-1234567890ab`) as [string, string];
  new MlopsLoop(stack, 'Loop', { ...SMALLEST, ...FULL, encryptionKey: Key.fromKeyArn(stack, 'Key', data), alarmEncryptionKey: Key.fromKeyArn(stack, 'AlarmKey', alarms) });
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::KMS::Key', 0);
  expect(keysOf(template).filter(([id, arn]) => arn !== (TELLS.test(id) ? alarms : data))).toEqual([]);
});

test('one key for data and alarms is refused, and a key beside a topic that has its own', () => {
  const stack = new Stack(testApp(), 'Company');
  const key = new Key(stack, 'Key');
  expect(() => new MlopsLoop(stack, 'Same', { ...SMALLEST, encryptionKey: key, alarmEncryptionKey: key })).toThrow(/alarmEncryptionKey is the key of all data; give another one, or none/);
  expect(() => new MlopsLoop(stack, 'Both', { ...SMALLEST, alarmTopic: new Topic(stack, 'Topic'), alarmEncryptionKey: key })).toThrow(/alarmTopic and alarmEncryptionKey are both given/);
});

test('volumes of endpoints and captured traffic are under the key, but for instances that have no such volume', () => {
  const variables = endpointFunctions(loopTemplate({ ...FULL, hosting: Hosting.realTime({ instanceType: 'ml.m5d.large' }) }));
  expect(variables).toHaveLength(2);
  for (const each of variables) expect(each.CAPTURE_KEY_ARN).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^LoopKey/), 'Arn'] });
  expect(variables.map(({ VOLUME_KEY_ARN }) => VOLUME_KEY_ARN === undefined).sort()).toEqual([false, true]);
});

test('left to AWS, everything is encrypted by keys that AWS manages; the topic alone has one of the account', () => {
  const template = loopTemplate({ ...FULL, keyManagement: KeyManagement.AWS });
  const of = (type: string) => resourcesOf(template).filter(([, { Type }]) => Type === type).map(([, { Properties }]) => Properties);
  const [topicKey, ...more] = resourcesOf(template).filter(([, { Type }]) => Type === 'AWS::KMS::Key').map(([id]) => id);
  expect(more).toEqual([]);
  expect(of('AWS::SNS::Topic').map(({ KmsMasterKeyId }) => KmsMasterKeyId)).toEqual([{ 'Fn::GetAtt': [topicKey, 'Arn'] }]);
  for (const { BucketEncryption } of of('AWS::S3::Bucket')) expect(BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault.SSEAlgorithm).toBe('AES256');
  expect(of('AWS::SQS::Queue').map(({ SqsManagedSseEnabled }) => SqsManagedSseEnabled)).toEqual([true]);
  // But for the key of the bootstrap bucket, which is not the loop's.
  const usingKeys = resourcesOf(template).filter(([, { Type }]) => Type === 'AWS::IAM::Role').flatMap(([, role]) => statementsOf(role))
    .filter(({ Action }) => list(Action).some((action) => action.startsWith('kms:')));
  expect(usingKeys).toHaveLength(2);
  for (const { Action, Condition } of usingKeys) {
    expect(Action).toBe('kms:Decrypt');
    expect(JSON.stringify(Condition?.StringEquals)).toMatch(/"kms:EncryptionContext:aws:s3:arn":.*cdk-hnb659fds-assets-/);
  }
});

test('a key and leaving keys to AWS exclude each other', () => {
  const app = testApp();
  expect(() => new MlopsStack(app, 'Mlops', { ...SMALLEST, keyManagement: KeyManagement.AWS, encryptionKey: new Key(new Stack(app, 'Company'), 'Key') }))
    .toThrow('encryptionKey is given, but keyManagement leaves keys to AWS; leave one of both out');
});
