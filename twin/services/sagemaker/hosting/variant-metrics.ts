import { CloudWatchService } from '../../cloudwatch';
import { MetricStore, Series } from '../../cloudwatch/metric-store';
import { World } from '../../../world';

const UNITS: Readonly<Record<string, string>> = {
  Invocations: 'None', Invocation4XXErrors: 'None', Invocation5XXErrors: 'None', InvocationModelErrors: 'None', InvocationsPerInstance: 'None',
  ModelLatency: 'Microseconds', OverheadLatency: 'Microseconds',
};

/** The metrics of one variant of one fleet: per variant as always, and per configuration, by which a new fleet is told from the old. */
export class VariantMetrics {
  private readonly store: MetricStore;
  private readonly series: Readonly<Record<string, readonly Series[]>>;

  constructor(private readonly world: World, endpoint: string, variant: string, config: string) {
    this.store = world.service<CloudWatchService>('monitoring').metrics;
    const dimensions = [{ Name: 'EndpointName', Value: endpoint }, { Name: 'VariantName', Value: variant }];
    const both = [dimensions, [...dimensions, { Name: 'EndpointConfigName', Value: config }]];
    const series = (Namespace: string, MetricName: string, Dimensions: typeof dimensions, unit: string) =>
      Object.assign(this.store.seriesOf({ Namespace, MetricName, Dimensions }), { unit });
    this.series = Object.fromEntries(Object.entries(UNITS).map(([name, unit]) => [name, both.map((set) => series('AWS/SageMaker', name, set, unit))]));
  }

  /**
   * One request: the container's status (undefined: no answer), and how long it took, in microseconds. As the developer guide
   * defines them ("Amazon SageMaker AI metrics in Amazon CloudWatch"), 4XX and 5XX count what the model returned, model errors
   * all that is not 2XX: 4XX and 5XX, and what brought no answer at all.
   */
  record({ status, latency, overhead, instances }: { status?: number; latency: number; overhead: number; instances: number }): void {
    const failed = status === undefined || status < 200 || status > 299;
    this.put('Invocations', 1);
    this.put('InvocationsPerInstance', 1 / instances);
    this.put('Invocation4XXErrors', status !== undefined && status >= 400 && status < 500 ? 1 : 0);
    this.put('Invocation5XXErrors', status !== undefined && status >= 500 ? 1 : 0);
    this.put('InvocationModelErrors', failed ? 1 : 0);
    this.put('ModelLatency', latency);
    this.put('OverheadLatency', overhead);
  }

  private put(name: string, value: number): void {
    const now = this.world.clock.now();
    for (const series of this.series[name]!) this.store.put(series, now, { value });
  }
}
