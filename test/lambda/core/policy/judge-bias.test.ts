import { type BiasFacet, clarifyReport, type FacetTally, judgeBias } from '../../../../lambda/core';

/** Groups of 1000: their positives among labels, and among answers; those right among both as many as possible. */
function group(actual: number, predicted: number): FacetTally['advantaged'] {
  const truePositives = Math.min(actual, predicted);
  return {
    answers: 1000, predictedPositives: predicted,
    labelled: { truePositives, falsePositives: predicted - truePositives, falseNegatives: actual - truePositives, trueNegatives: 1000 - Math.max(actual, predicted) },
  };
}
const sex = (limits: BiasFacet['limits']): BiasFacet => ({ feature: 'sex', values: ['f'], limits });
const OPTIONS = { minimumRows: 100, favourableLabel: 1 } as const;
/** Labels are alike, answers are not: 60 % against 30 %. */
const UNEQUAL: FacetTally = { advantaged: group(500, 600), disadvantaged: group(500, 300) };
const judge = (limits: BiasFacet['limits'], options: Partial<{ minimumRows: number; favourableLabel: 0 | 1 }> = {}) => judgeBias([sex(limits)], [UNEQUAL], { ...OPTIONS, ...options });

test('says which facet, measure, value and limit', () => {
  expect(judge({ DPPL: 0.1, DI: 0.8, DPL: 0.1 })).toMatchObject({
    ok: false, reasons: ['bias by sex (f against others): DPPL 0.3 is beyond 0.1 either way, DI 0.5 is beyond 0.8 to 1.25'],
  });
  expect(judge({ DPPL: 0.3, DPL: 0 })).toMatchObject({ ok: true, reasons: ['bias by sex (f against others): within its limits'] });
});

test('it is bias whichever group is favoured', () => {
  const turned = judgeBias([sex({ DPPL: 0.1, DI: 0.8 })], [{ advantaged: UNEQUAL.disadvantaged, disadvantaged: UNEQUAL.advantaged }], OPTIONS);
  expect(turned.reasons[0]).toContain('DPPL -0.3 is beyond 0.1 either way, DI 2 is beyond 0.8 to 1.25');
});

test('where 0 is the favourable class, shares are those of refusals', () => {
  // 40 % against 70 % are not warned of.
  expect(judge({ DI: 0.8 }, { favourableLabel: 0 }).reasons[0]).toContain('DI 1.75 is beyond 0.8 to 1.25');
});

test('a group that is too small fails, and says what it lacks', () => {
  const { ok, reasons } = judge({ DPPL: 1 }, { minimumRows: 1001 });
  expect(ok).toBe(false);
  expect(reasons[0]).toContain('DPPL cannot be told from the 1000 rows of the smaller group, 1001 are needed (hold more data out, or lower minimumRows)');
});

test('one facet beyond its limit is enough, and each has its reason', () => {
  const judged = judgeBias([sex({ DPPL: 0.5 }), { feature: 'age', above: 60, limits: { DPPL: 0.1 } }], [UNEQUAL, UNEQUAL], OPTIONS);
  expect(judged).toMatchObject({ ok: false, reasons: ['bias by sex (f against others): within its limits', 'bias by age (above 60 against others): DPPL 0.3 is beyond 0.1 either way'] });
});

test('a ratio that compares nothing is neither within its limit nor beyond it', () => {
  const nobody: FacetTally = { advantaged: group(300, 0), disadvantaged: group(500, 0) };
  const { ok, reasons, facets } = judgeBias([sex({ DI: 0.8, TE: 1, DPPL: 0.1 })], [nobody], OPTIONS);
  expect(ok).toBe(false);
  expect(reasons[0]).toMatch(/DI compares nothing: nobody of either group is answered favourably .*, TE compares nothing: it divides by 0 in both groups/);
  expect(facets[0]!.limits.map(({ multiple }) => multiple)).toEqual([undefined, undefined, 0]);
  const report = JSON.parse(JSON.stringify(clarifyReport('late', 1, facets)));
  expect(report.post_training_bias_metrics.facets.sex[0].metrics.find(({ name }: any) => name === 'TE').error).toBe('the measure divides by 0: it is a difference of two infinite ratios');
});

test.each(['constructor', '__proto__', 'toString'])('a column named %s is one like any other', (feature) => {
  const { facets } = judgeBias([{ ...sex({ DPPL: 0.5 }), feature }, { ...sex({ DPPL: 0.5 }), feature, values: ['m'] }], [UNEQUAL, UNEQUAL], OPTIONS);
  const { facets: columns } = JSON.parse(JSON.stringify(clarifyReport('late', 1, facets))).post_training_bias_metrics;
  expect(Object.entries(columns).map(([name, entries]: any) => [name, entries.length])).toEqual([[feature, 2]]);
});

test('the report is Clarify\'s: labels before training, answers after; JSON without infinities', () => {
  // Nobody of the disadvantaged is refused wrongly, so that treatment equality divides by 0.
  const { facets } = judgeBias([sex({ DPPL: 0.5 })], [{ advantaged: group(500, 600), disadvantaged: group(500, 400) }], OPTIONS);
  const report = JSON.parse(JSON.stringify(clarifyReport('late', 1, facets)));
  const [before, after] = [report.pre_training_bias_metrics, report.post_training_bias_metrics];
  expect(before).toMatchObject({ label: 'late', label_value_or_threshold: '1' });
  const metrics = ({ facets: { sex: [{ value_or_threshold: value, metrics: found }] } }: any) => ({ value, ...Object.fromEntries(found.map(({ name, value: figure }: any) => [name, figure])) });
  expect(metrics(before)).toMatchObject({ value: 'f', CI: 0, DPL: 0 });
  expect(metrics(after)).toMatchObject({ value: 'f', DPPL: expect.closeTo(0.2, 12) as number, TE: null });
  expect(after.facets.sex[0].metrics.find(({ name }: any) => name === 'TE').error).toBe('the measure divides by 0: it is infinite');
});
