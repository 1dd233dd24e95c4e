import { Clock } from '../../../twin/clock';
import { IamSimulation, type RolePolicies } from '../../../twin/http';
import type { AuthorizationRequest, Principal } from '../../../twin/service';

const ROLE: Principal = { kind: 'role', roleArn: 'arn:aws:iam::111122223333:role/path/Role', sessionName: 's' };
const MODEL = 'arn:aws:sagemaker:eu-west-1:111122223333:model/m';

let policies: RolePolicies | undefined;
let simulation: IamSimulation;

beforeEach(async () => {
  simulation = await IamSimulation.load({
    policies: { rolePolicies: () => policies }, clock: new Clock(new Date(0)), account: '111122223333', region: 'eu-west-1', partition: 'aws',
  });
});

const document = (...statements: unknown[]) => ({ Version: '2012-10-17', Statement: statements });
const allow = (Action: string, Resource = '*', Condition?: object) => ({ Effect: 'Allow', Action, Resource, ...(Condition && { Condition }) });
let version = 0;
const role = (statements: unknown[], boundary?: unknown[]): RolePolicies => ({
  version: ++version, identityPolicies: [{ name: 'own', policy: document(...statements) }],
  permissionsBoundary: boundary && { name: 'boundary', policy: document(...boundary) },
});
const decide = async (request: AuthorizationRequest, principal: Principal = ROLE, time = 0) => simulation.decide(principal, request, time);

test('identity policies allow by action and resource', async () => {
  policies = role([allow('sagemaker:CreateModel', 'arn:aws:sagemaker:*:*:model/m*')]);
  expect(await decide({ action: 'sagemaker:CreateModel', resource: MODEL })).toEqual({ allowed: true });
  expect(await decide({ action: 'sagemaker:DeleteModel', resource: MODEL })).toEqual({
    allowed: false, reason: 'because no identity-based policy allows the sagemaker:DeleteModel action',
  });
  expect((await decide({ action: 'sagemaker:CreateModel', resource: MODEL.replace('/m', '/x') })).allowed).toBe(false);
});

test('an explicit deny wins', async () => {
  policies = role([allow('sagemaker:*'), { Effect: 'Deny', Action: 'sagemaker:UpdateModelPackage', Resource: '*',
    Condition: { StringEquals: { 'sagemaker:ModelApprovalStatus': 'Approved' } } }]);
  const update = (status: string) => decide({
    action: 'sagemaker:UpdateModelPackage', resource: MODEL.replace('model/m', 'model-package/g/1'), context: { 'sagemaker:ModelApprovalStatus': status },
  });
  expect(await update('Rejected')).toEqual({ allowed: true });
  expect(await update('Approved')).toEqual({ allowed: false, reason: 'with an explicit deny in an identity-based policy' });
});

test('a boundary limits, and says so', async () => {
  policies = role([allow('s3:*')], [allow('s3:Get*')]);
  expect((await decide({ action: 's3:GetObject', resource: 'arn:aws:s3:::b/k' })).allowed).toBe(true);
  expect(await decide({ action: 's3:PutObject', resource: 'arn:aws:s3:::b/k' })).toEqual({
    allowed: false, reason: 'because no permissions boundary allows the s3:PutObject action',
  });
});

test('the account of a resource is known to conditions', async () => {
  policies = role([allow('s3:GetObject', '*', { StringEquals: { 'aws:ResourceAccount': '111122223333', 's3:ResourceAccount': '111122223333' } }),
    allow('sagemaker:DescribeModel', '*', { StringNotEquals: { 'aws:ResourceAccount': '111122223333' } })]);
  expect((await decide({ action: 's3:GetObject', resource: 'arn:aws:s3:::b/k' })).allowed).toBe(true);
  expect((await decide({ action: 'sagemaker:DescribeModel', resource: MODEL })).allowed).toBe(false);
});

test('a session policy narrows', async () => {
  policies = role([allow('s3:*')]);
  const narrowed: Principal = { ...ROLE, sessionPolicy: document(allow('s3:GetObject', 'arn:aws:s3:::b/*')) };
  expect((await decide({ action: 's3:GetObject', resource: 'arn:aws:s3:::b/k' }, narrowed)).allowed).toBe(true);
  expect((await decide({ action: 's3:GetObject', resource: 'arn:aws:s3:::c/k' }, narrowed)).allowed).toBe(false);
  expect((await decide({ action: 's3:GetObject', resource: 'arn:aws:s3:::c/k' })).allowed).toBe(true);
});

