import fc from 'fast-check';
import {
  addRegressionSums, addScoreSums, areaUnderCurve, biasMetrics, classificationMetrics, conditionalDisparity, probabilityMetrics, regressionMetrics, regressionSums, scoreSums,
} from '../../../../lambda/core';

test('the worked example of the Model Monitor documentation', () => {
  // confusion matrix { 0: { 0: 1, 1: 2 }, 1: { 0: 0, 1: 1 } }
  expect(classificationMetrics({ trueNegatives: 1, falsePositives: 2, falseNegatives: 0, truePositives: 1 })).toMatchObject({
    recall: 1, precision: expect.closeTo(0.3333, 4), accuracy: 0.5, f1: expect.closeTo(0.5, 12), f2: expect.closeTo(0.714, 3), f0_5: expect.closeTo(0.3846, 4),
  });
});

test('no answers are no division by zero', () => {
  expect(Object.values(classificationMetrics({ trueNegatives: 0, falsePositives: 0, falseNegatives: 0, truePositives: 0 }))).toEqual(new Array(10).fill(0));
  expect(areaUnderCurve([0], [5])).toEqual({ lower: 0, upper: 1 });
  expect(regressionMetrics(regressionSums([]))).toBeUndefined();
});

const scored = fc.record({ score: fc.double({ min: 0, max: 1, noNaN: true }), positive: fc.boolean() });

test('the area\'s interval holds the area of the scores themselves', () => {
  fc.assert(fc.property(fc.array(scored, { minLength: 2, maxLength: 80 }), fc.integer({ min: 1, max: 40 }), (rows, bins) => {
    const positives = rows.filter(({ positive }) => positive);
    const negatives = rows.filter(({ positive }) => !positive);
    fc.pre(positives.length > 0 && negatives.length > 0);
    const wins = positives.flatMap((p) => negatives.map((n) => (p.score > n.score ? 1 : p.score === n.score ? 0.5 : 0)));
    const area = wins.reduce<number>((a, b) => a + b, 0) / wins.length;
    const counts = (of: typeof rows) => of.reduce((count, { score }) => (count[Math.min(bins - 1, Math.floor(score * bins))]!++, count), new Array<number>(bins).fill(0));
    const { lower, upper } = areaUnderCurve(counts(positives), counts(negatives));
    expect(lower).toBeLessThanOrEqual(area + 1e-12);
    expect(upper).toBeGreaterThanOrEqual(area - 1e-12);
  }));
});

test('probabilities: log loss, brier score and calibration', () => {
  const { logLoss, brier, calibrationError } = probabilityMetrics(scoreSums([{ score: 0.8, positive: true }, { score: 0.2, positive: false }, { score: 0.6, positive: false }]));
  expect(logLoss).toBeCloseTo(-(Math.log(0.8) * 2 + Math.log(0.4)) / 3, 12);
  expect(brier).toBeCloseTo((0.04 + 0.04 + 0.36) / 3, 12);
  expect(calibrationError).toBeCloseTo((0.2 + 0.2 + 0.6) / 3, 12);
});

test('sums of parts are the sums of all', () => {
  fc.assert(fc.property(fc.array(scored, { maxLength: 30 }), fc.array(scored, { maxLength: 30 }), (a, b) => {
    const parts = probabilityMetrics(addScoreSums(scoreSums(a), scoreSums(b)));
    const all = probabilityMetrics(scoreSums([...a, ...b]));
    expect(parts.logLoss).toBeCloseTo(all.logLoss, 9);
    expect(parts.calibrationError).toBeCloseTo(all.calibrationError, 9);
    const pairs = (rows: typeof a) => rows.map(({ score, positive }) => ({ predicted: score, actual: Number(positive) + 1e6 }));
    const whole = regressionSums([...pairs(a), ...pairs(b)]);
    expect(addRegressionSums(regressionSums(pairs(a)), regressionSums(pairs(b))).variation).toBeCloseTo(whole.variation, 6);
  }));
});

test('regression: errors and R² (scikit-learn docs)', () => {
  const metrics = regressionMetrics(regressionSums([[2.5, 3], [0, -0.5], [2, 2], [8, 7]].map(([predicted, actual]) => ({ predicted: predicted!, actual: actual! }))))!;
  expect(metrics).toEqual({ mae: 0.5, mse: 0.375, rmse: Math.sqrt(0.375), r2: expect.closeTo(0.9486081370449679, 12) });
  expect(regressionMetrics(regressionSums([{ predicted: 1, actual: 2 }]))).toEqual({ mae: 1, mse: 1, rmse: 1 });
});

describe('bias between groups', () => {
  const a = { truePositives: 40, falsePositives: 10, trueNegatives: 40, falseNegatives: 10 };
  const d = { truePositives: 10, falsePositives: 5, trueNegatives: 25, falseNegatives: 10 };

  test('by hand', () => {
    const expected = {
      CI: 1 / 3, DPL: 0.5 - 0.4, TVD: 0.1, KS: 0.1, LP: Math.SQRT2 * 0.1, DPPL: 0.5 - 0.3, DI: 0.6, AD: 0.8 - 0.7, RD: 0.8 - 0.5, SD: 25 / 30 - 40 / 50,
      DCAcc: 1 - 20 / 15, DCR: 30 / 35 - 1, DAR: 0.8 - 10 / 15, DRR: 25 / 35 - 0.8, TE: 2 - 1, KL: 0.5 * Math.log(0.5 / 0.4) + 0.5 * Math.log(0.5 / 0.6),
    };
    const metrics = biasMetrics(a, d);
    for (const [name, value] of Object.entries(expected)) expect([name, metrics[name as keyof typeof metrics]]).toEqual([name, expect.closeTo(value, 12)]);
  });

  test('generalised entropy is the variance of the benefits over twice their squared mean', () => {
    const benefits = [...new Array<number>(20).fill(0), ...new Array<number>(15).fill(2), ...new Array<number>(115).fill(1)];
    const mean = benefits.reduce((x, y) => x + y) / 150;
    const expected = benefits.reduce((sum, benefit) => sum + ((benefit / mean) ** 2 - 1), 0) / 150 / 2;
    expect(biasMetrics(a, d).GE).toBeCloseTo(expected, 12);
  });

  test('equal groups have none', () => {
    const { DI, CI, ...rest } = biasMetrics(a, a);
    expect([DI, CI]).toEqual([1, 0]);
    const { GE, ...differences } = rest;
    expect(GE).toBeGreaterThan(0);
    for (const value of Object.values(differences)) expect(value).toBeCloseTo(0, 12);
  });

  test('empty denominators are infinite, not lost', () => {
    expect(biasMetrics({ ...a, falsePositives: 0 }, d).TE).toBe(-Infinity);
    expect(biasMetrics({ truePositives: 0, falsePositives: 0, trueNegatives: 5, falseNegatives: 0 }, d).DI).toBe(Infinity);
  });

  test('conditional disparity: Simpson\'s paradox vanishes within the subgroups', () => {
    const group = (accepted: number, rejected: number) => ({ truePositives: accepted, falsePositives: 0, trueNegatives: rejected, falseNegatives: 0 });
    const hard = { a: group(10, 90), d: group(80, 720) };
    const easy = { a: group(720, 80), d: group(90, 10) };
    expect(conditionalDisparity([hard, easy], 'actual')).toBeCloseTo(0, 12);
    expect(conditionalDisparity([{ a: group(730, 170), d: group(170, 730) }], 'predicted')).toBeGreaterThan(0.6);
  });
});
