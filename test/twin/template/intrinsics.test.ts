import { resolveValue, type Scope } from '../../../twin/template';

const scope: Scope = {
  region: 'eu-west-1',
  ref: (name) => ({ 'AWS::Region': 'eu-west-1', 'Name': 'n', 'List': ['a', 'b'] } as Record<string, unknown>)[name],
  attribute: (id, attribute) => (attribute === 'Missing' ? undefined : `${id}/${attribute}`),
  condition: (name) => name === 'Yes',
  mapping: (map, top, second) => ({ M: { a: { b: 'found' } } } as any)[map]?.[top]?.[second], // eslint-disable-line @typescript-eslint/no-explicit-any
  importValue: (name) => `imported ${name}`,
  stackOutput: (stack, output) => `${stack}.${output}`,
};
const noValue = { Ref: 'AWS::NoValue' };

test.each<[string, unknown, unknown]>([
  ['Ref', { Ref: 'Name' }, 'n'],
  ['Fn::GetAtt as a list', { 'Fn::GetAtt': ['Thing', 'Arn'] }, 'Thing/Arn'],
  ['Fn::GetAtt as text, nested', { 'Fn::GetAtt': 'Thing.Endpoint.Address' }, 'Thing/Endpoint.Address'],
  ['Fn::Sub', { 'Fn::Sub': '${Name}-${Thing.Arn}-${AWS::Region}-${!Literal}' }, 'n-Thing/Arn-eu-west-1-${Literal}'],
  ['Fn::Sub with variables', { 'Fn::Sub': ['${a}${Name}', { a: { Ref: 'Name' } }] }, 'nn'],
  ['Fn::Join', { 'Fn::Join': ['-', ['a', 1, { Ref: 'Name' }, noValue]] }, 'a-1-n'],
  ['Fn::Join of a list', { 'Fn::Join': [',', { Ref: 'List' }] }, 'a,b'],
  ['Fn::Select', { 'Fn::Select': ['1', { Ref: 'List' }] }, 'b'],
  ['Fn::Split', { 'Fn::Split': [':', 'a:b::c'] }, ['a', 'b', '', 'c']],
  ['Fn::Select of Fn::Split', { 'Fn::Select': [2, { 'Fn::Split': [':', 'a:b:c'] }] }, 'c'],
  ['Fn::If', [{ 'Fn::If': ['Yes', 1, 2] }, { 'Fn::If': ['No', 1, 2] }], [1, 2]],
  ['Fn::If that drops', { kept: 1, dropped: { 'Fn::If': ['No', 1, noValue] } }, { kept: 1 }],
  ['AWS::NoValue in lists and objects', { a: noValue, b: [1, noValue, { c: noValue }] }, { b: [1, {}] }],
  ['Fn::FindInMap', { 'Fn::FindInMap': ['M', 'a', 'b'] }, 'found'],
  ['Fn::FindInMap with a default', { 'Fn::FindInMap': ['M', 'a', 'x', { DefaultValue: 'other' }] }, 'other'],
  ['Fn::ImportValue', { 'Fn::ImportValue': { 'Fn::Sub': 'x-${Name}' } }, 'imported x-n'],
  ['Fn::GetStackOutput', { 'Fn::GetStackOutput': { StackName: 'S', OutputName: 'O' } }, 'S.O'],
  ['Fn::Base64', { 'Fn::Base64': 'hello' }, 'aGVsbG8='],
  ['Fn::GetAZs', { 'Fn::GetAZs': '' }, ['eu-west-1a', 'eu-west-1b', 'eu-west-1c']],
  ['an object that only looks like an intrinsic', { Ref: 'Name', Other: 1 }, { Ref: 'Name', Other: 1 }],
])('%s', (_name, template, value) => {
  expect(resolveValue(template, scope, 'P')).toEqual(value);
});

test.each<[string, unknown, string]>([
  ['an unknown name', { a: { Ref: 'Nobody' } }, 'P.a: "Nobody" names no parameter'],
  ['an unknown intrinsic', { a: [{ 'Fn::Cidr': [] }] }, 'P.a.0.Fn::Cidr: intrinsic is not supported'],
  ['a missing attribute', { 'Fn::GetAtt': ['Thing', 'Missing'] }, 'P.Fn::GetAtt: resource Thing has no attribute "Missing"'],
  ['an index out of range', { 'Fn::Select': [5, ['a']] }, 'P.Fn::Select: cannot select value at index 5 of 1'],
  ['a list where text belongs', { 'Fn::Join': ['', [['a']]] }, 'P.Fn::Join.1.0: expects text, got ["a"]'],
  ['a missing mapping', { 'Fn::FindInMap': ['M', 'x', 'y'] }, 'P.Fn::FindInMap: mapping M has no value for x, y'],
  ['another region', { 'Fn::GetStackOutput': { StackName: 'S', OutputName: 'O', Region: 'us-west-2' } }, 'us-west-2 is not eu-west-1'],
])('refuses %s, with its path', (_name, template, message) => {
  expect(() => resolveValue(template, scope, 'P')).toThrow(message);
});
