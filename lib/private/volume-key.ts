import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';

/** Whether SageMaker encrypts the volume of such an instance with a key of ours. Those with a local disk refuse a key for a volume that they do not have. */
export function takesVolumeKey(instanceType: string): boolean {
  const family = instanceType.split('.')[1] ?? '';
  return !/^[a-z]+\d+[a-z]*d[a-z]*$/.test(family) && !/^(g[456]|p[45]|i\d|trn1|inf2)/.test(family);
}

/**
 * Lets SageMaker, and nobody else, lend the key to the volumes of instances in the name of a role. AWS does not say for every operation whether
 * the caller or the execution role is asked, so both get this.
 */
export function grantVolumeKey(role: iam.Role, key: IKey, ...more: string[]): void {
  role.addToPolicy(new iam.PolicyStatement({
    actions: ['kms:CreateGrant', ...more, 'kms:DescribeKey'],
    resources: [key.keyArn],
    conditions: { StringEquals: { 'kms:ViaService': `sagemaker.${Stack.of(role).region}.amazonaws.com` } },
  }));
}
