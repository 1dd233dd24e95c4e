import { Service } from '../../service';
import { World } from '../../world';
import { alarmOperations } from './alarms-api';
import { dashboardOperations } from './dashboards-api';
import { ingestEmbeddedMetrics } from './embedded-metrics';
import { MetricStore } from './metric-store';
import { metricOperations } from './metrics-api';
import { cloudWatchResources } from './resources';
import { CloudWatchState } from './state';

/** Amazon CloudWatch: metrics, alarms, dashboards. */
export class CloudWatchService implements Service {
  readonly name = 'monitoring';
  readonly state: CloudWatchState;
  readonly operations: Service['operations'];
  readonly resources: Service['resources'];

  constructor(private readonly world: World) {
    this.state = new CloudWatchState(world);
    this.operations = { ...metricOperations(world, this.state), ...alarmOperations(this.state), ...dashboardOperations(world, this.state) };
    this.resources = cloudWatchResources(world, this.state);
  }

  /** Where the twin's other services put the metrics that AWS publishes by itself. */
  get metrics(): MetricStore {
    return this.state.metrics;
  }

  /** Takes a log line that may be in the embedded metric format, parsed; `timeMs` is when CloudWatch Logs got it. */
  ingestEmbeddedMetrics(document: unknown, timeMs: number = this.world.clock.now()): void {
    ingestEmbeddedMetrics(this.metrics, document, timeMs);
  }

  remaining(): string[] {
    return [
      ...this.state.alarms().map(({ arn }) => arn),
      ...[...this.state.dashboards.keys()].map((name) => this.world.arn('cloudwatch', `dashboard/${name}`, '')),
    ];
  }
}
