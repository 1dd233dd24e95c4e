import { BootstraplessSynthesizer, CfnCondition, CfnDeletionPolicy, CfnOutput, CfnParameter, CfnResource, Fn, RemovalPolicy, Stack, Tags, type App } from 'aws-cdk-lib';
import { StackOperationError, TemplateErrors } from '../../../twin';
import { fakeTwin, stopTwins, synth, thing } from './fakes';

afterEach(stopTwins);

describe('creation', () => {
  const chain = synth((stack) => {
    const first = thing(stack, 'First');
    thing(stack, 'Second', { Refs: [first.ref] });
    const third = thing(stack, 'Third', { Value: Fn.sub('${Second.Arn}/x') });
    thing(stack, 'Fourth').addResourceDependency(third);
    for (const letter of 'ABCDEF') thing(stack, `Free${letter}`);
  });

  test('comes after what a resource refers to or depends on', async () => {
    const { twin, fake } = await fakeTwin(chain);
    await twin.deploy();
    const order = fake.log.filter((line) => !line.includes('Free'));
    expect(order).toEqual(['create First', 'create Second', 'create Third', 'create Fourth']);
  });

  test('takes a seeded order among the free', async () => {
    const orders = [];
    for (const seed of [1, 1, 2, 3]) {
      const { twin, fake } = await fakeTwin(chain, { seed });
      await twin.deploy();
      orders.push(fake.log.join());
    }
    expect(orders[0]).toBe(orders[1]);
    expect(new Set(orders).size).toBeGreaterThan(1);
  });

  test('hands providers resolved properties, and tags of stack, resource and CloudFormation', async () => {
    const directory = synth((stack) => {
      const base = thing(stack, 'Base', { Name: 'base', Value: 'v' });
      const other = thing(stack, 'Other', {
        Name: 'other', Value: Fn.join('-', [base.getAtt('Value').toString(), stack.account, stack.region, stack.partition, stack.stackName]),
        Refs: [base.ref, base.getAtt('Nested.Deep'), { Ref: 'AWS::NoValue' }, { none: { Ref: 'AWS::NoValue' }, some: 1 }],
        Tags: [{ Key: 'own', Value: '1' }, { Key: 'team', Value: 'mine' }],
      });
      void other;
    }, { tags: { team: 'ml', cost: 'x' } });
    const { twin, fake } = await fakeTwin(directory);
    await twin.deploy();
    const stackId = twin.cloudFormation.stacks.find('Test')!.stackId;
    expect(fake.things.get('other')).toEqual({
      Name: 'other', Value: 'v-123456789012-us-east-1-aws-Test', Refs: ['base', 'down', { some: 1 }],
      Tags: [
        { Key: 'cost', Value: 'x' }, { Key: 'team', Value: 'mine' }, { Key: 'own', Value: '1' },
        { Key: 'aws:cloudformation:stack-name', Value: 'Test' }, { Key: 'aws:cloudformation:stack-id', Value: stackId },
        { Key: 'aws:cloudformation:logical-id', Value: 'Other' },
      ],
    });
  });

  test('gives names in the manner of CloudFormation', async () => {
    const { twin, fake } = await fakeTwin(synth((stack) => { thing(stack, 'AVeryLongLogicalIdThatDoesNotFitIntoFortyCharacters'); }));
    await twin.deploy();
    const [name] = [...fake.things.keys()];
    expect(name).toMatch(/^Test-AVeryLongLogicalIdThat-[A-Z0-9]{12}$/);
    expect(name).toHaveLength(40);
  });

  test('leaves out what a condition leaves out, and follows the branch of Fn::If that is taken', async () => {
    const { twin, fake } = await fakeTwin(synth((stack) => {
      const parameter = new CfnParameter(stack, 'Wanted', { type: 'String', default: 'no', allowedValues: ['yes', 'no'] });
      const wanted = new CfnCondition(stack, 'IsWanted', { expression: Fn.conditionEquals(parameter.valueAsString, 'yes') });
      const optional = thing(stack, 'Optional');
      optional.cfnOptions.condition = wanted;
      thing(stack, 'Always', { Name: 'always', Value: Fn.conditionIf('IsWanted', optional.ref, 'without') }).addResourceDependency(optional);
      const output = new CfnOutput(stack, 'Out', { value: optional.ref });
      output.condition = wanted;
    }));
    expect(await twin.deploy()).toEqual({ Test: {} });
    expect([...fake.things.keys()]).toEqual(['always']);
    expect(fake.things.get('always')).toMatchObject({ Value: 'without' });
    const outputs = await twin.deploy({ parameters: { Test: { Wanted: 'yes' } } });
    expect(outputs.Test?.Out).toMatch(/^Test-Optional-/);
    expect(fake.things.get('always')).toMatchObject({ Value: outputs.Test?.Out });
    await expect(twin.deploy({ parameters: { Test: { Wanted: 'perhaps' } } })).rejects.toThrow('Parameters.Wanted: "perhaps" is not one of yes, no');
  });

  test('takes virtual time, one resource after another, under a status that others see', async () => {
    const { twin, fake } = await fakeTwin(chain);
    const statuses: string[] = [];
    const describe = async () => (await twin.call({
      service: 'cloudformation', operation: 'DescribeStacks', input: { StackName: 'Test' }, caller: { kind: 'administrator' },
    })).Stacks[0].StackStatus;
    twin.clock.after(2_500, 'look', async () => { statuses.push(await describe()); });
    await twin.deploy();
    statuses.push(await describe());
    expect(statuses).toEqual(['CREATE_IN_PROGRESS', 'CREATE_COMPLETE']);
    expect(fake.things.size * 1_000).toBe(twin.clock.now() - Date.parse('2026-01-01'));
  });
});

