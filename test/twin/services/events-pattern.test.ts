import { compilePattern } from '../../../twin/services/events/pattern';

const EVENT = {
  source: 'aws.sagemaker', account: '1', resources: ['arn:1', 'arn:2'],
  detail: { name: 'Endpoint-One', size: 5, flag: true, nothing: null, ip: '10.0.0.7', list: [{ a: 1, b: 2 }, { a: 3, b: 4 }], tags: ['x', 'y'] },
};

test.each([
  [{ source: ['aws.sagemaker'] }, true],
  [{ source: ['aws.s3', 'aws.sagemaker'] }, true],
  [{ source: ['aws'] }, false],
  [{ source: [{ prefix: 'aws.' }] }, true],
  [{ source: [{ suffix: 'maker' }] }, true],
  [{ source: [{ prefix: { 'equals-ignore-case': 'AWS.' } }] }, true],
  [{ source: [{ 'equals-ignore-case': 'AWS.SageMaker' }] }, true],
  [{ source: [{ wildcard: 'aws.*ma*r' }] }, true],
  [{ source: [{ wildcard: 'aws.*x' }] }, false],
  [{ source: [{ 'anything-but': 'aws.s3' }] }, true],
  [{ source: [{ 'anything-but': ['aws.s3', 'aws.sagemaker'] }] }, false],
  [{ source: [{ 'anything-but': { prefix: 'aws.' } }] }, false],
  [{ source: [{ 'anything-but': { suffix: ['x', 'y'] } }] }, true],
  [{ missing: [{ 'anything-but': 'a' }] }, false],
  [{ missing: [{ exists: false }] }, true],
  [{ detail: { name: [{ exists: true }] } }, true],
  [{ detail: { other: [{ exists: false }], name: ['Endpoint-One'] } }, true],
  [{ detail: { size: [5] } }, true],
  [{ detail: { size: ['5'] } }, false],
  [{ detail: { size: [{ numeric: ['>', 1, '<=', 5] }] } }, true],
  [{ detail: { size: [{ numeric: ['>', 5] }] } }, false],
  [{ detail: { flag: [true] } }, true],
  [{ detail: { nothing: [null] } }, true],
  [{ detail: { nothing: [''] } }, false],
  [{ detail: { ip: [{ cidr: '10.0.0.0/24' }] } }, true],
  [{ detail: { ip: [{ cidr: '10.0.1.0/24' }] } }, false],
  [{ detail: { tags: ['y'] } }, true],
  [{ resources: [{ suffix: ':2' }] }, true],
  [{ detail: { list: { a: [3] } } }, true],
  [{ detail: { list: { a: [1], b: [4] } } }, false],
  [{ $or: [{ source: ['x'] }, { detail: { size: [5] } }] }, true],
  [{ source: ['aws.sagemaker'], $or: [{ account: ['2'] }, { account: ['3'] }] }, false],
  [{ detail: { $or: [{ size: [9] }, { name: [{ prefix: 'Endpoint' }] }] } }, true],
])('%j matches: %s', (pattern, expected) => {
  expect(compilePattern(pattern)(EVENT)).toBe(expected);
  expect(compilePattern(JSON.stringify(pattern))(EVENT)).toBe(expected);
});

test.each([
  ['{', 'not JSON'],
  ['{}', 'at least one field'],
  ['{"source": "x"}', '"source" must be an object or an array'],
  ['{"source": []}', 'empty arrays'],
  ['{"source": [{"prefx": "a"}]}', 'unrecognized match type prefx'],
  ['{"detail": {"n": [{"numeric": [">", "1"]}]}}', 'no numeric comparison'],
  ['{"detail": {"n": [{"exists": "yes"}]}}', 'exists match pattern'],
  ['{"$or": [{"a": ["b"]}]}', '$or must be'],
])('%s is refused', (pattern, message) => {
  expect(() => compilePattern(pattern)).toThrow(message);
});

/* The filters on text as documented: the table "Comparison operators for use in event patterns in Amazon EventBridge" of the user guide, and
 * "Wildcard matching" of https://github.com/aws/event-ruler, the library that EventBridge matches with. */
test.each<[filter: unknown, value: string, matches: boolean]>([
  [{ prefix: 'us-' }, 'us-east-1', true],
  [{ prefix: 'us-' }, 'eu-us-1', false],
  [{ suffix: '.png' }, 'dir/a.png', true],
  [{ suffix: '.png' }, 'a.png.txt', false],
  [{ wildcard: 'dir/*.png' }, 'dir/a.png', true],
  [{ wildcard: 'dir/*.png' }, 'dir/a/b.png', true],
  [{ wildcard: 'dir/*.png' }, 'dir/.png', true],
  [{ wildcard: 'dir/*.png' }, 'other/dir/a.png', false],
  [{ wildcard: 'Simple*Service' }, 'Simple Storage Service', true],
  [{ wildcard: '*/lib/*' }, 'a/lib/b', true],
  [{ wildcard: '*/lib/*' }, 'lib/b', false],
  [{ wildcard: 'a.c' }, 'abc', false],
  [{ wildcard: 'one\\*two' }, 'one*two', true],
  [{ wildcard: 'one\\*two' }, 'one and two', false],
  [{ wildcard: 'one\\\\*' }, 'one\\two', true],
  [{ wildcard: 'one\\\\*' }, 'one*', false],
  ['', '', true],
])('%j and %j: %s', (filter, value, matches) => {
  expect(compilePattern({ value: [filter] })({ value })).toBe(matches);
});

test.each([['one**two', 'consecutive wildcard characters'], ['one\\two', 'a backslash stands before'], ['one\\', 'a backslash stands before']])('the wildcard %j is refused', (wildcard, message) => {
  expect(() => compilePattern({ value: [{ wildcard }] })).toThrow(message);
});
