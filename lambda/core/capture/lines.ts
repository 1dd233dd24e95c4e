/** A line of an object: its bytes without the line end, and where it starts; `bytes` is undefined where the line is too long to keep. */
export interface Line {
  readonly offset: number;
  readonly bytes: Uint8Array | undefined;
}

/** A part of an object to be read by one shard. It owns the lines that start in it, wherever they end. */
export interface LineRange {
  readonly start: number;
  /** @default - the end of the object */
  readonly end?: number;
}

/** InvokeEndpoint takes 25 MB; twice base64 in an escaped record stays below this. */
export const LONGEST_LINE = 96 * 1024 * 1024;

const NEWLINE = 0x0a;

/** Where reading must begin: one byte early, since only the byte before tells whether a line starts exactly at `start`. */
export function firstByte(range: LineRange): number {
  return Math.max(0, range.start - 1);
}

/**
 * The lines a range owns, from bytes that begin at `firstByte(range)` and run on past the range's end. Stops reading as soon as the last
 * owned line is complete.
 */
export async function* ownedLines(bytes: AsyncIterable<Uint8Array>, range: LineRange, longest = LONGEST_LINE): AsyncIterable<Line> {
  const end = range.end ?? Infinity;
  let position = firstByte(range);
  let lineStart = position;
  // A line that began before the range belongs to the shard before.
  let skipping = range.start > 0;
  let parts: Uint8Array[] = [];
  let held = 0;
  if (end <= range.start) return;
  for await (const chunk of bytes) {
    let from = 0;
    for (let newline = chunk.indexOf(NEWLINE); newline >= 0; newline = chunk.indexOf(NEWLINE, from)) {
      if (!skipping) yield { offset: lineStart, bytes: held < 0 ? undefined : joined(parts, held, chunk.subarray(from, newline)) };
      skipping = false;
      parts = [];
      held = 0;
      from = newline + 1;
      lineStart = position + from;
      if (lineStart >= end) return;
    }
    const rest = chunk.length - from;
    position += chunk.length;
    if (skipping || held < 0) continue;
    held += rest;
    if (held > longest) {
      parts = [];
      held = -1;
    } else if (rest > 0) {
      // Copied: a stream may use its buffer again.
      parts.push(chunk.slice(from));
    }
  }
  if (!skipping && (held !== 0)) yield { offset: lineStart, bytes: held < 0 ? undefined : joined(parts, held, new Uint8Array(0)) };
}

function joined(parts: readonly Uint8Array[], held: number, last: Uint8Array): Uint8Array {
  if (parts.length === 0) return last;
  const bytes = new Uint8Array(held + last.length);
  let at = 0;
  for (const part of [...parts, last]) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
