import { LIMITS } from '../limits';

/** A part of an object to be read by one shard. It owns the lines that start in it, wherever they end. */
export interface LineRange {
  readonly start: number;
  /** @default - the end of the object */
  readonly end?: number;
}

/** Takes one line: the bytes from `from` up to `to`, which are only valid during the call; undefined where the line is too long to keep. */
export type LineTaker = (bytes: Uint8Array | undefined, from: number, to: number, offset: number) => void;

const NEWLINE = 0x0a;

/** Where reading must begin: one byte early, since only the byte before tells whether a line starts exactly at `start`. */
export function firstByte(range: LineRange): number {
  return Math.max(0, range.start - 1);
}

/**
 * Cuts the bytes of an object, which begin at `firstByte(range)` and run on past the range's end, into the lines the range owns.
 * Lines are handed out where they lie; only one that two chunks share is copied.
 */
export class LineSplitter {
  private readonly end: number;
  private position: number;
  private lineStart: number;
  /** A line that began before the range belongs to the shard before. */
  private skipping: boolean;
  private parts: Uint8Array[] = [];
  private held = 0;
  private done: boolean;

  public constructor(range: LineRange, private readonly take: LineTaker, private readonly longest: number = LIMITS.lineBytes) {
    this.end = range.end ?? Infinity;
    this.position = firstByte(range);
    this.lineStart = this.position;
    this.skipping = range.start > 0;
    this.done = this.end <= range.start;
  }

  /** Takes the next bytes; false once the last owned line is complete, and no more bytes are needed. */
  public push(bytes: Uint8Array): boolean {
    // Two views of the same bytes: a Buffer is searched fastest, and code that would meet both Buffers and plain arrays is slower.
    const searched = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const chunk = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    let from = 0;
    while (!this.done) {
      const newline = searched.indexOf(NEWLINE, from);
      if (newline < 0) break;
      this.finish(chunk, from, newline);
      from = newline + 1;
      this.lineStart = this.position + from;
      this.done = this.lineStart >= this.end;
    }
    this.position += chunk.length;
    if (!this.done && !this.skipping) this.hold(chunk, from);
    return !this.done;
  }

  /** The object is at its end; a last line without a line end counts too. */
  public close(): void {
    if (!this.done && !this.skipping && this.held !== 0) this.finish(new Uint8Array(0), 0, 0);
    this.done = true;
  }

  private finish(chunk: Uint8Array, from: number, to: number): void {
    if (this.skipping) this.skipping = false;
    else if (this.held === 0) this.take(chunk, from, to, this.lineStart);
    else if (this.held < 0) this.take(undefined, 0, 0, this.lineStart);
    else {
      const line = joined([...this.parts, chunk.subarray(from, to)], this.held + to - from);
      this.parts = [];
      this.take(line, 0, line.length, this.lineStart);
    }
    this.parts = [];
    this.held = 0;
  }

  private hold(chunk: Uint8Array, from: number): void {
    if (this.held < 0 || from >= chunk.length) return;
    this.held += chunk.length - from;
    if (this.held > this.longest) {
      this.parts = [];
      this.held = -1;
    } else {
      // Copied: a stream may use its buffer again.
      this.parts.push(chunk.slice(from));
    }
  }
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
