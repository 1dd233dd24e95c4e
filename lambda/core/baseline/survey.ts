import { seededRandom, seedOf } from '../random';
import { ColumnType, isMissingNumber, isMissingText, parseBoolean, parseDecimal } from '../statistics/column';

/** Above this many values the sample is a reservoir; below it is the data, and the bins' edges are exact quantiles. */
export const EXACT_VALUES = 1_000_000;
/** A text column with more distinct values than this is 'string': its frequent values are followed, the rest as one. */
export const CATEGORIES = 1000;
const DICTIONARY = 20_000;
/** A longer text is no category; its column is 'string'. */
const LONGEST_CATEGORY = 1024;
/** A column is numeric although some of its values are no numbers, if they are no more than this share. */
const TOLERATED_TEXT = 0.01;

/** The first look at a column: what type it is, and a sample of its numbers or the counts of its texts. */
export class ColumnSurvey {
  public rows = 0;
  private missingText = 0;
  private missingNumbers = 0;
  private numbers = 0;
  private integers = 0;
  private booleans = 0;
  private texts = 0;
  private sampleValues = new Float64Array(1024);
  private sampled = 0;
  private dictionary: Map<string, number> | undefined = new Map();
  private overflowed = false;
  private readonly random: () => number;

  public constructor(public readonly name: string, private readonly sampleLimit = EXACT_VALUES) {
    this.random = seededRandom(seedOf(name));
  }

  public add(text: string): void {
    this.rows++;
    if (isMissingText(text)) {
      this.missingText++;
      return;
    }
    this.count(text);
    const trimmed = text.trim();
    const number = parseDecimal(trimmed);
    if (!Number.isNaN(number)) this.addNumber(number);
    else if (isMissingNumber(trimmed)) this.missingNumbers++;
    else if (parseBoolean(text)) this.booleans++;
    else this.texts++;
  }

  public get type(): ColumnType {
    const values = this.numbers + this.booleans + this.texts;
    if (values > 0 && this.numbers >= (1 - TOLERATED_TEXT) * values) return this.integers === this.numbers ? 'integer' : 'numeric';
    if (values > 0 && this.booleans === values && this.missingNumbers === 0) return 'boolean';
    return this.overflowed || (this.dictionary?.size ?? 0) > CATEGORIES ? 'string' : 'categorical';
  }

  /** Rows without a value: empty, and in a numeric column also "NA" and its like. */
  public get missing(): number {
    return this.type === 'numeric' || this.type === 'integer' ? this.missingText + this.missingNumbers : this.missingText;
  }

  /** Whether the column has no more than so many different texts. */
  public distinctAtMost(limit: number): boolean {
    return !this.overflowed && this.dictionary !== undefined && this.dictionary.size <= limit;
  }

  /** Distinct texts with their counts, the most frequent first; at most the first 20,000 that were met. */
  public categories(): Array<{ value: string; count: number }> {
    return [...(this.dictionary ?? [])].map(([value, count]) => ({ value, count }))
      .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  }

  /** The column's numbers in ascending order: all of them, or a sample if there are more than the limit. */
  public sortedNumbers(): Float64Array {
    return this.sampleValues.slice(0, this.sampled).sort();
  }

  /** Frees what only the choice of bins needed. */
  public release(): void {
    this.sampleValues = new Float64Array(0);
    this.sampled = 0;
    this.dictionary = undefined;
  }

  private addNumber(number: number): void {
    this.numbers++;
    if (Number.isInteger(number)) this.integers++;
    if (this.sampled < this.sampleLimit) {
      if (this.sampled === this.sampleValues.length) this.grow();
      this.sampleValues[this.sampled++] = number;
      return;
    }
    // Algorithm R: every number so far has the same chance to be in the sample.
    const position = Math.floor(this.random() * this.numbers);
    if (position < this.sampleLimit) this.sampleValues[position] = number;
  }

  private grow(): void {
    const larger = new Float64Array(Math.min(this.sampleLimit, this.sampleValues.length * 2));
    larger.set(this.sampleValues);
    this.sampleValues = larger;
  }

  private count(text: string): void {
    if (!this.dictionary) return;
    const known = this.dictionary.get(text);
    if (known !== undefined) this.dictionary.set(text, known + 1);
    else if (this.dictionary.size < DICTIONARY && text.length <= LONGEST_CATEGORY) this.dictionary.set(copied(text), 1);
    else {
      this.overflowed = true;
      if (this.texts === 0 && this.numbers > 0) this.dictionary = undefined;
    }
  }
}

/** A part of a text keeps all of that text in memory, which here may be a chunk of the object. */
function copied(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
