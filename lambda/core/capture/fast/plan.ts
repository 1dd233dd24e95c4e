import { binCount, LUT_CELLS, OffsetScale, OrdinalIndex } from '../../statistics/bins';
import { Layout, MISSING } from '../../statistics/column';

/** Answer of a dictionary that leaves a text to the slow path. */
export const DECLINED = -3;

/** The bins of all columns in flat arrays, as a tight loop wants them. */
export class CountingPlan {
  public readonly columns: number;
  public readonly binStart: Int32Array;
  public readonly ordinal: Uint8Array;
  public readonly dictionaries: Array<TextTable | undefined> = [];
  public readonly low: Float64Array;
  public readonly high: Float64Array;
  public readonly scale: Float64Array;
  public readonly lut: Uint16Array;
  public readonly edgeStart: Int32Array;
  public readonly edges: Float64Array;
  /** Per bin of all columns. */
  public readonly origin: Float64Array;
  public readonly perStep: Float64Array;
  /** Where a bin's group stands in a time cell. */
  public readonly groupOf: Int32Array;

  public constructor(layout: Layout) {
    const { columns } = layout;
    const bins = columns.reduce((sum, column) => sum + binCount(column.bins), 0);
    this.columns = columns.length;
    this.binStart = new Int32Array(columns.length + 1);
    this.edgeStart = new Int32Array(columns.length + 1);
    this.ordinal = new Uint8Array(columns.length);
    this.low = new Float64Array(columns.length);
    this.high = new Float64Array(columns.length);
    this.scale = new Float64Array(columns.length);
    this.lut = new Uint16Array(columns.length * LUT_CELLS);
    this.edges = new Float64Array(bins);
    this.origin = new Float64Array(bins);
    this.perStep = new Float64Array(bins);
    this.groupOf = new Int32Array(bins);
    let group = 0;
    columns.forEach((column, i) => {
      const start = this.binStart[i]!;
      const count = binCount(column.bins);
      this.binStart[i + 1] = start + count;
      column.groups.forEach((of, bin) => { this.groupOf[start + bin] = group + of; });
      group += column.groupCount;
      this.edgeStart[i + 1] = this.edgeStart[i]!;
      if (column.bins.kind === 'ordinal') this.addOrdinal(i, start, column.bins.edges);
      else this.dictionaries[i] = column.type === 'boolean' ? booleans() : dictionary(column.bins.values);
    });
  }

  private addOrdinal(column: number, start: number, edges: Float64Array): void {
    const index = new OrdinalIndex(edges);
    const scale = new OffsetScale(edges);
    this.ordinal[column] = 1;
    this.low[column] = index.low;
    this.high[column] = index.high;
    this.scale[column] = index.scale;
    this.lut.set(index.lut, column * LUT_CELLS);
    this.edges.set(edges, this.edgeStart[column]);
    this.edgeStart[column + 1] = this.edgeStart[column]! + edges.length;
    this.origin.set(scale.origin, start);
    this.perStep.set(scale.perStep, start);
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

/** Looks texts up by their bytes, without making strings. */
export class TextTable {
  private readonly mask: number;
  private readonly slots: Int32Array;
  private readonly bins: Int32Array;
  private readonly starts: Int32Array;
  private readonly bytes: Uint8Array;

  public constructor(entries: ReadonlyArray<{ text: string; bin: number }>, private readonly other: number) {
    const encoded = entries.map(({ text }) => new TextEncoder().encode(text));
    let size = 16;
    while (size < entries.length * 2) size *= 2;
    this.mask = size - 1;
    this.slots = new Int32Array(size).fill(-1);
    this.bins = Int32Array.from(entries.map(({ bin }) => bin));
    this.starts = new Int32Array(entries.length + 1);
    this.bytes = new Uint8Array(encoded.reduce((sum, { length }) => sum + length, 0));
    encoded.forEach((bytes, i) => {
      this.bytes.set(bytes, this.starts[i]);
      this.starts[i + 1] = this.starts[i]! + bytes.length;
      let slot = hash(bytes, 0, bytes.length) & this.mask;
      while (this.slots[slot]! >= 0) slot = (slot + 1) & this.mask;
      this.slots[slot] = i;
    });
  }

  public bin(bytes: Uint8Array, from: number, to: number): number {
    for (let slot = hash(bytes, from, to) & this.mask; ; slot = (slot + 1) & this.mask) {
      const entry = this.slots[slot]!;
      if (entry < 0) return this.other;
      if (this.equals(entry, bytes, from, to)) return this.bins[entry]!;
    }
  }

  private equals(entry: number, bytes: Uint8Array, from: number, to: number): boolean {
    const start = this.starts[entry]!;
    if (this.starts[entry + 1]! - start !== to - from) return false;
    for (let i = from; i < to; i++) if (bytes[i] !== this.bytes[start + i - from]) return false;
    return true;
  }
}

function hash(bytes: Uint8Array, from: number, to: number): number {
  let value = 0x811c9dc5;
  for (let i = from; i < to; i++) value = Math.imul(value ^ bytes[i]!, 0x01000193);
  return (value ^ (value >>> 15)) >>> 0;
}
