import { isMissingNumber, MISSING } from '../../statistics/column';
import { fourDigits, FOUR_ZEROS, leadingDigits, notDigits, plainText, shifted } from './digits';
import { FieldKind, Fields, LENGTH, MASK, NO_NUMBER, WORD } from './fields';
import { LineValues } from './line-values';
import { CountingPlan, DECLINED } from './plan';

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const LETTER_E = 0x45;
const BACKSLASH = 0x5c;

const POWERS = Float64Array.from({ length: 20 }, (_, k) => Number(`1e${k}`));
const EXACT = 2 ** 53;
/** With a point among them. Of more digits the mantissa would not be known to an ulp or two. */
const MOST_DIGITS = 20;
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const NUMBER_BYTES = Uint8Array.from({ length: 256 }, (_, byte) => Number('0123456789+-.eE'.includes(String.fromCharCode(byte))));

/** Reads the values of payloads from their bytes, and finds out where they count. */
export class ValueReader {
  /** Where reading goes on. */
  public at = 0;
  public bytes: Uint8Array = new Uint8Array(0);
  public view: DataView = new DataView(new ArrayBuffer(0));

  public constructor(private readonly plan: CountingPlan, private readonly line: LineValues) {}

  public open(bytes: Uint8Array): void {
    if (bytes === this.bytes) return;
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Reads a row's values, and what separates them; false if it is not such a row. */
  public row(fields: Fields, to: number): boolean {
    this.line.reserve(fields.count);
    for (let i = this.plainNumbers(fields, 0, to); i < fields.count; i = this.plainNumbers(fields, i + 1, to)) {
      if (!this.number(fields, i, to) && !(fields.json ? this.oddJson(fields, i, to) : this.oddCsv(fields.columns[i]!, to))) return false;
      if (!fields.separated(i, this.view, this.at, to)) return false;
      this.at += fields.length(i);
    }
    return true;
  }

  /** Runs to the end of a plain text: printable ASCII without quote or backslash, up to `stop`, a quote or a backslash. */
  public skipText(to: number, stop: number): boolean {
    const { bytes, view } = this;
    let { at } = this;
    const stops = Math.imul(stop, 0x01010101);
    while (at + 4 <= to && plainText(view.getInt32(at, true), stops)) at += 4;
    for (; at < to; at++) {
      const byte = bytes[at]!;
      if (byte === stop || byte === QUOTE || byte === BACKSLASH) break;
      if (byte < 0x20 || byte > 0x7e) return false;
    }
    this.at = at;
    return at < to;
  }

  /**
   * Reads plain decimal numbers and what separates them, from a field on to the first that is none; its index, or that behind the last
   * field. A mantissa up to 2^53 over a power of ten up to 22 is the correctly rounded double; a longer one is known to an ulp or two, and
   * marked.
   *
   * Written for the compiler and the processor: no call is left in the loop, so that what is known of the arrays stays true; digits are
   * read by fours; and where a number ends is computed, since to guess it wrong takes longer than the arithmetic.
   */
  private plainNumbers({ table, count, starts, words, places }: Fields, first: number, to: number): number {
    const { bytes, view } = this;
    const { marks, numbers } = this.line;
    // Words are read whole: what is so near the end of the line is left to others.
    const limit = to - 4;
    const further = limit - 3;
    let { at } = this;
    let { used } = this.line;
    let i = first;
    for (; i < count; i++) {
      const minus = Number(bytes[at] === MINUS);
      const start = (at + minus) | 0;
      const field = i << 2;
      const column = table[field]!;
      if (start > limit || column === NO_NUMBER) break;

      let mantissa = 0;
      let end = start;
      let digits = view.getInt32(end, true) ^ FOUR_ZEROS;
      let others = notDigits(digits);
      while (others === 0 && end < further) {
        mantissa = mantissa * 10_000 + fourDigits(digits);
        end = (end + 4) | 0;
        digits = view.getInt32(end, true) ^ FOUR_ZEROS;
        others = notDigits(digits);
      }
      let rest = leadingDigits(others);
      mantissa = mantissa * POWERS[rest]! + fourDigits(shifted(digits, rest));
      end = (end + rest) | 0;
      const whole = (end - start) | 0;
      let decimals = 0;
      if (bytes[end] === POINT && end < limit) {
        end = (end + 1) | 0;
        const point = end;
        digits = view.getInt32(end, true) ^ FOUR_ZEROS;
        others = notDigits(digits);
        while (others === 0 && end < further) {
          mantissa = mantissa * 10_000 + fourDigits(digits);
          end = (end + 4) | 0;
          digits = view.getInt32(end, true) ^ FOUR_ZEROS;
          others = notDigits(digits);
        }
        rest = leadingDigits(others);
        mantissa = mantissa * POWERS[rest]! + fourDigits(shifted(digits, rest));
        end = (end + rest) | 0;
        decimals = (end - point) | 0;
        if (decimals === 0) break;
      }
      if (others === 0 || whole === 0 || (whole > 1 && bytes[start] === ZERO) || end - start > MOST_DIGITS || end > limit) break;

      const next = view.getInt32(end, true);
      if ((next & 0xdf) === LETTER_E || ((next ^ table[field | WORD]!) & table[field | MASK]!) !== 0) break;
      const length = table[field | LENGTH]!;
      if (length > 4) {
        if (end + length > to) break;
        let word = starts[i]!;
        const past = starts[i + 1]!;
        while (word < past && view.getInt32(end + places[word]!, true) === words[word]) word++;
        if (word < past) break;
      }

      const mark = used << 1;
      marks[mark] = column;
      // Adding 0 makes -0 a 0, as on the slow path.
      numbers[used] = (mantissa / POWERS[decimals]!) * (1 - 2 * minus) + 0;
      // -1, or where an inexact number stands.
      marks[mark | 1] = at | -Number(mantissa < EXACT);
      used = (used + Number(column >= 0)) | 0;
      at = (end + length) | 0;
    }
    this.at = at;
    this.line.used = used;
    return i;
  }

  /** Reads a number of any form. */
  private number(fields: Fields, field: number, to: number): boolean {
    if (fields.kinds[field] !== FieldKind.number) return false;
    const { bytes } = this;
    const column = fields.columns[field]!;
    const from = this.at;
    let end = from;
    while (end < to && NUMBER_BYTES[bytes[end]!] === 1) end++;
    const text = latin1(bytes, from, end);
    if (!JSON_NUMBER.test(text)) return false;
    this.at = end;
    if (column < 0) return true;
    const value = Number(text) + 0;
    if (Number.isFinite(value)) this.line.putNumber(column, value);
    else this.line.putSlot(this.plan.invalidSlot(column));
    return true;
  }

  /** A value of CSV that is no plain number. */
  private oddCsv(column: number, to: number): boolean {
    const { plan } = this;
    const from = this.at;
    if (!this.skipText(to, COMMA)) return false;
    if (plan.ordinal[column] === 0) {
      // A column alone in its row: an empty row is no row.
      return !(this.at === from && plan.columns === 2) && this.text(column, from, this.at);
    }
    const missing = this.at === from ? plan.columns > 2 && column < plan.columns - 1
      : this.at - from <= 4 && isMissingNumber(latin1(this.bytes, from, this.at));
    if (missing) this.line.putSlot(plan.missingSlot(column));
    return missing;
  }

  /** A value of JSON that is no plain number: a text, or one of JSON's words. */
  private oddJson({ columns, kinds }: Fields, field: number, to: number): boolean {
    const { bytes, plan } = this;
    const column = columns[field]!;
    const from = this.at;
    if (kinds[field] === FieldKind.text) {
      return this.skipText(to, BACKSLASH) && (column < 0 || (plan.ordinal[column] === 0 && this.text(column, from, this.at)));
    }
    while (this.at < to && bytes[this.at]! >= 0x61 && bytes[this.at]! <= 0x7a) this.at++;
    const word = this.at - from <= 5 ? latin1(bytes, from, this.at) : '';
    if (word !== 'null' && word !== 'true' && word !== 'false') return false;
    if (column < 0) return true;
    if (word !== 'null') return plan.ordinal[column] === 0 && this.text(column, from, this.at);
    this.line.putSlot(plan.missingSlot(column));
    return true;
  }

  private text(column: number, from: number, to: number): boolean {
    const bin = from === to ? MISSING : this.plan.dictionaries[column]!.bin(this.bytes, from, to);
    if (bin === DECLINED) return false;
    this.line.putSlot(bin === MISSING ? this.plan.missingSlot(column) : this.plan.binStart[column]! + bin);
    return true;
  }
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}
