import type { Service } from '../../service';
import type { World } from '../../world';
import type { CloudWatchService } from '../cloudwatch';
import { sqsOperations } from './api';
import { sqsResources } from './resources';
import { SqsState, type Queue } from './state';

/** How often a queue that holds messages reports how many. */
const REPORT_EVERY = 5 * 60_000;

/** Amazon SQS: standard queues. */
export class SqsService implements Service {
  readonly name = 'sqs';
  readonly operations: Service['operations'];
  readonly resources: Service['resources'];
  private readonly state: SqsState;
  private readonly reporting = new Set<Queue>();

  constructor(private readonly world: World) {
    this.state = new SqsState(world);
    this.operations = sqsOperations(this.state, (queue) => this.report(queue));
    this.resources = sqsResources(this.state);
  }

  /** The bodies of a queue's messages, received or not; for tests and reports. */
  bodies(queueArn: string): string[] {
    return this.state.byArn(queueArn)?.messages.map(({ body }) => body) ?? [];
  }

  remaining(): string[] {
    return [...this.state.queues.values()].map(({ arn }) => arn);
  }

  private report(queue: Queue): void {
    if (this.reporting.has(queue)) return;
    this.reporting.add(queue);
    const tick = (): void => {
      const { metrics } = this.world.service<CloudWatchService>('monitoring');
      const now = this.world.clock.now();
      const visible = this.state.visible(queue);
      const put = (MetricName: string, value: number) => {
        metrics.put(metrics.seriesOf({ Namespace: 'AWS/SQS', MetricName, Dimensions: [{ Name: 'QueueName', Value: queue.name }] }), now, { value });
      };
      put('ApproximateNumberOfMessagesVisible', visible.length);
      put('ApproximateAgeOfOldestMessage', Math.round((now - Math.min(now, ...visible.map(({ sentAt }) => sentAt))) / 1000));
      if (queue.messages.length > 0 && this.state.queues.get(queue.name) === queue) this.world.clock.after(REPORT_EVERY, `metrics of ${queue.name}`, tick);
      else this.reporting.delete(queue);
    };
    // After the call that filled it.
    this.world.clock.after(0, `metrics of ${queue.name}`, tick);
  }
}
