import type { Service } from '../../service';
import type { World } from '../../world';
import { snsOperations } from './api';
import { Notifier } from './delivery';
import { snsResources } from './resources';
import { SnsState, type FailedNotification, type InboxMessage } from './state';

export type { FailedNotification, InboxMessage } from './state';

/** Amazon SNS: standard topics. */
export class SnsService implements Service {
  readonly name = 'sns';
  readonly operations: Service['operations'];
  readonly resources: Service['resources'];
  private readonly state: SnsState;

  constructor(world: World) {
    this.state = new SnsState(world);
    this.operations = snsOperations(this.state, new Notifier(world, this.state));
    this.resources = snsResources(this.state);
  }

  /** What went out to addresses outside of AWS (mail, HTTPS, SMS), for tests and reports. */
  get inbox(): readonly InboxMessage[] {
    return this.state.inbox;
  }

  /** What a subscriber of AWS refused. */
  get failures(): readonly FailedNotification[] {
    return this.state.failures;
  }

  remaining(): string[] {
    return [...this.state.topics.keys(), ...this.state.subscriptions.keys()];
  }
}
