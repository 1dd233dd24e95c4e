import { Confusion } from './classification';

/** Actual and predicted outcomes of one group of people; "positive" is the favourable outcome. */
export type GroupCounts = Confusion;

/**
 * SageMaker Clarify's measures of bias between an advantaged group `a` and a disadvantaged group `d`, from counts alone.
 * Formulas: https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-measure-data-bias.html and clarify-measure-post-training-bias.html.
 * Where a denominator is 0 a measure is infinite or, 0 over 0, 0.
 */
export interface BiasMetrics {
  /** Class imbalance, of the groups' sizes. */
  readonly CI: number;
  /** Difference in proportions of actual labels. */
  readonly DPL: number;
  /** Kullback-Leibler divergence, Jensen-Shannon divergence (natural logarithm), total variation, Kolmogorov-Smirnov, L2 norm of the labels' distributions. */
  readonly KL: number;
  readonly JS: number;
  readonly TVD: number;
  readonly KS: number;
  readonly LP: number;
  /** Difference in proportions of predicted labels, and their ratio (disparate impact). */
  readonly DPPL: number;
  readonly DI: number;
  /** Accuracy difference, recall difference, specificity difference. */
  readonly AD: number;
  readonly RD: number;
  readonly SD: number;
  /** Difference in conditional acceptance and rejection. */
  readonly DCAcc: number;
  readonly DCR: number;
  /** Difference in acceptance rates (precision) and rejection rates. */
  readonly DAR: number;
  readonly DRR: number;
  /** Treatment equality: difference of false negatives per false positive. */
  readonly TE: number;
  /** Generalised entropy of the benefit (predicted - actual + 1), alpha 2, over both groups. */
  readonly GE: number;
}

export function biasMetrics(a: GroupCounts, d: GroupCounts): BiasMetrics {
  const [na, nd] = [size(a), size(d)];
  const [qa, qd] = [over(actual(a), na), over(actual(d), nd)];
  const apart = Math.abs(qa - qd);
  return {
    CI: over(na - nd, na + nd),
    DPL: qa - qd,
    KL: divergence(qa, qd),
    JS: (divergence(qa, (qa + qd) / 2) + divergence(qd, (qa + qd) / 2)) / 2,
    TVD: apart,
    KS: apart,
    LP: Math.SQRT2 * apart,
    DPPL: over(predicted(a), na) - over(predicted(d), nd),
    DI: over(over(predicted(d), nd), over(predicted(a), na)),
    AD: over(a.truePositives + a.trueNegatives, na) - over(d.truePositives + d.trueNegatives, nd),
    RD: over(a.truePositives, actual(a)) - over(d.truePositives, actual(d)),
    SD: over(d.trueNegatives, nd - actual(d)) - over(a.trueNegatives, na - actual(a)),
    DCAcc: over(actual(a), predicted(a)) - over(actual(d), predicted(d)),
    DCR: over(nd - actual(d), nd - predicted(d)) - over(na - actual(a), na - predicted(a)),
    DAR: over(a.truePositives, predicted(a)) - over(d.truePositives, predicted(d)),
    DRR: over(d.trueNegatives, nd - predicted(d)) - over(a.trueNegatives, na - predicted(a)),
    TE: over(d.falseNegatives, d.falsePositives) - over(a.falseNegatives, a.falsePositives),
    GE: generalisedEntropy(a, d),
  };
}

/**
 * Conditional demographic disparity: how much larger the disadvantaged group's share of rejections is than its share of acceptances,
 * averaged over subgroups by their size. From actual labels it is CDDL, from predicted ones CDDPL.
 */
export function conditionalDisparity(subgroups: ReadonlyArray<{ a: GroupCounts; d: GroupCounts }>, labels: 'actual' | 'predicted'): number {
  const accepted = labels === 'actual' ? actual : predicted;
  let sum = 0;
  let rows = 0;
  for (const { a, d } of subgroups) {
    const acceptances = accepted(a) + accepted(d);
    const all = size(a) + size(d);
    sum += all * (over(size(d) - accepted(d), all - acceptances) - over(accepted(d), acceptances));
    rows += all;
  }
  return over(sum, rows);
}

function size({ truePositives, falsePositives, trueNegatives, falseNegatives }: GroupCounts): number {
  return truePositives + falsePositives + trueNegatives + falseNegatives;
}

function actual({ truePositives, falseNegatives }: GroupCounts): number {
  return truePositives + falseNegatives;
}

function predicted({ truePositives, falsePositives }: GroupCounts): number {
  return truePositives + falsePositives;
}

function divergence(p: number, q: number): number {
  const part = (x: number, y: number) => (x === 0 ? 0 : x * Math.log(x / y));
  return part(p, q) + part(1 - p, 1 - q);
}

function generalisedEntropy(a: GroupCounts, d: GroupCounts): number {
  const none = a.falseNegatives + d.falseNegatives;
  const double = a.falsePositives + d.falsePositives;
  const rows = size(a) + size(d);
  const mean = over(rows - none + double, rows);
  // Benefit 0 for a wrong rejection, 2 for a wrong acceptance, 1 for a right answer.
  return mean === 0 ? 0 : over((rows - none - double) + 4 * double, 2 * rows * mean * mean) - 0.5;
}

function over(part: number, whole: number): number {
  if (whole !== 0) return part / whole;
  return part === 0 ? 0 : Math.sign(part) * Infinity;
}
