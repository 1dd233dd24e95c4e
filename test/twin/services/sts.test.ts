import { ADMINISTRATOR } from '../../../twin/service';
import { StsService } from '../../../twin/services/sts';
import { ACCOUNT, TestAccount } from '../http/test-account';

let account: TestAccount;
beforeEach(async () => { account = await TestAccount.start({ services: (world) => [new StsService(world)] }); });
afterEach(() => account.stop());

const trust = (Principal: object, Condition?: object) => ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole', ...(Condition && { Condition }) }] });
const ARN = `arn:aws:iam::${ACCOUNT}:role/Target`;
const assume = (caller: Parameters<TestAccount['call']>[0]['caller'], more = {}) => account.call({
  service: 'sts', operation: 'AssumeRole', input: { RoleArn: ARN, RoleSessionName: 'session', ...more }, caller,
});

test('a role is assumed by whom it trusts', async () => {
  const caller = account.roles.put('Caller', [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: ARN }]);
  account.roles.put('Target', [], { trust: trust({ Service: 'lambda.amazonaws.com' }) });
  await expect(assume(caller)).rejects.toMatchObject({ code: 'AccessDenied' });
  await assume({ kind: 'service', service: 'lambda.amazonaws.com' });
  account.roles.put('Target', [], { trust: trust({ AWS: `arn:aws:iam::${ACCOUNT}:role/Caller` }, { StringEquals: { 'sts:ExternalId': 'partner' } }) });
  await expect(assume(caller)).rejects.toMatchObject({ code: 'AccessDenied' });
  const { Credentials, AssumedRoleUser } = await assume(caller, { ExternalId: 'partner' });
  expect(AssumedRoleUser.Arn).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/Target/session`);
  expect(Credentials.Expiration).toEqual(new Date('2026-03-01T11:00:00Z'));
});

test('the owner of the account becomes a role only if it trusts the account', async () => {
  account.roles.put('Target', [], { trust: trust({ Service: 'lambda.amazonaws.com' }) });
  await expect(assume(ADMINISTRATOR)).rejects.toMatchObject({ code: 'AccessDenied', message: expect.stringContaining('because no resource-based policy allows') });
  account.roles.put('Target', [], { trust: trust({ AWS: ACCOUNT }, { Null: { 'sts:ExternalId': 'true' } }) });
  await assume(ADMINISTRATOR);
  await expect(assume(ADMINISTRATOR, { ExternalId: 'partner' })).rejects.toMatchObject({ code: 'AccessDenied' });
});

test('over HTTP, the credentials are the role\'s', async () => {
  const role = account.roles.put('Target', []);
  const { accessKeyId, sessionToken } = account.world.credentialsFor(role);
  const answer = await fetch(account.front.endpoint, {
    method: 'POST',
    body: 'Action=GetCallerIdentity&Version=2011-06-15',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-amz-security-token': sessionToken,
      authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260301/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=0`,
    },
  });
  const text = await answer.text();
  expect(text).toContain(`<Arn>arn:aws:sts::${ACCOUNT}:assumed-role/Target/test</Arn>`);
  expect(text).toContain('<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>');
});
