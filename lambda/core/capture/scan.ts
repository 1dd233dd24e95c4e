import { Accumulator } from '../statistics/accumulator';
import { Layout, Value } from '../statistics/column';
import { RejectReason } from '../statistics/rejects';
import { LineRange, ownedLines } from './lines';
import { PayloadRow, payloadRows } from './payload';
import { CapturedRecord, parseRecord } from './record';
import { featureValues, isHeader, PredictionPlace, predictionValue } from './rows';

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
}

/** Counts a capture file. A record counts whole or not at all; one that cannot be read is counted as rejected, with its reason and place. */
export async function scanCapture(options: ScanOptions): Promise<Accumulator> {
  const { object } = options;
  const range = { start: object.start ?? 0, end: object.end };
  const accumulator = new Accumulator(options.layout);
  const counter = new RecordCounter(accumulator, options);
  let end = range.start;
  const bytes = tracked(options.bytes, (length) => { end += length; });
  for await (const line of ownedLines(bytes, range)) {
    const reason = line.bytes ? counter.line(line.bytes) : 'line-too-long';
    if (reason) accumulator.rejects.add(reason, { object: object.key, offset: line.offset });
  }
  accumulator.addObject({ key: object.key, version: object.version, start: range.start, end: range.end ?? end - (range.start > 0 ? 1 : 0) });
  return accumulator;
}

async function* tracked(bytes: AsyncIterable<Uint8Array>, read: (length: number) => void): AsyncIterable<Uint8Array> {
  for await (const chunk of bytes) {
    read(chunk.length);
    yield chunk;
  }
}

/** Counts records one by one, by parsing them whole: the reference for every faster way. */
export class RecordCounter {
  private readonly names: readonly string[];
  private readonly decoder = new TextDecoder('utf-8', { fatal: true });

  public constructor(private readonly accumulator: Accumulator, private readonly options: Pick<ScanOptions, 'prediction' | 'since' | 'predictionsSince'>) {
    this.names = accumulator.layout.columns.slice(0, -1).map(({ name }) => name);
  }

  /** Counts one line; the reason if it was rejected. */
  public line(bytes: Uint8Array): RejectReason | undefined {
    let text: string;
    try {
      text = this.decoder.decode(bytes);
    } catch {
      return 'not-utf8';
    }
    if (text.trim() === '') return undefined;
    const record = parseRecord(text);
    return typeof record === 'string' ? record : this.record(record);
  }

  private record(record: CapturedRecord): RejectReason | undefined {
    const { since, predictionsSince } = this.options;
    if (since && record.inferenceTime < since.getTime()) return undefined;
    const inputs = this.inputs(record);
    if (typeof inputs === 'string') return inputs;
    const answers = predictionsSince && record.inferenceTime < predictionsSince.getTime() ? [] : this.answers(record, inputs.length);
    if (typeof answers === 'string') return answers;

    const { accumulator } = this;
    const cell = accumulator.cellAt(record.inferenceTime);
    for (const row of inputs) {
      for (let i = 0; i < row.length; i++) accumulator.add(i, row[i], cell);
    }
    for (const answer of answers) accumulator.add(this.names.length, answer, cell);
    accumulator.rows += inputs.length;
    return undefined;
  }

  private inputs({ input }: CapturedRecord): ReadonlyArray<readonly Value[]> | RejectReason {
    if (!input) return 'no-input';
    const rows = payloadRows(input);
    if (typeof rows === 'string') return rows;
    const inputs: Array<readonly Value[]> = [];
    for (const row of rows) {
      if (inputs.length === 0 && isHeader(row, this.names)) continue;
      const values = featureValues(row, this.names);
      if (typeof values === 'string') return values;
      inputs.push(values);
    }
    return inputs.length === 0 ? 'no-input' : inputs;
  }

  private answers({ output }: CapturedRecord, requested: number): readonly Value[] | RejectReason {
    if (!output) return [];
    const rows = payloadRows(output);
    if (typeof rows === 'string') return rows;
    const answers: Value[] = [];
    for (const row of scoreRows(rows, requested)) {
      const answer = predictionValue(row, this.options.prediction ?? {});
      if (typeof answer === 'string') return answer;
      answers.push(answer.value);
    }
    return answers;
  }
}

/** One line of as many values as the request had rows, such as XGBoost's `0.2,0.7`, is one score for each row. */
function scoreRows(rows: readonly PayloadRow[], requested: number): readonly PayloadRow[] {
  const only = rows.length === 1 ? rows[0]! : undefined;
  return requested > 1 && Array.isArray(only) && only.length === requested ? (only as readonly Value[]).map((value) => [value]) : rows;
}
