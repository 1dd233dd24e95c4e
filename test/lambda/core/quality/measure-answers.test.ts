import { spawnSync } from 'node:child_process';
import { measureAnswers, type AnswerTask } from '../../../../lambda/core';
import { seededRandom } from '../../../../lambda/core/random';

const there = process.env.CI === undefined && spawnSync('python3', ['-c', 'import numpy, scipy']).status === 0;
if (!there) console.log('numpy and scipy do not check the metrics here: not in CI, and python3 must import them (pip install numpy scipy)');
const withScipy = there ? test : test.skip;

/** From the definitions, by other means than ours: pairs, vectors, and scipy's rank test. */
const REFEREE = `
import json, sys
import numpy as np
from scipy.stats import mannwhitneyu
task = json.load(sys.stdin)
y, s = np.array(task['labels'], float), np.array(task['scores'], float)
if task['task'] == 'regression':
    e = s - y
    out = {'mae': np.abs(e).mean(), 'mse': (e * e).mean(), 'rmse': np.sqrt((e * e).mean()), 'r2': 1 - (e * e).sum() / ((y - y.mean()) ** 2).sum()}
else:
    p, h = np.clip(s, 1e-15, 1 - 1e-15), s >= 0.5
    precision, recall = (h & (y == 1)).sum() / h.sum(), (h & (y == 1)).sum() / (y == 1).sum()
    out = {'auc': mannwhitneyu(s[y == 1], s[y == 0]).statistic / ((y == 1).sum() * (y == 0).sum()), 'accuracy': (h == (y == 1)).mean(), 'precision': precision,
           'recall': recall, 'f1': 2 * precision * recall / (precision + recall), 'log_loss': -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean(), 'brier': ((s - y) ** 2).mean()}
print(json.dumps({k: float(v) for k, v in out.items()}))
`;

function measure(task: AnswerTask, labels: readonly unknown[], scores: readonly number[]) {
  return measureAnswers({ task, labels: labels.map(String), scores: Float64Array.from(scores), column: 'late' });
}

/** Rows whose scores tell something, with ties among them. */
function rows(count: number, seed: number): { labels: number[]; scores: number[] } {
  const random = seededRandom(seed);
  const labels = Array.from({ length: count }, () => Number(random() < 0.3));
  return { labels, scores: labels.map((label) => Math.round(100 * (0.35 * label + 0.65 * random())) / 100) };
}

test.each([
  ['auc', [1, 0, 1, 0], [0.9, 0.1, 0.5, 0.5], 0.875],
  ['accuracy', [1, 0, 1, 0], [0.9, 0.1, 0.4, 0.5], 0.5],
  ['precision', [1, 0, 1, 0], [0.9, 0.1, 0.4, 0.5], 0.5],
  ['recall', [1, 0, 1, 0], [0.9, 0.1, 0.4, 0.5], 0.5],
  ['brier', [1, 0], [0.5, 0.5], 0.25],
  ['log_loss', [1, 0], [0.5, 0.5], Math.log(2)],
])('%s of a few rows', (metric, labels, scores, value) => {
  expect(measure('binary-classification', labels, scores).metrics[metric]!.value).toBeCloseTo(value, 12);
});

test('a model that always answers the same ranks nothing', () => {
  expect(measure('binary-classification', [1, 0, 0, 1, 0], [0.3, 0.3, 0.3, 0.3, 0.3]).metrics.auc!.value).toBe(0.5);
});

test.each([
  ['mae', 2], ['mse', 14 / 3], ['rmse', Math.sqrt(14 / 3)], ['r2', 1 - 14 / 8],
])('%s of a few rows', (metric, value) => {
  expect(measure('regression', [1, 5, 3], [4, 3, 2]).metrics[metric]!.value).toBeCloseTo(value, 12);
});

withScipy.each(['binary-classification', 'regression'] as const)('of many rows they are those of numpy and scipy (%s)', (task) => {
  const { labels, scores } = rows(2000, 7);
  const { stdout, stderr, status } = spawnSync('python3', ['-c', REFEREE], { input: JSON.stringify({ task, labels, scores }), encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const { metrics } = measure(task, labels, scores);
  for (const [name, value] of Object.entries(JSON.parse(stdout) as Record<string, number>)) expect({ name, value: metrics[name]!.value }).toEqual({ name, value: expect.closeTo(value, 10) });
});

test('the standard error of a share is that of the binomial distribution', () => {
  const { labels, scores } = rows(4000, 3);
  const { value, standardDeviation } = measure('binary-classification', labels, scores).metrics.accuracy!;
  // Of 200 resamples an error is known to about a twentieth.
  expect(Math.abs(standardDeviation! / Math.sqrt((value * (1 - value)) / 4000) - 1)).toBeLessThan(0.2);
});

test('models share their resamples: one that is a little better everywhere is so in each', () => {
  const { labels, scores } = rows(400, 4);
  const better = scores.map((score, i) => 0.98 * score + 0.02 * labels[i]!);
  const [a, b] = [scores, better].map((each) => measure('binary-classification', labels, each).metrics.brier!) as [{ value: number; replicates: number[]; standardDeviation: number }, { value: number; replicates: number[] }];
  expect(a.replicates.every((value, i) => b.replicates[i]! < value)).toBe(true);
  expect(a.value - b.value).toBeLessThan(a.standardDeviation);
});

test.each([
  ['one class', 'binary-classification', [1, 1], [0.2, 0.9], /the hold-out: all 2 rows have the label 1 in column late, so no metric of a classifier means anything/],
  ['per cent', 'binary-classification', [1, 0], [80.94, 12], /the answers: 2 of 2 are not from 0 to 1; `serve` must answer with the probability of label 1, not with per cent/],
  ['labels of three classes', 'binary-classification', [1, 0, 2], [0.1, 0.2, 0.3], /a label in column late is neither 0 nor 1/],
  ['labels that are no numbers', 'regression', ['1', 'n/a'], [1, 2], /1 of 2 labels in column late are not finite numbers/],
  ['no rows', 'regression', [], [], /it has no rows that a model could be asked/],
] as const)('%s are refused', (_, task, labels, scores, message) => {
  expect(() => measure(task, labels, scores)).toThrow(message);
});
