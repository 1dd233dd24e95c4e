import { addFacetTallies, facetBias, limitMultiple, tallyFacets, type BiasFacet, type JoinedAnswer } from '../../../../lambda/core';

/** Of 10 advantaged 6 are accepted, of 10 disadvantaged 3; half of either are labelled. */
const A = 1;
const D = 2;
const answers: JoinedAnswer[] = [
  ...Array.from({ length: 10 }, (_, i) => ({ score: i < 6 ? 0.9 : 0.1, label: i % 2 === 0 ? Number(i < 4) : NaN, facets: A })),
  ...Array.from({ length: 10 }, (_, i) => ({ score: i < 3 ? 0.9 : 0.1, label: i % 2 === 0 ? Number(i < 6) : NaN, facets: D })),
  { score: 0.9, label: 1, facets: 0 },
];
const facet = (limits: BiasFacet['limits']): BiasFacet => ({ feature: 'town', values: ['BOS'], limits });
const options = { minimumRows: 1, favourableLabel: 1 } as const;
const [tally] = tallyFacets(answers, 1);

test('measures of the answers rest on all of them, those of errors on the labelled ones', () => {
  const { measures, limits } = facetBias(facet({ DPPL: 0.1, DI: 0.8, AD: 0.5 }), tally!, options);
  // Clarify: DPPL = q'a - q'd, DI = q'd / q'a.
  expect(measures.DPPL).toBeCloseTo(0.6 - 0.3);
  expect(measures.DI).toBeCloseTo(0.5);
  // Of the advantaged 0, 2, 4, 6, 8: answers 1 1 1 0 0 against labels 1 1 0 0 0; of the others 1 1 0 0 0 against 1 1 1 0 0.
  expect(measures.AD).toBeCloseTo(4 / 5 - 4 / 5);
  expect(measures.DPL).toBeCloseTo(2 / 5 - 3 / 5);
  expect(limits).toEqual([
    { measure: 'DPPL', limit: 0.1, rows: 10, multiple: expect.closeTo(3) }, { measure: 'DI', limit: 0.8, rows: 10, multiple: expect.closeTo(1.6) },
    { measure: 'AD', limit: 0.5, rows: 5, multiple: expect.closeTo(0) },
  ]);
});

test('where 0 is the good outcome, who is accepted more often is the one at a disadvantage', () => {
  const { measures } = facetBias(facet({}), tally!, { ...options, favourableLabel: 0 });
  expect(measures.DPPL).toBeCloseTo(0.4 - 0.7);
  expect(measures.DI).toBeCloseTo(0.7 / 0.4);
});

test('a group too small for a measure leaves it undecided, which is not "within the limit"', () => {
  const { limits } = facetBias(facet({ DPPL: 0.1, AD: 0.5 }), tally!, { ...options, minimumRows: 6 });
  expect(limits.map(({ multiple }) => multiple === undefined)).toEqual([false, true]);
});

test('without labels there are no measures that need them', () => {
  const { measures } = facetBias(facet({}), tallyFacets(answers.map((answer) => ({ ...answer, label: NaN })), 1)[0]!, options);
  expect(Object.keys(measures)).toEqual(['CI', 'DPPL', 'DI']);
});

test('parts add up to the whole', () => {
  expect(addFacetTallies(tallyFacets(answers.slice(0, 7), 1), tallyFacets(answers.slice(7), 1))).toEqual([tally]);
});

test.each([
  ['DI', 0.8, 0.8, 1], ['DI', 1.25, 0.8, 1], ['DI', 1, 0.8, 0.8], ['DI', 0, 0.8, 1000], ['DPPL', -0.2, 0.1, 2], ['KL', Infinity, 0.1, 1000], ['RD', 0.1, 0, 1000], ['RD', 0, 0, 0], ['DI', 0, 0, 0],
] as const)('%s of %s at a limit of %s is %s times the limit', (measure, value, limit, multiple) => {
  expect(limitMultiple(measure, { [measure]: value }, limit)).toBeCloseTo(multiple);
});
