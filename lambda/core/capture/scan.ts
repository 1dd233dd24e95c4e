import { Accumulator } from '../statistics/accumulator';
import { Layout } from '../statistics/column';
import { LineCounter, ScanAudit } from './line-counter';
import { firstByte, LineRange, LineSplitter } from './lines';
import { PredictionPlace } from './rows';

/** A stored capture file, or a range of it. */
export interface CaptureObject extends Partial<LineRange> {
  readonly key: string;
  /** The version id or ETag that was read. */
  readonly version: string;
}

export interface ScanOptions {
  readonly layout: Layout;
  readonly object: CaptureObject;
  /** The decompressed bytes from `firstByte(object)` on. */
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly prediction?: PredictionPlace;
  /** Records made earlier are left out. */
  readonly since?: Date;
  /** Answers given earlier are left out: they are another model's. */
  readonly predictionsSince?: Date;
  /** Told at the end how the fast path fared. */
  readonly onAudit?: (audit: ScanAudit) => void;
}

/** Counts a capture file. A record counts whole or not at all; one that cannot be read is counted as rejected, with its reason and place. */
export async function scanCapture(options: ScanOptions): Promise<Accumulator> {
  const { object } = options;
  const range = { start: object.start ?? 0, end: object.end };
  const accumulator = new Accumulator(options.layout);
  const counter = new LineCounter(accumulator, options);
  const lines = new LineSplitter(range, (bytes, from, to, offset) => {
    const reason = bytes ? counter.count(bytes, from, to) : 'line-too-long';
    if (reason) accumulator.rejects.add(reason, { object: object.key, offset });
  });
  let end = firstByte(range);
  for await (const chunk of options.bytes) {
    end += chunk.length;
    if (!lines.push(chunk)) break;
  }
  lines.close();
  counter.finish();
  accumulator.addObject({ key: object.key, version: object.version, start: range.start, end: range.end ?? end });
  options.onAudit?.(counter.audit);
  return accumulator;
}
