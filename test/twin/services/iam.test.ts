import { spawnSync } from 'node:child_process';
import { CfnPolicy, type CfnRole, ManagedPolicy, PolicyStatement, Role, ServicePrincipal, ArnPrincipal, type RoleProps } from 'aws-cdk-lib/aws-iam';
import { CfnOutput, type Stack } from 'aws-cdk-lib';
import type { IamService } from '../../../twin/services/iam';
import { awsManagedPolicy } from '../../../twin/services/iam/aws-managed-policies';
import { describeWith } from '../differential/python';
import { fakeTwin, stopTwins, synth, thing } from '../template/fakes';

afterEach(stopTwins);

const role = (stack: Stack, id = 'Worker', props: Partial<RoleProps> = {}) => {
  const made = new Role(stack, id, { assumedBy: new ServicePrincipal('lambda.amazonaws.com'), ...props });
  new CfnOutput(stack, `${id}Arn`, { value: made.roleArn });
  return made;
};
const read = new PolicyStatement({ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::b/*'] });
const names = (policies: { identityPolicies: ReadonlyArray<{ name: string }> } | undefined) => policies?.identityPolicies.map(({ name }) => name);

test('a role has the policies that were put on it, its boundary and its trust', async () => {
  const { twin } = await fakeTwin(synth((stack) => {
    const boundary = new ManagedPolicy(stack, 'Boundary', { managedPolicyName: 'limit', statements: [read] });
    const worker = role(stack, 'Worker', {
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSLambdaBasicExecutionRole')], permissionsBoundary: boundary, path: '/team/',
    });
    worker.addToPolicy(read);
  }));
  const arn = (await twin.deploy()).Test!.WorkerArn!;
  expect(arn).toMatch(/^arn:aws:iam::123456789012:role\/team\/Test-Worker\w+-[A-Z0-9]{12}$/);
  const iam = twin.service<IamService>('iam');
  expect(names(iam.rolePolicies(arn))).toEqual([expect.stringMatching(/^WorkerDefaultPolicy/), 'AWSLambdaBasicExecutionRole']);
  expect(iam.rolePolicies(arn)?.permissionsBoundary?.name).toBe('limit');
  expect(iam.isTrusted(arn, 'lambda.amazonaws.com')).toBe(true);
  expect(iam.isTrusted(arn, 'sagemaker.amazonaws.com')).toBe(false);
  await twin.destroy();
  expect(iam.rolePolicies(arn)).toBeUndefined();
  expect(twin.remaining()).toEqual([]);
});

test('a policy counts only once it is created, and the version tells', async () => {
  const { twin } = await fakeTwin(synth((stack) => { role(stack).addToPolicy(read); }));
  const iam = twin.service<IamService>('iam');
  const seen: Array<string[] | undefined> = [];
  const versions = new Set<unknown>();
  for (let second = 0; second < 4; second++) {
    twin.clock.after(second * 1_000 + 500, 'look', () => {
      const worker = [...twin.cloudFormation.stacks.find('Test')!.resources.values()].find(({ type }) => type === 'AWS::IAM::Role');
      const policies = worker?.handle && iam.rolePolicies(worker.handle.attributes!.Arn);
      seen.push(names(policies));
      if (policies) versions.add(policies.version);
    });
  }
  await twin.deploy();
  await twin.advance({ seconds: 3 });
  expect(seen).toEqual([undefined, [], [expect.stringMatching(/^WorkerDefaultPolicy/)], [expect.stringMatching(/^WorkerDefaultPolicy/)]]);
  expect(versions.size).toBe(2);
});

test('GetRole gives policies as URL-encoded JSON', async () => {
  const { twin } = await fakeTwin(synth((stack) => { role(stack, 'Worker', { roleName: 'worker', description: 'works' }); }));
  await twin.deploy();
  const call = (operation: string, input: object) => twin.call({ service: 'iam', operation, input, caller: { kind: 'administrator' } });
  const { Role: found } = await call('GetRole', { RoleName: 'worker' });
  expect(found).toMatchObject({ RoleName: 'worker', Description: 'works', RoleId: expect.stringMatching(/^AROA[A-Z0-9]{17}$/) });
  expect(JSON.parse(decodeURIComponent(found.AssumeRolePolicyDocument)).Statement[0].Principal).toEqual({ Service: 'lambda.amazonaws.com' });
  await expect(call('GetRole', { RoleName: 'nobody' })).rejects.toMatchObject({ code: 'NoSuchEntity', httpStatus: 404 });
});

test('an attribute that a role does not have is refused before anything is made', async () => {
  const { twin, fake } = await fakeTwin(synth((stack) => {
    thing(stack, 'User', { Value: { 'Fn::GetAtt': [stack.getLogicalId(role(stack).node.defaultChild as CfnRole), 'RoleName'] } });
  }));
  await expect(twin.deploy()).rejects.toThrow(/Resources.User: Worker\w+ \(AWS::IAM::Role\) has no attribute "RoleName"; it has Arn, RoleId/);
  expect(fake.log).toEqual([]);
  expect(twin.remaining()).toEqual([]);
});

test.each<[string, (stack: Stack) => void, RegExp]>([
  ['an unknown policy of AWS', (stack) => role(stack, 'Worker', { managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('PowerUserAccess')] }),
    /policy\/PowerUserAccess is managed by AWS and its text is not known to the twin/],
  ['a principal that does not exist', (stack) => role(stack, 'Worker', { assumedBy: new ArnPrincipal('arn:aws:iam::123456789012:role/nobody') }),
    /Invalid principal in policy: "AWS":"arn:aws:iam::123456789012:role\/nobody"/],
  ['a resource that is no ARN', (stack) => role(stack).addToPolicy(new PolicyStatement({ actions: ['s3:GetObject'], resources: ['my-bucket'] })),
    /Resource "my-bucket" must be in ARN format or "\*"/],
  ['more than fits into a role', (stack) => {
    const worker = role(stack);
    for (let index = 0; index < 40; index++) {
      new CfnPolicy(stack, `P${index}`, {
        policyName: `p${index}`, roles: [worker.roleName],
        policyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${'x'.repeat(200)}${index}` }] },
      });
    }
  }, /Maximum policy size of 10240 bytes exceeded for role/],
])('IAM refuses %s', async (_name, define, message) => {
  const { twin } = await fakeTwin(synth(define));
  await expect(twin.deploy()).rejects.toThrow(message);
});

describeWith(['moto'], 'policies managed by AWS', () => {
  test('say what moto\'s copy of them says; of the long one, the actions of services that the twin has', () => {
    const { stdout } = spawnSync('python3', ['-c', 'from moto.iam.aws_managed_policies import aws_managed_policies_data as data; print(data)'], { encoding: 'utf8', maxBuffer: 1 << 26 });
    const published = JSON.parse(stdout) as Record<string, { Document: { Statement: Array<{ Effect: string; Action: string | string[]; Resource: string }> } }>;
    const actions = (statement: unknown) => [statement].flat().flatMap((each) => (each as { Action: string | string[] }).Action).sort();
    for (const name of ['AdministratorAccess', 'AWSCloudFormationReadOnlyAccess']) {
      expect(actions(awsManagedPolicy(`arn:aws:iam::aws:policy/${name}`)!.document.Statement)).toEqual(actions(published[name]!.Document.Statement));
    }
    const readOnly = new Set(actions(published.ReadOnlyAccess!.Document.Statement));
    const own = actions(awsManagedPolicy('arn:aws:iam::aws:policy/ReadOnlyAccess')!.document.Statement);
    expect(own.filter((action) => !readOnly.has(action))).toEqual([]);
    expect(own).toEqual(expect.arrayContaining(['s3:Get*', 's3:List*', 'sagemaker:Describe*', 'logs:FilterLogEvents']));
  });
});
