import { AwsError } from '../../service';
import type { World } from '../../world';

/** CloudWatch Logs uses a group's key by itself, for that group alone: the key's policy must let it, when the group gets the key. */
export async function checkKey(world: World, groupArn: string, keyId: string | undefined): Promise<void> {
  if (keyId === undefined) return;
  const input = { KeyId: keyId, KeySpec: 'AES_256', EncryptionContext: { 'aws:logs:arn': groupArn } };
  try {
    await world.call({ service: 'kms', operation: 'GenerateDataKey', input, caller: { kind: 'service', service: `logs.${world.region}.amazonaws.com` } });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new AwsError('InvalidParameterException', `The specified KMS key does not exist or is not allowed to be used with Arn '${groupArn}'`);
  }
}
