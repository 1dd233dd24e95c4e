import { DocumentError } from '../errors';
import { OffsetScale } from '../statistics/bins';
import { Baseline, BaselineColumn, featuresOf, predictionOf } from './baseline';
import { ColumnDocument, columnDocument, columnFromDocument, hashBaseline } from './identity';

/**
 * The baseline as SageMaker Model Monitor's `statistics.json` and `constraints.json`, so that tools made for those files read them.
 * The exact bins travel in the place the format leaves for own statistics.
 */
export interface BaselineDocuments {
  readonly statistics: string;
  readonly constraints: string;
  readonly hash: string;
}

const OWN = 'cdk_mlops';
const VERSION = 1;

interface OwnDataset {
  readonly version: number;
  readonly hash: string;
  readonly window: Baseline['window'];
  readonly prediction: ColumnDocument;
}

export function serializeBaseline(baseline: Baseline): BaselineDocuments {
  const own: OwnDataset = { version: VERSION, hash: baseline.hash, window: baseline.window, prediction: columnDocument(predictionOf(baseline)) };
  const statistics = {
    version: 0,
    dataset: { item_count: baseline.rows },
    features: featuresOf(baseline).map(featureStatistics),
    [OWN]: own,
  };
  return { statistics: JSON.stringify(statistics), constraints: JSON.stringify(constraintsOf(baseline), undefined, 2), hash: baseline.hash };
}

/** Whether a `statistics.json` was written by us, exact bins and all. */
export function isOwnDocument(statistics: string): boolean {
  try {
    return (JSON.parse(statistics) as { [OWN]?: unknown } | null)?.[OWN] !== undefined;
  } catch {
    return false;
  }
}

export function parseBaseline(statistics: string): Baseline {
  const document = 'statistics.json';
  let parsed: { dataset?: { item_count?: number }; features?: Array<Record<string, unknown>>; [OWN]?: OwnDataset };
  try {
    parsed = JSON.parse(statistics) as typeof parsed;
  } catch {
    throw new DocumentError(document, 'not JSON; build the baseline again');
  }
  const own = parsed[OWN];
  if (!own) throw new DocumentError(document, `no ${OWN} block, so it holds no exact bins; import it as Model Monitor's instead: mlops drift import`);
  if (own.version !== VERSION) throw new DocumentError(document, `format ${own.version} of the ${OWN} block, this version reads ${VERSION}; build the baseline again`);
  const columns = [...(parsed.features ?? []).map((feature) => feature[OWN] as ColumnDocument), own.prediction].map(columnFromDocument);
  const rows = parsed.dataset?.item_count ?? 0;
  const hash = hashBaseline({ rows, window: own.window, columns });
  if (hash !== own.hash) throw new DocumentError(document, `its content has hash ${hash} but it names ${own.hash}; it was changed by hand or damaged, build it again`);
  return { hash, cellSeconds: own.window.cellSeconds, rows, window: own.window, columns };
}

function featureStatistics(column: BaselineColumn): Record<string, unknown> {
  const common = { num_present: column.present + column.invalid, num_missing: column.missing };
  const own = { [OWN]: columnDocument(column) };
  if (column.bins.kind === 'nominal') {
    const categories = column.bins.values.map((value, i) => ({ value, count: column.counts[i]! }));
    const distribution = { categorical: { buckets: categories } };
    return { name: column.name, inferred_type: 'String', string_statistics: { common, distinct_count: categories.length, distribution }, ...own };
  }
  return {
    name: column.name,
    inferred_type: column.type === 'integer' ? 'Integral' : 'Fractional',
    numerical_statistics: {
      common,
      mean: column.mean,
      sum: column.mean * column.present,
      std_dev: column.deviation,
      min: column.min,
      max: column.max,
      distribution: { kll: { buckets: tenBuckets(column, column.bins.edges), sketch: sketch(column, column.bins.edges) } },
    },
    ...own,
  };
}

/** Typical value of each filled bin: the mean of what lies in it. */
function binMeans(column: BaselineColumn, edges: Float64Array): Array<{ value: number; count: number }> {
  const scale = new OffsetScale(edges);
  return [...column.counts].map((count, bin) => ({ value: scale.sum(bin, count, column.offsets[bin]!) / count, count })).filter(({ count }) => count > 0);
}

function tenBuckets(column: BaselineColumn, edges: Float64Array): Array<{ lower_bound: number; upper_bound: number; count: number }> {
  const width = (column.max - column.min) / 10;
  const buckets = Array.from({ length: 10 }, (_, i) => ({ lower_bound: column.min + i * width, upper_bound: i === 9 ? column.max : column.min + (i + 1) * width, count: 0 }));
  for (const { value, count } of binMeans(column, edges)) {
    buckets[width > 0 ? Math.max(0, Math.min(9, Math.floor((value - column.min) / width))) : 0]!.count += count;
  }
  return buckets;
}

const SKETCH_SIZE = 2048;

/**
 * A KLL sketch made without chance: level l holds items that stand for 2^l rows each, here equally spaced ranks of the bins; what is left
 * over goes to lower levels.
 */
function sketch(column: BaselineColumn, edges: Float64Array): Record<string, unknown> {
  const top = Math.max(0, Math.ceil(Math.log2(Math.max(1, column.present) / SKETCH_SIZE)));
  const data: number[][] = Array.from({ length: top + 1 }, () => []);
  const weight = 2 ** top;
  let left = 0;
  let value = column.min;
  for (const bin of binMeans(column, edges)) {
    value = bin.value;
    left += bin.count;
    for (; left >= weight; left -= weight) data[top]!.push(value);
  }
  for (let level = top - 1; level >= 0; level--) {
    if (left >= 2 ** level) {
      data[level]!.push(value);
      left -= 2 ** level;
    }
  }
  return { parameters: { c: 0.64, k: SKETCH_SIZE }, data };
}

function constraintsOf(baseline: Baseline): Record<string, unknown> {
  return {
    version: 0,
    features: featuresOf(baseline).map((column) => {
      const completeness = baseline.rows === 0 ? 1 : (column.present + column.invalid) / baseline.rows;
      const { name, bins, type, min } = column;
      if (bins.kind === 'ordinal') {
        return { name, inferred_type: type === 'integer' ? 'Integral' : 'Fractional', completeness, num_constraints: { is_non_negative: min >= 0 } };
      }
      return { name, inferred_type: 'String', completeness, ...(type !== 'string' && { string_constraints: { domains: bins.values } }) };
    }),
    monitoring_config: {
      evaluate_constraints: 'Enabled',
      emit_metrics: 'Enabled',
      datatype_check_threshold: 0.1,
      domain_content_threshold: 0.1,
      distribution_constraints: {
        perform_comparison: 'Enabled',
        comparison_threshold: 0.1,
        comparison_method: 'Robust',
        categorical_comparison_threshold: 0.1,
        categorical_drift_method: 'LInfinity',
      },
    },
  };
}
