import { DocumentError } from '../errors';
import { Bins, binCount, OffsetScale, OrdinalIndex } from '../statistics/bins';
import { BaselineColumn, Baseline, windowOf } from './baseline';
import { chooseEdges, groupNominal, groupOrdinal } from './edges';
import { hashBaseline } from './identity';
import { provisionalPrediction } from './prediction';
import { WeightedValues } from './weighted-values';

/** What Model Monitor's `statistics.json` says of a feature. */
interface FeatureStatistics {
  readonly name?: unknown;
  readonly inferred_type?: unknown;
  readonly numerical_statistics?: {
    readonly common?: Common;
    readonly mean?: number;
    readonly std_dev?: number;
    readonly min?: number;
    readonly max?: number;
    readonly distribution?: { readonly kll?: { readonly buckets?: readonly Bucket[]; readonly sketch?: { readonly parameters?: { readonly k?: number }; readonly data?: number[][] } } };
  };
  readonly string_statistics?: {
    readonly common?: Common;
    readonly distribution?: { readonly categorical?: { readonly buckets?: ReadonlyArray<{ readonly value: unknown; readonly count: number }> } };
  };
}

interface Common {
  readonly num_present?: number;
  readonly num_missing?: number;
}

interface Bucket {
  readonly lower_bound: number;
  readonly upper_bound: number;
  readonly count: number;
}

export interface ImportOptions {
  /** The text of `statistics.json`. */
  readonly statistics: string;
  /** The text of `constraints.json`, whose domains name values that the statistics may have left out. */
  readonly constraints?: string;
  readonly window?: { readonly lengthSeconds: number; readonly cellSeconds?: number };
}

/**
 * A baseline from the files of SageMaker Model Monitor. They hold a sketch, not the data: the counts are approximate, each feature says
 * by how much (`rankError`), nothing is known of the data's rhythm, and the prediction is learned from production.
 */
export function importModelMonitor(options: ImportOptions): Baseline {
  const parsed = parseDocument('statistics.json', options.statistics) as { dataset?: { item_count?: unknown }; features?: FeatureStatistics[] };
  if (!Array.isArray(parsed.features) || parsed.features.length === 0) {
    throw new DocumentError('statistics.json', 'it has no list of features; give the file a Model Monitor baselining job wrote');
  }
  const domains = domainsOf(options.constraints);
  const columns = [...parsed.features.map((feature) => columnOf(feature, domains)), provisionalPrediction()];
  const items = parsed.dataset?.item_count;
  const rows = typeof items === 'number' ? items : Math.max(...columns.map(({ present, missing }) => present + missing));
  const window = windowOf(options.window);
  return { hash: hashBaseline({ rows, window, columns }), cellSeconds: window.cellSeconds, rows, window, columns };
}

function parseDocument(name: string, text: string): unknown {
  try {
    const document: unknown = JSON.parse(text);
    if (typeof document === 'object' && document !== null) return document;
  } catch {
    // Falls through to the error below.
  }
  throw new DocumentError(name, 'not a JSON object; give the file as Model Monitor wrote it');
}

function domainsOf(constraints: string | undefined): ReadonlyMap<string, readonly string[]> {
  if (constraints === undefined) return new Map();
  const { features = [] } = parseDocument('constraints.json', constraints) as { features?: Array<{ name: string; string_constraints?: { domains?: string[] } }> };
  return new Map(features.map(({ name, string_constraints: constraint }) => [name, constraint?.domains ?? []]));
}

function columnOf(feature: FeatureStatistics, domains: ReadonlyMap<string, readonly string[]>): BaselineColumn {
  const { name, inferred_type: type, numerical_statistics: numbers, string_statistics: texts } = feature;
  if (typeof name !== 'string') throw new DocumentError('statistics.json', 'a feature has no name; give the file as Model Monitor wrote it');
  if (numbers && (type === 'Fractional' || type === 'Integral')) return ordinalColumn(name, type, numbers);
  if (texts) return nominalColumn(name, texts, domains.get(name) ?? []);
  throw new DocumentError('statistics.json', `feature ${name} is of type ${JSON.stringify(type)} without statistics; leave it out of the file and of the payload`);
}

function ordinalColumn(name: string, type: 'Fractional' | 'Integral', numbers: NonNullable<FeatureStatistics['numerical_statistics']>): BaselineColumn {
  const { common, mean = 0, std_dev: deviation = 0, min = 0, max = 0, distribution } = numbers;
  const present = common?.num_present ?? 0;
  const { data, parameters } = distribution?.kll?.sketch ?? {};
  const buckets = distribution?.kll?.buckets ?? [];
  const values = data?.some((level) => level.length > 0) ? WeightedValues.ofSketch(data, parameters?.k ?? 2048)
    : WeightedValues.ofBuckets(buckets.map(({ lower_bound: lower, upper_bound: upper, count }) => ({ lower, upper, count })));
  if (present > 0 && values.weight === 0) {
    throw new DocumentError('statistics.json', `feature ${name} has ${present} values but neither a sketch nor buckets; build a baseline from the data instead`);
  }
  const bins: Bins = { kind: 'ordinal', edges: chooseEdges(values.sample(min, max)) };
  const index = new OrdinalIndex(bins.edges);
  const scale = new OffsetScale(bins.edges);
  const counts = new Float64Array(binCount(bins));
  const offsets = new Float64Array(counts.length);
  values.each((value, weight) => {
    const bin = index.of(value);
    counts[bin]! += weight;
    offsets[bin]! += weight * scale.offset(bin, value);
  });
  return {
    name, type: type === 'Integral' ? 'integer' : 'numeric', bins, ...groupOrdinal(counts), counts, offsets,
    present: values.weight, missing: common?.num_missing ?? 0, invalid: 0, min, max, mean, deviation, rankError: values.rankError,
  };
}

function nominalColumn(name: string, texts: NonNullable<FeatureStatistics['string_statistics']>, domain: readonly string[]): BaselineColumn {
  const { common, distribution } = texts;
  const known = new Map((distribution?.categorical?.buckets ?? []).map(({ value, count }) => [String(value), count]));
  for (const value of domain) if (!known.has(value)) known.set(value, 0);
  const counted = [...known.values()].reduce((sum, count) => sum + count, 0);
  const bins: Bins = { kind: 'nominal', values: [...known.keys()] };
  // What is present but in none of the buckets lies in the bin of all other values.
  const counts = Float64Array.from([...known.values(), Math.max(0, (common?.num_present ?? counted) - counted)]);
  return {
    name, type: 'categorical', bins, ...groupNominal(bins), counts, offsets: new Float64Array(counts.length),
    present: counts.reduce((sum, count) => sum + count, 0), missing: common?.num_missing ?? 0, invalid: 0, min: 0, max: 0, mean: 0, deviation: 0,
  };
}
