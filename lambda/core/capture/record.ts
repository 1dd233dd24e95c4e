import { RejectReason } from '../statistics/rejects';
import { readDocument } from './document';

/** One side of a captured request, as written by the endpoint. */
export interface CapturedPayload {
  readonly data: string;
  readonly encoding: string;
  readonly contentType: string;
}

/** A captured request and its answer. */
export interface CapturedRecord {
  readonly input?: CapturedPayload;
  readonly output?: CapturedPayload;
  readonly eventId?: string;
  readonly inferenceId?: string;
  /** Milliseconds since the epoch. */
  readonly inferenceTime: number;
}

interface RecordDocument {
  readonly captureData?: { readonly endpointInput?: unknown; readonly endpointOutput?: unknown };
  readonly eventMetadata?: { readonly eventId?: unknown; readonly inferenceId?: unknown; readonly inferenceTime?: unknown };
}

/** Reads one line of a capture file; its members may come in any order. */
export function parseRecord(line: string): CapturedRecord | RejectReason {
  const read = readDocument(line);
  if (!read) return 'not-json';
  const document = read.value as RecordDocument;
  if (!isObject(document) || !isObject(document.captureData)) return 'not-a-capture-record';
  const { captureData } = document;
  const eventMetadata = isObject(document.eventMetadata) ? document.eventMetadata : {};
  const inferenceTime = typeof eventMetadata.inferenceTime === 'string' ? Date.parse(eventMetadata.inferenceTime) : NaN;
  if (Number.isNaN(inferenceTime)) return 'no-inference-time';
  const input = payloadOf(captureData.endpointInput);
  const output = payloadOf(captureData.endpointOutput);
  if (!input && !output) return 'not-a-capture-record';
  return {
    input,
    output,
    inferenceTime,
    ...(typeof eventMetadata.eventId === 'string' && { eventId: eventMetadata.eventId }),
    ...(typeof eventMetadata.inferenceId === 'string' && { inferenceId: eventMetadata.inferenceId }),
  };
}

function payloadOf(part: unknown): CapturedPayload | undefined {
  if (!isObject(part)) return undefined;
  const { data, encoding, observedContentType } = part as { data?: unknown; encoding?: unknown; observedContentType?: unknown };
  if (typeof data !== 'string' || typeof encoding !== 'string') return undefined;
  return { data, encoding, contentType: typeof observedContentType === 'string' ? observedContentType.split(';')[0]!.trim().toLowerCase() : '' };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
