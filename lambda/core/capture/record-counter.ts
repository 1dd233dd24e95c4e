import { LIMITS } from '../limits';
import { Accumulator } from '../statistics/accumulator';
import { Value } from '../statistics/column';
import { RejectReason } from '../statistics/rejects';
import { answersOf } from './answers';
import { payloadRows } from './payload';
import { CapturedRecord, parseRecord } from './record';
import { featureValues, isHeader, PredictionPlace } from './rows';

export interface RecordOptions {
  readonly prediction?: PredictionPlace;
  readonly since?: Date;
  readonly predictionsSince?: Date;
}

/** Counts records one by one, by parsing them whole: the reference for every faster way. */
export class RecordCounter {
  private readonly names: readonly string[];
  private readonly decoder = new TextDecoder('utf-8', { fatal: true });

  public constructor(private readonly accumulator: Accumulator, private readonly options: RecordOptions) {
    this.names = accumulator.layout.columns.slice(0, -1).map(({ name }) => name);
  }

  /** Reads one line; the reason if it is to be rejected, undefined if it is blank. */
  public read(bytes: Uint8Array): CapturedRecord | RejectReason | undefined {
    let text: string;
    try {
      text = this.decoder.decode(bytes);
    } catch {
      return 'not-utf8';
    }
    return text.trim() === '' ? undefined : parseRecord(text);
  }

  /** Counts a record; the reason if it was rejected. */
  public count(record: CapturedRecord): RejectReason | undefined {
    const { since, predictionsSince } = this.options;
    if (since && record.inferenceTime < since.getTime()) return undefined;
    const inputs = this.inputs(record);
    if (typeof inputs === 'string') return inputs;
    const answers = predictionsSince && record.inferenceTime < predictionsSince.getTime() ? [] : answersOf(record.output, inputs.length, this.options.prediction ?? {});
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
      if ((inputs.length + 1) * this.names.length > LIMITS.payloadValues) return 'too-many-values';
      inputs.push(values);
    }
    return inputs.length === 0 ? 'no-input' : inputs;
  }
}
