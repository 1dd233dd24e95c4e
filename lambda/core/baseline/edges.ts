import { Bins, nextDown } from '../statistics/bins';

const QUANTILE_BINS = 128;
const TAIL_SHARES = [0.0001, 0.0005, 0.001, 0.0025];
const DOUBLINGS = 11;

/**
 * Edges of an ordered feature from its sorted values: 128 quantile bins, a bin of its own for every value that holds as much as
 * such a bin, finer bins in the tails, and beyond the smallest and largest value bins of doubling width, so that values never
 * seen before still have a distance.
 */
export function chooseEdges(sorted: Float64Array): Float64Array {
  const count = sorted.length;
  if (count === 0) return new Float64Array(0);
  const smallest = sorted[0]!;
  const largest = sorted[count - 1]!;
  const edges = new Set<number>([nextDown(smallest), largest]);
  for (let i = 1; i < QUANTILE_BINS; i++) edges.add(sorted[Math.ceil((i * count) / QUANTILE_BINS) - 1]!);
  for (const share of TAIL_SHARES) {
    if (share * count < 5) continue;
    edges.add(sorted[Math.ceil(share * count) - 1]!);
    edges.add(sorted[count - Math.ceil(share * count)]!);
  }
  for (const atom of atoms(sorted)) {
    edges.add(nextDown(atom));
    edges.add(atom);
  }
  const width = tailWidth(sorted);
  for (let k = 0; k < DOUBLINGS; k++) {
    edges.add(largest + width * (2 ** (k + 1) - 1));
    edges.add(smallest - width * (2 ** (k + 1) - 1));
  }
  return Float64Array.from([...edges].filter(Number.isFinite)).sort();
}

function atoms(sorted: Float64Array): number[] {
  const enough = sorted.length / QUANTILE_BINS;
  const found: number[] = [];
  const distinct: number[] = [];
  for (let start = 0; start < sorted.length;) {
    let end = start + 1;
    while (end < sorted.length && sorted[end] === sorted[start]) end++;
    if (end - start >= enough) found.push(sorted[start]!);
    if (distinct.length <= QUANTILE_BINS) distinct.push(sorted[start]!);
    start = end;
  }
  return distinct.length <= QUANTILE_BINS ? distinct : found;
}

/** The first step beyond the known range: an eighth of the middle 98 %, or of the whole range where the middle is one value. */
function tailWidth(sorted: Float64Array): number {
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  const spread = at(0.99) - at(0.01) || sorted[sorted.length - 1]! - sorted[0]!;
  return spread / 8 || Math.abs(sorted[0]!) / 8 || 1;
}

const LARGEST_GROUPS = 20;

/**
 * Groups of neighbouring bins with about a twentieth of the rows each. PSI needs such wide groups: its bias and its noise grow
 * with their number.
 */
export function groupOrdinal(counts: ArrayLike<number>): { groups: Uint8Array; groupCount: number } {
  const groups = new Uint8Array(counts.length);
  let left = 0;
  for (let i = 0; i < counts.length; i++) left += counts[i]!;
  let group = 0;
  let inGroup = 0;
  for (let bin = 0; bin < counts.length; bin++) {
    const count = counts[bin]!;
    const target = left / (LARGEST_GROUPS - group);
    // A heavy bin closes the group before it, unless that is still nearly empty.
    if (inGroup > 0 && group < LARGEST_GROUPS - 1 && (inGroup >= target || (inGroup + count > 1.5 * target && inGroup >= target / 4))) {
      left -= inGroup;
      group++;
      inGroup = 0;
    }
    groups[bin] = group;
    inGroup += count;
  }
  // Empty bins at the far end join the last group that has rows.
  return { groups, groupCount: group + 1 };
}

/** The most frequent values have a group each, all others one, and what the baseline has never seen has the last. */
export function groupNominal(bins: Extract<Bins, { kind: 'nominal' }>): { groups: Uint8Array; groupCount: number } {
  const values = bins.values.length;
  const single = values <= LARGEST_GROUPS - 1 ? values : LARGEST_GROUPS - 2;
  const groupCount = values <= LARGEST_GROUPS - 1 ? values + 1 : LARGEST_GROUPS;
  const groups = Uint8Array.from({ length: values + 1 }, (_, bin) => (bin < single ? bin : groupCount - (bin === values ? 1 : 2)));
  return { groups, groupCount };
}
