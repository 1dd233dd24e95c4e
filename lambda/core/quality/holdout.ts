import { RowBatch, RowSource } from '../baseline/rows';
import { DocumentError } from '../errors';
import { FacetReader, FacetRule } from './ground-truth/facets';
import { addFacetTallies, FacetTally, tallyFacets } from './ground-truth/window-bias';

export interface HoldoutAnswers {
  /** Parts of the hold-out, in their order; all have the same columns. */
  readonly holdout: readonly RowSource[];
  /** `label,score`, a line for each row of the hold-out, in the same order. */
  readonly predictions: RowSource;
  /** The column of the label, 1 or 0. */
  readonly label: string;
  readonly facets: readonly FacetRule[];
  /** The score from which on an answer is positive. */
  readonly threshold: number;
}

/**
 * Counts a model's answers on the hold-out by group. The groups and what is true are read from the hold-out itself; of the project's file only
 * the scores count, and its labels must be those of the hold-out, row by row: a file of other rows, or in another order, is refused.
 */
export async function tallyHoldout(answers: HoldoutAnswers): Promise<FacetTally[]> {
  const scores = scoresOf(answers.predictions);
  try {
    return await tallyAgainst(scores, answers);
  } finally {
    // Closes the file where the hold-out ends first.
    await scores.return(undefined);
  }
}

type Scores = AsyncGenerator<{ readonly line: number; readonly label: number | undefined; readonly score: number }, undefined>;

async function tallyAgainst(scores: Scores, { holdout, predictions, label, facets, threshold }: HoldoutAnswers): Promise<FacetTally[]> {
  let tallies = tallyFacets([], facets.length);
  let rows = 0;
  for await (const batch of batchesOf(holdout)) {
    const reader = readerOf(facets, batch.columns);
    const labelled = columnOf(batch, label, 'the hold-out');
    const answers = [];
    for (const row of batch.rows) {
      const answer = await scores.next();
      if (answer.done) throw new DocumentError(predictions.name, `it has ${rows} rows, the hold-out more; \`evaluate\` must write a line for each row of the hold-out, in its order`);
      rows++;
      const actual = binary(row[labelled]);
      if (actual === undefined) throw new DocumentError('the hold-out', `a label in column ${label} is neither 0 nor 1, which bias is judged by; leave the limits of bias out`);
      if (actual !== answer.value.label) {
        throw new DocumentError(predictions.name, `line ${answer.value.line} has another label than the row of the hold-out in its place;`
          + ' `evaluate` must write a line for each row of the hold-out, in its order');
      }
      answers.push({ score: answer.value.score, label: actual, facets: reader.read(row) });
    }
    tallies = addFacetTallies(tallies, tallyFacets(answers, facets.length, threshold));
  }
  if (!(await scores.next()).done) {
    throw new DocumentError(predictions.name, `it has more rows than the ${rows} of the hold-out; \`evaluate\` must write a line for each row of the hold-out, in its order`);
  }
  return tallies;
}

async function* batchesOf(sources: readonly RowSource[]): AsyncIterable<RowBatch> {
  for (const source of sources) yield* source.read();
}

async function* scoresOf(predictions: RowSource): Scores {
  for await (const batch of predictions.read()) {
    const [label, score] = [columnOf(batch, 'label', predictions.name), columnOf(batch, 'score', predictions.name)];
    for (const [i, row] of batch.rows.entries()) {
      const value = row[score]!.trim() === '' ? NaN : Number(row[score]);
      if (!Number.isFinite(value)) throw new DocumentError(predictions.name, `line ${batch.lines[i]!} has no number for a score; write one for each row`);
      yield { line: batch.lines[i]!, label: binary(row[label]), score: value };
    }
  }
  return undefined;
}

function readerOf(facets: readonly FacetRule[], columns: readonly string[]): FacetReader {
  const unknown = facets.find(({ feature }) => !columns.includes(feature));
  if (unknown) throw new DocumentError('the hold-out', `it has no column ${unknown.feature} to tell groups by, only ${columns.join(', ')}; name one of them in the facet`);
  return new FacetReader(facets, columns);
}

function columnOf({ columns }: RowBatch, name: string, where: string): number {
  const place = columns.indexOf(name);
  if (place < 0) throw new DocumentError(where, `it has no column ${name}, only ${columns.join(', ')}`);
  return place;
}

/** As projects write it: 0, 1, 0.0, true. */
function binary(text: string | undefined): number | undefined {
  switch (text?.trim().toLowerCase()) {
    case '0': case '0.0': case 'false': return 0;
    case '1': case '1.0': case 'true': return 1;
    default: return undefined;
  }
}
