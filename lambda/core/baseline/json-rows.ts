import { DatasetError } from '../errors';
import { LIMITS } from '../limits';
import { ObjectSource, RowBatch, RowSource } from './rows';
import { textChunks } from './text-chunks';

/** Rows of a JSON Lines object: flat objects, all with the members of the first (a member may be missing or null: no value). */
export function jsonLinesRows(object: ObjectSource): RowSource {
  return { name: object.name, read: () => readJsonLines(object) };
}

async function* readJsonLines(object: ObjectSource): AsyncIterable<RowBatch> {
  const { name } = object;
  let columns: Columns | undefined;
  for await (const { text, firstLine } of textChunks(name, object.open())) {
    const lines: number[] = [];
    const rows: string[][] = [];
    let line = firstLine;
    for (const record of text.split('\n')) {
      if (record.length > LIMITS.rowLength) throw new DatasetError('row-too-long', name, line, `the line is longer than ${LIMITS.rowLength} characters; shorten its values, or leave out the one that is so long`);
      if (record.trim() !== '') {
        const members = parse(name, line, record);
        columns ??= columnsOf(name, line, members);
        rows.push(values(name, line, members, columns));
        lines.push(line);
      }
      line++;
    }
    if (columns && rows.length > 0) yield { columns: columns.names, lines, rows };
  }
}

interface Columns {
  readonly names: readonly string[];
  readonly known: ReadonlySet<string>;
}

function columnsOf(name: string, line: number, members: Record<string, unknown>): Columns {
  const names = Object.keys(members);
  if (names.length > LIMITS.columns) throw new DatasetError('too-many-columns', name, line, `the first line has ${names.length} members, at most ${LIMITS.columns} are possible; leave some out`);
  return { names, known: new Set(names) };
}

function parse(name: string, line: number, record: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(record);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Falls through to the error below: the parser's own message quotes the data.
  }
  throw new DatasetError('not-json', name, line, 'not a JSON object; every line must be one object with a member per column');
}

function values(name: string, line: number, members: Record<string, unknown>, { names, known }: Columns): string[] {
  const extra = Object.keys(members).filter((member) => !known.has(member)).length;
  if (extra > 0) throw new DatasetError('ragged-row', name, line, `${extra} members that the first line does not have; give every line the same members`);
  return names.map((column) => {
    const value = Object.hasOwn(members, column) ? members[column] : undefined;
    if (value === null || value === undefined) return '';
    if (typeof value === 'object') throw new DatasetError('ragged-row', name, line, `member ${column} is nested; columns hold plain values`);
    return String(value);
  });
}
