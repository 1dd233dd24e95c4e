import { readTemplate, type Template } from './template';

export const BOOTSTRAP_STACK = 'CDKToolkit';

/** The version of the bootstrap template whose parts these are (`cdk bootstrap` of the command line the project pins). */
const VERSION = '33';

/** What `cdk bootstrap` leaves in an account, as far as a deployment on the twin needs it: the assets' bucket and the version. */
export function bootstrapTemplate(qualifier: string): Template {
  return readTemplate({
    Description: 'This stack includes resources needed to deploy AWS CDK apps into this environment',
    Resources: {
      StagingBucket: {
        Type: 'AWS::S3::Bucket',
        Properties: {
          BucketName: { 'Fn::Sub': `cdk-${qualifier}-assets-\${AWS::AccountId}-\${AWS::Region}` },
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
