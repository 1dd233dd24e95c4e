import { DatasetError } from '../errors';
import { LIMITS } from '../limits';

/** Text of an object in pieces that end where a line ends (the last piece: where the object ends). */
export interface TextChunk {
  readonly text: string;
  readonly firstLine: number;
}

const NEWLINE = 0x0a;
/** UTF-8 takes up to three bytes for what counts as one character. */
const MOST_BYTES = 3 * LIMITS.rowLength;

/** Cuts bytes at line ends and decodes them, refusing what is not UTF-8 with the line it is on. */
export async function* textChunks(name: string, bytes: AsyncIterable<Uint8Array>): AsyncIterable<TextChunk> {
  let parts: Uint8Array[] = [];
  let held = 0;
  let firstLine = 1;
  let first = true;
  for await (const chunk of bytes) {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      const whole = joined([...parts, chunk.subarray(0, end)]);
      yield { text: decode(name, whole, firstLine, first), firstLine };
      firstLine += countNewlines(whole);
      first = false;
      parts = [];
      held = 0;
    }
    if (end === chunk.length) continue;
    // Copied: a stream may use its buffer again.
    parts.push(chunk.slice(end));
    held += chunk.length - end;
    if (held > MOST_BYTES) {
      throw new DatasetError('row-too-long', name, firstLine, `a line is longer than ${MOST_BYTES} bytes; is this a text file?`);
    }
  }
  if (held > 0) yield { text: decode(name, joined(parts), firstLine, first), firstLine };
}

function decode(name: string, bytes: Uint8Array, firstLine: number, first: boolean): string {
  try {
    // Without ignoreBOM the decoder would strip a mark at the start of every chunk, not only of the object.
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return first && text.startsWith('\ufeff') ? text.slice(1) : text;
  } catch {
    throw new DatasetError('not-utf8', name, firstLine + undecodableLine(bytes), 'bytes that are not UTF-8; convert the file, for example with iconv -t UTF-8');
  }
}

function undecodableLine(bytes: Uint8Array): number {
  let line = 0;
  for (let start = 0; start < bytes.length; line++) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline + 1;
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(start, end));
    } catch {
      return line;
    }
    start = end;
  }
  return line;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function countNewlines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}
