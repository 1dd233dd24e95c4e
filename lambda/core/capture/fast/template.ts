import { Layout } from '../../statistics/column';
import { CapturedPayload, CapturedRecord } from '../record';
import { PredictionPlace } from '../rows';
import { jsonFields } from './json-fields';
import { locateSlots, Slot } from './locate';
import { Literal, Segment, Template } from './segments';

/** Learns the template of a line that has been read the slow way; undefined if lines like it are left to the slow way. */
export function learnTemplate(line: Uint8Array, record: CapturedRecord, layout: Layout, place: PredictionPlace): Template | undefined {
  const slots = locateSlots(line);
  if (!slots || !record.input || slots.filter(({ kind }) => kind === 'time').length !== 1) return undefined;
  const segments: Segment[] = [];
  for (const slot of slots) {
    const segment = segmentOf(slot, line, record, layout, place);
    if (!segment) return undefined;
    segments.push(segment);
  }
  const bounds = [0, ...slots.flatMap(({ start, end }) => [start, end]), line.length];
  const literals = Array.from({ length: slots.length + 1 }, (_, i) => new Literal(line.subarray(bounds[2 * i], bounds[2 * i + 1])));
  return { literals, segments };
}

function segmentOf(slot: Slot, line: Uint8Array, record: CapturedRecord, layout: Layout, place: PredictionPlace): Segment | undefined {
  switch (slot.kind) {
    case 'input':
      return payloadSegment(record.input!, line.subarray(slot.start, slot.end), { kind: 'csv', answer: false }, layout, place);
    case 'output':
      // A named column of several is rare; one value a row is what models answer.
      if (!record.output || (place.column ?? 0) !== 0) return undefined;
      return payloadSegment(record.output, line.subarray(slot.start, slot.end), { kind: 'csv', answer: true }, layout, place);
    default:
      return { kind: slot.kind };
  }
}

function payloadSegment(
  payload: CapturedPayload, raw: Uint8Array, csv: Extract<Segment, { kind: 'csv' }>, layout: Layout, place: PredictionPlace,
): Segment | undefined {
  switch (payload.encoding.toUpperCase()) {
    case 'CSV':
      return csv;
    case 'JSON':
      return jsonFields(payload.data, raw, csv.answer, layout, place);
    default:
      return undefined;
  }
}
