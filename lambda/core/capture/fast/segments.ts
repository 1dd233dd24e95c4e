/**
 * Bytes that must stand in a line as they stand here; compared eight at a time, as doubles. Doubles are equal only if their bits are, but
 * for zeros, which no JSON text makes; one that is no number equals nothing, and the line is left to the slow path.
 */
export class Literal {
  public readonly length: number;
  public readonly words: Float64Array;
  public readonly rest: Uint8Array;

  public constructor(bytes: Uint8Array) {
    const copy = Uint8Array.from(bytes);
    this.length = copy.length;
    this.words = new Float64Array(copy.length >> 3);
    const view = new DataView(copy.buffer);
    for (let i = 0; i < this.words.length; i++) this.words[i] = view.getFloat64(8 * i, true);
    this.rest = copy.slice(8 * this.words.length);
  }
}

/** The values of a row in their order, and what separates them. */
export interface Fields {
  /** The column of each; -1 for one nobody counts. */
  readonly columns: Int32Array;
  /** Whether it is a text: 1, or 0. */
  readonly texts: Uint8Array;
  /** What follows each value of a JSON payload; undefined in CSV, where it is a comma. */
  readonly after?: readonly Literal[];
}

export type Segment =
  | { readonly kind: 'csv'; readonly first: number; readonly columns: number }
  | { readonly kind: 'json'; readonly before: Literal; readonly fields: Fields; readonly absent: readonly number[]; readonly answer: boolean }
  | { readonly kind: 'time' | 'id' };

/** What the lines of a capture file have in common: fixed bytes, and between them the parts that differ. */
export interface Template {
  readonly literals: readonly Literal[];
  /** Segment i stands between literal i and literal i + 1. */
  readonly segments: readonly Segment[];
}
