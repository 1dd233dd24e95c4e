import { Layout } from '../../statistics/column';
import { payloadRows } from '../payload';
import { featureValues, PredictionPlace, predictionValue } from '../rows';
import { FieldKind, Fields, NOT_COUNTED } from './fields';
import { Literal, Segment } from './segments';

const BACKSLASH = 0x5c;
const QUOTE = 0x22;

/** A scalar in the escaped text of a JSON payload; a text without its quotes. */
interface Scalar {
  readonly start: number;
  readonly end: number;
  readonly text: boolean;
}

/**
 * Learns where a JSON payload of one row holds which column. The payload with its scalars replaced by their numbers goes
 * through the slow path's own reading, and what that finds in a column's place is the number of its scalar.
 */
export function jsonFields(data: string, raw: Uint8Array, answer: boolean, layout: Layout, place: PredictionPlace): Extract<Segment, { kind: 'json' }> | undefined {
  const scalars = scalarsOf(raw);
  if (!scalars || scalars.length === 0 || data.includes('\n')) return undefined;
  const columns = columnsOfScalars(numbered(raw, scalars), answer, layout, place);
  if (!columns) return undefined;
  const columnOf = new Map(columns.map((scalar, column) => [scalar, column]));
  const first = answer ? layout.columns.length - 1 : 0;
  const fields = new Fields(scalars.map(({ end, text }, i) => {
    const found = columnOf.get(i);
    const column = found === undefined ? NOT_COUNTED : first + found;
    const nominal = layout.columns[column]?.bins.kind === 'nominal';
    return {
      column,
      kind: text ? FieldKind.text : nominal ? FieldKind.word : FieldKind.number,
      separator: raw.subarray(end, scalars[i + 1]?.start ?? raw.length),
    };
  }), true);
  const absent = columns.flatMap((scalar, column) => (scalar === undefined ? [column] : []));
  return { kind: 'json', before: new Literal(raw.subarray(0, scalars[0]!.start)), fields, absent, answer };
}

/** For each column the number of its scalar; undefined for a column without one. */
function columnsOfScalars(data: string, answer: boolean, layout: Layout, place: PredictionPlace): Array<number | undefined> | undefined {
  const rows = payloadRows({ data, encoding: 'JSON', contentType: '' });
  if (typeof rows === 'string' || rows.length !== 1) return undefined;
  if (answer) {
    const found = predictionValue(rows[0]!, place);
    return typeof found === 'string' ? undefined : [found.value as number];
  }
  const values = featureValues(rows[0]!, layout.columns.slice(0, -1).map(({ name }) => name));
  return typeof values === 'string' ? undefined : Array.from(values, (value) => (typeof value === 'number' ? value : undefined));
}

/** The scalars of an escaped payload whose only escape is the quote; keys are none. */
function scalarsOf(raw: Uint8Array): Scalar[] | undefined {
  const scalars: Scalar[] = [];
  for (let at = 0; at < raw.length;) {
    const byte = raw[at]!;
    if (byte === BACKSLASH) {
      if (raw[at + 1] !== QUOTE) return undefined;
      const end = raw.indexOf(BACKSLASH, at + 2);
      if (end < 0 || raw[end + 1] !== QUOTE) return undefined;
      if (!isKey(raw, end + 2)) scalars.push({ start: at + 2, end, text: true });
      at = end + 2;
    } else if (isBare(byte)) {
      let end = at + 1;
      while (end < raw.length && isBare(raw[end]!)) end++;
      scalars.push({ start: at, end, text: false });
      at = end;
    } else if (byte < 0x80) at++;
    else return undefined;
  }
  return scalars;
}

function isKey(raw: Uint8Array, from: number): boolean {
  let at = from;
  while (raw[at] === 0x20) at++;
  return raw[at] === 0x3a;
}

/** Bytes of numbers, true, false and null. */
function isBare(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x2d || byte === 0x2b || byte === 0x2e || byte === 0x45;
}

function numbered(raw: Uint8Array, scalars: readonly Scalar[]): string {
  const text = Buffer.from(raw).toString('latin1');
  let result = '';
  let at = 0;
  scalars.forEach(({ start, end, text: quoted }, i) => {
    result += `${text.slice(at, quoted ? start - 2 : start)}${i}`;
    at = quoted ? end + 2 : end;
  });
  return (result + text.slice(at)).replaceAll('\\"', '"');
}