describe('refusal, before anything is made', () => {
  test('of unknown types, properties and references, all at once', async () => {
    const { twin, fake } = await fakeTwin(synth((stack) => {
      thing(stack, 'Good');
      thing(stack, 'Misspelt', { Vaule: 1 });
      new CfnResource(stack, 'Strange', { type: 'Test::Fake::Strange' });
      new CfnOutput(stack, 'Out', { value: Fn.ref('Gone') });
      thing(stack, 'Dangling', { Value: { 'Fn::GetAtt': ['Nowhere', 'Arn'] } });
    }));
    const error = await twin.deploy().catch((thrown: unknown) => thrown as TemplateErrors);
    expect(error).toBeInstanceOf(TemplateErrors);
    expect((error as TemplateErrors).faults).toEqual([
      'Resources.Misspelt.Properties.Vaule: property of Test::Fake::Thing is not implemented by the twin; it knows Name, Value, Refs, Fixed, Tags',
      'Resources.Strange.Type: Test::Fake::Strange is not implemented by the twin',
      'Resources.Dangling: refers to "Nowhere", which is no parameter, pseudo parameter or resource of this template',
      'Outputs.Out: refers to "Gone", which is no parameter, pseudo parameter or resource of this template',
    ]);
    expect(fake.log).toEqual([]);
    expect(twin.remaining()).toEqual([]);
  });

  test('of a policy that the attribute does not take', async () => {
    await expect(fakeTwin(synth((stack) => {
      thing(stack, 'One').cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE;
    }))).rejects.toThrow('Resources.One.UpdateReplacePolicy: "RetainExceptOnCreate" is not supported; use one of Delete, Retain');
  });

  test('of circular dependencies', async () => {
    const { twin } = await fakeTwin(synth((stack) => {
      thing(stack, 'One', { Value: { Ref: 'Two' } });
      thing(stack, 'Two', { Value: { Ref: 'One' } });
    }));
    await expect(twin.deploy()).rejects.toThrow('circular dependency between resources: One, Two');
  });

  test('of an attribute that a resource does not have, with those it has', async () => {
    const { twin, fake } = await fakeTwin(synth((stack) => {
      const one = thing(stack, 'One');
      thing(stack, 'Two', { Value: one.getAtt('Lenght') });
    }));
    await expect(twin.deploy()).rejects.toThrow(
      'Two (Test::Fake::Thing): Resources.Two.Properties.Value.Fn::GetAtt: One (Test::Fake::Thing) has no attribute "Lenght"; it has Arn, Nested');
    expect(fake.things.size).toBe(0);
  });
});

