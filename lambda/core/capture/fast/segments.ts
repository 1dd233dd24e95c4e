/** Bytes that must stand in a line as they stand here; compared four at a time. */
export class Literal {
  public readonly length: number;
  public readonly words: Int32Array;
  public readonly rest: Uint8Array;

  public constructor(bytes: Uint8Array) {
    const copy = Uint8Array.from(bytes);
    this.length = copy.length;
    this.words = new Int32Array(copy.length >> 2);
    const view = new DataView(copy.buffer);
    for (let i = 0; i < this.words.length; i++) this.words[i] = view.getInt32(4 * i, true);
    this.rest = copy.slice(4 * this.words.length);
  }
}

/** A value inside a JSON payload; `column` is -1 for one nobody counts. */
export interface JsonField {
  readonly text: boolean;
  readonly column: number;
  /** What follows the value. */
  readonly after: Literal;
}

export type Segment =
  | { readonly kind: 'csv'; readonly first: number; readonly columns: number }
  | { readonly kind: 'json'; readonly before: Literal; readonly fields: readonly JsonField[]; readonly absent: readonly number[]; readonly answer: boolean }
  | { readonly kind: 'time' | 'id' };

/** What the lines of a capture file have in common: fixed bytes, and between them the parts that differ. */
export interface Template {
  readonly literals: readonly Literal[];
  /** Segment i stands between literal i and literal i + 1. */
  readonly segments: readonly Segment[];
}
