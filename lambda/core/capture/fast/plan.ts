import { binCount, LUT_CELLS, OffsetScale, OrdinalIndex } from '../../statistics/bins';
import { Layout, MISSING } from '../../statistics/column';
import { TextTable } from './text-table';

/** Answer of a dictionary that leaves a text to the slow path. */
export const DECLINED = -3;

/**
 * The bins of all columns in flat arrays, laid out for a tight loop: what is needed for one value lies together in memory.
 * A bin is known by its place among the bins of all columns.
 */
export class CountingPlan {
  public readonly columns: number;
  /** The place of each column's first bin. */
  public readonly binStart: Int32Array;
  public readonly ordinal: Uint8Array;
  public readonly dictionaries: Array<TextTable | undefined> = [];
  /** Per column: the low end, the high end and the scale of its look-up table. */
  public readonly ranges: Float64Array;
  /** Per column: the bins where the scan for a value begins. */
  public readonly lut: Uint16Array;
  /** Per place: the bin's upper edge, the origin of its offsets, and offsets per unit. */
  public readonly bins: Float64Array;
  /** Per place: where the bin's group stands in a time cell. */
  public readonly groupOf: Int32Array;

  private static readonly known = new WeakMap<Layout, CountingPlan>();

  /** The plan of a layout, made once. */
  public static of(layout: Layout): CountingPlan {
    let plan = this.known.get(layout);
    if (!plan) this.known.set(layout, plan = new CountingPlan(layout));
    return plan;
  }

  private constructor(layout: Layout) {
    const { columns } = layout;
    const places = columns.reduce((sum, column) => sum + binCount(column.bins), 0);
    this.columns = columns.length;
    this.binStart = new Int32Array(columns.length + 1);
    this.ordinal = new Uint8Array(columns.length);
    this.ranges = new Float64Array(columns.length * 4);
    this.lut = new Uint16Array(columns.length * LUT_CELLS);
    this.bins = new Float64Array(places * 4);
    this.groupOf = new Int32Array(places);
    let groups = 0;
    columns.forEach((column, i) => {
      column.groups.forEach((group, bin) => { this.groupOf[this.binStart[i]! + bin] = groups + group; });
      groups += column.groupCount;
      this.binStart[i + 1] = this.binStart[i]! + binCount(column.bins);
      if (column.bins.kind === 'ordinal') this.addOrdinal(i, column.bins.edges);
      else this.dictionaries[i] = column.type === 'boolean' ? booleans() : dictionary(column.bins.values);
    });
  }

  private addOrdinal(column: number, edges: Float64Array): void {
    const index = new OrdinalIndex(edges);
    const scale = new OffsetScale(edges);
    const start = this.binStart[column]!;
    this.ordinal[column] = 1;
    this.ranges.set([index.low, index.high, index.scale], column * 4);
    this.lut.set(index.lut, column * LUT_CELLS);
    for (let bin = 0; bin <= edges.length; bin++) {
      this.bins.set([edges[bin] ?? Infinity, scale.origin[bin]!, scale.perStep[bin]!], (start + bin) * 4);
    }
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
