import type { Account, Execution } from './account';
import type { Moment, Stage } from './story';

const HOUR = 3_600_000;
/** What CloudWatch answers at the most. */
const MOST_POINTS = 1440;

/** Drift of one feature in one window, as a multiple of its threshold: 1 and more is drift. */
export interface DriftPoint {
  readonly time: number;
  readonly state: string;
  readonly scores: Readonly<Record<string, number>>;
}

/** What is shown of a run, gathered while the account still stands. */
export interface Evidence {
  readonly moments: readonly Moment[];
  readonly pipelines: ReadonlyArray<Execution & { readonly name: string }>;
  readonly drift: readonly DriftPoint[];
  /** Requests and errors per hour of each fleet. */
  readonly fleets: ReadonlyArray<{ readonly config: string; readonly times: number[]; readonly requests: number[]; readonly errors: number[] }>;
}

export async function gatherEvidence({ account, moments }: Stage): Promise<Evidence> {
  const { names } = account;
  const runs = async (name: string) => (await account.executions(name)).map((run) => ({ ...run, name }));
  return {
    moments,
    pipelines: [...await runs(names.trainingPipeline), ...await runs(names.releasePipeline)],
    drift: await driftPoints(account),
    fleets: await Promise.all([...new Set(account.fleets().map(({ config }) => config))].map(async (config) => ({ config, ...await perHour(account, config) }))),
  };
}

async function driftPoints(account: Account): Promise<DriftPoint[]> {
  const { artifactsBucket, monitor } = account.names;
  const points: DriftPoint[] = [];
  for (const key of await account.keys(artifactsBucket, `monitoring/${monitor}/reports/`)) {
    if (!/\/[^./]+\.json$/.test(key)) continue;
    const report = await account.readJson(artifactsBucket, key);
    if (report.window === undefined) continue;
    const columns: Array<{ name: string; score: number; state: string }> = [...report.features, ...(report.prediction === undefined ? [] : [report.prediction])];
    points.push({
      time: Date.parse(report.window.end), state: report.state,
      scores: Object.fromEntries(columns.filter(({ state }) => report.state !== 'insufficient' && state !== 'insufficient').map(({ name, score }) => [name, score])),
    });
  }
  return points.sort((a, b) => a.time - b.time);
}

async function perHour(account: Account, config: string): Promise<{ times: number[]; requests: number[]; errors: number[] }> {
  const sums = async (MetricName: string): Promise<Map<number, number>> => {
    const end = account.twin.clock.now();
    const found = new Map<number, number>();
    for (let start = Date.UTC(2001, 1, 1); start < end; start += MOST_POINTS * HOUR) {
      const { Datapoints = [] } = await account.call('monitoring', 'GetMetricStatistics', {
        Namespace: 'AWS/SageMaker', MetricName, Statistics: ['Sum'], Period: 3600, StartTime: new Date(start), EndTime: new Date(Math.min(end, start + MOST_POINTS * HOUR)),
        Dimensions: [
          { Name: 'EndpointName', Value: account.names.endpoint }, { Name: 'VariantName', Value: 'main' }, { Name: 'EndpointConfigName', Value: config },
        ],
      });
      for (const { Timestamp, Sum } of Datapoints as Array<{ Timestamp: Date; Sum: number }>) found.set(Timestamp.getTime(), Sum);
    }
    return found;
  };
  const requests = await sums('Invocations');
  const errors = await sums('Invocation5XXErrors');
  const times = [...requests.keys()].sort((a, b) => a - b);
  return { times, requests: times.map((time) => requests.get(time)!), errors: times.map((time) => errors.get(time) ?? 0) };
}
