import { AwsError } from '../../service';
import { Expression, MathInput, MathValue } from './expression';
import { MetricIdentity, MetricStore } from './metric-store';
import { isStatistic } from './statistics';

/** An entry of `Metrics` (alarms) or `MetricDataQueries`, in the API's shape. */
export interface MetricDataQuery {
  readonly Id: string;
  readonly MetricStat?: { readonly Metric: MetricIdentity; readonly Period: number; readonly Stat: string; readonly Unit?: string };
  readonly Expression?: string;
  readonly Label?: string;
  readonly ReturnData?: boolean;
  readonly Period?: number;
}

/** A half-open interval of time for one datapoint. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** Several queries that may refer to each other, evaluated together over the same windows. */
export class QuerySet {
  /** The metrics the queries read. */
  readonly metrics: readonly MetricIdentity[];
  /** Seconds between two datapoints: the longest period of all, so that every series has a value in each window. */
  readonly period: number;
  private readonly expressions = new Map<string, Expression>();
  private readonly byId: Map<string, MetricDataQuery>;

  constructor(private readonly store: MetricStore, readonly queries: readonly MetricDataQuery[]) {
    this.metrics = queries.flatMap((query) => (query.MetricStat ? [query.MetricStat.Metric] : []));
    this.period = Math.max(...queries.map((query) => query.MetricStat?.Period ?? query.Period ?? 0));
    this.byId = new Map(queries.map((query) => [query.Id, query]));
    for (const query of queries) {
      if ((query.MetricStat === undefined) === (query.Expression === undefined)) {
        throw new AwsError('ValidationError', `query ${query.Id} needs either MetricStat or Expression`);
      }
      if (query.MetricStat && !isStatistic(query.MetricStat.Stat)) {
        throw new AwsError('NotImplemented', `the twin does not implement the statistic ${query.MetricStat.Stat} of query ${query.Id}`, 501);
      }
      if (query.Expression !== undefined) this.expressions.set(query.Id, new Expression(query.Expression));
    }
    for (const [id, expression] of this.expressions) {
      for (const reference of expression.references) {
        if (!this.byId.has(reference)) throw new AwsError('ValidationError', `Error in expression '${id}': the id ${reference} is not in the request`);
      }
    }
  }

  evaluate(id: string, windows: readonly Window[]): Array<number | undefined> {
    const value = this.value(id, windows, []);
    if (value.kind === 'series') return [...value.points];
    if (value.kind === 'scalar') return windows.map(() => value.value);
    throw new AwsError('ValidationError', `Error in expression '${id}': it gives several time series, one is needed`);
  }

  private value(id: string, windows: readonly Window[], path: readonly string[]): MathValue {
    if (path.includes(id)) throw new AwsError('ValidationError', `Error in expression '${id}': it refers to itself`);
    const query = this.byId.get(id)!;
    if (query.MetricStat) return { kind: 'series', points: this.metric(query.MetricStat, windows) };
    const input: MathInput = {
      resolve: (reference) => this.value(reference, windows, [...path, id]),
      metrics: (filter) => ({
        kind: 'list',
        series: this.queries.filter((other) => other.MetricStat && (filter === undefined || other.Id.includes(filter)))
          .map((other) => this.metric(other.MetricStat!, windows)),
      }),
      period: (reference) => this.byId.get(reference)?.MetricStat?.Period ?? this.period,
    };
    return this.expressions.get(id)!.evaluate(input);
  }

  private metric(stat: NonNullable<MetricDataQuery['MetricStat']>, windows: readonly Window[]): Array<number | undefined> {
    const series = this.store.find(stat.Metric);
    return windows.map(({ from, to }) => (series?.hasUnit(stat.Unit) ? series.over(from, to, stat.Stat) : undefined));
  }
}
