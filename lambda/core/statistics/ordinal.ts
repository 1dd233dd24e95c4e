import { isSingleton, OffsetScale } from './bins';
import { total } from './distance';

/** A statistic known to lie between two values, whatever the values inside the bins are. */
export interface Interval {
  readonly lower: number;
  readonly upper: number;
}

type Counts = ArrayLike<number>;

/**
 * The Kolmogorov-Smirnov distance: at least the largest difference seen at an edge, at most what the bins' insides could hide.
 * A bin of a single value hides nothing.
 */
export function kolmogorovSmirnov(baseline: Counts, window: Counts, edges: Float64Array): Interval {
  const m = total(baseline);
  const n = total(window);
  if (m === 0 || n === 0) return { lower: 0, upper: 0 };
  let lower = 0;
  let upper = 0;
  let f = 0;
  let g = 0;
  for (let i = 0; i < baseline.length; i++) {
    const nextF = f + baseline[i]!;
    const nextG = g + window[i]!;
    const atEdge = Math.abs(nextF / m - nextG / n);
    lower = Math.max(lower, atEdge);
    upper = isSingleton(edges, i) ? Math.max(upper, atEdge) : Math.max(upper, nextF / m - g / n, nextG / n - f / m);
    f = nextF;
    g = nextG;
  }
  return { lower, upper };
}

/** An ordered sample as counts and sums of offsets per bin (see OffsetScale). */
export interface BinnedSample {
  readonly counts: Counts;
  readonly offsets: Counts;
}

/**
 * The first Wasserstein distance, the area between the two distribution functions. A bin's own area is exact; where the functions
 * cross inside a bin the areas cancel, so the sum of |area| is a lower bound, and equal to the distance if they cross nowhere.
 */
export function wasserstein(baseline: BinnedSample, window: BinnedSample, edges: Float64Array, scale: OffsetScale): Interval {
  const m = total(baseline.counts);
  const n = total(window.counts);
  const last = edges.length;
  if (m === 0 || n === 0 || last === 0) return { lower: 0, upper: 0 };
  let lower = 0;
  let upper = 0;
  let f = 0;
  let g = 0;
  for (let bin = 0; bin <= last; bin++) {
    const p = baseline.counts[bin]! / m;
    const q = window.counts[bin]! / n;
    if (bin === 0 || bin === last) {
      const a = scale.distance(bin, baseline.offsets[bin]!) / m;
      const b = scale.distance(bin, window.offsets[bin]!) / n;
      lower += Math.abs(a - b);
      upper += a + b;
    } else {
      const width = edges[bin]! - edges[bin - 1]!;
      const start = f - g;
      // Area under each function's rise inside the bin: its values' distance from the upper edge.
      const a = Math.min(p * width, Math.max(0, p * edges[bin]! - scale.sum(bin, baseline.counts[bin]!, baseline.offsets[bin]!) / m));
      const b = Math.min(q * width, Math.max(0, q * edges[bin]! - scale.sum(bin, window.counts[bin]!, window.offsets[bin]!) / n));
      const end = start + p - q;
      lower += Math.abs(start * width + a - b);
      upper += Math.min(
        Math.abs(start) * width + a + b,
        Math.abs(end) * width + (p * width - a) + (q * width - b),
        width * Math.max(Math.abs(start + p), Math.abs(start - q)),
      );
    }
    f += p;
    g += q;
  }
  return { lower, upper };
}
