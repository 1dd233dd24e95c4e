import { DocumentError, type Evaluation } from '../../../lambda/core';
import { measureChampion } from '../../../lambda/training/champion';
import type { ModelUnderTest } from '../../../lib/data/resolve-dataset.contract';

const ARN = 'arn:aws:sagemaker:us-east-1:123456789012:model-package/flights/3';
const champion = (registered: ModelUnderTest['registered'] = null): ModelUnderTest => ({ packageArn: ARN, imageUri: 'i', modelDataUrl: 's3://m', trainedUntil: '2026-01-01T00:00:00Z', registered });
const evaluation = (value: number): Evaluation => ({ metrics: { auc: { value, standardDeviation: 0.01 } }, rows: 1000 });
const scored = { status: 'scored' } as const;

test('without a champion there is nothing to say', async () => {
  expect(await measureChampion({ metric: 'auc' }, null, { status: 'none' }, () => Promise.reject(new Error('not asked')))).toEqual({ notes: [] });
});

test('it is measured by its answers, and what it was registered with is said only where that differs', async () => {
  expect(await measureChampion({ metric: 'auc' }, champion({ metric: 'auc', value: 0.62 }), scored, async () => evaluation(0.6))).toEqual({ evaluation: evaluation(0.6), notes: [] });
  expect(await measureChampion({ metric: 'auc' }, champion({ metric: 'auc', value: 80.94 }), scored, async () => evaluation(0.5))).toEqual({
    evaluation: evaluation(0.5), notes: [`the champion ${ARN} was registered with auc 80.94, and reaches 0.5 on this hold-out`],
  });
  expect((await measureChampion({ metric: 'auc' }, champion({ metric: 'profit', value: 7 }), scored, async () => evaluation(0.5))).notes).toEqual([]);
});

test('one whose answers mean nothing, or that cannot answer, is named and left out', async () => {
  const mute = measureChampion({ metric: 'auc' }, champion(), scored, () => Promise.reject(new DocumentError('s3://a/b.out', 'the model gave 1 answer to 9 rows')));
  expect((await mute).instead).toBe(`the champion ${ARN} was left out, since its answers to the hold-out could not be measured: s3://a/b.out: the model gave 1 answer to 9 rows`);
  const failed = (cause: string) => measureChampion({ metric: 'auc' }, champion(), { status: 'failed', cause }, () => Promise.reject(new Error('not asked')));
  expect((await failed('{"TransformJobName":"x","FailureReason":"AlgorithmError: no ping"}')).instead).toMatch(/could not be measured: AlgorithmError: no ping$/);
  expect((await failed('Could not find model data')).instead).toMatch(/could not be measured: Could not find model data$/);
});

test('what is wrong with AWS is no fault of the champion', async () => {
  await expect(measureChampion({ metric: 'auc' }, champion(), scored, () => Promise.reject(new Error('SlowDown')))).rejects.toThrow('SlowDown');
});

test('what a container wrote into its failure reaches the reason as numbers of characters', async () => {
  const { instead } = await measureChampion({ metric: 'auc' }, champion(), { status: 'failed', cause: JSON.stringify({ FailureReason: 'ok\u001b[2K\u202e' }) }, () => Promise.reject(new Error('not asked')));
  expect(instead).toMatch(/could not be measured: ok\\u001b\[2K\\u202e$/);
});
