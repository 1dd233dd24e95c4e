import { ColumnCounts } from '../statistics/accumulator';
import { OffsetScale } from '../statistics/bins';
import { BaselineColumn } from './baseline';

export const PREDICTION = 'prediction';

/**
 * A prediction column nobody has described: bins that suit a probability (64 between 0 and 1, both ends apart) and, with widths
 * that double, any other number. Its baseline is then learned from production itself.
 */
export function provisionalPrediction(): BaselineColumn {
  const edges = new Set<number>([-Number.MIN_VALUE, 0, 1 - Number.EPSILON / 2, 1]);
  for (let i = 1; i < 64; i++) edges.add(i / 64);
  for (let k = 0; k <= 32; k++) {
    edges.add(2 ** k);
    edges.add(-(2 ** (k - 6)));
  }
  const sorted = Float64Array.from(edges).sort();
  // Groups of four 64ths; all below 0 are one group, all above 1 another.
  const groups = Uint8Array.from({ length: sorted.length + 1 }, (_, bin) => {
    const upper = sorted[bin] ?? Infinity;
    return upper < 0 ? 0 : upper > 1 ? 17 : Math.max(1, Math.ceil(upper * 16));
  });
  const none = () => new Float64Array(sorted.length + 1);
  return {
    name: PREDICTION, type: 'numeric', bins: { kind: 'ordinal', edges: sorted }, groups, groupCount: 18,
    counts: none(), offsets: none(), present: 0, missing: 0, invalid: 0, min: 0, max: 0, mean: 0, deviation: 0, provisional: true,
  };
}

/** The prediction column with the counts of an early stretch of production for a baseline. */
export function learnPrediction(provisional: BaselineColumn, reference: ColumnCounts): BaselineColumn {
  const { provisional: _, ...column } = provisional;
  if (column.bins.kind === 'nominal') return column;
  const scale = new OffsetScale(column.bins.edges);
  const { counts, offsets, present } = reference;
  let sum = 0;
  counts.forEach((count, bin) => { sum += scale.sum(bin, count, offsets[bin]!); });
  const mean = present > 0 ? sum / present : 0;
  let squares = 0;
  counts.forEach((count, bin) => { squares += count > 0 ? count * (scale.sum(bin, count, offsets[bin]!) / count - mean) ** 2 : 0; });
  return { ...column, ...reference, mean, deviation: Math.sqrt(squares / Math.max(1, present)) };
}
