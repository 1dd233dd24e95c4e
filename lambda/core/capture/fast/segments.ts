import { Fields } from './fields';

/**
 * Bytes that must stand in a line as they stand here; compared eight at a time, as doubles, of which the last overlaps the one before.
 * Doubles are equal only if their bits are, but for zeros, which no JSON text makes; one that is no number equals nothing, and the line is
 * left to the slow path.
 */
export class Literal {
  public readonly length: number;
  private readonly bytes: Uint8Array;
  private readonly words: Float64Array;
  private readonly last: number;

  public constructor(bytes: Uint8Array) {
    this.bytes = Uint8Array.from(bytes);
    this.length = bytes.length;
    this.words = new Float64Array(bytes.length >> 3);
    const view = new DataView(this.bytes.buffer);
    for (let i = 0; i < this.words.length; i++) this.words[i] = view.getFloat64(8 * i, true);
    this.last = bytes.length < 8 ? NaN : view.getFloat64(bytes.length - 8, true);
  }

  /** Whether the bytes stand at a position. There must be as many. */
  public stands(bytes: Uint8Array, view: DataView, from: number): boolean {
    const { words, length } = this;
    if (length < 8) {
      for (let i = 0; i < length; i++) if (bytes[from + i] !== this.bytes[i]) return false;
      return true;
    }
    for (let i = 0; i < words.length; i++) if (view.getFloat64(from + 8 * i, true) !== words[i]) return false;
    return view.getFloat64(from + length - 8, true) === this.last;
  }
}

export type Segment =
  | { readonly kind: 'csv'; readonly answer: boolean }
  | { readonly kind: 'json'; readonly before: Literal; readonly fields: Fields; readonly absent: readonly number[]; readonly answer: boolean }
  | { readonly kind: 'time' | 'id' };

/** What the lines of a capture file have in common: fixed bytes, and between them the parts that differ. */
export interface Template {
  readonly literals: readonly Literal[];
  /** Segment i stands between literal i and literal i + 1. */
  readonly segments: readonly Segment[];
}
