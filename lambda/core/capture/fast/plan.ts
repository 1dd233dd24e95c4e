import { readersOf } from '../../statistics/accumulator';
import { binCount, LUT_CELLS, OffsetScale, OrdinalIndex } from '../../statistics/bins';
import { Layout, MISSING } from '../../statistics/column';
import { TextTable } from './text-table';

/** Answer of a dictionary that leaves a text to the slow path. */
export const DECLINED = -3;

/** Doubles in a row: a bin's upper edge, offsets per unit, and room for its count and its offsets. The origin of offsets is the edge before. */
export const ROW = 4;
export const COUNT = 2;
export const OFFSETS = 3;

/**
 * The bins of all columns in flat arrays, laid out for a tight loop: what is needed for one value lies together in memory. Where a value
 * counts is known by its slot: the bins of all columns one after another, and behind them each column's missing and invalid values.
 */
export class CountingPlan {
  public readonly columns: number;
  /** The slot of each column's first bin; at the end, the number of bins. */
  public readonly binStart: Int32Array;
  public readonly slots: number;
  public readonly ordinal: Uint8Array;
  public readonly dictionaries: Array<TextTable | undefined> = [];
  /** Of ordinal columns. */
  public readonly indices: Array<OrdinalIndex | undefined> = [];
  public readonly scales: Array<OffsetScale | undefined> = [];
  /** Per column, its look-up table: the bins where the search for a value begins. */
  public readonly lut: Uint16Array;
  /** A row for each slot. */
  public readonly rows: Float64Array;
  /** Per column, where its first bin's row begins. */
  public readonly firstRow: Int32Array;
  /** Per column, whether numbers known to an ulp or two can be told apart from its bins' edges and offsets at all. */
  public readonly tolerant: boolean[] = [];
  /** Per bin: where its group stands in a time cell. */
  public readonly groupOf: Int32Array;
  /** Per slot: its column. */
  public readonly columnOf: Int32Array;

  private static readonly known = new WeakMap<Layout, CountingPlan>();

  /** The plan of a layout, made once. */
  public static of(layout: Layout): CountingPlan {
    let plan = this.known.get(layout);
    if (!plan) this.known.set(layout, plan = new CountingPlan(layout));
    return plan;
  }

  private constructor(layout: Layout) {
    const { columns } = layout;
    const bins = columns.reduce((sum, column) => sum + binCount(column.bins), 0);
    this.columns = columns.length;
    this.slots = bins + 2 * columns.length;
    this.binStart = new Int32Array(columns.length + 1);
    this.firstRow = new Int32Array(columns.length);
    this.ordinal = new Uint8Array(columns.length);
    this.lut = new Uint16Array(columns.length * LUT_CELLS);
    this.rows = new Float64Array(this.slots * ROW);
    this.groupOf = new Int32Array(bins);
    this.columnOf = new Int32Array(this.slots);
    let groups = 0;
    const readers = readersOf(layout);
    columns.forEach((column, i) => {
      column.groups.forEach((group, bin) => { this.groupOf[this.binStart[i]! + bin] = groups + group; });
      groups += column.groupCount;
      this.firstRow[i] = this.binStart[i]! * ROW;
      this.binStart[i + 1] = this.binStart[i]! + binCount(column.bins);
      this.columnOf.fill(i, this.binStart[i], this.binStart[i + 1]);
      this.columnOf.fill(i, this.missingSlot(i), this.invalidSlot(i) + 1);
      if (column.bins.kind === 'ordinal') this.addOrdinal(i, column.bins.edges, readers[i]!.index!, readers[i]!.scale!);
      else this.dictionaries[i] = column.type === 'boolean' ? booleans() : dictionary(column.bins.values);
    });
  }

  public missingSlot(column: number): number {
    return this.groupOf.length + 2 * column;
  }

  public invalidSlot(column: number): number {
    return this.groupOf.length + 2 * column + 1;
  }

  public isMissing(slot: number): boolean {
    return slot >= this.groupOf.length && (slot - this.groupOf.length) % 2 === 0;
  }

  private addOrdinal(column: number, edges: Float64Array, index: OrdinalIndex, scale: OffsetScale): void {
    this.indices[column] = index;
    this.scales[column] = scale;
    this.ordinal[column] = 1;
    this.lut.set(index.lut, column * LUT_CELLS);
    for (let bin = 0, at = this.firstRow[column]!; bin <= edges.length; bin++, at += ROW) {
      this.rows[at] = bin < edges.length ? edges[bin]! : Infinity;
      this.rows[at + 1] = scale.perStep[bin]!;
    }
    this.tolerant[column] = edges.subarray(1).every((edge, i) => Math.max(Math.abs(edge), Math.abs(edges[i]!)) * scale.perStep[i + 1]! < 1e11);
  }
}

function dictionary(values: readonly string[]): TextTable {
  return new TextTable([...values.map((text, bin) => ({ text, bin })), { text: 'null', bin: MISSING }, { text: 'NULL', bin: MISSING }], values.length);
}

/** The usual spellings; any other is left to the slow path, which also takes odd ones. */
function booleans(): TextTable {
  const spellings = ['false', 'False', 'FALSE', 'true', 'True', 'TRUE'].map((text, i) => ({ text, bin: i < 3 ? 0 : 1 }));
  return new TextTable([...spellings, { text: 'null', bin: MISSING }, { text: 'NULL', bin: MISSING }], DECLINED);
}
