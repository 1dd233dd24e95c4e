import { Accumulator } from '../../statistics/accumulator';
import { FURTHEST, LUT_CELLS } from '../../statistics/bins';
import { INVALID, isMissingNumber, Layout, MISSING } from '../../statistics/column';
import { CountingPlan, DECLINED } from './plan';
import { Literal, Segment, Template } from './segments';
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

const plans = new WeakMap<Layout, CountingPlan>();

/**
 * Counts lines that follow a template from their bytes, without making objects of them. Every byte is checked, and nothing is counted
 * before the last of them is: a line that departs from the template in any way is declined, and read the slow way.
 */
export class FastCounter {
  private readonly plan: CountingPlan;
  private readonly times = new TimeReader();
  private readonly since: number;
  private readonly predictionsSince: number;
  /** Bin of each value of the line, row by row and the answers last; and the offsets and numbers of those in ordinal columns. */
  private bins = new Int32Array(256);
  private offsets = new Float64Array(256);
  private numbers = new Float64Array(256);
  private columnsAt = new Int32Array(256);
  private used = 0;
  private inputRows = 0;
  private bytes: Uint8Array = new Uint8Array(0);
  private view: DataView = new DataView(new ArrayBuffer(0));
  /** Where the last part that was read ended. */
  private at = 0;
  private cellTime = NaN;
  private cell: Float64Array = new Float64Array(0);

  public constructor(private readonly accumulator: Accumulator, limits: { readonly since?: Date; readonly predictionsSince?: Date }) {
    const { layout } = accumulator;
    let plan = plans.get(layout);
    if (!plan) plans.set(layout, plan = new CountingPlan(layout));
    this.plan = plan;
    this.since = limits.since?.getTime() ?? -Infinity;
    this.predictionsSince = limits.predictionsSince?.getTime() ?? -Infinity;
  }

  /** Counts a line; false if it does not follow the template, and then nothing of it has been counted. */
  public count(template: Template, bytes: Uint8Array, from: number, to: number): boolean {
    return this.read(template, bytes, from, to) && (this.commit(), true);
  }

  private read(template: Template, bytes: Uint8Array, from: number, to: number): boolean {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.used = 0;
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
    if (from + length > to) return false;
    let at = from;
    for (let i = 0; i < words.length; i++, at += 4) if (this.view.getInt32(at, true) !== words[i]) return false;
    for (let i = 0; i < rest.length; i++, at++) if (this.bytes[at] !== rest[i]) return false;
    this.at = at;
    return true;
  }

  private segment(segment: Segment, to: number): boolean {
    switch (segment.kind) {
      case 'csv':
        return segment.first === 0 ? this.inputCsv(segment.columns, to) : this.answerCsv(segment.first, to);
      case 'json':
        return this.json(segment, to);
      case 'time':
        this.at = this.times.read(this.bytes, this.at, to);
        return this.at >= 0;
      default:
        return this.skipText(to, QUOTE);
    }
  }

  private inputCsv(columns: number, to: number): boolean {
    const { bytes } = this;
    do {
      if (this.used + columns > this.bins.length) this.grow();
      for (let column = 0; column < columns; column++) {
        if (!this.csvValue(column, to)) return false;
        if (column < columns - 1 && bytes[this.at++] !== COMMA) return false;
      }
      this.inputRows++;
    } while (this.nextRow());
    return bytes[this.at] === QUOTE;
  }

