import { AwsError, Operation } from '../../service';
import { World } from '../../world';
import { page } from './alarms-api';
import { Dimension } from './metric-store';
import { MetricDataQuery, QuerySet, Window } from './queries';
import { CloudWatchState } from './state';

const PAST_LIMIT = 14 * 24 * 3_600_000;
const FUTURE_LIMIT = 2 * 3_600_000;
const DATAPOINTS = 1_440;
const DEFAULT_MAX_DATAPOINTS = 100_800;

export function metricOperations(world: World, state: CloudWatchState): Record<string, Operation> {
  const anywhere = (action: string) => () => [{ action: `cloudwatch:${action}`, resource: '*' }];
  return {
    PutMetricData: {
      authorize: ({ Namespace }) => [{ action: 'cloudwatch:PutMetricData', resource: '*', context: { 'cloudwatch:namespace': Namespace } }],
      run: (input) => putMetricData(world, state, input),
    },
    ListMetrics: { authorize: anywhere('ListMetrics'), run: (input) => listMetrics(state, input) },
    GetMetricStatistics: { authorize: anywhere('GetMetricStatistics'), run: (input) => getMetricStatistics(state, input) },
    GetMetricData: { authorize: anywhere('GetMetricData'), run: (input) => getMetricData(state, input) },
  };
}

function putMetricData(world: World, state: CloudWatchState, { Namespace, MetricData = [] }: any): void { // eslint-disable-line @typescript-eslint/no-explicit-any
  if (Namespace.startsWith('AWS/')) throw new AwsError('InvalidParameterValue', 'The value AWS/ for parameter Namespace is invalid.');
  const now = world.clock.now();
  const puts: Array<() => void> = [];
  for (const datum of MetricData) {
    const time = datum.Timestamp?.getTime() ?? now;
    if (time < now - PAST_LIMIT || time > now + FUTURE_LIMIT) {
      throw new AwsError('InvalidParameterValue', `The parameter MetricData.member.Timestamp must be within the past two weeks and the next two hours, it is ${datum.Timestamp.toISOString()}`);
    }
    const values: number[] = datum.Values ?? (datum.Value === undefined ? [] : [datum.Value]);
    if (values.length === 0 && !datum.StatisticValues) throw new AwsError('MissingParameter', 'The parameter MetricData.member.Value, Values or StatisticValues is required.');
    if (values.some((value) => !Number.isFinite(value))) throw new AwsError('InvalidParameterValue', `The value of ${datum.MetricName} is not a finite number`);
    const series = state.metrics.seriesOf({ Namespace, MetricName: datum.MetricName, Dimensions: datum.Dimensions });
    puts.push(() => {
      series.unit = datum.Unit ?? series.unit;
      if (datum.StatisticValues) state.metrics.put(series, time, datum.StatisticValues);
      values.forEach((value, index) => state.metrics.put(series, time, { value, count: datum.Counts?.[index] ?? 1 }));
    });
  }
  for (const put of puts) put();
}

function listMetrics(state: CloudWatchState, input: any) { // eslint-disable-line @typescript-eslint/no-explicit-any
  const wanted: Array<{ Name: string; Value?: string }> = input.Dimensions ?? [];
  const found = state.metrics.list().map(({ identity }) => identity)
    .filter(({ Namespace, MetricName }) => (input.Namespace ?? Namespace) === Namespace && (input.MetricName ?? MetricName) === MetricName)
    .filter(({ Dimensions = [] }) => wanted.every(({ Name, Value }) =>
      Dimensions.some((dimension: Dimension) => dimension.Name === Name && (Value === undefined || dimension.Value === Value))));
  const { items, NextToken } = page(found, input.NextToken, 500);
  return { Metrics: items.map((identity) => ({ ...identity, Dimensions: identity.Dimensions ?? [] })), NextToken };
}

function getMetricStatistics(state: CloudWatchState, input: any) { // eslint-disable-line @typescript-eslint/no-explicit-any
  const { Namespace, MetricName, Dimensions, Period, Unit, StartTime, EndTime } = input;
  const statistics: string[] = input.Statistics ?? [];
  const extended: string[] = input.ExtendedStatistics ?? [];
  if (statistics.length + extended.length === 0) {
    throw new AwsError('MissingParameter', 'Must specify either Statistics or ExtendedStatistics');
  }
  const windows = windowsBetween(StartTime, EndTime, Period);
  if (windows.length > DATAPOINTS) {
    throw new AwsError('InvalidParameterCombination',
      `You have requested up to ${windows.length} datapoints, which exceeds the limit of ${DATAPOINTS}. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`);
  }
  const columns = [...statistics, ...extended].map((Stat) => {
    const queries = new QuerySet(state.metrics, [{ Id: 'm1', MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period, Stat, Unit } }]);
    return { Stat, points: queries.evaluate('m1', windows) };
  });
  const unit = state.metrics.find({ Namespace, MetricName, Dimensions })?.unit ?? 'None';
  return {
    Label: MetricName,
    Datapoints: windows.flatMap(({ from }, index) => {
      const value = (Stat: string) => columns.find((column) => column.Stat === Stat)!.points[index];
      if (columns[0]!.points[index] === undefined) return [];
      return [{
        Timestamp: new Date(from), Unit: unit,
        ...Object.fromEntries(statistics.map((Stat) => [Stat, value(Stat)])),
        ...(extended.length > 0 && { ExtendedStatistics: Object.fromEntries(extended.map((Stat) => [Stat, value(Stat)])) }),
      }];
    }),
  };
}

function getMetricData(state: CloudWatchState, input: any) { // eslint-disable-line @typescript-eslint/no-explicit-any
  const queries: readonly MetricDataQuery[] = input.MetricDataQueries;
  const set = new QuerySet(state.metrics, queries);
  const windows = windowsBetween(input.StartTime, input.EndTime, set.period || 60);
  const limit = input.MaxDatapoints ?? DEFAULT_MAX_DATAPOINTS;
  if (windows.length * queries.length > limit) {
    throw new AwsError('InvalidParameterCombination', `the request asks for up to ${windows.length * queries.length} datapoints, at most ${limit} are allowed; use a longer period`);
  }
  const descending = input.ScanBy !== 'TimestampAscending';
  return {
    MetricDataResults: queries.filter(({ ReturnData }) => ReturnData ?? true).map((query) => {
      const points = set.evaluate(query.Id, windows).map((value, index) => ({ value, time: new Date(windows[index]!.from) })).filter(({ value }) => value !== undefined);
      if (descending) points.reverse();
      return {
        Id: query.Id, Label: query.Label ?? query.MetricStat?.Metric.MetricName ?? query.Id, StatusCode: 'Complete',
        Timestamps: points.map(({ time }) => time), Values: points.map(({ value }) => value),
      };
    }),
    Messages: [],
  };
}

/** Whole periods from the one that holds `start`, aligned to the epoch as CloudWatch aligns them. */
function windowsBetween(start: Date, end: Date, periodSeconds: number): Window[] {
  const period = periodSeconds * 1000;
  if (end.getTime() <= start.getTime()) throw new AwsError('InvalidParameterValue', 'The parameter StartTime must be less than the parameter EndTime.');
  const windows: Window[] = [];
  for (let from = Math.floor(start.getTime() / period) * period; from < end.getTime(); from += period) windows.push({ from, to: from + period });
  return windows;
}
