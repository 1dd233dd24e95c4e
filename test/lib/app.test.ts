import { readFileSync } from 'fs';
import { join } from 'path';
import { App } from 'aws-cdk-lib';
import { Settings } from '../../bin/settings';
import { ROOT } from './fixtures';

const settings = (context: Record<string, unknown>) => new Settings(new App({ context }).node);

test('every recommended feature flag stands in cdk.json, and the built-in rules are errors', () => {
  const recommended = JSON.parse(readFileSync(require.resolve('aws-cdk-lib/recommended-feature-flags.json'), 'utf8'));
  const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8'));
  expect(context).toMatchObject({ ...recommended, '@aws-cdk/core:validateAgainstDefaultRules': true });
});

test('settings have defaults, and come as texts from the command line', () => {
  expect(settings({}).number('instanceCount', 2)).toBe(2);
  expect(settings({ instanceCount: '3' }).number('instanceCount', 2)).toBe(3);
  expect(settings({ threshold: 0 }).number('threshold', 0.5)).toBe(0);
  expect(settings({ email: 'a@x.org, b@x.org' }).list('email')).toEqual(['a@x.org', 'b@x.org']);
  expect(settings({}).list('email')).toBeUndefined();
  expect(settings({}).oneOf('removalPolicy', ['retain', 'destroy'])).toBe('retain');
});

test.each([
  ['a number in words', () => settings({ instanceCount: 'two' }).number('instanceCount', 2), /context 'instanceCount' is "two"; give a number, for example -c instanceCount=2/],
  ['nothing', () => settings({ prefix: '' }).text('prefix', 'flights/'), /context 'prefix' is ""; give a text/],
  ['an unknown choice', () => settings({ removalPolicy: 'delete' }).oneOf('removalPolicy', ['retain', 'destroy']), /is 'delete'; give one of retain, destroy/],
  ['an empty item', () => settings({ email: 'a@x.org,' }).list('email'), /give texts separated by commas/],
])('%s is refused', (_, read, message) => {
  expect(read).toThrow(message);
});
