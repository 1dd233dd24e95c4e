import { createHash } from 'node:crypto';
import { answersOf } from '../../capture/answers';
import { readDocument } from '../../capture/document';
import { payloadRows } from '../../capture/payload';
import { CapturedRecord } from '../../capture/record';
import { PredictionPlace } from '../../capture/rows';
import { parseDecimal, Value } from '../../statistics/column';
import { RejectReason } from '../../statistics/rejects';
import { FacetReader } from './facets';

/** One row of a captured answer, or of its label; both are known by the same 128 bits of a hash of the record's id and the row's number. */
export interface JoinRow {
  readonly key: Uint32Array;
  readonly value: number;
  /** Of an answer: to which groups who was asked about belongs; see facetReader. */
  readonly facets?: number;
}

const TRUTHS = new Map([['true', 1], ['false', 0]]);

/** The scores of a captured record: by `inferenceId` where the caller gave one, otherwise by `eventId`. */
export function predictionRows(record: CapturedRecord, place: PredictionPlace = {}, facetsOf?: FacetReader): readonly JoinRow[] | RejectReason {
  const id = record.inferenceId ?? record.eventId;
  const payload = record.input && payloadRows(record.input);
  if (id === undefined || !record.output) return 'not-a-capture-record';
  const inputs = Array.isArray(payload) ? facetsOf?.withoutHeader(payload) ?? payload : undefined;
  const answers = answersOf(record.output, inputs?.length ?? 1, place);
  if (typeof answers === 'string') return answers;
  const rows = joinRows(id, answers);
  if (typeof rows === 'string' || !facetsOf || inputs?.length !== rows.length) return rows;
  return rows.map((row, i) => ({ ...row, facets: facetsOf.read(inputs[i]!) }));
}

/** The labels of a line of ground truth, as Model Monitor wants it uploaded. */
export function labelRows(line: string): readonly JoinRow[] | RejectReason {
  const read = readDocument(line);
  if (!read) return 'not-json';
  const document = read.value as { groundTruthData?: { data?: unknown; encoding?: unknown }; eventMetadata?: { eventId?: unknown } } | null;
  const { data, encoding } = document?.groundTruthData ?? {};
  const id = document?.eventMetadata?.eventId;
  if (typeof data !== 'string' || typeof encoding !== 'string' || typeof id !== 'string') return 'not-a-capture-record';
  const labels = answersOf({ data, encoding, contentType: 'text/csv' }, 1, {});
  return typeof labels === 'string' ? labels : joinRows(id, labels);
}

/** Which of so many partitions a row belongs to; its prediction and its label fall into the same. */
export function partitionOf({ key }: JoinRow, partitions: number): number {
  return key[3]! % partitions;
}

function joinRows(id: string, values: readonly Value[]): readonly JoinRow[] | RejectReason {
  const rows: JoinRow[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    const text = String(value ?? '').trim();
    const number = TRUTHS.get(text.toLowerCase()) ?? parseDecimal(text);
    if (Number.isNaN(number)) return 'payload';
    const { buffer, byteOffset } = Uint8Array.from(createHash('sha256').update(`${id}\0${i}`).digest().subarray(0, 16));
    rows.push({ key: new Uint32Array(buffer, byteOffset, 4), value: number });
  }
  return rows;
}
