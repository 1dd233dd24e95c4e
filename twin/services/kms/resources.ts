import { AwsError, type ResourceHandle, type ResourceProvider, type ResourceRequest } from '../../service';
import type { Key, KmsState } from './state';

export function kmsResources(state: KmsState): Record<string, ResourceProvider> {
  return { 'AWS::KMS::Key': keyProvider(state), 'AWS::KMS::Alias': aliasProvider(state) };
}

function keyProvider(state: KmsState): ResourceProvider {
  const configure = (key: Key, { properties }: ResourceRequest): ResourceHandle => {
    if (properties['KeyPolicy'] !== undefined) key.policy = state.checkedPolicy(properties['KeyPolicy']);
    key.description = properties['Description'] ?? '';
    key.rotates = properties['EnableKeyRotation'] ?? false;
    key.rotationDays = properties['RotationPeriodInDays'] ?? 365;
    key.tags = (properties['Tags'] ?? []).map(({ Key: TagKey, Value: TagValue }: { Key: string; Value: string }) => ({ TagKey, TagValue }));
    if (key.state !== 'PendingDeletion') key.state = properties['Enabled'] === false ? 'Disabled' : 'Enabled';
    return { physicalId: key.id, attributes: { Arn: key.arn, KeyId: key.id } };
  };
  return {
    properties: ['KeyPolicy', 'Description', 'EnableKeyRotation', 'RotationPeriodInDays', 'Enabled', 'PendingWindowInDays', 'Tags', 'KeySpec', 'KeyUsage'],
    createOnly: [],
    create(request) {
      const { KeySpec = 'SYMMETRIC_DEFAULT', KeyUsage = 'ENCRYPT_DECRYPT' } = request.properties;
      if (KeySpec !== 'SYMMETRIC_DEFAULT' || KeyUsage !== 'ENCRYPT_DECRYPT') {
        throw new AwsError('UnsupportedOperationException', `the twin's KMS has symmetric keys only, not ${KeySpec} for ${KeyUsage}`);
      }
      return configure(state.create(request.properties['KeyPolicy']), request);
    },
    update: (request, existing) => configure(state.resolve(existing.physicalId), request),
    delete({ properties }, existing) {
      state.scheduleDeletion(state.resolve(existing.physicalId), Number(properties['PendingWindowInDays'] ?? 30));
    },
  };
}

function aliasProvider(state: KmsState): ResourceProvider {
  return {
    properties: ['AliasName', 'TargetKeyId'],
    createOnly: ['AliasName'],
    create({ properties }) {
      state.putAlias(properties['AliasName'], state.resolve(properties['TargetKeyId']));
      return { physicalId: properties['AliasName'] };
    },
    update({ properties }, existing) {
      const { createdAt } = state.alias(existing.physicalId);
      state.aliases.set(existing.physicalId, { keyId: state.resolve(properties['TargetKeyId']).id, createdAt });
      return existing;
    },
    delete(_request, existing) {
      state.alias(existing.physicalId);
      state.aliases.delete(existing.physicalId);
    },
  };
}
