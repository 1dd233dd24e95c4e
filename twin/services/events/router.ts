import type { CloudWatchService } from '../cloudwatch';
import type { AwsEvent, World } from '../../world';
import { RELIABLE, type EventFaults } from './faults';
import { inputFor } from './input';
import { deadLetter, withRetries } from './retry';
import type { BusEvent, EventBus, EventsState, Rule, Target } from './state';
import { deliver, eventBridge } from './targets';

/** Takes events to the targets of the rules they match. */
export class EventRouter {
  faults: EventFaults = RELIABLE;

  constructor(private readonly world: World, private readonly state: EventsState) {}

  complete(event: AwsEvent, time = this.world.clock.date()): BusEvent {
    const { random, account, region } = this.world;
    return {
      version: '0', id: random.uuid(), 'detail-type': event['detail-type'], source: event.source, account, time: `${time.toISOString().slice(0, 19)}Z`, region,
      resources: event.resources ?? [], detail: event.detail,
    };
  }

  accept(event: BusEvent, bus: EventBus): void {
    // What the publisher does to its objects afterwards must not reach an event under way.
    const copy = JSON.parse(JSON.stringify(event)) as BusEvent;
    for (const delay of this.faults(copy)) {
      this.world.clock.after(delay, `event ${copy['detail-type']}`, () => this.route(copy, bus));
    }
  }

  /** A rule's own schedule is due: only its own targets hear of it. */
  fire(rule: Rule): void {
    const event = this.complete({ source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {}, resources: [rule.arn] });
    for (const delay of this.faults(event)) {
      this.world.clock.after(delay, `event of rule ${rule.name}`, () => {
        this.state.published.push({ time: this.world.clock.now(), bus: rule.busName, event, rules: [rule.name] });
        return this.trigger(rule, event);
      });
    }
  }

  private async route(event: BusEvent, bus: EventBus): Promise<void> {
    const rules = [...bus.rules.values()].filter((rule) => rule.enabled && rule.matches?.(event));
    this.state.published.push({ time: this.world.clock.now(), bus: bus.name, event, rules: rules.map(({ name }) => name) });
    await Promise.all(rules.map((rule) => this.trigger(rule, event)));
  }

  private async trigger(rule: Rule, event: BusEvent): Promise<void> {
    this.count(rule, 'TriggeredRules');
    await Promise.all([...rule.targets.values()].map((target) => this.deliver(rule, target, event)));
  }

  private async deliver(rule: Rule, target: Target, event: BusEvent): Promise<void> {
    const { world } = this;
    const ingestedAt = world.clock.date();
    this.count(rule, 'Invocations');
    const ending = await withRetries(world, `event for ${target.Arn}`, target.RetryPolicy, async () => {
      await deliver({ world, rule, target, event, input: inputFor(target, event, rule, ingestedAt) });
    });
    const record = { event, rule: rule.name, target, attempts: ending.attempts };
    if (ending.delivered) {
      this.state.deliveries.push({ ...record, time: world.clock.now(), outcome: 'delivered' });
      return;
    }
    this.count(rule, 'FailedInvocations');
    const { error, exhausted } = ending;
    const queue = target.DeadLetterConfig?.Arn;
    const kept = queue !== undefined && await deadLetter(world, queue, JSON.stringify(event), {
      RULE_ARN: rule.arn, TARGET_ARN: target.Arn, ERROR_CODE: errorCode(error), ERROR_MESSAGE: error.message.slice(0, 1024),
      EXHAUSTED_RETRY_CONDITION: exhausted, RETRY_ATTEMPTS: String(ending.attempts - 1),
    }, eventBridge(world, rule.arn));
    if (queue !== undefined) this.count(rule, kept ? 'InvocationsSentToDlq' : 'InvocationsFailedToBeSentToDlq');
    const outcome = kept ? 'dead-lettered' as const : 'lost' as const;
    this.state.deliveries.push({ ...record, time: world.clock.now(), outcome, error: `${error.name}: ${error.message}` });
  }

  private count(rule: Rule, MetricName: string): void {
    const { metrics } = this.world.service<CloudWatchService>('monitoring');
    metrics.put(metrics.seriesOf({ Namespace: 'AWS/Events', MetricName, Dimensions: [{ Name: 'RuleName', Value: rule.name }] }), this.world.clock.now(), { value: 1 });
  }
}

/** EventBridge has names of its own for what it writes on a dead letter. */
function errorCode({ name }: Error): string {
  if (/AccessDenied|Authorization|NotAuthorized/.test(name)) return 'NO_PERMISSIONS';
  if (/NotFound|DoesNotExist/.test(name)) return 'NO_RESOURCE';
  if (/Throttl|TooManyRequests|LimitExceeded/.test(name)) return 'THROTTLING';
  if (/Timeout/.test(name)) return 'TIMEOUT';
  return 'SDK_CLIENT_ERROR';
}
