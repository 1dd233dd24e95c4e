import { requestLine } from '../baseline/request-line';
import { RowBatch, RowSource } from '../baseline/rows';
import { DocumentError } from '../errors';
import { readAnswers } from './answer-lines';
import { HoldoutPart } from './holdout';

export const ANSWERED_COLUMNS = { time: 'time', score: 'score' } as const;

/** The times of rows and a model's answers to them, as a table of its own. */
export function answeredRows(part: HoldoutPart, time: string, notFeatures: ReadonlySet<string>): RowSource {
  let answers: Promise<Float64Array> | undefined;
  async function* read(): AsyncIterable<RowBatch> {
    answers ??= countAsked(part.rows, notFeatures).then((asked) => readAnswers(part.answers, asked));
    const scores = await answers;
    let at = 0;
    for await (const { columns, lines, rows } of part.rows.read()) {
      const place = columns.indexOf(time);
      if (place < 0) throw new DocumentError(part.rows.name, `it has no column ${time}, only ${columns.join(', ')}`);
      const asked = rows.flatMap((fields, i) => (requestLine(columns, fields, notFeatures) === undefined ? [] : [i]));
      yield {
        columns: [ANSWERED_COLUMNS.time, ANSWERED_COLUMNS.score], lines: asked.map((i) => lines[i]!),
        rows: asked.map((i) => [rows[i]![place]!, String(scores[at++]!)]),
      };
    }
  }
  return { name: part.answers.name, read };
}

async function countAsked(source: RowSource, notFeatures: ReadonlySet<string>): Promise<number> {
  let asked = 0;
  for await (const { columns, rows } of source.read()) for (const fields of rows) if (requestLine(columns, fields, notFeatures) !== undefined) asked++;
  return asked;
}
