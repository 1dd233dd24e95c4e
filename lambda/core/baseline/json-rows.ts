import { DatasetError } from '../errors';
import { ObjectSource, RowBatch, RowSource } from './rows';
import { textChunks } from './text-chunks';

/** Rows of a JSON Lines object: flat objects, all with the members of the first (a member may be missing or null: no value). */
export function jsonLinesRows(object: ObjectSource): RowSource {
  return { name: object.name, read: () => readJsonLines(object) };
}

async function* readJsonLines(object: ObjectSource): AsyncIterable<RowBatch> {
  const { name } = object;
  let columns: readonly string[] | undefined;
  for await (const { text, firstLine } of textChunks(name, object.open())) {
    const lines: number[] = [];
    const rows: string[][] = [];
    let line = firstLine;
    for (const record of text.split('\n')) {
      if (record.trim() !== '') {
        const members = parse(name, line, record);
        columns ??= Object.keys(members);
        rows.push(values(name, line, members, columns));
        lines.push(line);
      }
      line++;
    }
    if (columns && rows.length > 0) yield { columns, lines, rows };
  }
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

function values(name: string, line: number, members: Record<string, unknown>, columns: readonly string[]): string[] {
  const extra = Object.keys(members).filter((member) => !columns.includes(member)).length;
  if (extra > 0) throw new DatasetError('ragged-row', name, line, `${extra} members that the first line does not have; give every line the same members`);
  return columns.map((column) => {
    const value = Object.hasOwn(members, column) ? members[column] : undefined;
    if (value === null || value === undefined) return '';
    if (typeof value === 'object') throw new DatasetError('ragged-row', name, line, `member ${column} is nested; columns hold plain values`);
    return String(value);
  });
}
