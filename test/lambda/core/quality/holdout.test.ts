import { answeredHoldout, csvRows, type FacetRule } from '../../../../lambda/core';
import { textObject } from '../support';

const HOLDOUT = ['time,late,sex,age\nt1,1,f,20\nt2,0,f,70\nt3,1,m,30\n', 'time,late,sex,age\nt4,0,m,80\nt5,1,,40\n'];
const ANSWERS = ['0.9\n0.6\n0.2\n', '0.1\n0.9\n'];
const SEX: FacetRule = { feature: 'sex', values: ['f'] };
const AGE: FacetRule = { feature: 'age', above: 60 };

function answered(answers: readonly string[] = ANSWERS, { holdout = HOLDOUT, facets = [SEX], label = 'late', threshold = 0.5 } = {}) {
  return answeredHoldout({
    parts: holdout.map((text, i) => ({ rows: csvRows(textObject(`part-${i}.csv`, text)), answers: textObject(`part-${i}.csv.out`, answers[i]!) })),
    label, notFeatures: new Set(['time', 'late']), facets, threshold,
  });
}

test('labels and answers are joined by position, over all parts', async () => {
  const { labels, scores } = await answered();
  expect(labels).toEqual(['1', '0', '1', '0', '1']);
  expect([...scores]).toEqual([0.9, 0.6, 0.2, 0.1, 0.9]);
});

test('groups come from the hold-out; a row without a value is in neither', async () => {
  expect((await answered(ANSWERS, { facets: [SEX, AGE] })).tallies).toEqual([
    {
      disadvantaged: { answers: 2, predictedPositives: 2, labelled: { truePositives: 1, falsePositives: 1, trueNegatives: 0, falseNegatives: 0 } },
      advantaged: { answers: 2, predictedPositives: 0, labelled: { truePositives: 0, falsePositives: 0, trueNegatives: 1, falseNegatives: 1 } },
    },
    {
      disadvantaged: { answers: 2, predictedPositives: 1, labelled: { truePositives: 0, falsePositives: 1, trueNegatives: 1, falseNegatives: 0 } },
      advantaged: { answers: 3, predictedPositives: 2, labelled: { truePositives: 2, falsePositives: 0, trueNegatives: 0, falseNegatives: 1 } },
    },
  ]);
});

test('an answer is positive from the threshold on', async () => {
  const [{ disadvantaged } = { disadvantaged: undefined }] = (await answered(ANSWERS, { threshold: 0.7 })).tallies;
  expect(disadvantaged!.predictedPositives).toBe(1);
});

test('labels may be written as Python does', async () => {
  const python = HOLDOUT.map((text) => text.replaceAll(/^(t\d),1/gm, '$1,True').replaceAll(/^(t\d),0/gm, '$1,0.0'));
  expect((await answered(ANSWERS, { holdout: python })).tallies).toEqual((await answered()).tallies);
});

test.each([
  ['empty lines between answers', ['0.9\n\n0.6\n0.2\n\n', ' 0.1\r\n0.9']],
  ['one line for each request, as XGBoost answers', ['0.9,0.6,0.2\n', '0.1,0.9\n']],
  ['more values on a line, of which the first is the score', ['0.9,0.1\n0.6,0.4\n0.2,0.8\n', '0.1,0.9\n0.9,0.1\n']],
])('%s are the same answers', async (_, answers) => {
  expect([...(await answered(answers)).scores]).toEqual([0.9, 0.6, 0.2, 0.1, 0.9]);
});

test('a row whose feature holds a line break was asked of no model, and counts nowhere', async () => {
  const holdout = [HOLDOUT[0]!.replace('t2,0,f,70', 't2,0,"f\nf",70'), HOLDOUT[1]!];
  const { labels, scores } = await answered(['0.9\n0.2\n', ANSWERS[1]!], { holdout });
  expect(labels).toEqual(['1', '1', '0', '1']);
  expect([...scores]).toEqual([0.9, 0.2, 0.1, 0.9]);
});

test.each([
  ['an answer missing', ['0.9\n0.6\n', ANSWERS[1]!], {}, /part-0\.csv\.out: the model gave 2 answers to 3 rows; `serve` must answer every line of a request with one line, in the same order/],
  ['no answers to a part', [ANSWERS[0]!, ''], {}, /part-1\.csv\.out: the model gave 0 answers to 2 rows/],
  ['an answer too many', [`${ANSWERS[0]}0.5\n`, ANSWERS[1]!], {}, /part-0\.csv\.out: the model gave 4 answers to 3 rows/],
  ['an answer that is no number', [ANSWERS[0]!.replace('0.6', 'yes'), ANSWERS[1]!], {}, /part-0\.csv\.out: line 2 holds something that is not a finite number/],
  ['a blank value', [ANSWERS[0]!.replace('0.6', ' ,0.6'), ANSWERS[1]!], {}, /line 2 holds something that is not a finite number/],
  ['an infinite answer', [ANSWERS[0]!.replace('0.6', '1e999'), ANSWERS[1]!], {}, /line 2 holds something that is not a finite number/],
  ['another facet', ANSWERS, { facets: [{ feature: 'colour', values: ['red'] }] }, /the hold-out: it has no column colour to tell groups by, only time, late, sex, age; name one/],
  ['another label', ANSWERS, { label: 'age' }, /the hold-out: a label in column age is neither 0 nor 1/],
])('%s is refused, without showing a value', async (_, answers, options, message) => {
  await expect(answered(answers, options)).rejects.toThrow(message);
  await expect(answered(answers, options)).rejects.not.toThrow(/yes|0\.6|1e999/);
});
