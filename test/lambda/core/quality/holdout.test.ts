import { csvRows, type FacetRule, tallyHoldout } from '../../../../lambda/core';
import { textObject } from '../support';

const HOLDOUT = 'time,late,sex,age\nt1,1,f,20\nt2,0,f,70\nt3,1,m,30\n';
const MORE = 'time,late,sex,age\nt4,0,m,80\nt5,1,,40\n';
const PREDICTIONS = 'label,score\n1,0.9\n0,0.6\n1,0.2\n0,0.1\n1,0.9\n';
const SEX: FacetRule = { feature: 'sex', values: ['f'] };

function tally(predictions: string, { holdout = [HOLDOUT, MORE], facets = [SEX], label = 'late', threshold = 0.5 } = {}) {
  return tallyHoldout({
    holdout: holdout.map((text, i) => csvRows(textObject(`part-${i}.csv`, text))), predictions: csvRows(textObject('predictions.csv', predictions)), label, facets, threshold,
  });
}

test('groups come from the hold-out, over all its parts; a row without a value is in neither', async () => {
  expect(await tally(PREDICTIONS, { facets: [SEX, { feature: 'age', above: 60 }] })).toEqual([
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
  const [{ disadvantaged } = { disadvantaged: undefined }] = await tally(PREDICTIONS, { threshold: 0.7 });
  expect(disadvantaged!.predictedPositives).toBe(1);
});

test('labels may be written as Python does, and columns in any order', async () => {
  expect(await tally('id,score,label\na,0.9,1.0\nb,0.6,0.0\nc,0.2,True\nd,0.1,False\ne,0.9,1\n')).toEqual(await tally(PREDICTIONS));
});

test.each([
  ['no last row', PREDICTIONS.slice(0, -6), {}, /predictions\.csv: it has 4 rows, the hold-out more; `evaluate` must write a line for each row of the hold-out, in its order/],
  ['a row too many', `${PREDICTIONS}1,0.5\n`, {}, /it has more rows than the 5 of the hold-out/],
  ['another order', 'label,score\n0,0.6\n1,0.9\n1,0.2\n0,0.1\n1,0.9\n', {}, /predictions\.csv: line 2 has another label than the row of the hold-out in its place/],
  ['no scores', 'label,answer\n1,yes\n', {}, /predictions\.csv: it has no column score, only label, answer/],
  ['a score that is none', PREDICTIONS.replace('0.6', 'nan'), {}, /predictions\.csv: line 3 has no number for a score/],
  ['an empty score', PREDICTIONS.replace('0.6', ''), {}, /line 3 has no number for a score/],
  ['another facet', PREDICTIONS, { facets: [{ feature: 'colour', values: ['red'] }] }, /the hold-out: it has no column colour to tell groups by, only time, late, sex, age; name one/],
  ['another label', PREDICTIONS, { label: 'age' }, /the hold-out: a label in column age is neither 0 nor 1/],
])('%s is refused, without showing a value', async (_, predictions, options, message) => {
  await expect(tally(predictions, options)).rejects.toThrow(message);
  await expect(tally(predictions, options)).rejects.not.toThrow(/yes|0\.6|nan/);
});
