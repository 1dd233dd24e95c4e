import type { Service } from '../../service';
import type { AwsEvent, World } from '../../world';
import { eventsOperations } from './api';
import type { EventFaults } from './faults';
import { eventsResources } from './resources';
import { EventRouter } from './router';
import { Rules } from './rules';
import { EventsState, type Delivery, type PublishedEvent } from './state';

export { seededEventFaults, type EventFaultRates, type EventFaults } from './faults';
export type { BusEvent, Delivery, PublishedEvent } from './state';

/** Amazon EventBridge: buses, rules, schedules, targets. */
export class EventsService implements Service {
  readonly name = 'events';
  readonly operations: Service['operations'];
  readonly resources: Service['resources'];
  private readonly state: EventsState;
  private readonly router: EventRouter;

  constructor(world: World) {
    this.state = new EventsState(world);
    this.router = new EventRouter(world, this.state);
    const rules = new Rules(world, this.state, this.router);
    this.operations = eventsOperations(world, this.state, rules, this.router);
    this.resources = eventsResources(this.state, rules);
  }

  /** Set to have events, those of schedules among them, doubled, delayed or lost. */
  set faults(faults: EventFaults) {
    this.router.faults = faults;
  }

  /** An event of an AWS service, on the default bus. */
  publish(event: AwsEvent): void {
    this.router.accept(this.router.complete(event), this.state.bus());
  }

  /** Every event so far. */
  get published(): readonly PublishedEvent[] {
    return this.state.published;
  }

  /** What became of every event for every target so far. */
  get deliveries(): readonly Delivery[] {
    return this.state.deliveries;
  }

  remaining(): string[] {
    return [...this.state.rules().map(({ arn }) => arn), ...[...this.state.buses.values()].filter(({ name }) => name !== 'default').map(({ arn }) => arn)];
  }
}