  private answerCsv(column: number, to: number): boolean {
    // An answer of nothing, and one line for all rows, are for the slow path.
    do {
      if (this.used + 1 > this.bins.length) this.grow();
      if (this.bytes[this.at] === QUOTE || this.bytes[this.at] === BACKSLASH || !this.csvValue(column, to)) return false;
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

  private csvValue(column: number, to: number): boolean {
    const from = this.at;
    const byte = this.bytes[from]!;
    if (this.plan.ordinal[column] === 1) {
      if ((byte >= ZERO && byte <= 0x39) || byte === MINUS) return this.number(column, to);
      return this.csvGap(column, from, to);
    }
    if (!this.skipText(to, COMMA)) return false;
    // A column alone in its row: an empty row is no row.
    if (this.at === from && this.plan.columns === 2) return false;
    return this.text(column, from, this.at);
  }

  private csvGap(column: number, from: number, to: number): boolean {
    if (!this.skipText(to, COMMA)) return false;
    if (this.at === from) return this.plan.columns > 2 && column < this.plan.columns - 1 && this.put(column, MISSING);
    return this.at - from <= 4 && isMissingNumber(latin1(this.bytes, from, this.at)) && this.put(column, MISSING);
  }

  private json(segment: Extract<Segment, { kind: 'json' }>, to: number): boolean {
    const { fields, answer, absent } = segment;
    if (!this.literal(segment.before, this.at, to)) return false;
    while (this.used + fields.length + absent.length > this.bins.length) this.grow();
    for (let i = 0; i < fields.length; i++) {
      const { column, text, after } = fields[i]!;
      if (!(text ? this.jsonText(column, to) : this.jsonBare(column, to)) || !this.literal(after, this.at, to)) return false;
    }
    for (let i = 0; i < absent.length; i++) this.put(absent[i]!, MISSING);
    if (!answer) this.inputRows++;
    return true;
  }

  private jsonText(column: number, to: number): boolean {
    const from = this.at;
    if (!this.skipText(to, BACKSLASH)) return false;
    return column < 0 || (this.plan.ordinal[column] === 0 && this.text(column, from, this.at));
  }

  private jsonBare(column: number, to: number): boolean {
    const from = this.at;
    const byte = this.bytes[from]!;
    if ((byte >= ZERO && byte <= 0x39) || byte === MINUS) return (column < 0 || this.plan.ordinal[column] === 1) && this.number(column, to);
    while (this.at < to && this.bytes[this.at]! >= 0x61 && this.bytes[this.at]! <= 0x7a) this.at++;
    const word = this.at - from <= 5 ? latin1(this.bytes, from, this.at) : '';
    if (word === 'null') return column < 0 || this.put(column, MISSING);
    if (word !== 'true' && word !== 'false') return false;
    return column < 0 || (this.plan.ordinal[column] === 0 && this.text(column, from, this.at));
  }

  /** Runs to the end of a plain text: printable ASCII without quote or backslash, up to `stop`, a quote or a backslash. */
  private skipText(to: number, stop: number): boolean {
    const { bytes } = this;
    let at = this.at;
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
    return bin !== DECLINED && this.put(column, bin);
  }

  private put(column: number, bin: number): boolean {
    this.bins[this.used] = bin;
    this.columnsAt[this.used++] = column;
    return true;
  }

  /**
   * Reads a decimal number as JSON writes it. A mantissa up to 2^53 over a power of ten up to 22 is the correctly rounded double;
   * a longer one is known to about an ulp, and is read again exactly if that could matter for its bin or its offset.
   */
  private number(column: number, to: number): boolean {
    const { bytes } = this;
    const from = this.at;
    let at = from;
    const negative = bytes[at] === MINUS;
    if (negative) at++;
    const first = at;
    let mantissa = 0;
    let digit = bytes[at]! - ZERO;
    while (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit;
      digit = bytes[++at]! - ZERO;
    }
    const whole = at - first;
    if (whole === 0 || (whole > 1 && bytes[first] === ZERO)) return false;
    let decimals = 0;
    if (bytes[at] === POINT) {
      const point = at;
      digit = bytes[++at]! - ZERO;
      while (digit >= 0 && digit <= 9) {
        mantissa = mantissa * 10 + digit;
        digit = bytes[++at]! - ZERO;
      }
      decimals = at - point - 1;
      if (decimals === 0) return false;
    }
    this.at = at;
    const next = bytes[at]!;
    if (next === 0x65 || next === 0x45) return this.exponent(column, from, to);
    if (column < 0) return true;
    if (decimals > 22 || whole + decimals > 19) return this.exact(column, from);
    const value = decimals === 0 ? mantissa : mantissa / POWERS[decimals]!;
    return this.bin(column, negative ? 0 - value : value, mantissa > EXACT ? from : -1);
  }

  private exponent(column: number, from: number, to: number): boolean {
    const { bytes } = this;
    this.at++;
    if (bytes[this.at] === MINUS || bytes[this.at] === 0x2b) this.at++;
    const digits = this.at;
    while (this.at < to && bytes[this.at]! >= ZERO && bytes[this.at]! <= 0x39) this.at++;
    return this.at > digits && (column < 0 || this.exact(column, from));
  }

  private exact(column: number, from: number): boolean {
    const value = Number(latin1(this.bytes, from, this.at)) + 0;
    return Number.isFinite(value) ? this.bin(column, value, -1) : this.put(column, INVALID);
  }

  /** Finds the bin and the offset; `inexact` is where the number stands if it is only known to about an ulp. */
  private bin(column: number, value: number, inexact: number): boolean {
    const { plan } = this;
    const start = plan.edgeStart[column]!;
    const end = plan.edgeStart[column + 1]!;
    const { edges } = plan;
    let edge: number;
    if (value > plan.low[column]! && value < plan.high[column]!) {
      const cell = ((value - plan.low[column]!) * plan.scale[column]!) | 0;
      edge = start + plan.lut[column * LUT_CELLS + (cell < LUT_CELLS ? cell : LUT_CELLS - 1)]!;
      while (value > edges[edge]!) edge++;
    } else {
      let above = end;
      edge = start;
      while (edge < above) {
        const middle = (edge + above) >>> 1;
        if (value > edges[middle]!) edge = middle + 1;
        else above = middle;
      }
    }
    const bin = edge - start;
    const at = plan.binStart[column]! + bin;
    const perStep = plan.perStep[at]!;
    const steps = (value - plan.origin[at]!) * perStep;
    const offset = steps < FURTHEST ? Math.floor(steps + 0.5) : FURTHEST;
    if (inexact >= 0) {
      const error = Math.abs(value) * 2e-15;
      const fraction = steps + 0.5 - offset;
      const doubt = Math.abs(error * perStep) + Math.abs(steps) * 1e-15;
      if ((edge > start && value - edges[edge - 1]! <= error) || (edge < end && edges[edge]! - value <= error)
        || fraction <= doubt || fraction >= 1 - doubt
        || value - error < this.accumulator.min[column]! || value + error > this.accumulator.max[column]!) return this.exact(column, inexact);
    }
    const { used } = this;
    this.bins[used] = bin;
    this.offsets[used] = offset;
    this.numbers[used] = value;
    this.columnsAt[used] = column;
    this.used = used + 1;
    return true;
  }

  private commit(): void {
    const { accumulator, plan, times: { time } } = this;
    if (time < this.since) return;
    const { counts, offsets, min, max } = accumulator;
    if (time !== this.cellTime) {
      this.cell = accumulator.cellAt(time);
      this.cellTime = time;
    }
    const { cell } = this;
    const left = time < this.predictionsSince ? plan.columns - 1 : -1;
    for (let i = 0; i < this.used; i++) {
      const column = this.columnsAt[i]!;
      if (column === left) continue;
      const bin = this.bins[i]!;
      if (bin < 0) {
        if (bin === MISSING) accumulator.missing[column]!++;
        else accumulator.invalid[column]!++;
        continue;
      }
      const at = plan.binStart[column]! + bin;
      counts[at]!++;
      cell[plan.groupOf[at]!]!++;
      if (plan.ordinal[column] === 1) {
        const value = this.numbers[i]!;
        offsets[at]! += this.offsets[i]!;
        if (value < min[column]!) min[column] = value;
        if (value > max[column]!) max[column] = value;
      }
    }
    accumulator.rows += this.inputRows;
  }

  private grow(): void {
    const size = this.bins.length * 2;
    const grown = <T extends Int32Array | Float64Array>(target: T, source: T) => {
      target.set(source);
      return target;
    };
    this.bins = grown(new Int32Array(size), this.bins);
    this.offsets = grown(new Float64Array(size), this.offsets);
    this.numbers = grown(new Float64Array(size), this.numbers);
    this.columnsAt = grown(new Int32Array(size), this.columnsAt);
  }
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}
