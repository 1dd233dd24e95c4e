import { LineSplitter } from '../../capture/lines';
import { parseRecord } from '../../capture/record';
import { PredictionPlace } from '../../capture/rows';
import { RejectReason } from '../../statistics/rejects';
import { FacetReader } from './facets';
import { JoinRow, labelRows, predictionRows } from './records';

/** The rows of a line and their time, or why the line was rejected. */
export type RowsOfLine = (line: string) => { readonly rows: readonly JoinRow[]; readonly time: number } | RejectReason;

/** Reads captured answers. */
export function answerLines(place: PredictionPlace = {}, facets?: FacetReader): RowsOfLine {
  return (line) => {
    const record = parseRecord(line);
    if (typeof record === 'string') return record;
    const rows = predictionRows(record, place, facets);
    return typeof rows === 'string' ? rows : { rows, time: record.inferenceTime };
  };
}

/** Reads ground truth that was collected at a time. */
export function labelLines(collectedAt: number): RowsOfLine {
  return (line) => {
    const rows = labelRows(line);
    return typeof rows === 'string' ? rows : { rows, time: collectedAt };
  };
}

/** A line that a parser fails on is rejected like any other that cannot be read. */
function reading(rowsOf: RowsOfLine, line: string): ReturnType<RowsOfLine> {
  try {
    return rowsOf(line);
  } catch {
    return 'unreadable';
  }
}

/** A row as it was read. */
export interface ReadRow {
  readonly row: JoinRow;
  readonly time: number;
}

/** The rows of a file's lines, chunk by chunk. Empty lines are none; a line that cannot be read is told by its offset. */
export async function* rowsOfLines(
  bytes: AsyncIterable<Uint8Array>, rowsOf: RowsOfLine, reject: (reason: RejectReason, offset: number) => void,
): AsyncIterable<readonly ReadRow[]> {
  let found: ReadRow[] = [];
  const lines = new LineSplitter({ start: 0 }, (line, from, to, offset) => {
    if (!line) return reject('line-too-long', offset);
    const text = Buffer.from(line.buffer, line.byteOffset + from, to - from).toString('utf8').trim();
    if (text === '') return undefined;
    const read = reading(rowsOf, text);
    if (typeof read === 'string') return reject(read, offset);
    for (const row of read.rows) found.push({ row, time: read.time });
  });
  for await (const chunk of bytes) {
    lines.push(chunk);
    yield found;
    found = [];
  }
  lines.close();
  yield found;
}
