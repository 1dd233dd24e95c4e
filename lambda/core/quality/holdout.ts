import { ObjectSource, RowBatch, RowSource } from '../baseline/rows';
import { requestLine } from '../baseline/request-line';
import { DocumentError } from '../errors';
import { readAnswers } from './answer-lines';
import { FacetReader, FacetRule } from './ground-truth/facets';
import { addFacetTallies, FacetTally, tallyFacets } from './ground-truth/window-bias';

/** One part of the hold-out: all columns, and a model's answers to its features. */
export interface HoldoutPart {
  readonly rows: RowSource;
  readonly answers: ObjectSource;
}

export interface HoldoutOptions {
  /** In their order; all have the same columns. */
  readonly parts: readonly HoldoutPart[];
  /** The column of the label. */
  readonly label: string;
  /** Columns that the model is not asked by: label, time and ignored ones. */
  readonly notFeatures: ReadonlySet<string>;
  /** Groups whose answers are counted apart. */
  readonly facets?: readonly FacetRule[];
  /** The score from which on an answer is positive, for the groups. */
  readonly threshold?: number;
}

/** What is true and what the model says, row by row in the order of the hold-out. */
export interface AnsweredHoldout {
  /** Labels as the data writes them, trimmed. */
  readonly labels: readonly string[];
  readonly scores: Float64Array;
  readonly tallies: readonly FacetTally[];
}

/**
 * Joins the hold-out with a model's answers by position. Labels and groups come from the hold-out, which no model and no project sees;
 * of the model come its answers only, and their number must be that of the rows it was asked.
 */
export async function answeredHoldout({ parts, label, notFeatures, facets = [], threshold }: HoldoutOptions): Promise<AnsweredHoldout> {
  const labels: string[] = [];
  const scores: Float64Array[] = [];
  let tallies = tallyFacets([], facets.length);
  for (const part of parts) {
    const asked: Array<{ label: string; facets: number }> = [];
    for await (const batch of part.rows.read()) {
      const reader = facets.length > 0 ? readerOf(facets, batch.columns) : undefined;
      const labelled = columnOf(batch, label);
      for (const row of batch.rows) {
        if (requestLine(batch.columns, row, notFeatures) === undefined) continue;
        asked.push({ label: row[labelled]!.trim(), facets: reader?.read(row) ?? 0 });
      }
    }
    const answers = await readAnswers(part.answers, asked.length);
    for (const row of asked) labels.push(row.label);
    scores.push(answers);
    if (facets.length > 0) {
      tallies = addFacetTallies(tallies, tallyFacets(asked.map((row, i) => ({ score: answers[i]!, label: binaryLabel(row.label, label), facets: row.facets })), facets.length, threshold));
    }
  }
  return { labels, scores: concatenated(scores), tallies };
}

/** The class that a label names, as projects write it: 0, 1, 0.0, true. */
export function binaryLabel(text: string, column: string): 0 | 1 {
  switch (text.toLowerCase()) {
    case '0': case '0.0': case 'false': return 0;
    case '1': case '1.0': case 'true': return 1;
    default: throw new DocumentError('the hold-out', `a label in column ${column} is neither 0 nor 1, as the metrics of classifiers and the limits of bias need it;`
      + ' write 1 for the class that the score is about, or judge by a metric of regressions, such as rmse, or by one of your own');
  }
}

function concatenated(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function readerOf(facets: readonly FacetRule[], columns: readonly string[]): FacetReader {
  const unknown = facets.find(({ feature }) => !columns.includes(feature));
  if (unknown) throw new DocumentError('the hold-out', `it has no column ${unknown.feature} to tell groups by, only ${columns.join(', ')}; name one of them in the facet`);
  return new FacetReader(facets, columns);
}

function columnOf({ columns }: RowBatch, name: string): number {
  const place = columns.indexOf(name);
  if (place < 0) throw new DocumentError('the hold-out', `it has no column ${name}, only ${columns.join(', ')}`);
  return place;
}
