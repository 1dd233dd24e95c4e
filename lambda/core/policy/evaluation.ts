import { DocumentError } from '../errors';

/** A metric of a model on a hold-out, with its scores on bootstrap resamples of the hold-out. */
export interface MetricValue {
  readonly value: number;
  readonly standardDeviation?: number;
  /** The i-th replicate of every model is scored on the same i-th resample, so that differences can be taken pair by pair. */
  readonly replicates?: readonly number[];
}

/** What the `evaluate` command of a model project wrote. */
export interface Evaluation {
  readonly metrics: Readonly<Record<string, MetricValue>>;
  readonly rows: number;
}

interface EvaluationDocument {
  readonly metrics?: unknown;
  readonly rows?: unknown;
}

/**
 * Reads `evaluation.json`: `{ "metrics": { "auc": { "value": 0.61, "standard_deviation": 0.004, "replicates": [..] } }, "rows": 12000 }`.
 * Python writes NaN and Infinity, which are not JSON; they are named as what they are.
 */
export function parseEvaluation(json: string, where: string): Evaluation {
  let document: EvaluationDocument;
  try {
    document = JSON.parse(json) as EvaluationDocument;
  } catch {
    const odd = /[:[,\s](NaN|-?Infinity)\b/.exec(json)?.[1];
    throw new DocumentError(where, odd === undefined
      ? 'not JSON; `evaluate` must write one JSON object'
      : `holds ${odd}, which is not a number JSON knows; \`evaluate\` must write finite numbers, and fail where a metric cannot be computed`);
  }
  const { metrics, rows } = isObject(document) ? document : {};
  if (!isObject(metrics)) throw new DocumentError(where, 'has no object "metrics"; write {"metrics": {"auc": {"value": 0.61}}, "rows": 12000}');
  if (typeof rows !== 'number' || !(rows > 0)) {
    throw new DocumentError(where, `"rows" is ${show(rows)}; write the number of rows of the hold-out, at least 1`);
  }
  return { metrics: Object.fromEntries(Object.entries(metrics).map(([name, metric]) => [name, metricValue(where, name, metric)])), rows };
}

/** A metric by name; an error that lists what there is if it is missing. */
export function metricOf(evaluation: Evaluation, metric: string, where: string): MetricValue {
  const found = Object.hasOwn(evaluation.metrics, metric) ? evaluation.metrics[metric] : undefined;
  if (found) return found;
  const names = Object.keys(evaluation.metrics).join(', ') || 'none';
  throw new DocumentError(where, `no metric ${metric}; it holds ${names}. write it in \`evaluate\`, or judge by one that is there`);
}

function metricValue(where: string, name: string, metric: unknown): MetricValue {
  const { value, standard_deviation: deviation, replicates } = isObject(metric) ? metric : { value: metric };
  if (!isFinite(value)) throw new DocumentError(where, `metric ${name} is ${show(value)}; write a finite number as "value"`);
  if (deviation !== undefined && deviation !== null && !(isFinite(deviation) && deviation >= 0)) {
    throw new DocumentError(where, `the standard_deviation of metric ${name} is ${show(deviation)}; write a number not below 0, or leave it out`);
  }
  if (replicates !== undefined && !(Array.isArray(replicates) && replicates.every(isFinite))) {
    throw new DocumentError(where, `the replicates of metric ${name} are not a list of finite numbers; leave out resamples on which it cannot be computed for every model alike`);
  }
  return {
    value,
    ...(isFinite(deviation) && { standardDeviation: deviation }),
    ...(Array.isArray(replicates) && { replicates: replicates as number[] }),
  };
}

function isFinite(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value) ?? String(value);
}
