import { Accumulator } from '../../statistics/accumulator';
import { isMissingNumber, MISSING } from '../../statistics/column';
import { LineValues } from './line-values';
import { CountingPlan, DECLINED } from './plan';
import { Fields, Literal, Segment, Template } from './segments';
import { invalidPlace, missingPlace, Tally } from './tally';
import { TimeReader } from './time-reader';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const LETTER_N = 0x6e;

const POWERS = Float64Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));
const EXACT = 2 ** 53;

/**
 * Counts lines that follow a template from their bytes, without making objects of them. Every byte is checked, and nothing is counted
 * before the last of them is: a line that departs from the template in any way is declined, and read the slow way.
 */
export class FastCounter {
  private readonly plan: CountingPlan;
  private readonly tally: Tally;
  private readonly times = new TimeReader();
  private readonly since: number;
  private readonly predictionsSince: number;
  private readonly inputFields: Fields;
  private readonly answerFields: Fields;
  private readonly line = new LineValues();
  private inputRows = 0;
  private bytes: Uint8Array = new Uint8Array(0);
  private view: DataView = new DataView(new ArrayBuffer(0));
  /** Where the last part that was read ended. */
  private at = 0;

  public constructor(private readonly accumulator: Accumulator, limits: { readonly since?: Date; readonly predictionsSince?: Date }) {
    this.plan = CountingPlan.of(accumulator.layout);
    this.tally = new Tally(accumulator, this.plan);
    this.inputFields = this.csvFields(0, this.plan.columns - 1);
    this.answerFields = this.csvFields(this.plan.columns - 1, 1);
    this.since = limits.since?.getTime() ?? -Infinity;
    this.predictionsSince = limits.predictionsSince?.getTime() ?? -Infinity;
  }

  /** Counts a line; false if it does not follow the template, and then nothing of it has been counted. */
  public count(template: Template, bytes: Uint8Array, from: number, to: number): boolean {
    if (!this.read(template, bytes, from, to)) return false;
    const { time } = this.times;
    if (time < this.since) return true;
    this.tally.add(time, this.line, time < this.predictionsSince ? this.plan.columns - 1 : this.plan.columns, bytes);
    this.accumulator.rows += this.inputRows;
    return true;
  }

  /** Hands the counts over to the accumulator. */
  public flush(): void {
    this.tally.flush();
  }

  private csvFields(first: number, count: number): Fields {
    return {
      columns: Int32Array.from({ length: count }, (_, i) => first + i),
      texts: Uint8Array.from({ length: count }, (_, i) => 1 - this.plan.ordinal[first + i]!),
    };
  }

  private read(template: Template, bytes: Uint8Array, from: number, to: number): boolean {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.line.used = 0;
    this.inputRows = 0;
    const { literals, segments } = template;
    if (!this.literal(literals[0]!, from, to)) return false;
    for (let i = 0; i < segments.length; i++) {
      if (!this.segment(segments[i]!, to) || !this.literal(literals[i + 1]!, this.at, to)) return false;
    }
    return this.at === to && this.inputRows > 0;
  }

  private literal(literal: Literal, from: number, to: number): boolean {
    const { words, rest, length } = literal;
    const { view, bytes } = this;
    if (from + length > to) return false;
    let at = from;
    for (let i = 0; i < words.length; i++, at += 8) if (view.getFloat64(at, true) !== words[i]) return false;
    for (let i = 0; i < rest.length; i++, at++) if (bytes[at] !== rest[i]) return false;
    this.at = at;
    return true;
  }

  private segment(segment: Segment, to: number): boolean {
    switch (segment.kind) {
      case 'csv':
        return segment.first === 0 ? this.inputCsv(to) : this.answerCsv(to);
      case 'json':
        return this.json(segment, to);
      case 'time':
        this.at = this.times.read(this.bytes, this.at, to);
        return this.at >= 0;
      default:
        return this.skipText(to, QUOTE);
    }
  }

  private inputCsv(to: number): boolean {
    do {
      if (!this.values(this.inputFields, to)) return false;
      this.inputRows++;
    } while (this.nextRow());
    return this.bytes[this.at] === QUOTE;
  }

  private answerCsv(to: number): boolean {
    // An answer of nothing, and one line for all rows, are for the slow path.
    do {
      if (this.bytes[this.at] === QUOTE || this.bytes[this.at] === BACKSLASH || !this.values(this.answerFields, to)) return false;
    } while (this.nextRow());
    return this.bytes[this.at] === QUOTE;
  }

  /** Steps over an escaped line end; true if another row follows it. */
  private nextRow(): boolean {
    const { bytes } = this;
    if (bytes[this.at] !== BACKSLASH || bytes[this.at + 1] !== LETTER_N) return false;
    this.at += 2;
    return bytes[this.at] !== QUOTE;
  }

  private json(segment: Extract<Segment, { kind: 'json' }>, to: number): boolean {
    const { fields, answer, absent } = segment;
    if (!this.literal(segment.before, this.at, to) || !this.values(fields, to)) return false;
    this.line.reserve(absent.length);
    for (let i = 0; i < absent.length; i++) this.line.putPlace(missingPlace(absent[i]!));
    if (!answer) this.inputRows++;
    return true;
  }

