import { execFileSync } from 'node:child_process';
import { compilePattern } from '../../../twin/services/events/pattern';
import { SMALLEST, loopTemplate, resource } from '../../lib/fixtures';
import { describeWith } from './python';

/* Which keys start a training run, by the twin's matcher and by moto's. */

const CASES: ReadonlyArray<[prefix: string | undefined, key: string, starts: boolean]> = [
  ['flights/', 'flights/_SUCCESS', true],
  ['flights/', 'flights/2001-02-01/_SUCCESS', true],
  ['flights/', 'flights/2001/02/01/_SUCCESS', true],
  ['flights/', 'flights/x_SUCCESS', false],
  ['flights/', 'flights/2001-02-01/NOT_SUCCESS', false],
  ['flights/', 'flights/_SUCCESS.csv', false],
  ['flights/', 'flights/_SUCCESS/part.csv', false],
  ['flights/', 'flights_SUCCESS', false],
  ['flights/', '_SUCCESS', false],
  ['flights/', 'old/flights/_SUCCESS', false],
  ['flights/', 'flights/_success', false],
  ['flights/', 'flights2/_SUCCESS', false],
  [undefined, '_SUCCESS', true],
  [undefined, 'a/_SUCCESS', true],
  [undefined, 'x_SUCCESS', false],
  [undefined, 'a/x_SUCCESS', false],
  ['odd*[1]/', 'odd*[1]/_SUCCESS', true],
  ['odd*[1]/', 'odd*[1]/a/_SUCCESS', true],
  ['odd*[1]/', 'odd and [1]/a/_SUCCESS', false],
];

const patternOf = (prefix: string | undefined) => resource(loopTemplate({ dataset: { ...SMALLEST.dataset, prefix } }), 'AWS::Events::Rule', 'LoopTrainingPipelineNewData')
  .Properties.EventPattern.detail.object as { key: unknown[] };
const patterns = new Map([...new Set(CASES.map(([prefix]) => prefix))].map((prefix) => [prefix, patternOf(prefix)]));

test.each(CASES)('under %j the object %j starts a run: %s', (prefix, key, starts) => {
  expect(compilePattern(patterns.get(prefix)!)({ key })).toBe(starts);
});

describeWith(['moto'], 'moto', () => {
  test('matches the same keys', () => {
    const script = 'import json, sys; from moto.events.models import EventPattern\n'
      + 'print(json.dumps([EventPattern(None, each["pattern"]).matches_event({"key": each["key"]}) for each in json.load(sys.stdin)]))';
    const input = JSON.stringify(CASES.map(([prefix, key]) => ({ pattern: patterns.get(prefix), key })));
    const matched = JSON.parse(execFileSync('python3', ['-c', script], { input, encoding: 'utf8' })) as boolean[];
    expect(CASES.map(([prefix, key], index) => [prefix, key, matched[index]])).toEqual(CASES);
  });
});