test('PassRole by the service it is passed to', async () => {
  policies = role([allow('iam:PassRole', 'arn:aws:iam::111122223333:role/Job', { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } })]);
  const pass = (service: string) => decide({ action: 'iam:PassRole', resource: 'arn:aws:iam::111122223333:role/Job', context: { 'iam:PassedToService': service } });
  expect((await pass('sagemaker.amazonaws.com')).allowed).toBe(true);
  expect((await pass('lambda.amazonaws.com')).allowed).toBe(false);
});

test('an action without resource needs a statement on *', async () => {
  policies = role([allow('cloudwatch:DescribeAlarms', 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:x'), allow('cloudwatch:PutMetricData', 'arn:aws:cloudwatch:*:*:*')]);
  expect((await decide({ action: 'cloudwatch:DescribeAlarms', resource: '*' })).allowed).toBe(false);
  policies = role([allow('cloudwatch:DescribeAlarms')]);
  expect((await decide({ action: 'cloudwatch:DescribeAlarms', resource: '*' })).allowed).toBe(true);
});

test('a service is allowed by the resource\'s policy alone, with its source', async () => {
  const topic = 'arn:aws:sns:eu-west-1:111122223333:alerts';
  const resourcePolicy = document({ Effect: 'Allow', Principal: { Service: 'cloudwatch.amazonaws.com' }, Action: 'sns:Publish', Resource: topic,
    Condition: { ArnLike: { 'AWS:SourceArn': 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:*' } } });
  const cloudwatch = (sourceArn?: string): Principal => ({ kind: 'service', service: 'cloudwatch.amazonaws.com', sourceArn });
  const alarm = 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:a';
  expect((await decide({ action: 'sns:Publish', resource: topic, resourcePolicy }, cloudwatch(alarm))).allowed).toBe(true);
  expect((await decide({ action: 'sns:Publish', resource: topic, resourcePolicy }, cloudwatch())).allowed).toBe(false);
  expect(await decide({ action: 'sns:Publish', resource: topic }, cloudwatch(alarm))).toEqual({
    allowed: false, reason: 'because no resource-based policy allows the sns:Publish action',
  });
});

test('a KMS key\'s policy comes first: without it an identity policy gives nothing', async () => {
  const key = 'arn:aws:kms:eu-west-1:111122223333:key/1';
  policies = role([allow('kms:Decrypt', key)]);
  const forAccount = document({ Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::111122223333:root' }, Action: 'kms:*', Resource: '*' });
  const forRole = document({ Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::111122223333:role/Other' }, Action: 'kms:*', Resource: '*' });
  expect((await decide({ action: 'kms:Decrypt', resource: key, resourcePolicy: forAccount })).allowed).toBe(true);
  expect((await decide({ action: 'kms:Decrypt', resource: key, resourcePolicy: forRole })).allowed).toBe(false);
});

test('a decision holds until the role\'s policies change, and time counts only where a policy asks for it', async () => {
  const request = { action: 's3:GetObject', resource: 'arn:aws:s3:::b/k' };
  policies = role([allow('s3:GetObject', '*', { DateLessThan: { 'aws:CurrentTime': '1970-01-02T00:00:00Z' } })]);
  expect((await decide(request)).allowed).toBe(true);
  expect((await decide(request, ROLE, 2 * 24 * 60 * 60 * 1000)).allowed).toBe(false);
  policies = role([]);
  expect((await decide(request)).allowed).toBe(false);
  policies = role([allow('s3:GetObject')]);
  await decide(request);
  expect(simulation.decide(ROLE, request, 1)).toEqual({ allowed: true });
});

test('a role that is gone may do nothing; the administrator everything', async () => {
  policies = undefined;
  expect((await decide({ action: 's3:GetObject', resource: '*' })).reason).toContain('does not exist');
  expect(await decide({ action: 's3:GetObject', resource: '*' }, { kind: 'administrator' })).toEqual({ allowed: true });
});

test('a service of the twin that asks for what IAM does not know is told', async () => {
  policies = role([]);
  await expect(decide({ action: 'sagemaker:CreateModle', resource: '*' })).rejects.toThrow('IAM knows no action sagemaker:CreateModle');
});
