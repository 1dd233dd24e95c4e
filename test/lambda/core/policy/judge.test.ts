import { DocumentError, Evaluation, judgeCandidate, parseEvaluation } from '../../../../lambda/core';

const evaluation = (value: number, replicates?: number[], rows = 1000): Evaluation => ({ rows, metrics: { auc: { value, replicates, standardDeviation: replicates ? undefined : 0.01 } } });
const spread = (value: number) => [-0.02, -0.01, 0, 0.01, 0.02].map((luck) => value + luck);

test('the first model needs the threshold only', () => {
  expect(judgeCandidate({ candidate: evaluation(0.61), metric: 'auc', threshold: 0.58 })).toMatchObject({
    verdict: 'accept', reasons: ['auc 0.61 is within the threshold (at least 0.58)', 'there is no champion to beat'],
  });
  expect(judgeCandidate({ candidate: evaluation(0.57), metric: 'auc', threshold: 0.58 }).verdict).toBe('reject');
});

test('luck that falls on both models alike cancels', () => {
  const judged = judgeCandidate({ candidate: evaluation(0.62, spread(0.62)), champion: evaluation(0.61, spread(0.61)), metric: 'auc' });
  expect(judged.verdict).toBe('accept');
  expect(judged.standardError).toBeCloseTo(0, 12);
});

test('without pairs the errors add, and the same improvement is not enough', () => {
  expect(judgeCandidate({ candidate: evaluation(0.62), champion: evaluation(0.61), metric: 'auc' })).toMatchObject({
    verdict: 'reject', improvement: expect.closeTo(0.01), standardError: expect.closeTo(Math.hypot(0.01, 0.01)),
  });
});

test('a worse candidate is refused although it reaches the threshold, and both reasons are given', () => {
  const { verdict, reasons } = judgeCandidate({ candidate: evaluation(0.6), champion: evaluation(0.7), metric: 'auc', threshold: 0.58 });
  expect(verdict).toBe('reject');
  expect(reasons).toHaveLength(2);
  expect(reasons[1]).toMatch(/^auc 0.6 against the champion's 0.7: worse by 0.1, needed is more than/);
});

test('an error metric is better when lower', () => {
  const options = { metric: 'auc', higherIsBetter: false, threshold: 0.5 };
  expect(judgeCandidate({ candidate: evaluation(0.3), champion: evaluation(0.4), ...options }).verdict).toBe('accept');
  expect(judgeCandidate({ candidate: evaluation(0.6), ...options }).verdict).toBe('reject');
});

test('a minimum improvement counts beside chance', () => {
  const pair = { candidate: evaluation(0.62, spread(0.62)), champion: evaluation(0.61, spread(0.61)), metric: 'auc' };
  expect(judgeCandidate({ ...pair, minimumImprovement: 0.05 }).verdict).toBe('reject');
});

test.each([
  ['no metric f1; it holds auc', () => judgeCandidate({ candidate: evaluation(0.6), metric: 'f1' })],
  ['score both on the same hold-out', () => judgeCandidate({ candidate: evaluation(0.6), champion: evaluation(0.5, undefined, 900), metric: 'auc' })],
  ['has no bootstrap error', () => judgeCandidate({ candidate: { rows: 9, metrics: { auc: { value: 1 } } }, champion: { rows: 9, metrics: { auc: { value: 1 } } }, metric: 'auc' })],
])('cannot judge: %s', (message, judge) => {
  expect(judge).toThrow(message);
});

describe('evaluation.json', () => {
  test('is read', () => {
    expect(parseEvaluation('{"metrics":{"auc":{"value":0.61,"standard_deviation":0.004,"replicates":[0.6,0.62]},"log_loss":0.5},"rows":10}', 'evaluation.json')).toEqual({
      rows: 10, metrics: { auc: { value: 0.61, standardDeviation: 0.004, replicates: [0.6, 0.62] }, log_loss: { value: 0.5 } },
    });
  });

  test.each([
    ['{"metrics":{"auc":{"value":NaN}},"rows":10}', 'holds NaN, which is not a number JSON knows'],
    ['{"metrics":{"auc":{"value":null}},"rows":10}', 'metric auc is null; write a finite number'],
    ['{"metrics":{"auc":{"value":"0.6"}},"rows":10}', 'metric auc is "0.6"'],
    ['{"metrics":{"auc":{"value":1e999}},"rows":10}', 'metric auc is null'],
    ['{"metrics":{"auc":{"value":0.6,"standard_deviation":-1}},"rows":10}', 'the standard_deviation of metric auc is -1'],
    ['{"metrics":{"auc":{"value":0.6,"replicates":[1,null]}},"rows":10}', 'the replicates of metric auc'],
    ['{"metrics":{"auc":{"value":0.6}}}', '"rows" is missing'],
    ['{"metrics":{"auc":{"value":0.6}},"rows":0}', '"rows" is 0'],
    ['{"rows":1}', 'has no object "metrics"'],
    ['[1]', 'has no object "metrics"'],
    ['', 'not JSON'],
  ])('%s is refused', (json, message) => {
    expect(() => parseEvaluation(json, 'evaluation.json')).toThrow(DocumentError);
    expect(() => parseEvaluation(json, 'evaluation.json')).toThrow(message);
  });
});
