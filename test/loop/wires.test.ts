import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { excuseOf, readExcuses } from '../../scripts/wires/excused';
import { Definition } from '../../scripts/wires/state-machine';
import type { Json, Template } from '../../scripts/wires/template';
import { wiresOf, withoutWire, type Wire } from '../../scripts/wires/wires';

const DEFINITION = {
  StartAt: 'Many',
  States: {
    Many: {
      Type: 'Map', ItemsPath: '$.items', Next: 'Job',
      ItemProcessor: { StartAt: 'Each', States: { Each: { Type: 'Task', Resource: '<<0>>', Parameters: { 'item.$': '$.item' }, End: true } } },
    },
    Job: { Type: 'Task', Resource: '<<1>>', Parameters: { Channels: [{ Name: 'train' }, { Name: 'test' }], Role: '<<1>>' }, ResultPath: null, Retry: [], End: true },
  },
};

/** As a template holds it: texts with references in between. */
function joined(definition: object): Json {
  const parts = JSON.stringify(definition).split(/<<(\d)>>/).map((part, index) => (index % 2 === 0 ? part : { Ref: `Function${part}` }));
  return { 'Fn::Join': ['', parts] };
}

const TEMPLATE: Template = {
  Resources: {
    Rule: { Type: 'AWS::Events::Rule', Properties: { Targets: [{ Id: 'a', Arn: { Ref: 'Function0' } }, { Id: 'b', Arn: { Ref: 'Function1' } }] } },
    Function0: { Type: 'AWS::Lambda::Function', Properties: { Environment: { Variables: { BUCKET: { Ref: 'Bucket' }, PREFIX: 'x/' } } }, DependsOn: ['Bucket', 'Role'] },
    Function1: { Type: 'AWS::Lambda::Function', Properties: { Code: {} }, DependsOn: 'Policy' },
    Alarm: { Type: 'AWS::CloudWatch::Alarm', Properties: { AlarmActions: ['one', 'two'], OKActions: ['one'] } },
    Machine: { Type: 'AWS::StepFunctions::StateMachine', Properties: { DefinitionString: joined(DEFINITION) } },
    Bucket: { Type: 'AWS::S3::Bucket' },
    Role: { Type: 'AWS::IAM::Role' },
    Policy: { Type: 'AWS::IAM::Policy', Properties: { Roles: [{ Ref: 'Role' }] } },
  },
};

const wires = wiresOf(TEMPLATE);
const named = (name: string): Wire => {
  const wire = wires.find((each) => each.name === name);
  if (wire === undefined) throw new Error(`no wire '${name}' in ${wires.map((each) => each.name).join(', ')}`);
  return wire;
};

test('every wire of a template is found, by kind', () => {
  expect(wires.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'target Rule.Targets.0',
    'target Rule.Targets.1',
    'dependency Function0 after Bucket',
    'dependency Function0 after Role',
    'environment Function0.Environment.Variables.BUCKET',
    'environment Function0.Environment.Variables.PREFIX',
    'dependency Function1 after Policy',
    'alarm-action Alarm.AlarmActions.0',
    'alarm-action Alarm.AlarmActions.1',
    'alarm-action Alarm.OKActions.0',
    'parameter Machine.States.Many.ItemsPath',
    'parameter Machine.States.Many.ItemProcessor.States.Each.Parameters',
    'parameter Machine.States.Many.ItemProcessor.States.Each.Parameters.item.$',
    'parameter Machine.States.Job.Parameters',
    'parameter Machine.States.Job.Parameters.Channels',
    'parameter Machine.States.Job.Parameters.Channels.0',
    'parameter Machine.States.Job.Parameters.Channels.0.Name',
    'parameter Machine.States.Job.Parameters.Channels.1',
    'parameter Machine.States.Job.Parameters.Channels.1.Name',
    'parameter Machine.States.Job.Parameters.Role',
    'parameter Machine.States.Job.ResultPath',
  ]);
});

