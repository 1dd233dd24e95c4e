import { DatasetError } from '../errors';
import { LIMITS } from '../limits';
import { isMissingNumber, parseDecimal } from '../statistics/column';
import { ObjectSource, RowBatch, RowSource } from './rows';
import { textChunks } from './text-chunks';

/** Rows of a CSV object with a header line (RFC 4180; line ends LF or CRLF). Strict: a row has exactly the header's columns. */
export function csvRows(object: ObjectSource): RowSource {
  return { name: object.name, read: () => readCsv(object) };
}

async function* readCsv(object: ObjectSource): AsyncIterable<RowBatch> {
  const { name } = object;
  const splitter = new RecordSplitter();
  let columns: readonly string[] | undefined;
  for await (const { text } of textChunks(name, object.open())) {
    const lines: number[] = [];
    const rows: string[][] = [];
    for (const { line, text: record, quoted } of splitter.push(text)) {
      if (record === '') continue;
      if (record.length > LIMITS.rowLength) throw rowTooLong(name, line);
      // One field more than there are columns is enough to tell a row that has too many.
      const fields = quoted ? quotedFields(name, line, record) : record.split(',', (columns?.length ?? LIMITS.columns) + 1);
      if (!columns) columns = header(name, fields);
      else if (fields.length !== columns.length) throw ragged(name, line, quoted ? fields.length : record.split(',').length, columns.length);
      else {
        rows.push(fields);
        lines.push(line);
      }
    }
    if (splitter.openLength > LIMITS.rowLength) throw unclosed(name, splitter.openLine);
    if (columns && rows.length > 0) yield { columns, lines, rows };
  }
  if (splitter.openLength > 0) throw unclosed(name, splitter.openLine);
  if (!columns) throw new DatasetError('no-header', name, 1, 'the object is empty; the first line must name the columns');
}

function rowTooLong(name: string, line: number): DatasetError {
  return new DatasetError('row-too-long', name, line, `the row is longer than ${LIMITS.rowLength} characters; shorten its fields, or leave out the column that holds them`);
}

function unclosed(name: string, line: number): DatasetError {
  return new DatasetError('unclosed-quote', name, line, 'a quoted field that begins on this line is never closed; add the closing "');
}

interface Record {
  readonly text: string;
  readonly quoted: boolean;
  /** The line it begins on. */
  readonly line: number;
}

/**
 * Cuts text that ends at line ends into records: at line ends outside quotes. What a quote leaves open is kept for the next text. Each
 * character is looked at a fixed number of times, however lines and quotes lie.
 */
class RecordSplitter {
  private open = '';
  private line = 1;
  /** Lines of the open record so far. */
  private lines = 0;

  /** The length of the record that a quote keeps open, and the line it begins on. */
  public get openLength(): number {
    return this.open.length;
  }

  public get openLine(): number {
    return this.line;
  }

  public push(more: string): Record[] {
    const records: Record[] = [];
    const text = this.open + more;
    let inQuotes = this.open !== '';
    let quoted = inQuotes;
    let at = this.open.length;
    let quote = text.indexOf('"', at);
    for (let start = 0; start < text.length;) {
      const end = endOfLine(text, at);
      for (; quote >= 0 && quote < end; quote = text.indexOf('"', quote + 1)) {
        inQuotes = !inQuotes;
        quoted = true;
      }
      at = end + 1;
      if (inQuotes) {
        if (end < text.length) this.lines++;
        if (at < text.length) continue;
        this.open = text.slice(start);
        return records;
      }
      records.push({ text: withoutReturn(text.slice(start, end)), quoted, line: this.line });
      this.line += this.lines + 1;
      this.lines = 0;
      quoted = false;
      start = at;
    }
    this.open = '';
    return records;
  }
}

function endOfLine(text: string, from: number): number {
  const newline = text.indexOf('\n', from);
  return newline < 0 ? text.length : newline;
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/** A line of CSV with its end; fields are quoted where they must be. */
export function csvLine(fields: readonly string[]): string {
  return `${fields.map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',')}\n`;
}

const QUOTE = 0x22;
const COMMA = 0x2c;

/** The fields of a record in which something is quoted; undefined where a quote stands outside its place. */
export function splitQuoted(text: string): string[] | undefined {
  const fields: string[] = [];
  for (let at = 0; ; at++) {
    const begin = at;
    if (text.charCodeAt(at) === QUOTE) {
      at = closingQuote(text, begin + 1);
      if (at < 0) return undefined;
      fields.push(text.slice(begin + 1, at).replaceAll('""', '"'));
      at++;
    } else {
      const comma = text.indexOf(',', at);
      at = comma < 0 ? text.length : comma;
      const field = text.slice(begin, at);
      if (field.includes('"')) return undefined;
      fields.push(field);
    }
    if (at === text.length) return fields;
    if (text.charCodeAt(at) !== COMMA) return undefined;
  }
}

/** Where a quoted field ends whose content begins at a position; -1 if it does not. */
function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at >= 0 && text.charCodeAt(at + 1) === QUOTE) at = text.indexOf('"', at + 2);
  return at;
}

function quotedFields(name: string, line: number, text: string): string[] {
  const fields = splitQuoted(text);
  if (!fields) throw new DatasetError('unclosed-quote', name, line, 'a " stands inside an unquoted field or after a closing quote; write "" for a quote inside quotes');
  return fields;
}

function header(name: string, fields: readonly string[]): readonly string[] {
  if (fields.length > LIMITS.columns) {
    throw new DatasetError('too-many-columns', name, 1, `the header names more than ${LIMITS.columns} columns; leave some out`);
  }
  const columns = fields.map((field) => field.trim());
  const values = columns.filter((column) => isMissingNumber(column) || !Number.isNaN(parseDecimal(column)));
  if (values.length > 0) {
    throw new DatasetError('no-header', name, 1, `${values.length} of the ${columns.length} names on the first line are empty or numbers; the first line must name the columns`);
  }
  if (new Set(columns).size < columns.length) {
    throw new DatasetError('duplicate-column', name, 1, 'the header names a column twice; every column needs a name of its own');
  }
  return columns;
}

function ragged(name: string, line: number, found: number, wanted: number): DatasetError {
  return new DatasetError('ragged-row', name, line, `${found} fields where the header names ${wanted} columns; complete the row, or quote fields that hold a comma`);
}
