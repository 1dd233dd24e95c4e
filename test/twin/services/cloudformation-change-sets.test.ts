import { ADMINISTRATOR, Twin, type Principal } from '../../../twin';
import { FakeService } from '../template/fakes';

/* eslint-disable @typescript-eslint/no-explicit-any -- template JSON, and answers in the shapes of the AWS SDK */

let twin: Twin;
let fake: FakeService;
beforeEach(async () => {
  fake = new FakeService();
  twin = await Twin.start({ services: () => [fake] });
});
afterEach(() => twin.stop());

const call = (operation: string, input: object, caller: Principal = ADMINISTRATOR): Promise<any> => twin.call({ service: 'cloudformation', operation, input, caller });
const thing = (Properties: object = {}, more: object = {}) => ({ Type: 'Test::Fake::Thing', Properties, ...more });
const template = (Resources: object, more: object = {}) => JSON.stringify({ Resources, ...more });

const propose = async (Resources: object, ChangeSetType = 'UPDATE', more: object = {}) => {
  await call('CreateChangeSet', { StackName: 'S', ChangeSetName: 'c', ChangeSetType, TemplateBody: template(Resources), ...more });
  await twin.advance({ seconds: 5 });
  return call('DescribeChangeSet', { StackName: 'S', ChangeSetName: 'c', IncludePropertyValues: true });
};
const execute = async () => {
  await call('ExecuteChangeSet', { StackName: 'S', ChangeSetName: 'c' });
  await twin.advance({ minutes: 1 });
  return status();
};
const status = async () => (await call('DescribeStacks', { StackName: 'S' })).Stacks[0].StackStatus;

