import { biasMetrics, BiasMetrics, GroupCounts } from '../bias';
import { FACET_GROUP, FacetRule, facetGroup } from './facets';
import { JoinedAnswer } from './join';

/** Counts of one group in a window, with the model's positive class as "positive". They add up over partitions and windows. */
export interface GroupTally {
  readonly answers: number;
  readonly predictedPositives: number;
  /** Of the labelled answers. */
  readonly labelled: GroupCounts;
}

export interface FacetTally {
  readonly advantaged: GroupTally;
  readonly disadvantaged: GroupTally;
}

export interface BiasFacet extends FacetRule {
  /** By measure; see limitMultiple. */
  readonly limits: Readonly<Partial<Record<keyof BiasMetrics, number>>>;
}

export interface BiasOptions {
  /** Rows that each group must have before a measure is held against its limit. */
  readonly minimumRows: number;
  /** The class, 1 or 0, that is good for those who are asked about. */
  readonly favourableLabel: 0 | 1;
}

export interface BiasLimit {
  readonly measure: keyof BiasMetrics;
  readonly limit: number;
  /** Rows of the smaller group that the measure rests on. */
  readonly rows: number;
  /** Undefined while the rows are too few, or where the measure says nothing: see limitMultiple. */
  readonly multiple?: number;
}

export interface FacetBias {
  readonly facet: BiasFacet;
  readonly tally: FacetTally;
  /** Those that need no labels from all answers, the others from the labelled ones. */
  readonly measures: Partial<BiasMetrics>;
  readonly limits: readonly BiasLimit[];
}

/** Measures of how the model answers, whatever turns out to be true. */
const WITHOUT_LABELS: ReadonlyArray<keyof BiasMetrics> = ['CI', 'DPPL', 'DI'];
/** What a limit of 0 would divide by, or an infinite measure give, is not a figure; a thousand times the limit says enough. */
const MOST = 1000;

const nobody = () => ({ answers: 0, predictedPositives: 0, labelled: { truePositives: 0, falsePositives: 0, trueNegatives: 0, falseNegatives: 0 } });

/** Counts a window's answers by group, for each of so many facets. */
export function tallyFacets(answers: Iterable<JoinedAnswer>, facets: number, threshold = 0.5): FacetTally[] {
  const tallies = Array.from({ length: facets }, () => ({ advantaged: nobody(), disadvantaged: nobody() }));
  for (const { score, label, facets: bits } of answers) {
    for (let facet = 0; facet < facets; facet++) {
      const group = facetGroup(bits, facet);
      if (group === FACET_GROUP.none) continue;
      const tally = tallies[facet]![group === FACET_GROUP.disadvantaged ? 'disadvantaged' : 'advantaged'];
      const predicted = score >= threshold;
      tally.answers++;
      if (predicted) tally.predictedPositives++;
      if (!Number.isNaN(label)) tally.labelled[cell(predicted, label > 0.5)]++;
    }
  }
  return tallies;
}

export function addFacetTallies(a: readonly FacetTally[], b: readonly FacetTally[]): FacetTally[] {
  return a.map((tally, i) => ({ advantaged: addGroups(tally.advantaged, b[i]!.advantaged), disadvantaged: addGroups(tally.disadvantaged, b[i]!.disadvantaged) }));
}

/** The measures of one facet, and how far each that has a limit is from it. */
export function facetBias(facet: BiasFacet, tally: FacetTally, { minimumRows, favourableLabel }: BiasOptions): FacetBias {
  const favourable = (counts: GroupCounts) => (favourableLabel === 1 ? counts : opposite(counts));
  const { advantaged: a, disadvantaged: d } = tally;
  const answered = biasMetrics(favourable(asAnswered(a)), favourable(asAnswered(d)));
  const joined = biasMetrics(favourable(a.labelled), favourable(d.labelled));
  const labels = Math.min(rowsOf(a.labelled), rowsOf(d.labelled));
  const answers = Math.min(a.answers, d.answers);
  const measures = {
    ...(labels > 0 && joined),
    ...(answers > 0 && Object.fromEntries(WITHOUT_LABELS.map((measure) => [measure, answered[measure]]))),
  } as Partial<BiasMetrics>;
  const limits = (Object.entries(facet.limits) as Array<[keyof BiasMetrics, number]>).map(([measure, limit]): BiasLimit => {
    const rows = WITHOUT_LABELS.includes(measure) ? answers : labels;
    const multiple = rows >= minimumRows ? limitMultiple(measure, measures, limit) : undefined;
    return { measure, limit, rows, ...(multiple !== undefined && { multiple }) };
  });
  return { facet, tally, measures, limits };
}

/**
 * How many times the limit a measure is, 1 being at it. The disparate impact is a ratio, whose limit is the least that is accepted, such as
 * four fifths, whichever group is favoured; of all others it is the size that counts. Undefined where a ratio compares nothing: a disparate
 * impact of groups to which nobody of either is answered favourably, or the difference of two infinite ratios.
 */
export function limitMultiple(measure: keyof BiasMetrics, measures: Partial<BiasMetrics>, limit: number): number | undefined {
  const value = measures[measure] ?? NaN;
  if (Number.isNaN(value) || (measure === 'DI' && value === 0 && measures.DPPL === 0)) return undefined;
  // A limit that accepts whatever there is, or a measure of nothing.
  if ((measure === 'DI' ? limit : value) === 0) return 0;
  return Math.min(MOST, measure === 'DI' ? limit / Math.min(value, 1 / value) : Math.abs(value) / limit);
}

/** A confusion in which every answer came true: what measures without labels look at is then the same. */
function asAnswered({ answers, predictedPositives }: GroupTally): GroupCounts {
  return { truePositives: predictedPositives, falsePositives: 0, trueNegatives: answers - predictedPositives, falseNegatives: 0 };
}

function opposite({ truePositives, falsePositives, trueNegatives, falseNegatives }: GroupCounts): GroupCounts {
  return { truePositives: trueNegatives, falsePositives: falseNegatives, trueNegatives: truePositives, falseNegatives: falsePositives };
}

function rowsOf(counts: GroupCounts): number {
  return Object.values(counts).reduce((sum: number, count: number) => sum + count, 0);
}

function cell(predicted: boolean, actual: boolean): keyof GroupCounts {
  if (predicted) return actual ? 'truePositives' : 'falsePositives';
  return actual ? 'falseNegatives' : 'trueNegatives';
}

function addGroups(a: GroupTally, b: GroupTally): GroupTally {
  const labelled = Object.fromEntries(Object.entries(a.labelled).map(([name, count]) => [name, count + b.labelled[name as keyof GroupCounts]]));
  return { answers: a.answers + b.answers, predictedPositives: a.predictedPositives + b.predictedPositives, labelled: labelled as unknown as GroupCounts };
}
