import { Accumulator } from '../../statistics/accumulator';
import { FURTHEST, LUT_CELLS, STEPS } from '../../statistics/bins';
import { isMissingNumber, MISSING } from '../../statistics/column';
import { CountingPlan, DECLINED } from './plan';
import { Literal, Segment, Template } from './segments';
import { columnOfGap, invalidPlace, missingPlace, Tally } from './tally';
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
  /** The values of the line: each one's place, and its offset in the bin. */
  private places = new Int32Array(256);
  private offsets = new Float64Array(256);
  private used = 0;
  /** Numbers beyond the smallest or largest so far: the column and the number, by turns. */
  private readonly extremes: number[] = [];
  private readonly min: Float64Array;
  private readonly max: Float64Array;
  private inputRows = 0;
  private bytes: Uint8Array = new Uint8Array(0);
  private view: DataView = new DataView(new ArrayBuffer(0));
  /** Where the last part that was read ended. */
  private at = 0;

  public constructor(private readonly accumulator: Accumulator, limits: { readonly since?: Date; readonly predictionsSince?: Date }) {
    this.plan = CountingPlan.of(accumulator.layout);
    this.tally = new Tally(accumulator, this.plan.groupOf);
    this.min = accumulator.min;
    this.max = accumulator.max;
    this.since = limits.since?.getTime() ?? -Infinity;
    this.predictionsSince = limits.predictionsSince?.getTime() ?? -Infinity;
  }

  /** Counts a line; false if it does not follow the template, and then nothing of it has been counted. */
  public count(template: Template, bytes: Uint8Array, from: number, to: number): boolean {
    if (!this.read(template, bytes, from, to)) return false;
    if (this.times.time >= this.since) this.commit();
    return true;
  }

  /** Hands the counts over to the accumulator. */
  public flush(): void {
    this.tally.flush();
  }

  private read(template: Template, bytes: Uint8Array, from: number, to: number): boolean {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.used = 0;
    this.inputRows = 0;
    this.extremes.length = 0;
    const { literals, segments } = template;
    if (!this.literal(literals[0]!, from, to)) return false;
    for (let i = 0; i < segments.length; i++) {
      if (!this.segment(segments[i]!, to) || !this.literal(literals[i + 1]!, this.at, to)) return false;
    }
    return this.at === to && this.inputRows > 0;
  }

  private commit(): void {
    const { time } = this.times;
    if (time < this.predictionsSince) this.dropAnswers();
    this.tally.add(time, this.places, this.offsets, this.used);
    this.accumulator.rows += this.inputRows;
    const { min, max } = this;
    for (let i = 0; i < this.extremes.length; i += 2) {
      const column = this.extremes[i]!;
      min[column] = Math.min(min[column]!, this.extremes[i + 1]!);
      max[column] = Math.max(max[column]!, this.extremes[i + 1]!);
    }
  }

  /** Leaves out the answers, which are another model's. */
  private dropAnswers(): void {
    const prediction = this.plan.columns - 1;
    const first = this.plan.binStart[prediction]!;
    let kept = 0;
    for (let i = 0; i < this.used; i++) {
      const place = this.places[i]!;
      const column = columnOfGap(place);
      if (column === undefined ? place >= first : column === prediction) continue;
      this.places[kept] = place;
      this.offsets[kept++] = this.offsets[i]!;
    }
    this.used = kept;
    for (let i = this.extremes.length - 2; i >= 0; i -= 2) if (this.extremes[i] === prediction) this.extremes.splice(i, 2);
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
      while (this.used + columns > this.places.length) this.grow();
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
      if (this.used + 1 > this.places.length) this.grow();
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
    if (this.at === from) return this.plan.columns > 2 && column < this.plan.columns - 1 && this.put(missingPlace(column));
    return this.at - from <= 4 && isMissingNumber(latin1(this.bytes, from, this.at)) && this.put(missingPlace(column));
  }

  private json(segment: Extract<Segment, { kind: 'json' }>, to: number): boolean {
    const { fields, answer, absent } = segment;
    if (!this.literal(segment.before, this.at, to)) return false;
    while (this.used + fields.length + absent.length > this.places.length) this.grow();
    for (let i = 0; i < fields.length; i++) {
      const { column, text, after } = fields[i]!;
      if (!(text ? this.jsonText(column, to) : this.jsonBare(column, to)) || !this.literal(after, this.at, to)) return false;
    }
    for (let i = 0; i < absent.length; i++) this.put(missingPlace(absent[i]!));
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
    if (word === 'null') return column < 0 || this.put(missingPlace(column));
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
    if (bin === DECLINED) return false;
    return this.put(bin === MISSING ? missingPlace(column) : this.plan.binStart[column]! + bin);
  }

  private put(place: number): boolean {
    this.places[this.used] = place;
    this.offsets[this.used++] = 0;
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
    if (digit === POINT - ZERO) {
      const point = at++;
      // Four digits at once: one by one, each waits for the multiplication before.
      while (at + 4 <= to) {
        const word = this.view.getInt32(at, true);
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
      decimals = at - point - 1;
      if (decimals === 0) return false;
    }
    this.at = at;
    if ((digit | 0x20) === 0x65 - ZERO) return this.exponent(column, from, to);
    if (column < 0) return true;
    if (decimals > 22 || whole + decimals > 19) return this.exact(column, from);
    const value = decimals === 0 ? mantissa : mantissa / POWERS[decimals]!;
    this.offsets[this.used] = negative ? 0 - value : value;
    return this.bin(column, mantissa > EXACT ? from : -1);
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
    if (!Number.isFinite(value)) return this.put(invalidPlace(column));
    this.offsets[this.used] = value;
    return this.bin(column, -1);
  }

  /**
   * Finds the bin and the offset of the number that lies where its offset will; as an argument it would cost an allocation.
   * `inexact` is where the number stands if it is only known to about an ulp.
   */
  private bin(column: number, inexact: number): boolean {
    const { offsets, used } = this;
    const { bins, ranges } = this.plan;
    const value = offsets[used]!;
    const low = ranges[4 * column]!;
    let place: number;
    if (value > low && value < ranges[4 * column + 1]!) {
      const cell = ((value - low) * ranges[4 * column + 2]!) | 0;
      place = this.plan.lut[column * LUT_CELLS + (cell < LUT_CELLS ? cell : LUT_CELLS - 1)]!;
      while (value > bins[4 * place]!) place++;
    } else place = this.search(column);
    const perStep = bins[4 * place + 2]!;
    const steps = (value - bins[4 * place + 1]!) * perStep;
    const offset = steps < FURTHEST ? Math.floor(steps + 0.5) : FURTHEST;
    if (inexact >= 0) {
      // A cheap look first: an ulp or two is less than a thousandth of a step, and no edge and no turn of the rounding is near.
      const rest = steps + 0.5 - offset;
      const far = rest > 0.001 && rest < 0.999 && steps > 1 && steps < STEPS - 1 && Math.abs(value * perStep) < 1e11;
      if ((!far && this.doubtful(column, place)) || this.mayBeExtreme(column, value)) return this.exact(column, inexact);
    } else if (value < this.min[column]! || value > this.max[column]!) this.extremes.push(column, value);
    offsets[used] = offset;
    this.places[used] = place;
    this.used = used + 1;
    return true;
  }

  private search(column: number): number {
    const { bins, binStart } = this.plan;
    const value = this.offsets[this.used]!;
    let place = binStart[column]!;
    let above = binStart[column + 1]! - 1;
    while (place < above) {
      const middle = (place + above) >>> 1;
      if (value > bins[4 * middle]!) place = middle + 1;
      else above = middle;
    }
    return place;
  }

  /** Whether an error of an ulp or two could change what is counted. */
  private doubtful(column: number, place: number): boolean {
    const { bins, binStart } = this.plan;
    const value = this.offsets[this.used]!;
    const perStep = bins[4 * place + 2]!;
    const error = Math.abs(value) * 2e-15;
    const steps = (value - bins[4 * place + 1]!) * perStep + 0.5;
    const fraction = steps - Math.floor(steps);
    const doubt = Math.abs(error * perStep) + Math.abs(steps) * 1e-15;
    return bins[4 * place]! - value <= error || (place > binStart[column]! && value - bins[4 * (place - 1)]! <= error)
      || fraction <= doubt || fraction >= 1 - doubt || steps > FURTHEST;
  }

  private mayBeExtreme(column: number, value: number): boolean {
    const error = Math.abs(value) * 2e-15;
    return value - error < this.min[column]! || value + error > this.max[column]!;
  }

  private grow(): void {
    const places = new Int32Array(this.places.length * 2);
    const offsets = new Float64Array(this.places.length * 2);
    places.set(this.places);
    offsets.set(this.offsets);
    this.places = places;
    this.offsets = offsets;
  }
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}