describe('a change set', () => {
  test('creates a stack only once it is executed', async () => {
    const described = await propose({ One: thing({ Name: 'one' }) }, 'CREATE');
    expect(described).toMatchObject({
      Status: 'CREATE_COMPLETE', ExecutionStatus: 'AVAILABLE',
      Changes: [{ Type: 'Resource', ResourceChange: { Action: 'Add', LogicalResourceId: 'One', ResourceType: 'Test::Fake::Thing' } }],
    });
    expect(await status()).toBe('REVIEW_IN_PROGRESS');
    expect(fake.log).toEqual([]);
    expect(await execute()).toBe('CREATE_COMPLETE');
    expect(fake.log).toEqual(['create One']);
    expect((await call('DescribeStacks', { StackName: 'S' })).Stacks[0].StackId).toBe(described.StackId);
  });

  test('foresees what the update then does: in place, by replacement, by reference, new and gone', async () => {
    await propose({
      Kept: thing({ Name: 'kept' }), Updated: thing({ Value: 'a' }), Replaced: thing({ Fixed: 'a' }), Gone: thing(),
      Follows: thing({ Refs: [{ Ref: 'Replaced' }] }), FixedTo: thing({ Fixed: { 'Fn::GetAtt': ['Updated', 'Value'] } }),
    }, 'CREATE');
    await execute();
    fake.log.splice(0);
    const { Changes } = await propose({
      Kept: thing({ Name: 'kept' }), Updated: thing({ Value: 'b' }), Replaced: thing({ Fixed: 'b' }), New: thing(),
      Follows: thing({ Refs: [{ Ref: 'Replaced' }] }), FixedTo: thing({ Fixed: { 'Fn::GetAtt': ['Updated', 'Value'] } }),
    });
    const seen = Object.fromEntries(Changes.map(({ ResourceChange }: any) => [ResourceChange.LogicalResourceId, ResourceChange]));
    expect(Object.keys(seen).sort()).toEqual(['FixedTo', 'Follows', 'Gone', 'New', 'Replaced', 'Updated']);
    expect(seen.Updated).toMatchObject({
      Action: 'Modify', Replacement: 'False', Scope: ['Properties'], Details: [{
        Target: { Attribute: 'Properties', Name: 'Value', RequiresRecreation: 'Never', BeforeValue: 'a', AfterValue: 'b' },
        Evaluation: 'Static', ChangeSource: 'DirectModification',
      }],
    });
    expect(seen.Replaced).toMatchObject({ Action: 'Modify', Replacement: 'True', PolicyAction: 'ReplaceAndDelete' });
    expect(seen.Follows).toMatchObject({ Action: 'Modify', Replacement: 'False', Details: [{ Evaluation: 'Dynamic', ChangeSource: 'ResourceReference', CausingEntity: 'Replaced' }] });
    expect(seen.FixedTo).toMatchObject({ Replacement: 'Conditional', Details: [{ ChangeSource: 'ResourceAttribute', CausingEntity: 'Updated.Value' }] });
    expect(seen.New).toMatchObject({ Action: 'Add' });
    expect(seen.Gone).toMatchObject({ Action: 'Remove', PolicyAction: 'Delete' });
    expect(await execute()).toBe('UPDATE_COMPLETE');
    expect([...fake.log].sort()).toEqual(['create FixedTo', 'create New', 'create Replaced', 'delete FixedTo', 'delete Gone', 'delete Replaced', 'update Follows', 'update Updated']);
  });

  test('without changes fails, in the words that the command line looks for', async () => {
    await propose({ One: thing() }, 'CREATE');
    await execute();
    const described = await propose({ One: thing() });
    expect(described).toMatchObject({ Status: 'FAILED', ExecutionStatus: 'UNAVAILABLE' });
    expect(described.StatusReason).toMatch(/^The submitted information didn't contain changes\./);
    await expect(call('ExecuteChangeSet', { StackName: 'S', ChangeSetName: 'c' })).rejects.toMatchObject({ code: 'InvalidChangeSetStatus' });
  });

  test('is gone once deleted, and obsolete once another was executed', async () => {
    await propose({ One: thing() }, 'CREATE');
    await execute();
    await call('CreateChangeSet', { StackName: 'S', ChangeSetName: 'other', TemplateBody: template({ One: thing({ Value: 'x' }) }) });
    await call('CreateChangeSet', { StackName: 'S', ChangeSetName: 'second', TemplateBody: template({ One: thing({ Value: 'y' }) }) });
    expect((await call('ListChangeSets', { StackName: 'S' })).Summaries.map(({ ChangeSetName }: any) => ChangeSetName)).toEqual(['other', 'second']);
    await call('DeleteChangeSet', { StackName: 'S', ChangeSetName: 'other' });
    await call('DeleteChangeSet', { StackName: 'S', ChangeSetName: 'other' });
    await expect(call('DescribeChangeSet', { StackName: 'S', ChangeSetName: 'other' })).rejects.toMatchObject({ code: 'ChangeSetNotFound' });
    await call('CreateChangeSet', { StackName: 'S', ChangeSetName: 'third', TemplateBody: template({ One: thing({ Value: 'z' }) }) });
    await twin.advance({ seconds: 5 });
    await call('ExecuteChangeSet', { StackName: 'S', ChangeSetName: 'third' });
    await expect(call('DescribeChangeSet', { StackName: 'S', ChangeSetName: 'second' })).rejects.toMatchObject({ code: 'ChangeSetNotFound' });
  });

  test('takes a stack under review by id or name, and no other', async () => {
    const { Id, StackId } = await call('CreateChangeSet', { StackName: 'S', ChangeSetName: 'c', ChangeSetType: 'CREATE', TemplateBody: template({ One: thing() }), ClientToken: 't' });
    expect(await call('CreateChangeSet', { StackName: 'S', ChangeSetName: 'c', ChangeSetType: 'CREATE', TemplateBody: template({ One: thing() }), ClientToken: 't' })).toEqual({ Id, StackId });
    await expect(call('CreateChangeSet', { StackName: 'S', ChangeSetName: 'c', ChangeSetType: 'CREATE', TemplateBody: template({ One: thing() }) }))
      .rejects.toMatchObject({ code: 'AlreadyExistsException' });
    await expect(call('CreateChangeSet', { StackName: 'S', ChangeSetName: 'd', TemplateBody: template({ One: thing() }) })).rejects.toThrow('Stack [S] does not exist');
    expect((await call('DescribeChangeSet', { ChangeSetName: Id })).StackId).toBe(StackId);
    await expect(call('ExecuteChangeSet', { ChangeSetName: Id })).rejects.toMatchObject({ code: 'InvalidChangeSetStatus' });
    await call('DeleteStack', { StackName: StackId });
    await twin.advance({ minutes: 1 });
    expect(twin.remaining()).toEqual([]);
  });
});

describe('CreateStack, UpdateStack and DeleteStack', () => {
  const create = (Resources: object, more: object = {}) => call('CreateStack', { StackName: 'S', TemplateBody: template(Resources), ...more });

  test('return at once and do their work in virtual time', async () => {
    await create({ One: thing() });
    expect(await status()).toBe('CREATE_IN_PROGRESS');
    await expect(create({ One: thing() })).rejects.toMatchObject({ code: 'AlreadyExistsException' });
    await expect(call('UpdateStack', { StackName: 'S', UsePreviousTemplate: true, Tags: [{ Key: 'a', Value: 'b' }] })).rejects.toThrow('is in CREATE_IN_PROGRESS state and can not be updated');
    await twin.advance({ minutes: 1 });
    expect(await status()).toBe('CREATE_COMPLETE');
    await expect(call('UpdateStack', { StackName: 'S', UsePreviousTemplate: true })).rejects.toThrow('No updates are to be performed.');
    await call('UpdateStack', { StackName: 'S', UsePreviousTemplate: true, Tags: [{ Key: 'team', Value: 'ml' }] });
    await twin.advance({ minutes: 1 });
    expect([...fake.things.values()]).toMatchObject([{ Tags: expect.arrayContaining([{ Key: 'team', Value: 'ml' }]) }]);
    await call('DeleteStack', { StackName: 'S' });
    await twin.advance({ minutes: 1 });
    await expect(status()).rejects.toThrow('Stack with id S does not exist');
    expect(twin.remaining()).toEqual([]);
    await call('DeleteStack', { StackName: 'S' });
  });

  test('a creation that fails is rolled back, and the stack can only be deleted', async () => {
    fake.failing.add('create Two');
    await create({ One: thing(), Two: thing() });
    await twin.advance({ minutes: 1 });
    expect(await status()).toBe('ROLLBACK_COMPLETE');
    await expect(call('UpdateStack', { StackName: 'S', TemplateBody: template({ One: thing() }) })).rejects.toThrow('is in ROLLBACK_COMPLETE state');
    const { StackEvents } = await call('DescribeStackEvents', { StackName: 'S' });
    expect(StackEvents.find(({ ResourceStatus }: any) => ResourceStatus === 'CREATE_FAILED')).toMatchObject({ LogicalResourceId: 'Two', ResourceStatusReason: 'create of Two was made to fail' });
  });

  test('a protected stack stays', async () => {
    await create({ One: thing() }, { EnableTerminationProtection: true });
    await twin.advance({ minutes: 1 });
    await expect(call('DeleteStack', { StackName: 'S' })).rejects.toThrow('TerminationProtection is enabled');
    await call('UpdateTerminationProtection', { StackName: 'S', EnableTerminationProtection: false });
    await call('DeleteStack', { StackName: 'S' });
    await twin.advance({ minutes: 1 });
    expect(fake.things.size).toBe(0);
  });

  test('events and resources come in pages, each exactly once', async () => {
    const many = Object.fromEntries(Array.from({ length: 130 }, (_, index) => [`T${index}`, thing()]));
    await create(many);
    await twin.advance({ minutes: 5 });
    const all = async (operation: string, member: string) => {
      const found: any[] = [];
      let pages = 0;
      for (let NextToken: string | undefined; pages === 0 || NextToken !== undefined; pages++) {
        const page = await call(operation, { StackName: 'S', NextToken });
        found.push(...page[member]);
        NextToken = page.NextToken;
      }
      return { found, pages };
    };
    const resources = await all('ListStackResources', 'StackResourceSummaries');
    expect([resources.pages, new Set(resources.found.map(({ LogicalResourceId }) => LogicalResourceId)).size]).toEqual([2, 130]);
    const events = await all('DescribeStackEvents', 'StackEvents');
    expect([events.pages, new Set(events.found.map(({ EventId }) => EventId)).size]).toEqual([3, 2 * 130 + 2]);
    expect(events.found[0]).toMatchObject({ LogicalResourceId: 'S', ResourceStatus: 'CREATE_COMPLETE' });
  });
});

describe('parameters and templates', () => {
  const parameters = { Parameters: { Size: { Type: 'String', Default: 'small' }, Needed: { Type: 'String' } } };
  const body = template({ One: thing({ Value: { 'Fn::Join': ['-', [{ Ref: 'Size' }, { Ref: 'Needed' }]] } }) }, parameters);
  const value = () => [...fake.things.values()][0]!.Value;

  test('previous values are kept, also a default that has changed since', async () => {
    await call('CreateStack', { StackName: 'S', TemplateBody: body, Parameters: [{ ParameterKey: 'Needed', ParameterValue: 'x' }] });
    await twin.advance({ minutes: 1 });
    expect(value()).toBe('small-x');
    const previous = ['Size', 'Needed'].map((ParameterKey) => ({ ParameterKey, UsePreviousValue: true }));
    await expect(call('UpdateStack', { StackName: 'S', TemplateBody: body, Parameters: previous })).rejects.toThrow('No updates are to be performed.');
    await call('UpdateStack', { StackName: 'S', TemplateBody: body.replace('small', 'large').replace('"-"', '"+"'), Parameters: previous });
    await twin.advance({ minutes: 1 });
    expect(value()).toBe('small+x');
  });

  test.each<[string, object, string]>([
    ['a parameter without a value', { TemplateBody: body }, 'Parameters: [Needed] must have values'],
    ['a parameter that the template lacks', { TemplateBody: body, Parameters: [{ ParameterKey: 'No', ParameterValue: '1' }] }, 'Parameters: [No] do not exist in the template'],
    ['a template that is neither JSON nor YAML', { TemplateBody: '{"Resources": ' }, 'Template format error: '],
    ['a type that nobody implements', { TemplateBody: template({ A: { Type: 'AWS::Quantum::Computer' } }) }, 'AWS::Quantum::Computer is not implemented by the twin'],
    ['no template at all', {}, 'Either Template URL or Template Body must be specified.'],
    ['an address that is not S3\'s', { TemplateURL: 'https://example.com/bucket/key' }, 'TemplateURL must reference a valid S3 object'],
    ['a template that is not there', { TemplateURL: 'https://nowhere.s3.us-east-1.amazonaws.com/key' }, 'S3 error: '],
    ['a reserved tag', { TemplateBody: template({ A: thing() }), Tags: [{ Key: 'aws:x', Value: '1' }] }, 'aws: prefixed tag key names are not allowed'],
    ['express mode', { TemplateBody: template({ A: thing() }), DeploymentConfig: { Mode: 'EXPRESS' } }, 'does not implement DeploymentConfig {"Mode":"EXPRESS"}'],
    ['no rollback', { TemplateBody: template({ A: thing() }), DisableRollback: true }, 'does not implement DisableRollback true'],
    ['topics for events', { TemplateBody: template({ A: thing() }), NotificationARNs: ['arn:aws:sns:us-east-1:123456789012:t'] }, 'does not implement NotificationARNs'],
  ])('%s is refused', async (_, input, message) => {
    await expect(call('CreateStack', { StackName: 'S', ...input })).rejects.toThrow(message);
    expect(twin.remaining()).toEqual([]);
  });

  test('a template in S3 is read by any of its addresses, in the caller\'s name', async () => {
    const s3 = (operation: string, input: object) => twin.call({ service: 's3', operation, input, caller: ADMINISTRATOR });
    await s3('CreateBucket', { Bucket: 'templates' });
    await s3('PutObject', { Bucket: 'templates', Key: 'a b.yaml', Body: Buffer.from(template({ One: thing() })) });
    for (const [index, TemplateURL] of [
      `${twin.endpoint}/templates/a%20b.yaml`, 'https://templates.s3.us-east-1.amazonaws.com/a%20b.yaml', 'https://s3.amazonaws.com/templates/a%20b.yaml',
    ].entries()) await call('CreateStack', { StackName: `S${index}`, TemplateURL });
    expect(twin.record.filter(({ operation, caller }) => operation === 'GetObject' && caller === ADMINISTRATOR)).toHaveLength(3);
  });
});

describe('permissions', () => {
  const iamResources = (managed: string[], statements: object[] = []) => ({
    Maker: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: 'maker', ManagedPolicyArns: managed.map((name) => `arn:aws:iam::aws:policy/${name}`),
        AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'cloudformation.amazonaws.com' } }] },
      },
    },
    Deployer: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: 'deployer', Policies: [{ PolicyName: 'own', PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'cloudformation:*', Resource: '*' }, ...statements] } }],
        AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: '123456789012' } }] },
      },
    },
  });
  const pass = { Effect: 'Allow', Action: 'iam:PassRole', Resource: 'arn:aws:iam::123456789012:role/maker', Condition: { StringEquals: { 'iam:PassedToService': 'cloudformation.amazonaws.com' } } };
  const maker = 'arn:aws:iam::123456789012:role/maker';
  const deployer: Principal = { kind: 'role', roleArn: 'arn:aws:iam::123456789012:role/deployer', sessionName: 'me' };
  const setUp = async (managed: string[], statements?: object[]) => {
    await call('CreateStack', { StackName: 'Roles', TemplateBody: template(iamResources(managed, statements)), Capabilities: ['CAPABILITY_NAMED_IAM'] });
    await twin.advance({ minutes: 1 });
  };
  const create = (RoleARN?: string) => call('CreateStack', { StackName: 'S', TemplateBody: template({ One: thing() }), RoleARN }, deployer);

  test('roles have to be acknowledged', async () => {
    await expect(call('CreateStack', { StackName: 'Roles', TemplateBody: template(iamResources([])), Capabilities: ['CAPABILITY_IAM'] }))
      .rejects.toMatchObject({ code: 'InsufficientCapabilitiesException', message: 'Requires capabilities : [CAPABILITY_NAMED_IAM]' });
  });

  test('a service role is passed by those who may, and makes everything', async () => {
    await setUp(['AdministratorAccess'], [pass]);
    await create(maker);
    await twin.advance({ minutes: 1 });
    expect(await status()).toBe('CREATE_COMPLETE');
    expect((await call('DescribeStacks', { StackName: 'S' })).Stacks[0].RoleARN).toBe(maker);
  });

  test('without PassRole it is refused', async () => {
    await setUp(['AdministratorAccess']);
    await expect(create(maker)).rejects.toThrow('is not authorized to perform: iam:PassRole on resource: arn:aws:iam::123456789012:role/maker');
  });

  test('a role whose every permission would have to be checked is refused by name', async () => {
    await setUp(['ReadOnlyAccess'], [pass]);
    await expect(create(maker)).rejects.toThrow('arn:aws:iam::123456789012:role/maker has to allow every action on every resource');
    await expect(create()).rejects.toThrow('role/deployer has to allow every action on every resource');
  });

  test('a role that does not trust CloudFormation cannot be used by it', async () => {
    await setUp(['AdministratorAccess'], [{ ...pass, Resource: '*' }]);
    await expect(create('arn:aws:iam::123456789012:role/deployer')).rejects.toThrow('is invalid or cannot be assumed');
  });

  test('stored parameters are read in the caller\'s name', async () => {
    await setUp(['AdministratorAccess'], [pass]);
    await twin.call({ service: 'ssm', operation: 'PutParameter', input: { Name: '/v', Value: '1', Type: 'String' }, caller: ADMINISTRATOR });
    const TemplateBody = template({ One: thing({ Value: { Ref: 'V' } }) }, { Parameters: { V: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/v' } } });
    await expect(call('CreateStack', { StackName: 'S', TemplateBody, RoleARN: maker }, deployer)).rejects.toThrow('ssm:GetParameters');
    await call('CreateStack', { StackName: 'S', TemplateBody });
  });
});
