import { KmsService } from '../../../twin/services/kms';
import { TestAccount } from '../http/test-account';

let account: TestAccount;
beforeEach(async () => { account = await TestAccount.start({ services: (world) => [new KmsService(world)] }); });
afterEach(() => account.stop());

const kms = (operation: string, input: object, caller?: Parameters<TestAccount['call']>[0]['caller']) => account.call({ service: 'kms', operation, input, caller });

test('what is encrypted comes back under the same context only', async () => {
  const { KeyMetadata: { KeyId } } = await kms('CreateKey', {});
  await kms('CreateAlias', { AliasName: 'alias/data', TargetKeyId: KeyId });
  const { CiphertextBlob } = await kms('Encrypt', { KeyId: 'alias/data', Plaintext: Buffer.from('secret'), EncryptionContext: { a: '1' } });
  expect((await kms('Decrypt', { CiphertextBlob, EncryptionContext: { a: '1' } })).Plaintext.toString()).toBe('secret');
  await expect(kms('Decrypt', { CiphertextBlob })).rejects.toMatchObject({ code: 'InvalidCiphertextException' });
  const { Plaintext, CiphertextBlob: blob } = await kms('GenerateDataKey', { KeyId, KeySpec: 'AES_256' });
  expect(Plaintext).toHaveLength(32);
  expect((await kms('Decrypt', { CiphertextBlob: blob })).Plaintext.equals(Plaintext)).toBe(true);
});

test('a key for deletion waits, unusable, and goes with its alias', async () => {
  const key = await account.create('AWS::KMS::Key', { PendingWindowInDays: 7 });
  const alias = await account.create('AWS::KMS::Alias', { AliasName: 'alias/x', TargetKeyId: key.attributes!['Arn'] });
  expect(alias.physicalId).toBe('alias/x');
  expect(account.world.service<KmsService>('kms').remaining()).toEqual([key.attributes!['Arn']]);
  await account.provider('AWS::KMS::Key').delete(account.request('AWS::KMS::Key', { PendingWindowInDays: 7 }), key);
  await expect(kms('Encrypt', { KeyId: key.physicalId, Plaintext: 'x' })).rejects.toMatchObject({ code: 'KMSInvalidStateException' });
  expect(account.world.service<KmsService>('kms').remaining()).toEqual([]);
  await account.clock.advance(7 * 24 * 60 * 60 * 1000);
  await expect(kms('DescribeKey', { KeyId: 'alias/x' })).rejects.toMatchObject({ code: 'NotFoundException' });
});

test('a grant allows its grantee', async () => {
  const { KeyMetadata: { KeyId } } = await kms('CreateKey', {});
  const role = account.roles.put('Grantee', []);
  const decrypting = async () => {
    const { CiphertextBlob } = await kms('Encrypt', { KeyId, Plaintext: 'x' });
    return kms('Decrypt', { CiphertextBlob }, role);
  };
  await expect(decrypting()).rejects.toMatchObject({ code: 'AccessDeniedException' });
  const { GrantId } = await kms('CreateGrant', { KeyId, GranteePrincipal: role.kind === 'role' && role.roleArn, Operations: ['Decrypt'] });
  await decrypting();
  await kms('RevokeGrant', { KeyId, GrantId });
  await expect(decrypting()).rejects.toMatchObject({ code: 'AccessDeniedException' });
});

test('a policy that names a role that is not there is refused', async () => {
  const KeyPolicy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::111122223333:role/Ghost' }, Action: 'kms:*', Resource: '*' }] };
  await expect(account.create('AWS::KMS::Key', { KeyPolicy })).rejects.toThrow('invalid principals: arn:aws:iam::111122223333:role/Ghost');
});
