import { splitQuoted } from '../baseline/csv-rows';
import { LIMITS } from '../limits';
import { Value } from '../statistics/column';
import { RejectReason } from '../statistics/rejects';
import { countUpTo } from './document';
import { CapturedPayload } from './record';

/** A row of feature values, or of a model's answer, as it stands in a payload: by position, or by name. */
export type PayloadRow = readonly Value[] | Readonly<Record<string, unknown>>;

/** The rows of a payload: lines of CSV, or what JSON holds; base64 is undone first. */
export function payloadRows(payload: CapturedPayload): PayloadRow[] | RejectReason {
  const rows = rowsOf(payload);
  return typeof rows !== 'string' && rows.length > LIMITS.payloadRows ? 'too-many-values' : rows;
}

function rowsOf(payload: CapturedPayload): PayloadRow[] | RejectReason {
  switch (payload.encoding.toUpperCase()) {
    case 'CSV':
      return csv(payload.data);
    case 'JSON':
      return json(payload.data);
    case 'BASE64': {
      const text = decodeBase64(payload.data);
      if (text === undefined) return 'not-utf8';
      if (payload.contentType.includes('csv')) return csv(text);
      if (payload.contentType.includes('json')) return json(text);
      return 'encoding';
    }
    default:
      return 'encoding';
  }
}

function decodeBase64(data: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(data, 'base64'));
  } catch {
    return undefined;
  }
}

function csv(text: string): PayloadRow[] | RejectReason {
  if (hasMore(text, '\n', LIMITS.payloadRows) || hasMore(text, ',\n', LIMITS.payloadValues)) return 'too-many-values';
  const rows: string[][] = [];
  for (const line of text.split('\n')) {
    const record = line.endsWith('\r') ? line.slice(0, -1) : line;
    if (record === '') continue;
    const fields = record.includes('"') ? splitQuoted(record) : record.split(',');
    if (!fields) return 'payload';
    rows.push(fields);
  }
  return rows;
}

/** Whether more than so many of these characters stand in a text; known before anything is made of it. */
function hasMore(text: string, characters: string, most: number): boolean {
  return text.length > most && countUpTo(text, characters, most) > most;
}

/** Members that hold the rows in the usual request and response formats. */
const WRAPPERS = ['instances', 'inputs', 'predictions', 'outputs', 'results', 'data'];

function json(text: string): PayloadRow[] | RejectReason {
  // Objects, each of which may have members of its own, take the most.
  if (hasMore(text, '{', LIMITS.payloadRows) || hasMore(text, ',[{', LIMITS.payloadValues)) return 'too-many-values';
  const documents = parseDocuments(text);
  if (!documents) return 'payload';
  const rows: PayloadRow[] = [];
  for (const document of documents) {
    for (const item of items(document)) {
      const row = rowOf(item);
      if (!row) return 'payload';
      rows.push(row);
    }
  }
  return rows;
}

/** One JSON document, or one on each line. */
function parseDocuments(text: string): unknown[] | undefined {
  try {
    return [JSON.parse(text)];
  } catch {
    if (!text.trim().includes('\n')) return undefined;
  }
  try {
    return text.split('\n').filter((line) => line.trim() !== '').map((line) => JSON.parse(line) as unknown);
  } catch {
    return undefined;
  }
}

function items(document: unknown): readonly unknown[] {
  if (Array.isArray(document)) return document.some((item) => typeof item === 'object' && item !== null) ? document : [document];
  if (typeof document !== 'object' || document === null) return [document];
  const members = document as Record<string, unknown>;
  const wrapper = WRAPPERS.find((name) => Array.isArray(members[name]));
  return wrapper === undefined ? [document] : members[wrapper] as unknown[];
}

function rowOf(item: unknown): PayloadRow | undefined {
  if (Array.isArray(item)) return item.every(isValue) ? item : undefined;
  if (typeof item !== 'object' || item === null) return isValue(item) ? [item] : undefined;
  const { features } = item as { features?: unknown };
  return Array.isArray(features) ? rowOf(features) : item as Record<string, unknown>;
}

function isValue(value: unknown): value is Value {
  return value === null || typeof value !== 'object';
}
