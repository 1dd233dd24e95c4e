import { CloudWatchService } from '../../cloudwatch';
import { MetricStore, MINUTE, Series } from '../../cloudwatch/metric-store';
import type { Timer } from '../../../clock';
import { World } from '../../../world';
import { instanceSize } from '../instance-sizes';

/** Per cent of one core, of the memory and of the disk that an instance without requests takes. */
const IDLE = { core: 2, memory: 12, disk: 8 };

/**
 * The instances of one variant of one fleet in CloudWatch: once a minute each reports what it was busy with, whether it was
 * asked or not. Processors and GPUs count as the sum over all of them, memory and disk as a share (SageMaker's developer guide,
 * "Amazon SageMaker AI metrics in Amazon CloudWatch").
 */
export class InstanceMetrics {
  private readonly store: MetricStore;
  private readonly size: ReturnType<typeof instanceSize>;
  private readonly figures: ReadonlyArray<readonly [series: Series, value: (load: number) => number]>;
  private timer?: Timer;
  /** Microseconds for which requests kept a core busy in this minute, on all instances together. */
  private busy = 0;
  /** Mebibytes that requests left behind, on all instances together. */
  private leaked = 0;

  constructor(private readonly world: World, private readonly endpoint: string, variant: string, instanceType: string) {
    this.store = world.service<CloudWatchService>('monitoring').metrics;
    this.size = instanceSize(instanceType);
    const { vcpus, gpus } = this.size;
    const Dimensions = [{ Name: 'EndpointName', Value: endpoint }, { Name: 'VariantName', Value: variant }];
    const series = (MetricName: string) => Object.assign(this.store.seriesOf({ Namespace: '/aws/sagemaker/Endpoints', MetricName, Dimensions }), { unit: 'Percent' });
    this.figures = [
      [series('CPUUtilization'), (load) => Math.min(100 * vcpus, IDLE.core + load)],
      [series('MemoryUtilization'), () => Math.min(100, IDLE.memory + this.leakedShare)],
      [series('DiskUtilization'), () => IDLE.disk],
      ...(gpus === 0 ? [] : [
        [series('GPUUtilization'), (load: number) => Math.min(100 * gpus, load)] as const,
        [series('GPUMemoryUtilization'), () => IDLE.memory * gpus] as const,
      ]),
    ];
  }

  /** One request kept a core busy for some microseconds, and left some mebibytes behind. */
  record(busyMicroseconds: number, leftMebibytes: number): void {
    this.busy += busyMicroseconds;
    this.leaked += leftMebibytes;
  }

  /** From now on the instances report; how many there are is asked each minute. */
  start(instances: () => number): void {
    this.instances = instances;
    this.next();
  }

  stop(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }

  private instances: () => number = () => 0;

  private get leakedShare(): number {
    return (100 * this.leaked) / (this.size.memory * Math.max(1, this.instances()));
  }

  private next(): void {
    const end = (Math.floor(this.world.clock.now() / MINUTE) + 1) * MINUTE;
    this.timer = this.world.clock.at(end, `sagemaker: instances of ${this.endpoint} report`, () => {
      this.publish(end - MINUTE);
      this.next();
    });
  }

  private publish(minute: number): void {
    const count = this.instances();
    if (count === 0) return;
    const load = (100 * this.busy) / (MINUTE * 1_000 * count);
    for (const [series, value] of this.figures) this.store.put(series, minute, { value: value(load), count });
    this.busy = 0;
  }
}
