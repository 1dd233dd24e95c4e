import { Duration } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { DataBuckets } from '../../../lib';
import { ARTIFACT_PREFIXES } from '../../../lib/data/artifact-keys.contract';
import { grantBucketAccess } from '../../../lib/private/bucket-access';
import { outline, resource, resources, templateOf, type Statement } from '../fixtures';

const alone = templateOf((stack) => { new DataBuckets(stack, 'Data'); });

test('every bucket is encrypted, private and reached by TLS only', () => {
  alone.resourceCountIs('AWS::S3::Bucket', 4);
  alone.allResourcesProperties('AWS::S3::Bucket', {
    BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
    PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
  });
  const policies = Object.values(resources(alone, 'AWS::S3::BucketPolicy'));
  expect(policies).toHaveLength(4);
  for (const { Properties } of policies) {
    expect(Properties.PolicyDocument.Statement).toContainEqual(expect.objectContaining({
      Effect: 'Deny', Action: 's3:*', Principal: { AWS: '*' }, Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    }));
  }
});

test('datasets have versions and tell EventBridge, without a function of the CDK', () => {
  expect(resource(alone, 'AWS::S3::Bucket', 'DataDatasets').Properties).toMatchObject({
    VersioningConfiguration: { Status: 'Enabled' }, NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
  });
  alone.resourceCountIs('AWS::Lambda::Function', 0);
});

test('in the artifacts bucket only the files of scans expire, all versions of them', () => {
  const { Rules } = resource(alone, 'AWS::S3::Bucket', 'DataArtifacts').Properties.LifecycleConfiguration;
  expect(Rules).toEqual([
    { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 }, Status: 'Enabled' },
    { Prefix: 'scans/', ExpirationInDays: 30, NoncurrentVersionExpiration: { NoncurrentDays: 1 }, Status: 'Enabled' },
  ]);
  const kept = Object.values(ARTIFACT_PREFIXES).filter((prefix) => prefix !== 'scans/');
  expect(kept.filter((prefix) => prefix.startsWith('scans/') || 'scans/'.startsWith(prefix))).toEqual([]);
});

test.each([[undefined, 30], [Duration.days(7), 7]])('captured traffic expires: %s', (captureRetention, days) => {
  const template = templateOf((stack) => { new DataBuckets(stack, 'Data', { captureRetention }); });
  const captured = resource(template, 'AWS::S3::Bucket', 'DataCaptured').Properties;
  expect(captured.LifecycleConfiguration.Rules).toEqual([expect.objectContaining({ ExpirationInDays: days, Status: 'Enabled' })]);
  expect(captured).not.toHaveProperty('VersioningConfiguration');
});

test('an existing bucket takes the place of the datasets', () => {
  templateOf((stack) => {
    const existing = Bucket.fromBucketName(stack, 'Existing', 'company-data');
    expect(new DataBuckets(stack, 'Data', { datasets: existing }).datasets).toBe(existing);
  }).resourcePropertiesCountIs('AWS::S3::Bucket', Match.anyValue(), 3);
});

test('whoever reads may decrypt what is still encrypted under a former key; writing is under the present one only', () => {
  const template = templateOf((stack) => {
    const key = (name: string, digit: string) => Key.fromKeyArn(stack, name, `arn:aws:kms:eu-west-1:123456789012:key/${digit.repeat(8)}-1111-2222-3333-444444444444`);
    const { artifacts } = new DataBuckets(stack, 'Data', { encryptionKey: key('Present', '1'), formerEncryptionKeys: [key('Former', '0')] });
    const role = (name: string) => new Role(stack, name, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    grantBucketAccess(role('Reader'), artifacts, { read: [''] });
    grantBucketAccess(role('Writer'), artifacts, { write: [''] });
  });
  const statements: Statement[] = Object.values(resources(template, 'AWS::IAM::Policy')).flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
  const allowed = statements.filter(({ Action }) => Action.includes('kms:')).map(({ Action, Resource }) => [Action, JSON.stringify(Resource).match(/key\/\d/g)]);
  expect(allowed).toEqual([['kms:Decrypt', ['key/0', 'key/1']], ['kms:GenerateDataKey', ['key/1']]]);
});

test('a retention of nothing is refused', () => {
  expect(() => templateOf((stack) => { new DataBuckets(stack, 'Data', { captureRetention: Duration.hours(1) }); }))
    .toThrow(/captureRetention is 1 hour; give 1 day to 3650 days/);
});

test('outline', () => { expect(outline(alone)).toMatchSnapshot(); });
