import { checkQuality, DatasetProfile } from '../../../../lambda/core';

const profile: DatasetProfile = {
  rows: 100,
  features: [
    { name: 'x', type: 'numeric', missingShare: 0.4, constant: false },
    { name: 'k', type: 'integer', missingShare: 0, constant: true },
  ],
  label: { name: 'late', missing: 2, classes: 1, smallestClassShare: 0.02 },
};

test('names every rule that is broken', () => {
  const { ok, reasons } = checkQuality(profile, { minimumRows: 500, maximumMissingShare: 0.2, refuseConstantFeatures: true, minimumClassShare: 0.05 });
  expect(ok).toBe(false);
  expect(reasons).toEqual([
    expect.stringContaining('100 rows, at least 500 are needed'),
    expect.stringContaining('feature x misses 40.0 % of its values, at most 20.0 %'),
    expect.stringContaining('feature k has one value only'),
    expect.stringContaining('2 of 100 rows have no late'),
    expect.stringContaining('label late has 1 class, at least 2'),
    expect.stringContaining('the rarest class of late has 2.0 %'),
  ]);
});

test('accepts ordinary data without any policy', () => {
  expect(checkQuality({ ...profile, label: { name: 'late', missing: 0, classes: 2, smallestClassShare: 0.2 } })).toEqual({ ok: true, reasons: [] });
  expect(checkQuality({ rows: 1, features: [] })).toEqual({ ok: true, reasons: [] });
});

test('a label with too many values to be classes is a number to be predicted', () => {
  expect(checkQuality({ ...profile, label: { name: 'delay', missing: 0 } }).ok).toBe(true);
});
