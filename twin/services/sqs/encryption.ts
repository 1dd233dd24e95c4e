import { AwsError, type AuthorizationRequest, type Call } from '../../service';
import type { KmsService } from '../kms';

/** What KMS says of a key that cannot be used, as the models of both services name it. */
const IN_THE_WORDS_OF: Readonly<Record<'sqs' | 'sns', Readonly<Record<string, string>>>> = {
  sqs: { DisabledException: 'KmsDisabled', KMSInvalidStateException: 'KmsInvalidState' },
  sns: { DisabledException: 'KMSDisabled', KMSInvalidStateException: 'KMSInvalidState' },
};

type KeyAction = 'kms:Decrypt' | 'kms:GenerateDataKey';

/**
 * What a messaging service asks of KMS in its caller's name. AWS's own key (`alias/aws/sqs`, `alias/aws/sns`) allows it to everybody
 * in the account and to no AWS service: that is why alarms and rules need a customer key.
 */
export function keyPermissions({ world, caller }: Call, service: 'sqs' | 'sns', keyId: string | undefined, actions: readonly KeyAction[]): AuthorizationRequest[] {
  if (keyId === undefined) return [];
  const viaService = `${service}.${world.region}.amazonaws.com`;
  const context = { 'kms:ViaService': viaService, 'kms:CallerAccount': world.account };
  const own = `alias/aws/${service}`;
  if (keyId === own || keyId.endsWith(`:${own}`)) {
    if (caller.kind !== 'service') return [];
    const Statement = [{
      Effect: 'Allow', Principal: { AWS: world.arn('iam', 'root', '') }, Action: 'kms:*', Resource: '*', Condition: { StringEquals: { 'kms:ViaService': viaService } },
    }];
    return actions.map((action) => ({ action, resource: world.arn('kms', own), resourcePolicy: { Version: '2012-10-17', Statement }, context }));
  }
  const key = world.service<KmsService>('kms').resolve(keyId);
  try {
    key.assertUsable();
  } catch (error) {
    throw error instanceof AwsError ? new AwsError(IN_THE_WORDS_OF[service][error.code]!, error.message) : error;
  }
  return actions.map((action) => ({ action, resource: key.arn, resourcePolicy: key.policy, context }));
}
