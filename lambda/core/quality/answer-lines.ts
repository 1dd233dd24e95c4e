import { textChunks } from '../baseline/text-chunks';
import { DocumentError } from '../errors';
import { ObjectSource } from '../baseline/rows';
import { parseDecimal } from '../statistics/column';

/**
 * What a batch transform left of the answers of one object: a number a row. A server answers a line a row, of which the first value is the
 * score, or, as XGBoost does, a line a request with a value a row. Empty lines are none: how SageMaker joins answers that end with a line
 * end and those that do not is not documented alike.
 */
export async function readAnswers(object: ObjectSource, rows: number): Promise<Float64Array> {
  const first: number[] = [];
  const all: number[] = [];
  let lines = 0;
  let wrong: string | undefined;
  for await (const { text, firstLine } of textChunks(object.name, object.open())) {
    let at = firstLine;
    for (const line of text.split('\n')) {
      const answer = line.trim();
      const here = at++;
      if (answer === '') continue;
      lines++;
      // More than were asked for is wrong in any case: it need not be kept.
      if (lines > rows || all.length > MOST_VALUES * rows) continue;
      const values = answer.split(',').map((value) => (value.trim() === '' ? NaN : parseDecimal(value)));
      if (values.some((value) => !Number.isFinite(value))) wrong ??= `line ${here} holds something that is not a finite number`;
      first.push(values[0]!);
      for (const value of values) all.push(value);
    }
  }
  const fits = lines === rows ? first : lines < rows && all.length === rows ? all : undefined;
  if (!fits) {
    throw new DocumentError(object.name, `the model gave ${lines} ${lines === 1 ? 'answer' : 'answers'} to ${rows} rows; \`serve\` must answer every line of a request with one line, in the same order`);
  }
  if (wrong !== undefined) throw new DocumentError(object.name, `${wrong}; \`serve\` must answer every line of a request with a number`);
  return Float64Array.from(fits);
}

/** Values on a line beyond which they are no scores of rows, classes or a request. */
const MOST_VALUES = 1000;
