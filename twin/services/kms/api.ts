import { AwsError, type AuthorizationRequest, type Operation, type PolicyDocument } from '../../service';
import { bytes, decrypt, encrypt, keyIdOf } from './cipher';
import { effectivePolicy, grantOperations } from './grants';
import type { Key, KmsState } from './state';

/* eslint-disable @typescript-eslint/no-explicit-any -- inputs are shaped by the model */

export function kmsOperations(state: KmsState): Record<string, Operation> {
  return { ...cryptography(state), ...keyManagement(state), ...aliases(state), ...grantOperations(state) };
}

export function keyPermission(state: KmsState, action: string, reference: string, context?: Record<string, string>): AuthorizationRequest {
  const key = state.resolve(reference);
  return {
    action: `kms:${action}`, resource: key.arn, resourcePolicy: effectivePolicy(key),
    context: { 'kms:CallerAccount': state.world.account, ...context },
  };
}

function cryptography(state: KmsState): Record<string, Operation> {
  const usable = (reference: string): Key => {
    const key = state.resolve(reference);
    key.assertUsable();
    return key;
  };
  const encryptionContext = (given: Record<string, string> | undefined) => Object.fromEntries(
    Object.entries(given ?? {}).map(([name, value]) => [`kms:EncryptionContext:${name}`, value]));
  const dataKey = (input: any) => {
    const key = usable(input.KeyId);
    if ((input.KeySpec === undefined) === (input.NumberOfBytes === undefined)) {
      throw new AwsError('ValidationException', 'Please specify either number of bytes or key spec.');
    }
    const Plaintext = bytes(state.world.random, input.NumberOfBytes ?? (input.KeySpec === 'AES_128' ? 16 : 32));
    return { KeyId: key.arn, Plaintext, CiphertextBlob: encrypt(key.id, Plaintext, input.EncryptionContext, state.world.random) };
  };
  return {
    Encrypt: {
      authorize: (input) => [keyPermission(state, 'Encrypt', input.KeyId, encryptionContext(input.EncryptionContext))],
      run(input) {
        const key = usable(input.KeyId);
        const blob = encrypt(key.id, Buffer.from(input.Plaintext), input.EncryptionContext, state.world.random);
        return { KeyId: key.arn, CiphertextBlob: blob, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
      },
    },
    Decrypt: {
      authorize: (input) => [keyPermission(state, 'Decrypt', keyIdOf(input.CiphertextBlob), encryptionContext(input.EncryptionContext))],
      run(input) {
        const key = usable(keyIdOf(input.CiphertextBlob));
        if (input.KeyId !== undefined && state.resolve(input.KeyId) !== key) {
          throw new AwsError('IncorrectKeyException', 'The key ID in the request does not identify a CMK that can perform this operation.');
        }
        return { KeyId: key.arn, Plaintext: decrypt(input.CiphertextBlob, input.EncryptionContext), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
      },
    },
    ReEncrypt: {
      authorize: (input) => [
        keyPermission(state, 'ReEncryptFrom', keyIdOf(input.CiphertextBlob), encryptionContext(input.SourceEncryptionContext)),
        keyPermission(state, 'ReEncryptTo', input.DestinationKeyId, encryptionContext(input.DestinationEncryptionContext)),
      ],
      run(input) {
        const source = usable(keyIdOf(input.CiphertextBlob));
        const target = usable(input.DestinationKeyId);
        const plaintext = decrypt(input.CiphertextBlob, input.SourceEncryptionContext);
        const blob = encrypt(target.id, plaintext, input.DestinationEncryptionContext, state.world.random);
        return { SourceKeyId: source.arn, KeyId: target.arn, CiphertextBlob: blob };
      },
    },
    GenerateDataKey: {
      authorize: (input) => [keyPermission(state, 'GenerateDataKey', input.KeyId, encryptionContext(input.EncryptionContext))],
      run: dataKey,
    },
    GenerateDataKeyWithoutPlaintext: {
      authorize: (input) => [keyPermission(state, 'GenerateDataKeyWithoutPlaintext', input.KeyId, encryptionContext(input.EncryptionContext))],
      run: (input) => ({ ...dataKey(input), Plaintext: undefined }),
    },
  };
}

function keyManagement(state: KmsState): Record<string, Operation> {
  const { world } = state;
  const onKey = (action: string, run: (key: Key, input: any) => Record<string, unknown> | void): Operation => ({
    authorize: (input) => [keyPermission(state, action, input.KeyId)],
    run: (input) => run(state.resolve(input.KeyId), input) ?? {},
  });
  return {
    CreateKey: {
      authorize: (input) => [{ action: 'kms:CreateKey', resource: '*' }, ...(input.Tags?.length ? [{ action: 'kms:TagResource', resource: '*' }] : [])],
      run(input) {
        const unsupported = ['CustomKeyStoreId', 'XksKeyId', 'MultiRegion'].find((name) => input[name])
          ?? ((input.KeySpec ?? 'SYMMETRIC_DEFAULT') === 'SYMMETRIC_DEFAULT' && (input.KeyUsage ?? 'ENCRYPT_DECRYPT') === 'ENCRYPT_DECRYPT'
            && (input.Origin ?? 'AWS_KMS') === 'AWS_KMS' ? undefined : 'keys other than symmetric ones of its own making');
        if (unsupported !== undefined) throw new AwsError('UnsupportedOperationException', `the twin's KMS does not implement ${unsupported}`);
        const key = state.create(input.Policy === undefined ? undefined : JSON.parse(input.Policy) as PolicyDocument);
        key.description = input.Description ?? '';
        key.tags = input.Tags ?? [];
        return { KeyMetadata: metadata(world.account, key) };
      },
    },
    DescribeKey: onKey('DescribeKey', (key) => ({ KeyMetadata: metadata(world.account, key) })),
    ListKeys: {
      authorize: () => [{ action: 'kms:ListKeys', resource: '*' }],
      run: () => ({ Keys: [...state.keys.values()].map(({ id, arn }) => ({ KeyId: id, KeyArn: arn })), Truncated: false }),
    },
    ScheduleKeyDeletion: onKey('ScheduleKeyDeletion', (key, input) => {
      const days = input.PendingWindowInDays ?? 30;
      if (key.state === 'PendingDeletion') key.assertUsable();
      state.scheduleDeletion(key, days);
      return { KeyId: key.arn, DeletionDate: key.deletionDate, KeyState: key.state, PendingWindowInDays: days };
    }),
    CancelKeyDeletion: onKey('CancelKeyDeletion', (key) => {
      if (key.state !== 'PendingDeletion') throw new AwsError('KMSInvalidStateException', `${key.arn} is not pending deletion.`);
      key.state = 'Disabled';
      key.deletionDate = undefined;
      return { KeyId: key.arn };
    }),
    EnableKey: onKey('EnableKey', (key) => {
      if (key.state === 'PendingDeletion') key.assertUsable();
      key.state = 'Enabled';
    }),
    DisableKey: onKey('DisableKey', (key) => {
      if (key.state === 'PendingDeletion') key.assertUsable();
      key.state = 'Disabled';
    }),
    EnableKeyRotation: onKey('EnableKeyRotation', (key, input) => {
      key.assertUsable();
      key.rotates = true;
      key.rotationDays = input.RotationPeriodInDays ?? 365;
    }),
    DisableKeyRotation: onKey('DisableKeyRotation', (key) => { key.rotates = false; }),
    GetKeyRotationStatus: onKey('GetKeyRotationStatus', (key) => ({
      KeyRotationEnabled: key.rotates, KeyId: key.arn, ...(key.rotates && { RotationPeriodInDays: key.rotationDays }),
    })),
    GetKeyPolicy: onKey('GetKeyPolicy', (key) => ({ Policy: JSON.stringify(key.policy), PolicyName: 'default' })),
    PutKeyPolicy: onKey('PutKeyPolicy', (key, input) => { key.policy = state.checkedPolicy(JSON.parse(input.Policy) as PolicyDocument); }),
    ListKeyPolicies: onKey('ListKeyPolicies', () => ({ PolicyNames: ['default'], Truncated: false })),
    TagResource: onKey('TagResource', (key, input) => {
      const names = new Set(input.Tags.map(({ TagKey }: any) => TagKey));
      key.tags = [...key.tags.filter(({ TagKey }) => !names.has(TagKey)), ...input.Tags];
    }),
    UntagResource: onKey('UntagResource', (key, input) => { key.tags = key.tags.filter(({ TagKey }) => !input.TagKeys.includes(TagKey)); }),
    ListResourceTags: onKey('ListResourceTags', (key) => ({ Tags: key.tags, Truncated: false })),
  };
}

function metadata(account: string, key: Key): Record<string, unknown> {
  return {
    AWSAccountId: account, KeyId: key.id, Arn: key.arn, CreationDate: key.createdAt, Enabled: key.state === 'Enabled', KeyState: key.state,
    Description: key.description, KeyUsage: 'ENCRYPT_DECRYPT', KeyManager: 'CUSTOMER', Origin: 'AWS_KMS', KeySpec: 'SYMMETRIC_DEFAULT',
    CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT', EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'], MultiRegion: false, DeletionDate: key.deletionDate,
  };
}

function aliases(state: KmsState): Record<string, Operation> {
  const both = (action: string, name: string, reference: string) => [
    { action: `kms:${action}`, resource: state.arn(name) }, keyPermission(state, action, reference),
  ];
  return {
    CreateAlias: {
      authorize: (input) => both('CreateAlias', input.AliasName, input.TargetKeyId),
      run(input) {
        state.putAlias(input.AliasName, state.resolve(input.TargetKeyId));
        return {};
      },
    },
    UpdateAlias: {
      authorize: (input) => both('UpdateAlias', input.AliasName, input.TargetKeyId),
      run(input) {
        const { createdAt } = state.alias(input.AliasName);
        state.aliases.set(input.AliasName, { keyId: state.resolve(input.TargetKeyId).id, createdAt });
        return {};
      },
    },
    DeleteAlias: {
      authorize: (input) => both('DeleteAlias', input.AliasName, state.alias(input.AliasName).keyId),
      run(input) {
        state.alias(input.AliasName);
        state.aliases.delete(input.AliasName);
        return {};
      },
    },
    ListAliases: {
      authorize: () => [{ action: 'kms:ListAliases', resource: '*' }],
      run(input) {
        const only = input.KeyId === undefined ? undefined : state.resolve(input.KeyId).id;
        return {
          Truncated: false,
          Aliases: [...state.aliases].filter(([, { keyId }]) => only === undefined || keyId === only)
            .map(([name, { keyId, createdAt }]) => ({ AliasName: name, AliasArn: state.arn(name), TargetKeyId: keyId, CreationDate: createdAt })),
        };
      },
    },
  };
}
