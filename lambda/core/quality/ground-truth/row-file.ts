import { DocumentError } from '../../errors';
import { JoinRow } from './records';

/** A row with the time of its answer, or of its label's collection; milliseconds since the epoch. */
export interface TimedRow extends Required<JoinRow> {
  readonly time: number;
}

/** "cmq1" */
const MAGIC = 0x636d7131;
const HEADER_BYTES = 8;
const ROW_BYTES = 40;

/** Rows of a file of so many bytes. */
export function rowsInFile(bytes: number): number {
  return Math.max(0, Math.floor((bytes - HEADER_BYTES) / ROW_BYTES));
}

/** Collects rows for one file: a header, then 40 bytes a row, little-endian. Nothing in it tells whose row it is. */
export class RowFileWriter {
  private view: DataView;
  public rows = 0;

  public constructor(private readonly most: number) {
    this.view = new DataView(new ArrayBuffer(HEADER_BYTES + ROW_BYTES * Math.min(most, 1024)));
    this.view.setUint32(0, MAGIC);
  }

  public get isFull(): boolean {
    return this.rows >= this.most;
  }

  public add({ key, value, facets = 0 }: JoinRow, time: number): void {
    let at = HEADER_BYTES + ROW_BYTES * this.rows++;
    if (at === this.view.byteLength) this.grow();
    for (const word of key) {
      this.view.setUint32(at, word, true);
      at += 4;
    }
    this.view.setFloat64(at, value, true);
    this.view.setFloat64(at + 8, time, true);
    this.view.setUint32(at + 16, facets, true);
  }

  /** The file of the rows so far; further rows begin a new one. */
  public take(): Uint8Array {
    const file = new Uint8Array(this.view.buffer.slice(0, HEADER_BYTES + ROW_BYTES * this.rows));
    this.rows = 0;
    return file;
  }

  private grow(): void {
    const larger = new Uint8Array(HEADER_BYTES + ROW_BYTES * Math.min(this.most, 2 * this.rows));
    larger.set(new Uint8Array(this.view.buffer));
    this.view = new DataView(larger.buffer);
  }
}

/** The rows of a file; `where` names it in the error about one that was damaged. */
export function* readRowFile(file: Uint8Array, where: string): Iterable<TimedRow> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.byteLength < HEADER_BYTES || view.getUint32(0) !== MAGIC || (file.byteLength - HEADER_BYTES) % ROW_BYTES !== 0) {
    throw new DocumentError(where, 'is no complete file of rows; delete it, and the next run makes it again');
  }
  for (let at = HEADER_BYTES; at < file.byteLength; at += ROW_BYTES) {
    yield {
      key: Uint32Array.of(view.getUint32(at, true), view.getUint32(at + 4, true), view.getUint32(at + 8, true), view.getUint32(at + 12, true)),
      value: view.getFloat64(at + 16, true),
      time: view.getFloat64(at + 24, true),
      facets: view.getUint32(at + 32, true),
    };
  }
}
