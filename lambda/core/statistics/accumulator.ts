import { MergeError } from '../errors';
import { binCount } from './bins';
import { ColumnReader, INVALID, Layout, MISSING, Value } from './column';
import { Manifest, ObjectRange } from './manifest';
import { Rejects } from './rejects';

/**
 * Time cells an accumulator holds at most: those of twelve weeks, where a cell is an hour. Later ones fold onto them, as on the dial of a
 * clock: records with absurd times cannot fill the memory, take nothing from the counts, and the fold is the same in any order.
 */
export const MOST_CELLS = 2016;

/** What was counted of one column. */
export interface ColumnCounts {
  readonly counts: Float64Array;
  readonly offsets: Float64Array;
  readonly present: number;
  readonly missing: number;
  readonly invalid: number;
  readonly min: number;
  readonly max: number;
}

/**
 * Counts of captured rows over the bins of a baseline. Everything in it is an integer, a minimum or a maximum, so adding up
 * accumulators in any order, over any split of the data, gives the same bits.
 */
export class Accumulator {
  public rows = 0;
  public readonly rejects = new Rejects();
  public readonly manifest = new Manifest();
  /** Group counts per time cell, by the cell's number since the epoch modulo `MOST_CELLS`. */
  public readonly cells = new Map<number, Float64Array>();
  public readonly counts: Float64Array;
  public readonly offsets: Float64Array;
  public readonly missing: Float64Array;
  public readonly invalid: Float64Array;
  public readonly min: Float64Array;
  public readonly max: Float64Array;

  /** Where each column's bins begin in `counts` and `offsets`, and its groups in a cell. */
  public readonly binStart: readonly number[];
  public readonly groupStart: readonly number[];
  private readonly readers: readonly ColumnReader[];

  public constructor(public readonly layout: Layout) {
    const { columns } = layout;
    ({ readers: this.readers, binStart: this.binStart, groupStart: this.groupStart } = planOf(layout));
    this.counts = new Float64Array(this.binStart[columns.length]!);
    this.offsets = new Float64Array(this.binStart[columns.length]!);
    this.missing = new Float64Array(columns.length);
    this.invalid = new Float64Array(columns.length);
    this.min = new Float64Array(columns.length).fill(Infinity);
    this.max = new Float64Array(columns.length).fill(-Infinity);
  }

  public static empty(layout: Layout): Accumulator {
    return new Accumulator(layout);
  }

  /** The sum of accumulators, which stay as they are. */
  public static sum(layout: Layout, parts: Iterable<Accumulator>): Accumulator {
    const sum = new Accumulator(layout);
    for (const part of parts) sum.merge(part);
    return sum;
  }

  /** Group counts of the time cell an instant falls into. */
  public cellAt(epochMilliseconds: number): Float64Array {
    const sinceEpoch = Math.floor(epochMilliseconds / (this.layout.cellSeconds * 1000));
    const number = ((sinceEpoch % MOST_CELLS) + MOST_CELLS) % MOST_CELLS;
    let cell = this.cells.get(number);
    if (!cell) this.cells.set(number, cell = new Float64Array(this.groupStart[this.layout.columns.length]!));
    return cell;
  }

  /** Counts one value of one column. */
  public add(column: number, value: Value, cell: Float64Array): void {
    const reader = this.readers[column]!;
    const bin = reader.bin(value);
    if (bin === MISSING) this.missing[column]!++;
    else if (bin === INVALID) this.invalid[column]!++;
    else this.addBin(column, bin, reader, cell);
  }

  public addObject(range: ObjectRange): void {
    this.manifest.add(range);
  }

  public column(index: number): ColumnCounts {
    const counts = this.counts.subarray(this.binStart[index], this.binStart[index + 1]);
    return {
      counts,
      offsets: this.offsets.subarray(this.binStart[index], this.binStart[index + 1]),
      present: counts.reduce((a, b) => a + b, 0),
      missing: this.missing[index]!,
      invalid: this.invalid[index]!,
      min: this.min[index]!,
      max: this.max[index]!,
    };
  }

  /** A column's group counts per cell, in the order of time. */
  public cellsOf(index: number): Array<{ cell: number; counts: Float64Array }> {
    return [...this.cells.keys()].sort((a, b) => a - b)
      .map((cell) => ({ cell, counts: this.cells.get(cell)!.subarray(this.groupStart[index], this.groupStart[index + 1]) }));
  }

  /** Adds what another accumulator has counted. */
  public merge(other: Accumulator): this {
    if (other.layout.hash !== this.layout.hash) {
      throw new MergeError('foreign-baseline', `cannot add counts made under baseline ${other.layout.hash} to counts under ${this.layout.hash};`
        + ' recount those records under the present baseline');
    }
    this.manifest.merge(other.manifest);
    this.rejects.merge(other.rejects);
    this.rows += other.rows;
    addTo(this.counts, other.counts);
    addTo(this.offsets, other.offsets);
    addTo(this.missing, other.missing);
    addTo(this.invalid, other.invalid);
    for (let i = 0; i < this.min.length; i++) {
      this.min[i] = Math.min(this.min[i]!, other.min[i]!);
      this.max[i] = Math.max(this.max[i]!, other.max[i]!);
    }
    for (const [number, counts] of other.cells) {
      const cell = this.cells.get(number);
      if (cell) addTo(cell, counts);
      else this.cells.set(number, Float64Array.from(counts));
    }
    return this;
  }

  private addBin(column: number, bin: number, reader: ColumnReader, cell: Float64Array): void {
    const at = this.binStart[column]! + bin;
    this.counts[at]!++;
    cell[this.groupStart[column]! + this.layout.columns[column]!.groups[bin]!]!++;
    if (!reader.scale) return;
    const value = reader.number;
    this.offsets[at]! += reader.scale.offset(bin, value);
    if (value < this.min[column]!) this.min[column] = value;
    if (value > this.max[column]!) this.max[column] = value;
  }
}

interface Plan {
  readonly readers: readonly ColumnReader[];
  readonly binStart: readonly number[];
  readonly groupStart: readonly number[];
}

/** Look-up tables are made once for a layout: a window is the sum of many accumulators. */
const plans = new WeakMap<Layout, Plan>();

/** What reads each column of a layout. */
export function readersOf(layout: Layout): readonly ColumnReader[] {
  return planOf(layout).readers;
}

function planOf(layout: Layout): Plan {
  let plan = plans.get(layout);
  if (!plan) {
    plans.set(layout, plan = {
      readers: layout.columns.map((column) => new ColumnReader(column)),
      binStart: starts(layout.columns.map((column) => binCount(column.bins))),
      groupStart: starts(layout.columns.map((column) => column.groupCount)),
    });
  }
  return plan;
}

function starts(lengths: readonly number[]): number[] {
  const positions = [0];
  for (const length of lengths) positions.push(positions[positions.length - 1]! + length);
  return positions;
}

function addTo(target: Float64Array, added: Float64Array): void {
  for (let i = 0; i < target.length; i++) target[i]! += added[i]!;
}