describe('a failed creation', () => {
  const directory = synth((stack) => {
    const one = thing(stack, 'One');
    const kept = thing(stack, 'Kept', { Value: one.ref });
    kept.applyRemovalPolicy(RemovalPolicy.RETAIN);
    const shy = thing(stack, 'Shy', { Value: kept.ref });
    shy.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    thing(stack, 'Two', { Value: shy.ref });
  });

  test('is rolled back in reverse order, and keeps what is to be retained', async () => {
    const { twin, fake } = await fakeTwin(directory);
    fake.failing.add('create Two');
    const error = await twin.deploy().catch((thrown: unknown) => thrown as StackOperationError);
    expect(error).toMatchObject({ name: 'StackOperationError', status: 'ROLLBACK_COMPLETE' });
    expect((error as Error).message).toBe('stack Test ended in ROLLBACK_COMPLETE: Two (Test::Fake::Thing): create of Two was made to fail');
    expect(fake.log).toEqual(['create One', 'create Kept', 'create Shy', 'delete Shy', 'delete One']);
    expect([...fake.things.keys()]).toEqual([expect.stringMatching(/^Test-Kept-/)]);
  });

  test('deletes what is retained except on creation only when it was created by what failed', async () => {
    const shy = (broken: boolean, second = true) => synth((stack) => {
      thing(stack, 'One', { Name: 'one' }).applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
      if (second) {
        const two = thing(stack, 'Two', { Name: 'two' });
        two.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
        if (broken) thing(stack, 'Broken', { Value: two.ref });
      }
    });
    const { twin, fake } = await fakeTwin(shy(false, false));
    await twin.deploy();
    fake.failing.add('create Broken');
    await expect(twin.update(shy(true))).rejects.toThrow('UPDATE_ROLLBACK_COMPLETE');
    expect([...fake.things.keys()]).toEqual(['one']);
    await twin.update(shy(false));
    await twin.update(shy(false, false));
    await twin.destroy();
    expect([...fake.things.keys()]).toEqual(['one', 'two']);
  });

  test('is created anew by the next deployment', async () => {
    const { twin, fake } = await fakeTwin(directory);
    fake.failing.add('create Two');
    await twin.deploy().catch(() => undefined);
    fake.failing.clear();
    await twin.deploy();
    expect(twin.cloudFormation.stacks.find('Test')?.status).toBe('CREATE_COMPLETE');
  });
});

describe('an update', () => {
  const build = (values: { kept?: string; fixed?: string; extra?: boolean; policy?: RemovalPolicy }) => synth((stack) => {
    const base = thing(stack, 'Base', { Fixed: values.fixed ?? 'a' });
    if (values.policy) base.applyRemovalPolicy(values.policy, { applyToUpdateReplacePolicy: true });
    thing(stack, 'User', { Value: base.ref });
    thing(stack, 'Same', { Value: values.kept ?? '1' });
    if (values.extra) thing(stack, 'Extra');
  });

  test('changes in place, adds and removes, and leaves the rest alone', async () => {
    const { twin, fake } = await fakeTwin(build({ extra: true }));
    await twin.deploy();
    fake.log.length = 0;
    await twin.update(build({ kept: '2' }));
    expect(fake.log).toEqual(['update Same', 'delete Extra']);
    fake.log.length = 0;
    await twin.update(build({ kept: '2' }));
    expect(fake.log).toEqual([]);
  });

  test('replaces what cannot change: the new first, its users next, the old last', async () => {
    const { twin, fake } = await fakeTwin(build({}));
    await twin.deploy();
    const before = [...fake.things.keys()].find((name) => name.includes('Base'))!;
    fake.log.length = 0;
    await twin.update(build({ fixed: 'b' }));
    expect(fake.log).toEqual(['create Base', 'update User', 'delete Base']);
    expect(fake.things.has(before)).toBe(false);
    const now = [...fake.things.keys()].find((name) => name.includes('Base'));
    expect([...fake.things.values()].map(({ Value }) => Value)).toContain(now);
  });

  test('keeps the old one where UpdateReplacePolicy says so', async () => {
    const { twin, fake } = await fakeTwin(build({ policy: RemovalPolicy.RETAIN }));
    await twin.deploy();
    await twin.update(build({ fixed: 'b', policy: RemovalPolicy.RETAIN }));
    expect([...fake.things.keys()].filter((name) => name.includes('Base'))).toHaveLength(2);
  });

  test('that fails goes back to where it was', async () => {
    const { twin, fake } = await fakeTwin(build({}));
    await twin.deploy();
    const before = new Map(fake.things);
    fake.failing.add('create Extra');
    const error = await twin.update(build({ fixed: 'b', kept: '2', extra: true })).catch((thrown: unknown) => thrown as Error);
    expect((error as Error).message).toBe('stack Test ended in UPDATE_ROLLBACK_COMPLETE: Extra (Test::Fake::Thing): create of Extra was made to fail');
    expect(fake.things).toEqual(before);
    fake.failing.clear();
    await twin.update(build({ kept: '3' }));
    expect([...fake.things.values()]).toContainEqual(expect.objectContaining({ Value: '3' }));
  });

  test('may not change the type of a resource', async () => {
    const { twin } = await fakeTwin(build({}));
    await twin.deploy();
    await expect(twin.update(synth((stack) => { new CfnResource(stack, 'Base', { type: 'AWS::CDK::Metadata' }); })))
      .rejects.toThrow('Resources.Base.Type: update of resource type is not permitted; it was Test::Fake::Thing');
  });

  test('hands changed stack tags on', async () => {
    const tagged = (value: string) => synth((stack) => {
      thing(stack, 'One', { Name: 'one' });
      Tags.of(stack).add('stage', value);
    });
    const { twin, fake } = await fakeTwin(tagged('dev'));
    await twin.deploy();
    await twin.update(tagged('prod'));
    expect(fake.log).toEqual(['create One', 'update One']);
    expect(fake.things.get('one')?.Tags).toContainEqual({ Key: 'stage', Value: 'prod' });
  });
});

