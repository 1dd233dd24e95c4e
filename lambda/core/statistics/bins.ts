/**
 * Bins of an ordered feature. Bin i holds `edges[i-1] < x <= edges[i]`; the first and the last are open.
 * A value that occurs often has a bin of its own, so that a jump of the distribution lies between two edges and not inside a bin.
 */
export interface OrdinalBins {
  readonly kind: 'ordinal';
  readonly edges: Float64Array;
}

/** Bins of a feature without an order: one per known value, and a last one for every other value. */
export interface NominalBins {
  readonly kind: 'nominal';
  readonly values: readonly string[];
}

export type Bins = OrdinalBins | NominalBins;

export function binCount(bins: Bins): number {
  return bins.kind === 'ordinal' ? bins.edges.length + 1 : bins.values.length + 1;
}

/** Most cells then hold one edge at most. One cell more, since rounding puts a value at the upper end into it. */
export const LUT_CELLS = 512 + 1;

/** Finds the bin of a value: one multiplication and a short scan in the body of the distribution, binary search outside it. */
export class OrdinalIndex {
  public readonly lut = new Uint16Array(LUT_CELLS);
  public readonly low: number;
  public readonly high: number;
  public readonly scale: number;

  public constructor(private readonly edges: Float64Array) {
    [this.low, this.high] = body(edges);
    const scale = (LUT_CELLS - 1) / (this.high - this.low);
    this.scale = Number.isFinite(scale) ? scale : 0;
    if (this.scale === 0) this.high = this.low;
    for (let cell = 0, bin = 0; cell < LUT_CELLS && this.scale > 0; cell++) {
      // A little early: rounding in `of` may put a value into the next cell, and the scan only goes forward.
      const start = this.low + (cell / this.scale) * (1 - 1e-12);
      while (start > edges[bin]!) bin++;
      this.lut[cell] = bin;
    }
  }

  public of(value: number): number {
    if (value > this.low && value < this.high) {
      let bin = this.lut[((value - this.low) * this.scale) | 0]!;
      while (value > this.edges[bin]!) bin++;
      return bin;
    }
    return search(this.edges, value);
  }
}

/** The range in which edges lie close together. Far out the bins' widths double, and a table over them would waste its cells. */
function body(edges: Float64Array): [number, number] {
  if (edges.length < 2) return [0, 0];
  const middle = edges[Math.floor(edges.length * 0.75)]! - edges[Math.floor(edges.length * 0.25)]!;
  let low = 0;
  let high = edges.length - 1;
  while (low < high && edges[low + 1]! - edges[low]! > middle / 4) low++;
  while (high > low && edges[high]! - edges[high - 1]! > middle / 4) high--;
  return [edges[low]!, edges[high]!];
}

/** The number of edges below `value`, which is the index of its bin. */
export function search(edges: Float64Array, value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value > edges[middle]!) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** One step of an offset is a bin's width divided by this. */
export const STEPS = 2 ** 20;
/** No offset is larger. */
export const FURTHEST = 2 ** 32;

/**
 * Where values lie inside their bins, as integers: sums of integers are the same in any order, sums of floats are not.
 * An offset counts steps of 1/2^20 of the bin's width from its lower edge (the first bin: downwards from its upper edge).
 * The open bins step by the width of their neighbour, up to 4096 widths; values beyond count as if they lay there.
 */
export class OffsetScale {
  public readonly origin: Float64Array;
  public readonly perStep: Float64Array;
  private readonly step: Float64Array;

  public constructor(edges: Float64Array) {
    const bins = edges.length + 1;
    this.origin = new Float64Array(bins);
    this.step = new Float64Array(bins);
    this.perStep = new Float64Array(bins);
    for (let bin = 0; bin < bins; bin++) {
      const lower = bin === 0 ? edges[0] ?? 0 : edges[bin - 1]!;
      const width = edges.length < 2 ? 1 : bin === 0 ? edges[1]! - edges[0]! : bin === bins - 1 ? lower - edges[bin - 2]! : edges[bin]! - lower;
      // A bin of one value (its edges are neighbouring doubles) has nothing to measure: it lies at its upper edge.
      const single = bin > 0 && bin < bins - 1 && isSingleton(edges, bin);
      this.origin[bin] = single ? edges[bin]! : lower;
      const step = (width / STEPS) * (bin === 0 ? -1 : 1);
      this.step[bin] = single ? 0 : step;
      this.perStep[bin] = single || !Number.isFinite(1 / step) ? 0 : 1 / step;
    }
  }

  /** The offset of a value in its bin: a non-negative integer. */
  public offset(bin: number, value: number): number {
    const steps = (value - this.origin[bin]!) * this.perStep[bin]!;
    return steps < FURTHEST ? Math.floor(steps + 0.5) : FURTHEST;
  }

  /** The sum of a bin's values, from their count and the sum of their offsets; exact to half a step per value. */
  public sum(bin: number, count: number, offsets: number): number {
    return this.origin[bin]! * count + this.step[bin]! * offsets;
  }

  /** The sum of distances of a bin's values from its origin. */
  public distance(bin: number, offsets: number): number {
    return Math.abs(this.step[bin]!) * offsets;
  }
}

/** Whether a closed bin holds a single double. */
export function isSingleton(edges: Float64Array, bin: number): boolean {
  if (bin <= 0 || bin >= edges.length) return false;
  // Between two neighbouring doubles there is no third.
  const middle = edges[bin - 1]! + (edges[bin]! - edges[bin - 1]!) / 2;
  return middle === edges[bin - 1] || middle === edges[bin];
}

const scratch = new DataView(new ArrayBuffer(8));

/** The largest double below x. */
export function nextDown(x: number): number {
  if (x === 0) return -Number.MIN_VALUE;
  scratch.setFloat64(0, x);
  const bits = scratch.getBigInt64(0);
  scratch.setBigInt64(0, x > 0 ? bits - 1n : bits + 1n);
  return scratch.getFloat64(0);
}
