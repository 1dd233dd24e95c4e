/** What is expected in a field. A `word` is what JSON writes without quotes in a column that is not of numbers. */
export const FieldKind = { number: 0, text: 1, word: 2 } as const;

export const NOT_COUNTED = -1;
export const NO_NUMBER = -2;

/** Places in a field's part of the table. */
export const WORD = 1;
export const MASK = 2;
export const LENGTH = 3;

export interface Field {
  /** NOT_COUNTED for one that is in no column. */
  readonly column: number;
  readonly kind: number;
  /** All that stands between the value and the next, or the end. */
  readonly separator: Uint8Array;
}

/**
 * The values of a row in their order, and what separates them, in flat arrays. Separators are compared as words of four bytes: the first
 * under a mask, as it may be shorter; of further words the last overlaps the one before.
 */
export class Fields {
  public readonly count: number;
  /** Of each field. */
  public readonly columns: Int32Array;
  public readonly kinds: Uint8Array;
  /** Four for each field: its column if it is a number, or NOT_COUNTED, or NO_NUMBER; its separator's first word, the mask of that, and its length. */
  public readonly table: Int32Array;
  /** Where the further words of each begin, what they are, and where in the separator each stands. */
  public readonly starts: Int32Array;
  public readonly words: Int32Array;
  public readonly places: Int32Array;

  public constructor(fields: readonly Field[], public readonly json: boolean) {
    this.count = fields.length;
    this.columns = Int32Array.from(fields, ({ column }) => column);
    this.kinds = Uint8Array.from(fields, ({ kind }) => kind);
    const separators = fields.map(({ separator }) => separator);
    this.table = Int32Array.from(fields.flatMap(({ column, kind, separator }) => [
      kind === FieldKind.number ? column : NO_NUMBER, wordAt(separator, 0), separator.length >= 4 ? -1 : 2 ** (8 * separator.length) - 1, separator.length,
    ]));
    this.starts = new Int32Array(fields.length + 1);
    const further: Array<readonly [number, number]> = [];
    separators.forEach((separator, i) => {
      for (let end = 8; end < separator.length + 4; end += 4) {
        const place = Math.min(end, separator.length) - 4;
        further.push([wordAt(separator, place), place]);
      }
      this.starts[i + 1] = further.length;
    });
    this.words = Int32Array.from(further, ([word]) => word);
    this.places = Int32Array.from(further, ([, place]) => place);
  }

  /** Of a field's separator. */
  public length(field: number): number {
    return this.table[4 * field + LENGTH]!;
  }

  /** Whether the separator of a field stands at a position. */
  public separated(field: number, view: DataView, at: number, to: number): boolean {
    if (at + Math.max(4, this.length(field)) > to) return false;
    if (((view.getInt32(at, true) ^ this.table[4 * field + WORD]!) & this.table[4 * field + MASK]!) !== 0) return false;
    for (let word = this.starts[field]!; word < this.starts[field + 1]!; word++) {
      if (view.getInt32(at + this.places[word]!, true) !== this.words[word]) return false;
    }
    return true;
  }
}

/** Four bytes from a position on, the first of them lowest; zeros beyond the end. */
function wordAt(bytes: Uint8Array, at: number): number {
  return [0, 1, 2, 3].reduce((word, i) => word | ((bytes[at + i] ?? 0) << (8 * i)), 0);
}
