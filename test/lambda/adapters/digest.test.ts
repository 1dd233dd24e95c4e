import { createHash } from 'node:crypto';
import { digest } from '../../../lambda/adapters/digest';

test('is SHA-256 of the JSON with sorted keys', () => {
  const canonical = '{"a":[1,{"b":null,"c":"é"}],"z":true}';
  expect(digest({ z: true, a: [1, { c: 'é', b: null }] })).toBe(createHash('sha256').update(canonical).digest('hex'));
});

test.each([
  ['the order of keys', { a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }],
  ['a key without a value', { a: 1 }, { a: 1, b: undefined }],
])('does not depend on %s', (_, one, other) => {
  expect(digest(one)).toBe(digest(other));
});

test.each<[string, unknown, unknown]>([
  ['the order of a list', [1, 2], [2, 1]],
  ['null and nothing', { a: null }, {}],
  ['a number and its text', { a: 1 }, { a: '1' }],
  ['two dates', new Date(1), new Date(2)],
  ['nesting', { a: { b: 1 } }, { a: 1, b: 1 }],
])('tells apart: %s', (_, one, other) => {
  expect(digest(one)).not.toBe(digest(other));
});

test('is cut to a length', () => {
  expect(digest('a', 10)).toBe(digest('a').slice(0, 10));
});