  /**
   * Reads a row's values, and what separates them. Plain decimal numbers are read here, in one loop, since a call for each value costs as
   * much as the reading. A mantissa up to 2^53 over a power of ten up to 22 is the correctly rounded double; a longer one is known to
   * about an ulp, and marked.
   */
  private values(fields: Fields, to: number): boolean {
    const { columns, texts, after } = fields;
    const { bytes, view, line } = this;
    const { ordinal } = this.plan;
    const last = columns.length - 1;
    line.reserve(columns.length);
    const { codes, numbers, inexact } = line;
    let { at } = this;
    for (let i = 0; i <= last; i++) {
      const column = columns[i]!;
      const from = at;
      const negative = bytes[at] === MINUS;
      const first = negative ? at + 1 : at;
      let digit = bytes[first]! - ZERO;
      if (texts[i] === 1 || !(digit >= 0 && digit <= 9)) {
        this.at = at;
        if (!(after ? this.oddJson(column, texts[i] === 1, to) : this.oddCsv(column, to))) return false;
        at = this.at;
      } else {
        if (column >= 0 && ordinal[column] === 0) return false;
        at = first + 1;
        let mantissa = digit;
        digit = bytes[at]! - ZERO;
        if (mantissa === 0 && digit >= 0 && digit <= 9) return false;
        while (digit >= 0 && digit <= 9) {
          mantissa = mantissa * 10 + digit;
          digit = bytes[++at]! - ZERO;
        }
        let digits = at - first;
        let decimals = 0;
        if (digit === POINT - ZERO) {
          const point = ++at;
          // Four digits at once: one by one, each waits for the multiplication before.
          while (at + 4 <= to) {
            const word = view.getInt32(at, true);
            if ((word & 0xf0f0f0f0) !== 0x30303030 || ((word + 0x06060606) & 0xf0f0f0f0) !== 0x30303030) break;
            const pairs = (Math.imul(word & 0x0f0f0f0f, 10) + ((word >>> 8) & 0x0f0f0f)) & 0x00ff00ff;
            mantissa = mantissa * 10_000 + ((Math.imul(pairs, 100) + (pairs >>> 16)) & 0xffff);
            at += 4;
          }
          digit = bytes[at]! - ZERO;
          while (digit >= 0 && digit <= 9) {
            mantissa = mantissa * 10 + digit;
            digit = bytes[++at]! - ZERO;
          }
          decimals = at - point;
          if (decimals === 0) return false;
          digits += decimals;
        }
        if (digits > 19 || decimals > 22 || (digit | 0x20) === 0x65 - ZERO) {
          this.at = at;
          if (!this.longNumber(column, from, to)) return false;
          at = this.at;
        } else if (column >= 0) {
          const value = decimals === 0 ? mantissa : mantissa / POWERS[decimals]!;
          const { used } = line;
          codes[used] = column;
          numbers[used] = negative ? 0 - value : value;
          inexact[used] = mantissa > EXACT ? from : -1;
          line.used = used + 1;
        }
      }
      if (after) {
        if (!this.literal(after[i]!, at, to)) return false;
        at = this.at;
      } else if (i < last && bytes[at++] !== COMMA) return false;
    }
    this.at = at;
    return true;
  }

  /** A number with an exponent, or longer than doubles are. */
  private longNumber(column: number, from: number, to: number): boolean {
    const { bytes } = this;
    if ((bytes[this.at]! | 0x20) === 0x65) {
      this.at++;
      if (bytes[this.at] === MINUS || bytes[this.at] === 0x2b) this.at++;
      const digits = this.at;
      while (this.at < to && bytes[this.at]! >= ZERO && bytes[this.at]! <= 0x39) this.at++;
      if (this.at === digits) return false;
    }
    if (column < 0) return true;
    const value = Number(latin1(bytes, from, this.at)) + 0;
    return Number.isFinite(value) ? this.line.putNumber(column, value) : this.line.putPlace(invalidPlace(column));
  }

  /** A value of CSV that is no plain number. */
  private oddCsv(column: number, to: number): boolean {
    const from = this.at;
    if (!this.skipText(to, COMMA)) return false;
    if (this.plan.ordinal[column] === 0) {
      // A column alone in its row: an empty row is no row.
      return !(this.at === from && this.plan.columns === 2) && this.text(column, from, this.at);
    }
    if (this.at === from) return this.plan.columns > 2 && column < this.plan.columns - 1 && this.line.putPlace(missingPlace(column));
    return this.at - from <= 4 && isMissingNumber(latin1(this.bytes, from, this.at)) && this.line.putPlace(missingPlace(column));
  }

  /** A value of JSON that is no plain number: a text, or one of JSON's words. */
  private oddJson(column: number, text: boolean, to: number): boolean {
    const { bytes } = this;
    const from = this.at;
    if (text) return this.skipText(to, BACKSLASH) && (column < 0 || (this.plan.ordinal[column] === 0 && this.text(column, from, this.at)));
    while (this.at < to && bytes[this.at]! >= 0x61 && bytes[this.at]! <= 0x7a) this.at++;
    const word = this.at - from <= 5 ? latin1(bytes, from, this.at) : '';
    if (word === 'null') return column < 0 || this.line.putPlace(missingPlace(column));
    if (word !== 'true' && word !== 'false') return false;
    return column < 0 || (this.plan.ordinal[column] === 0 && this.text(column, from, this.at));
  }

  /** Runs to the end of a plain text: printable ASCII without quote or backslash, up to `stop`, a quote or a backslash. */
  private skipText(to: number, stop: number): boolean {
    const { bytes } = this;
    let { at } = this;
    for (; at < to; at++) {
      const byte = bytes[at]!;
      if (byte === stop || byte === QUOTE || byte === BACKSLASH) break;
      if (byte < 0x20 || byte > 0x7e) return false;
    }
    this.at = at;
    return at < to;
  }

  private text(column: number, from: number, to: number): boolean {
    const bin = from === to ? MISSING : this.plan.dictionaries[column]!.bin(this.bytes, from, to);
    if (bin === DECLINED) return false;
    return this.line.putPlace(bin === MISSING ? missingPlace(column) : this.plan.binStart[column]! + bin);
  }
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}
