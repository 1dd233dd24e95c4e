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

const EXPIRING = ['checkpoints/', 'evaluations/', 'rows/', 'scans/'];

test.each([[undefined, 30], [Duration.days(8), 8]])('in the artifacts bucket only what no model needs expires, all versions of it; rows after %s', (rowRetention, days) => {
  const template = templateOf((stack) => { new DataBuckets(stack, 'Data', { rowRetention }); });
  const { Rules } = resource(template, 'AWS::S3::Bucket', 'DataArtifacts').Properties.LifecycleConfiguration;
  const gone = Rules.filter(({ ExpirationInDays }: { ExpirationInDays?: number }) => ExpirationInDays !== undefined);
  expect(gone.map(({ Prefix }: { Prefix: string }) => Prefix).sort()).toEqual(EXPIRING);
  for (const rule of gone) {
    expect(rule).toEqual({ Prefix: rule.Prefix, ExpirationInDays: rule.Prefix === 'scans/' ? 30 : days, NoncurrentVersionExpiration: { NoncurrentDays: 1 }, Status: 'Enabled' });
  }
  // A rule is for whatever begins with its prefix.
  const kept = Object.values(ARTIFACT_PREFIXES).filter((prefix) => !EXPIRING.some((each) => prefix.startsWith(each)));
  expect(kept.filter((prefix) => EXPIRING.some((each) => each.startsWith(prefix)))).toEqual([]);
});

test('a serving model keeps all its versions; of state and figures the versions before go after a month', () => {
  const { Rules } = resource(alone, 'AWS::S3::Bucket', 'DataArtifacts').Properties.LifecycleConfiguration;
  const before = Rules.filter(({ NoncurrentVersionExpiration: old }: { NoncurrentVersionExpiration?: { NoncurrentDays: number } }) => old?.NoncurrentDays === 30);
  expect(before.map(({ Prefix }: { Prefix: string }) => Prefix).sort()).toEqual(['datasets/', 'monitoring/', 'state/']);
  expect(Rules.filter(({ Prefix }: { Prefix?: string }) => Prefix !== undefined && /^(models|runs)/.test(Prefix))).toEqual([]);
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

test('a retention of nothing is refused, and one that ends while a run may need its rows', () => {
  expect(() => templateOf((stack) => { new DataBuckets(stack, 'Data', { captureRetention: Duration.hours(1), rowRetention: Duration.days(7) }); }))
    .toThrow(/captureRetention is 1 hour; give 1 day to 3650 days(.|\n)*rowRetention is 7 days; give 8 days to 3650 days/);
});

test('outline', () => { expect(outline(alone)).toMatchSnapshot(); });
