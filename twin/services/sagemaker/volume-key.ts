import { AwsError, type AuthorizationRequest, type Operation } from '../../service';
import type { World } from '../../world';
import type { KmsService } from '../kms';
import { executionRole } from './jobs/execution-role';

/**
 * What it takes to lend a key to the volumes of instances. Of whom SageMaker asks it is published in pieces: of the caller for endpoints, of
 * caller or execution role for jobs (developer guide, "SageMaker API Permissions" and "SageMaker Roles"), of "the IAM role" in the API model of
 * `CreateEndpointConfig`. The twin asks both, for a grant and for the key's description, as `AmazonSageMakerModelRegistryFullAccess` grants them.
 * CloudFormation's handlers have `kms:DescribeKey` for an endpoint config already, and `kms:Decrypt` for a processing job.
 */
export function volumeKeyNeeds(world: World, keyId: string | undefined, actions: readonly string[] = ['CreateGrant', 'DescribeKey']): AuthorizationRequest[] {
  if (keyId === undefined) return [];
  const kms = world.service<KmsService>('kms');
  return actions.map((action) => {
    const permission = kms.permission(action, keyId, 'sagemaker');
    return action === 'CreateGrant' ? { ...permission, context: { ...permission.context, 'kms:GrantIsForAWSResource': 'true' } } : permission;
  });
}

/** The check of the execution role, which is no call of the API. */
export const USE_VOLUME_KEY: Operation = { authorize: ({ keyId }, { world }) => volumeKeyNeeds(world, keyId), run: () => ({}) };

/** Why the key cannot be lent in the name of the execution role; undefined if it can. */
export async function volumeKeyProblem(world: World, roleArn: string, keyId: string | undefined): Promise<string | undefined> {
  if (keyId === undefined) return undefined;
  try {
    await world.call({ service: 'sagemaker', operation: 'UseVolumeKey', input: { keyId }, caller: executionRole(roleArn) });
    return undefined;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return `The KMS key ${keyId} cannot be used for the volumes of instances by the role ${roleArn}: ${error.message}`;
  }
}
