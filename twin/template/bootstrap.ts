import { readTemplate, type Template } from './template';

export const BOOTSTRAP_STACK = 'CDKToolkit';

/** Logical id of the key that `--bootstrap-customer-key` makes. */
export const ASSETS_KEY = 'FileAssetsBucketEncryptionKey';

/** Parameter of the bootstrap stack; give it to `deploy` under the stack's name to bootstrap with another key. */
export const ASSETS_KEY_PARAMETER = 'FileAssetsBucketKmsKeyId';

/** The version of the bootstrap template whose parts these are (`cdk bootstrap` of the command line the project pins). */
const VERSION = '33';

const CRYPTOGRAPHY = ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*'];

/**
 * What `cdk bootstrap` leaves in an account, as far as a deployment on the twin needs it: the assets' bucket with its key, and the version.
 * Parameter, conditions and key policy are those of the command line's `bootstrap-template.yaml`: without options S3 has a key of its own,
 * with `--bootstrap-customer-key` the stack makes one that whoever reads through S3 in this account may use, and with
 * `--bootstrap-kms-key-id` the bucket has somebody's key.
 */
export function bootstrapTemplate(qualifier: string): Template {
  return readTemplate({
    Description: 'This stack includes resources needed to deploy AWS CDK apps into this environment',
    // The command line's own default; the template's is the empty text.
    Parameters: { [ASSETS_KEY_PARAMETER]: { Type: 'String', Default: 'AWS_MANAGED_KEY' } },
    Conditions: {
      CreateNewKey: { 'Fn::Equals': ['', { Ref: ASSETS_KEY_PARAMETER }] },
      UseAwsManagedKey: { 'Fn::Equals': ['AWS_MANAGED_KEY', { Ref: ASSETS_KEY_PARAMETER }] },
    },
    Resources: {
      [ASSETS_KEY]: {
        Type: 'AWS::KMS::Key',
        Condition: 'CreateNewKey',
        Properties: {
          KeyPolicy: {
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow', Principal: { AWS: { 'Fn::Sub': 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root' } }, Resource: '*',
                Action: ['kms:Create*', 'kms:Describe*', 'kms:Enable*', 'kms:List*', 'kms:Put*', 'kms:Update*', 'kms:Revoke*', 'kms:Disable*', 'kms:Get*',
                  'kms:Delete*', 'kms:ScheduleKeyDeletion', 'kms:CancelKeyDeletion', 'kms:GenerateDataKey', 'kms:TagResource', 'kms:UntagResource'],
              },
              {
                Effect: 'Allow', Principal: { AWS: '*' }, Resource: '*', Action: CRYPTOGRAPHY,
                Condition: { StringEquals: { 'kms:CallerAccount': { Ref: 'AWS::AccountId' }, 'kms:ViaService': [{ 'Fn::Sub': 's3.${AWS::Region}.amazonaws.com' }] } },
              },
            ],
          },
        },
      },
      StagingBucket: {
        Type: 'AWS::S3::Bucket',
        Properties: {
          BucketName: { 'Fn::Sub': `cdk-${qualifier}-assets-\${AWS::AccountId}-\${AWS::Region}` },
          BucketEncryption: {
            ServerSideEncryptionConfiguration: [{
              ServerSideEncryptionByDefault: {
                SSEAlgorithm: 'aws:kms',
                KMSMasterKeyID: {
                  'Fn::If': ['CreateNewKey', { 'Fn::GetAtt': [ASSETS_KEY, 'Arn'] }, {
                    'Fn::If': ['UseAwsManagedKey', { Ref: 'AWS::NoValue' }, { Ref: ASSETS_KEY_PARAMETER }],
                  }],
                },
              },
            }],
          },
          VersioningConfiguration: { Status: 'Enabled' },
          PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
        },
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
      },
      CdkBootstrapVersion: {
        Type: 'AWS::SSM::Parameter',
        Properties: { Type: 'String', Name: `/cdk-bootstrap/${qualifier}/version`, Value: VERSION },
      },
    },
  });
}
