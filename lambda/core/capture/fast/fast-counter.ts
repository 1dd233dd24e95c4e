import { LIMITS } from '../../limits';
import { Accumulator } from '../../statistics/accumulator';
import { FieldKind, Fields } from './fields';
import { LineValues } from './line-values';
import { CountingPlan } from './plan';
import { Literal, Segment, Template } from './segments';
import { Tally } from './tally';
import { TimeReader } from './time-reader';
import { ValueReader } from './value-reader';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const LETTER_N = 0x6e;

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
  private readonly reader: ValueReader;
  private inputRows = 0;
  private answerRows = 0;

  public constructor(private readonly accumulator: Accumulator, limits: { readonly since?: Date; readonly predictionsSince?: Date }) {
    this.plan = CountingPlan.of(accumulator.layout);
    this.tally = new Tally(accumulator, this.plan);
    this.reader = new ValueReader(this.plan, this.line);
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
    this.tally.turnTo(time);
    this.tally.add(this.line, time < this.predictionsSince ? this.plan.columns - 1 : this.plan.columns, bytes);
    this.accumulator.rows += this.inputRows;
    return true;
  }

  /** Hands the counts over to the accumulator. */
  public flush(): void {
    this.tally.flush();
  }

  private csvFields(first: number, count: number): Fields {
    return new Fields(Array.from({ length: count }, (_, i) => ({
      column: first + i,
      kind: this.plan.ordinal[first + i] === 1 ? FieldKind.number : FieldKind.text,
      separator: Uint8Array.from(i < count - 1 ? [COMMA] : []),
    })), false);
  }

  private read(template: Template, bytes: Uint8Array, from: number, to: number): boolean {
    this.reader.open(bytes);
    this.line.used = 0;
    this.inputRows = 0;
    this.answerRows = 0;
    const { literals, segments } = template;
    if (!this.literal(literals[0]!, from, to)) return false;
    for (let i = 0; i < segments.length; i++) {
      if (!this.segment(segments[i]!, to) || !this.literal(literals[i + 1]!, this.reader.at, to)) return false;
    }
    // What has too many rows is rejected on the slow path.
    return this.reader.at === to && this.inputRows > 0 && this.inputRows <= LIMITS.payloadRows && this.answerRows <= LIMITS.payloadRows;
  }

  private literal(literal: Literal, from: number, to: number): boolean {
    if (from + literal.length > to || !literal.stands(this.reader.bytes, this.reader.view, from)) return false;
    this.reader.at = from + literal.length;
    return true;
  }

  private segment(segment: Segment, to: number): boolean {
    const { reader } = this;
    switch (segment.kind) {
      case 'csv':
        return segment.answer ? this.answerCsv(to) : this.inputCsv(to);
      case 'json':
        return this.json(segment, to);
      case 'time':
        reader.at = this.times.read(reader.bytes, reader.view, reader.at, to);
        return reader.at >= 0;
      default:
        return reader.skipText(to, QUOTE);
    }
  }

  private inputCsv(to: number): boolean {
    do {
      if (!this.reader.row(this.inputFields, to)) return false;
      this.inputRows++;
    } while (this.nextRow());
    return this.next() === QUOTE;
  }

  private answerCsv(to: number): boolean {
    // An answer of nothing, and one line for all rows, are for the slow path.
    do {
      if (this.next() === QUOTE || this.next() === BACKSLASH || !this.reader.row(this.answerFields, to)) return false;
      this.answerRows++;
    } while (this.nextRow());
    return this.next() === QUOTE;
  }

  private next(): number {
    return this.reader.bytes[this.reader.at]!;
  }

  /** Steps over an escaped line end; true if another row follows it. */
  private nextRow(): boolean {
    const { reader } = this;
    if (reader.bytes[reader.at] !== BACKSLASH || reader.bytes[reader.at + 1] !== LETTER_N) return false;
    reader.at += 2;
    return this.next() !== QUOTE;
  }

  private json(segment: Extract<Segment, { kind: 'json' }>, to: number): boolean {
    const { fields, answer, absent } = segment;
    if (!this.literal(segment.before, this.reader.at, to) || !this.reader.row(fields, to)) return false;
    this.line.reserve(absent.length);
    for (let i = 0; i < absent.length; i++) this.line.putSlot(this.plan.missingSlot(absent[i]!));
    if (!answer) this.inputRows++;
    return true;
  }
}
