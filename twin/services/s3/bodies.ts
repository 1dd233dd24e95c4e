import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The content of an object. It never changes, so copies and versions share it. */
export interface Body {
  readonly size: number;
  /** From `start` up to and including `end`; the caller's own copy. */
  read(start?: number, end?: number): Buffer;
}

/** Above this, a body lives in a file. */
const IN_MEMORY = 32 * 1024;

export class Bodies {
  constructor(private readonly folder: string) {}

  store(content: Uint8Array): Body {
    const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
    // A small body is copied: a slice would keep the whole request alive.
    return bytes.length <= IN_MEMORY ? inMemory(Buffer.from(bytes)) : this.inFile(bytes);
  }

  concatenate(bodies: readonly Body[]): Body {
    return bodies.length === 1 ? bodies[0]! : this.store(Buffer.concat(bodies.map((body) => body.read())));
  }

  /** Named by content: the same data uploaded every day takes room once. */
  private inFile(bytes: Buffer): Body {
    mkdirSync(this.folder, { recursive: true });
    const file = join(this.folder, createHash('sha256').update(bytes).digest('hex'));
    if (!existsSync(file)) writeFileSync(file, bytes);
    return fromFile(file, bytes.length);
  }
}

/** A function of its own, so that nothing keeps the bytes in memory. */
function fromFile(file: string, size: number): Body {
  return { size, read: (start = 0, end = size - 1) => (start === 0 && end === size - 1 ? readFileSync(file) : readSlice(file, start, end)) };
}

function inMemory(bytes: Buffer): Body {
  return { size: bytes.length, read: (start = 0, end = bytes.length - 1) => Buffer.from(bytes.subarray(start, end + 1)) };
}

function readSlice(file: string, start: number, end: number): Buffer {
  const slice = Buffer.alloc(end - start + 1);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, slice, 0, slice.length, start);
  } finally {
    closeSync(descriptor);
  }
  return slice;
}
