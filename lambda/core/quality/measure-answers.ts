import { DocumentError } from '../errors';
import { Evaluation, MetricValue } from '../policy/evaluation';
import { seededRandom } from '../random';
import { classificationMetrics } from './classification';
import { binaryLabel } from './holdout';
import { parseDecimal } from '../statistics/column';

export type AnswerTask = 'binary-classification' | 'regression';

export interface Answers {
  readonly task: AnswerTask;
  /** Labels of the hold-out as the data writes them. */
  readonly labels: readonly string[];
  /** The model's answers to its rows. */
  readonly scores: Float64Array;
  /** Column of the labels, for messages. */
  readonly column: string;
}

/** Resamples of the hold-out, of which the standard errors are taken. */
const REPLICATES = 200;
const SEED = 20010201;
/** Scores of 0 and 1 would cost infinitely much where they are wrong. */
const SMALLEST = 1e-15;

/**
 * The metrics of a model's answers, each with its values on bootstrap resamples of the rows (Efron and Tibshirani 1993). The resamples depend
 * on the number of rows only, so two models that answered the same hold-out share them, and their metrics can be compared pair by pair.
 */
export function measureAnswers({ task, labels, scores, column }: Answers): Evaluation {
  if (labels.length === 0) throw new DocumentError('the hold-out', 'it has no rows that a model could be asked; hold more data out');
  const measure = task === 'regression' ? regression(actualNumbers(labels, column), scores) : classification(actualClasses(labels, column), checkedScores(scores));
  const rows = labels.length;
  const values = measure(new Uint32Array(rows).fill(1));
  const replicates: Array<Record<string, number>> = [];
  const random = seededRandom(SEED);
  const weights = new Uint32Array(rows);
  for (let replicate = 0; replicate < REPLICATES; replicate++) {
    weights.fill(0);
    for (let draw = 0; draw < rows; draw++) weights[Math.floor(random() * rows)]!++;
    replicates.push(measure(weights));
  }
  const metrics = Object.fromEntries(Object.entries(values).map(([name, value]): [string, MetricValue] => {
    const resampled = replicates.map((each) => each[name]!);
    return [name, { value, standardDeviation: deviation(resampled), replicates: resampled }];
  }));
  return { metrics, rows };
}

/** Metrics of rows that each count so many times. */
type Measure = (weights: Uint32Array) => Record<string, number>;

function classification(positive: Uint8Array, scores: Float64Array): Measure {
  const order = Uint32Array.from(scores.keys()).sort((a, b) => scores[a]! - scores[b]!);
  const losses = scores.map((score, i) => {
    const p = Math.min(1 - SMALLEST, Math.max(SMALLEST, score));
    return -Math.log(positive[i] ? p : 1 - p);
  });
  return (weights) => {
    let [tp, fp, tn, fn, loss, squares, rows] = [0, 0, 0, 0, 0, 0, 0];
    for (let i = 0; i < scores.length; i++) {
      const weight = weights[i]!;
      if (weight === 0) continue;
      rows += weight;
      loss += weight * losses[i]!;
      squares += weight * (scores[i]! - positive[i]!) ** 2;
      if (scores[i]! >= 0.5) {
        if (positive[i]) tp += weight;
        else fp += weight;
      } else if (positive[i]) fn += weight;
      else tn += weight;
    }
    const { accuracy, precision, recall, f1 } = classificationMetrics({ truePositives: tp, falsePositives: fp, trueNegatives: tn, falseNegatives: fn });
    return { auc: area(order, positive, scores, weights), log_loss: loss / rows, brier: squares / rows, accuracy, precision, recall, f1 };
  };
}

/** The chance that a positive row is ranked above a negative one, ties counting half (Mann-Whitney); one half where a class is absent. */
function area(order: Uint32Array, positive: Uint8Array, scores: Float64Array, weights: Uint32Array): number {
  let [below, above, positives] = [0, 0, 0];
  for (let i = 0; i < order.length;) {
    const score = scores[order[i]!]!;
    let [tiedPositives, tiedNegatives] = [0, 0];
    for (; i < order.length && scores[order[i]!] === score; i++) {
      if (positive[order[i]!]) tiedPositives += weights[order[i]!]!;
      else tiedNegatives += weights[order[i]!]!;
    }
    above += tiedPositives * (2 * below + tiedNegatives);
    below += tiedNegatives;
    positives += tiedPositives;
  }
  return below === 0 || positives === 0 ? 0.5 : above / (2 * below * positives);
}

function regression(actual: Float64Array, scores: Float64Array): Measure {
  return (weights) => {
    let [absolute, squares, rows, mean, variation] = [0, 0, 0, 0, 0];
    for (let i = 0; i < scores.length; i++) {
      const weight = weights[i]!;
      if (weight === 0) continue;
      const error = scores[i]! - actual[i]!;
      absolute += weight * Math.abs(error);
      squares += weight * error * error;
      rows += weight;
      // West's weighted update: a sum about the running mean, which does not cancel.
      const apart = actual[i]! - mean;
      mean += (apart * weight) / rows;
      variation += weight * apart * (actual[i]! - mean);
    }
    const mse = squares / rows;
    return { mae: absolute / rows, mse, rmse: Math.sqrt(mse), ...(variation > 0 ? { r2: 1 - squares / variation } : { r2: squares === 0 ? 1 : 0 }) };
  };
}

function actualClasses(labels: readonly string[], column: string): Uint8Array {
  const classes = Uint8Array.from(labels, (label) => binaryLabel(label, column));
  const positives = classes.reduce((sum, each) => sum + each, 0);
  if (positives === 0 || positives === classes.length) {
    throw new DocumentError('the hold-out', `all ${classes.length} rows have the label ${positives === 0 ? 0 : 1} in column ${column}, so no metric of a classifier means anything;`
      + ' hold more data out, or wait for rows of the other class');
  }
  return classes;
}

function checkedScores(scores: Float64Array): Float64Array {
  const outside = scores.reduce((count, score) => count + Number(score < 0 || score > 1), 0);
  if (outside > 0) {
    throw new DocumentError('the answers', `${outside} of ${scores.length} are not from 0 to 1; \`serve\` must answer with the probability of label 1, not with per cent, a class name or log-odds`);
  }
  return scores;
}

function actualNumbers(labels: readonly string[], column: string): Float64Array {
  const values = Float64Array.from(labels, (label) => parseDecimal(label));
  const odd = values.reduce((count, value) => count + Number(!Number.isFinite(value)), 0);
  if (odd > 0) throw new DocumentError('the hold-out', `${odd} of ${values.length} labels in column ${column} are not finite numbers, which the metrics of regressions need; correct them in the data`);
  return values;
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}
