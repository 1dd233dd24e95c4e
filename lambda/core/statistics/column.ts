import { Bins, binCount, OffsetScale, OrdinalIndex } from './bins';

export type ColumnType = 'numeric' | 'integer' | 'boolean' | 'categorical' | 'string';

/** One counted column: a feature of the input, or the model's answer. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly bins: Bins;
  /** The group each bin belongs to; PSI and chi-squared work on these 10 to 20 groups, since few rows fill no hundred bins. */
  readonly groups: Uint8Array;
  readonly groupCount: number;
}

/** What an accumulator counts. Two accumulators add up only if their layouts have the same hash. */
export interface Layout {
  readonly hash: string;
  /** The features in payload order, and last the prediction. */
  readonly columns: readonly Column[];
  /** The length of the time cells from which the correlation of neighbouring rows is estimated. */
  readonly cellSeconds: number;
}

/** A value as it comes out of a payload. */
export type Value = string | number | boolean | null | undefined;

export const MISSING = -1;
export const INVALID = -2;

/** Written so that there is one way to read a text: otherwise a million digits before a letter would take minutes. */
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const NO_NUMBER = new Set(['', 'null', 'NULL', 'nan', 'NaN', 'NAN', 'NA', 'N/A', 'na', 'None']);
const NO_TEXT = new Set(['', 'null', 'NULL']);

/** A decimal number, or NaN where the text is none or is not finite as a double. */
export function parseDecimal(text: string): number {
  const number = DECIMAL.test(text) ? Number(text) : NaN;
  return Number.isFinite(number) ? number : NaN;
}

/** Whether a text stands for "no value" in a numeric column. In a text column "NA" is a value (Namibia), see `isMissingText`. */
export function isMissingNumber(text: string): boolean {
  return NO_NUMBER.has(text);
}

export function isMissingText(text: string): boolean {
  return NO_TEXT.has(text);
}

/** 'true' or 'false' for any usual spelling of them, otherwise undefined. */
export function parseBoolean(text: string): 'true' | 'false' | undefined {
  const lower = text.toLowerCase();
  return lower === 'true' || lower === 'false' ? lower : undefined;
}

/** Puts values of one column into its bins. */
export class ColumnReader {
  /** The number the last call to `bin` read; meaningful for ordinal columns only. */
  public number = 0;
  public readonly scale: OffsetScale | undefined;
  public readonly bins: number;
  public readonly index: OrdinalIndex | undefined;
  private readonly dictionary = new Map<string, number>();

  public constructor(private readonly column: Column) {
    this.bins = binCount(column.bins);
    if (column.bins.kind === 'ordinal') {
      this.index = new OrdinalIndex(column.bins.edges);
      this.scale = new OffsetScale(column.bins.edges);
    } else {
      column.bins.values.forEach((value, i) => this.dictionary.set(value, i));
    }
  }

  /** The index of the value's bin, or MISSING, or INVALID. */
  public bin(value: Value): number {
    if (value === null || value === undefined) return MISSING;
    return this.index ? this.ordinal(this.index, value) : this.nominal(value);
  }

  private ordinal(index: OrdinalIndex, value: Exclude<Value, null | undefined>): number {
    // Adding 0 makes -0 a 0: as a minimum they would not be told apart, but their bytes would.
    if (typeof value === 'number') this.number = value + 0;
    else if (typeof value === 'boolean') this.number = value ? 1 : 0;
    else {
      const text = value.trim();
      this.number = parseDecimal(text) + 0;
      if (Number.isNaN(this.number) && isMissingNumber(text)) return MISSING;
    }
    return Number.isFinite(this.number) ? index.of(this.number) : INVALID;
  }

  private nominal(value: Exclude<Value, null | undefined>): number {
    const text = String(value);
    if (isMissingText(text)) return MISSING;
    if (this.column.type !== 'boolean') return this.dictionary.get(text) ?? this.bins - 1;
    const truth = parseBoolean(text);
    return truth === undefined ? INVALID : this.dictionary.get(truth) ?? this.bins - 1;
  }
}
