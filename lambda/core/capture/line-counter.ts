import { LIMITS } from '../limits';
import { Accumulator } from '../statistics/accumulator';
import { isMissingNumber, Layout, parseDecimal } from '../statistics/column';
import { RejectReason } from '../statistics/rejects';
import { FastCounter } from './fast/fast-counter';
import { Template } from './fast/segments';
import { learnTemplate } from './fast/template';
import { CapturedRecord } from './record';
import { RecordCounter, RecordOptions } from './record-counter';

/** How the fast path fared. A mismatch is a defect of it: two counts of the same audited lines that differ. At the first it is switched off. */
export interface ScanAudit {
  readonly lines: number;
  readonly fast: number;
  readonly audited: number;
  readonly mismatches: number;
}

/** Both ways of counting, over the audited lines only. */
interface Auditors {
  readonly fast: Accumulator;
  readonly fastCounter: FastCounter;
  readonly slow: Accumulator;
  readonly slowCounter: RecordCounter;
}

const AUDIT_EVERY = 1000;
/** Audited lines between two comparisons of what both ways have counted; the last comparison is at the end. */
const COMPARE_EVERY = 16;
const TEMPLATES = 4;
/** Lines that could not be learned from before learning is given up. */
const ATTEMPTS = 32;
/** Longer lines are left to the slow path, which counts their values first; of one byte each, so many fit into a payload's limit. */
const LONGEST_FAST_LINE = LIMITS.payloadValues;

/**
 * Counts lines: fast where a line follows a template learned from an earlier one, otherwise by parsing it. Every thousandth line is
 * counted a second time, both ways, and these counts are compared.
 */
export class LineCounter {
  private readonly slow: RecordCounter;
  private readonly fast: FastCounter;
  private readonly templates: Template[] = [];
  private attempts: number;
  private lines = 0;
  private fastLines = 0;
  private audited = 0;
  private mismatches = 0;
  private auditors: Auditors | undefined;

  public constructor(accumulator: Accumulator, private readonly options: RecordOptions & { readonly layout: Layout }) {
    this.slow = new RecordCounter(accumulator, options);
    this.fast = new FastCounter(accumulator, options);
    this.attempts = canTellHeader(options.layout) ? ATTEMPTS : 0;
  }

  public get audit(): ScanAudit {
    return { lines: this.lines, fast: this.fastLines, audited: this.audited, mismatches: this.mismatches };
  }

  /** Counts the line between two positions; the reason if it was rejected. */
  public count(bytes: Uint8Array, from: number, to: number): RejectReason | undefined {
    this.lines++;
    if (to - from > LONGEST_FAST_LINE) return this.countSlowly(bytes.subarray(from, to));
    for (let i = 0; i < this.templates.length; i++) {
      const template = this.templates[i]!;
      if (this.fastLines % AUDIT_EVERY === AUDIT_EVERY - 1 && !this.auditLine(template, bytes, from, to)) break;
      if (this.fast.count(template, bytes, from, to)) {
        this.fastLines++;
        if (i > 0) this.prefer(i);
        return undefined;
      }
    }
    return this.countSlowly(bytes.subarray(from, to));
  }

  /** Completes the accumulator; to be called after the last line. */
  public finish(): void {
    this.fast.flush();
    if (this.auditors && this.mismatches === 0) this.compare(this.auditors);
  }

  private countSlowly(line: Uint8Array): RejectReason | undefined {
    let record: CapturedRecord | RejectReason | undefined;
    try {
      record = this.slow.read(line);
      if (record === undefined || typeof record === 'string') return record;
      const reason = this.slow.count(record);
      if (reason) return reason;
    } catch {
      // A record that a parser fails on must not end the scan of all others. Counting begins once everything is read, and does not fail.
      return 'unreadable';
    }
    if (this.attempts > 0 && line.length <= LONGEST_FAST_LINE) this.learn(line, record);
    return undefined;
  }

  private learn(line: Uint8Array, record: CapturedRecord): void {
    this.attempts--;
    const template = learnTemplate(line, record, this.options.layout, this.options.prediction ?? {});
    // Kept only if it fits the line it was learned from; otherwise this kind of line is not for the fast path.
    if (!template || !new FastCounter(new Accumulator(this.options.layout), this.options).count(template, line, 0, line.length)) return;
    this.templates.unshift(template);
    this.templates.splice(TEMPLATES);
  }

  private prefer(index: number): void {
    this.templates.unshift(...this.templates.splice(index, 1));
  }

  /** Counts a line both ways, if the fast way does; false if they have been found to differ, and then there will be no more fast lines. */
  private auditLine(template: Template, bytes: Uint8Array, from: number, to: number): boolean {
    const auditors = this.auditors ??= this.createAuditors();
    if (!auditors.fastCounter.count(template, bytes, from, to)) return true;
    const record = auditors.slowCounter.read(bytes.subarray(from, to));
    const reason = record === undefined || typeof record === 'string' ? 'unread' : auditors.slowCounter.count(record);
    this.audited++;
    return reason === undefined && this.audited % COMPARE_EVERY !== 0 ? true : this.compare(auditors);
  }

  private compare({ fast, fastCounter, slow }: Auditors): boolean {
    fastCounter.flush();
    if (sameCounts(fast, slow)) return true;
    this.mismatches++;
    this.templates.length = 0;
    this.attempts = 0;
    return false;
  }

  private createAuditors(): Auditors {
    const [fast, slow] = [new Accumulator(this.options.layout), new Accumulator(this.options.layout)];
    return { fast, slow, fastCounter: new FastCounter(fast, this.options), slowCounter: new RecordCounter(slow, this.options) };
  }
}

function sameCounts(a: Accumulator, b: Accumulator): boolean {
  const arrays = ({ counts, offsets, missing, invalid, min, max, cells }: Accumulator) => [counts, offsets, missing, invalid, min, max, ...cells.values()];
  const bytes = (array: Float64Array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  const others = arrays(b);
  return a.rows === b.rows && a.cells.size === b.cells.size && arrays(a).every((array, i) => Buffer.compare(bytes(array), bytes(others[i]!)) === 0);
}

/**
 * A header line in a payload is told from a row by its texts. Where a feature is a number its name in a row is no value and the fast path
 * declines the line; with texts alone it would count it.
 */
function canTellHeader(layout: Layout): boolean {
  return layout.columns.slice(0, -1).some(({ bins, name }) => bins.kind === 'ordinal' && Number.isNaN(parseDecimal(name)) && !isMissingNumber(name));
}
