import { StringDecoder } from 'node:string_decoder';
import type { Readable } from 'node:stream';

export interface LogLine {
  readonly time: number;
  readonly message: string;
}

/** Reads what a process writes, line by line, up to the mark that it sets after each invocation (child/console.cjs). */
export class ProcessOutput {
  private lines: LogLine[] = [];
  private readonly waiters = new Map<string, () => void>();
  private readonly marks = new Set<string>();
  private closed = false;

  constructor(streams: readonly Readable[], private readonly now: () => number) {
    for (const stream of streams) this.read(stream);
  }

  /** Resolves once everything written for this request has been read. */
  complete(requestId: string): Promise<void> {
    if (this.marks.delete(requestId) || this.closed) return Promise.resolve();
    return new Promise((resolve) => { this.waiters.set(requestId, resolve); });
  }

  /** The lines since the last time, which are then forgotten. */
  take(): LogLine[] {
    return this.lines.splice(0);
  }

  /** The process is gone and everything read: no mark will come any more. */
  close(): void {
    this.closed = true;
    for (const waiter of this.waiters.values()) waiter();
    this.waiters.clear();
  }

  private read(stream: Readable): void {
    const decoder = new StringDecoder('utf8');
    let rest = '';
    stream.on('data', (chunk: Buffer) => {
      const lines = (rest + decoder.write(chunk)).split('\n');
      rest = lines.pop()!;
      for (const line of lines) this.line(line);
    });
    stream.on('end', () => {
      if (rest !== '') this.line(rest);
    });
  }

  private line(line: string): void {
    // Somebody may have written without a line break before the mark.
    const mark = line.indexOf('\0');
    const text = mark < 0 ? line : line.slice(0, mark);
    if (text !== '') this.lines.push({ time: this.now(), message: text });
    if (mark < 0) return;
    const requestId = line.slice(mark + 1);
    const waiter = this.waiters.get(requestId);
    this.waiters.delete(requestId);
    if (waiter !== undefined) waiter();
    else this.marks.add(requestId);
  }
}
