import { DatasetError } from '../errors';

/** Text of an object in pieces that end where a line ends (the last piece: where the object ends). */
export interface TextChunk {
  readonly text: string;
  readonly firstLine: number;
}

const LONGEST_LINE = 16 * 1024 * 1024;
const NEWLINE = 0x0a;

/** Cuts bytes at line ends and decodes them, refusing what is not UTF-8 with the line it is on. */
export async function* textChunks(name: string, bytes: AsyncIterable<Uint8Array>): AsyncIterable<TextChunk> {
  let rest: Uint8Array = new Uint8Array(0);
  let firstLine = 1;
  let first = true;
  for await (const chunk of bytes) {
    const joined = rest.length === 0 ? chunk : concat(rest, chunk);
    const end = joined.lastIndexOf(NEWLINE) + 1;
    rest = joined.subarray(end);
    if (rest.length > LONGEST_LINE) {
      throw new DatasetError('line-too-long', name, firstLine + countNewlines(joined), `a line is longer than ${LONGEST_LINE} bytes; is this a text file?`);
    }
    if (end === 0) continue;
    yield { text: decode(name, joined.subarray(0, end), firstLine, first), firstLine };
    firstLine += countNewlines(joined.subarray(0, end));
    first = false;
  }
  if (rest.length > 0) yield { text: decode(name, rest, firstLine, first), firstLine };
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

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}

function countNewlines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}
