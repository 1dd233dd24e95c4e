import { DatasetError } from '../errors';
import { isMissingNumber, parseDecimal } from '../statistics/column';
import { ObjectSource, RowBatch, RowSource } from './rows';
import { textChunks } from './text-chunks';

/** Rows of a CSV object with a header line (RFC 4180; line ends LF or CRLF). Strict: a row has exactly the header's columns. */
export function csvRows(object: ObjectSource): RowSource {
  return { name: object.name, read: () => readCsv(object) };
}

async function* readCsv(object: ObjectSource): AsyncIterable<RowBatch> {
  const { name } = object;
  let columns: readonly string[] | undefined;
  let pending = '';
  let pendingLine = 1;
  for await (const { text, firstLine } of textChunks(name, object.open())) {
    const lines: number[] = [];
    const rows: string[][] = [];
    if (pending === '') pendingLine = firstLine;
    const records = splitRecords(pending + text);
    let line = pendingLine;
    for (const record of records.complete) {
      const at = line;
      line += record.lines;
      if (record.text === '') continue;
      const fields = record.quoted ? quotedFields(name, at, record.text) : record.text.split(',');
      if (!columns) columns = header(name, fields);
      else if (fields.length !== columns.length) throw ragged(name, at, fields.length, columns.length);
      else {
        rows.push(fields);
        lines.push(at);
      }
    }
    pending = records.rest;
    pendingLine = line;
    if (pending.length > LONGEST_RECORD) throw unclosed(name, line);
    if (columns && rows.length > 0) yield { columns, lines, rows };
  }
  if (pending !== '') throw unclosed(name, pendingLine);
  if (!columns) throw new DatasetError('no-header', name, 1, 'the object is empty; the first line must name the columns');
}

const LONGEST_RECORD = 1024 * 1024;

function unclosed(name: string, line: number): DatasetError {
  return new DatasetError('unclosed-quote', name, line, 'a quoted field that begins on this line is never closed; add the closing "');
}

interface Record {
  readonly text: string;
  readonly quoted: boolean;
  /** Lines it spans: more than one where a quoted field holds line ends. */
  readonly lines: number;
}

/** Cuts text into records: at line ends outside quotes. What is left open by a quote is the rest. */
function splitRecords(text: string): { complete: Record[]; rest: string } {
  const complete: Record[] = [];
  let start = 0;
  while (start < text.length) {
    let end = endOfLine(text, start);
    let lines = 1;
    const quoted = text.slice(start, end).includes('"');
    if (quoted) {
      for (let quotes = countQuotes(text, start, end); quotes % 2 === 1;) {
        if (end >= text.length) return { complete, rest: text.slice(start) };
        const next = endOfLine(text, end + 1);
        quotes += countQuotes(text, end + 1, next);
        end = next;
        lines++;
      }
    }
    complete.push({ text: withoutReturn(text.slice(start, end)), quoted, lines });
    start = end + 1;
  }
  return { complete, rest: '' };
}

function endOfLine(text: string, from: number): number {
  const newline = text.indexOf('\n', from);
  return newline < 0 ? text.length : newline;
}

function countQuotes(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('"', from); at >= 0 && at < to; at = text.indexOf('"', at + 1)) count++;
  return count;
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/** A line of CSV with its end; fields are quoted where they must be. */
export function csvLine(fields: readonly string[]): string {
  return `${fields.map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',')}\n`;
}

const FIELD = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;

/** The fields of a record in which something is quoted; undefined where a quote stands outside its place. */
export function splitQuoted(text: string): string[] | undefined {
  const fields: string[] = [];
  FIELD.lastIndex = 0;
  for (;;) {
    const match = FIELD.exec(text);
    if (!match) return undefined;
    fields.push(match[1] !== undefined ? match[1].replaceAll('""', '"') : match[2]!);
    if (match[3] === '') return fields;
  }
}

function quotedFields(name: string, line: number, text: string): string[] {
  const fields = splitQuoted(text);
  if (!fields) throw new DatasetError('unclosed-quote', name, line, 'a " stands inside an unquoted field or after a closing quote; write "" for a quote inside quotes');
  return fields;
}

function header(name: string, fields: readonly string[]): readonly string[] {
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