describe('destruction', () => {
  test('goes against the dependencies and leaves what is to be retained', async () => {
    const { twin, fake } = await fakeTwin(synth((stack) => {
      const one = thing(stack, 'One');
      const kept = thing(stack, 'Kept', { Name: 'kept', Value: one.ref });
      kept.applyRemovalPolicy(RemovalPolicy.RETAIN);
      thing(stack, 'Two', { Value: kept.ref });
    }));
    await twin.deploy();
    fake.log.length = 0;
    await twin.destroy();
    expect(fake.log).toEqual(['delete Two', 'delete One']);
    expect(twin.remaining()).toEqual(['arn:fake:kept']);
  });

  test('that fails at one resource keeps what that one needs, deletes the rest, and can be repeated', async () => {
    const { twin, fake } = await fakeTwin(synth((stack) => {
      const one = thing(stack, 'One');
      thing(stack, 'Two', { Value: one.ref });
      thing(stack, 'Three');
    }));
    await twin.deploy();
    fake.failing.add('delete Two');
    await expect(twin.destroy()).rejects.toThrow('stack Test ended in DELETE_FAILED: Two (Test::Fake::Thing): delete of Two was made to fail');
    expect(twin.cloudFormation.stacks.find('Test')?.resources.has('Three')).toBe(false);
    expect(fake.things.size).toBe(2);
    fake.failing.clear();
    await twin.destroy();
    expect(twin.remaining()).toEqual([]);
  });
});

describe('several stacks', () => {
  const define = (value: string, uses = true) => synth((stack: Stack, app: App) => {
    const user = new Stack(app, 'User', { synthesizer: new BootstraplessSynthesizer() });
    const shared = thing(stack, 'Shared', { Fixed: value });
    stack.exportValue(shared.ref, { name: 'shared-name' });
    thing(user, 'Mine', { Value: uses ? Fn.importValue('shared-name') : 'nothing' });
    user.addStackDependency(stack);
  });

  test('deploy in order of dependency and hand values on', async () => {
    const { twin, fake } = await fakeTwin(define('a'));
    await twin.deploy();
    expect(fake.log).toEqual(['create Shared', 'create Mine']);
    const [shared, mine] = [...fake.things];
    expect(mine?.[1].Value).toBe(shared?.[0]);
    await twin.destroy();
    expect(fake.log.slice(2)).toEqual(['delete Mine', 'delete Shared']);
  });

  test('hold on to an export that is in use', async () => {
    const { twin } = await fakeTwin(define('a'));
    await twin.deploy();
    await expect(twin.update(define('b'))).rejects.toThrow('export shared-name of stack Test cannot be updated as it is in use by User');
    expect(twin.cloudFormation.stacks.find('Test')?.status).toBe('UPDATE_ROLLBACK_COMPLETE');
  });
});