test('a dependency that a reference implies is told from one that counts', () => {
  expect(wires.filter(({ implied }) => implied).map(({ name }) => name)).toEqual(['Function0 after Bucket']);
});

test('one wire goes, everything else stays', () => {
  for (const wire of wires) {
    const left = wiresOf(withoutWire(TEMPLATE, wire));
    // An inner member takes what is in it along; of a list the last place is the one that is free afterwards.
    expect(left.length).toBeLessThan(wires.length);
    expect(wires.map(({ name }) => name)).toEqual(expect.arrayContaining(left.map(({ name }) => name)));
  }
  expect(wiresOf(TEMPLATE)).toEqual(wires);
});

test('targets, variables, actions and dependencies are taken out where they stand', () => {
  const resource = (name: string, id: string) => withoutWire(TEMPLATE, named(name)).Resources[id]!;
  expect(resource('Rule.Targets.0', 'Rule').Properties!.Targets).toEqual([{ Id: 'b', Arn: { Ref: 'Function1' } }]);
  expect(resource('Function0.Environment.Variables.BUCKET', 'Function0').Properties!.Environment).toEqual({ Variables: { PREFIX: 'x/' } });
  expect(resource('Alarm.AlarmActions.1', 'Alarm').Properties).toEqual({ AlarmActions: ['one'], OKActions: ['one'] });
  expect(resource('Function0 after Role', 'Function0').DependsOn).toEqual(['Bucket']);
  expect(resource('Function1 after Policy', 'Function1').DependsOn).toEqual([]);
});

test('a parameter is taken out of its state, and the references of the definition stay', () => {
  const { DefinitionString } = withoutWire(TEMPLATE, named('Machine.States.Job.Parameters.Role')).Resources.Machine!.Properties!;
  const expected = structuredClone(DEFINITION);
  delete (expected.States.Job.Parameters as { Role?: string }).Role;
  expect(DefinitionString).toEqual(joined(expected));
});

test('a definition without references is a text before and after', () => {
  const text = '{"StartAt":"A","States":{"A":{"Type":"Pass","Parameters":{"a":1},"End":true}}}';
  const definition = Definition.of(text);
  expect(definition.toTemplate()).toBe(text);
  expect(definition.without(['States', 'A', 'Parameters', 'a']).toTemplate()).toBe(text.replace('"a":1', ''));
});

describe('excuses', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'cdk-mlops-excuses-'));
  afterAll(() => { rmSync(folder, { recursive: true }); });
  const written = (excuses: object[]): string => {
    const file = path.join(folder, 'excused.json');
    writeFileSync(file, JSON.stringify(excuses));
    return file;
  };
  const excuse = { kind: 'parameter', wire: 'Machine.*.Role', reason: 'for the test' };

  test('count for wires of their kind and name', () => {
    const excuses = readExcuses(written([excuse]));
    expect(excuseOf(named('Machine.States.Job.Parameters.Role'), excuses)).toEqual(excuse);
    expect(excuseOf(named('Machine.States.Job.ResultPath'), excuses)).toBeUndefined();
    expect(excuseOf({ ...named('Machine.States.Job.Parameters.Role'), kind: 'target' }, excuses)).toBeUndefined();
  });

  test.each([
    [[excuse, excuse, excuse], /excuses 3 wires, at most 2 may be/],
    [[{ ...excuse, kind: 'parameters' }], /'parameters' is no kind of wire; use one of target, /],
    [[{ ...excuse, wire: '*' }], /an excuse names its wire and a reason/],
    [[{ ...excuse, reason: ' ' }], /an excuse names its wire and a reason/],
  ])('are few and well founded: %j', (excuses, message) => {
    expect(() => readExcuses(written(excuses))).toThrow(message);
  });

  test('of this repository can be read', () => {
    expect(readExcuses().length).toBeLessThanOrEqual(2);
  });
});
