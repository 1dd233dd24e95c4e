import type { Timer } from '../../clock';
import { AwsError, type PolicyDocument } from '../../service';
import type { AwsEvent, World } from '../../world';
import type { InputSettings } from './input';
import type { Schedule } from './schedule';

/** An event as it travels: complete. */
export interface BusEvent extends AwsEvent {
  readonly version: '0';
  readonly id: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
}

export interface Target extends InputSettings {
  readonly Id: string;
  readonly Arn: string;
  readonly RoleArn?: string;
  readonly RetryPolicy?: { readonly MaximumRetryAttempts?: number; readonly MaximumEventAgeInSeconds?: number };
  readonly DeadLetterConfig?: { readonly Arn?: string };
}

export interface Rule {
  readonly name: string;
  readonly arn: string;
  readonly busName: string;
  description: string | undefined;
  roleArn: string | undefined;
  /** JSON text. */
  pattern: string | undefined;
  matches: ((event: unknown) => boolean) | undefined;
  scheduleExpression: string | undefined;
  schedule: Schedule | undefined;
  enabled: boolean;
  /** Of a schedule: when it last took effect. */
  since: number;
  timer: Timer | undefined;
  tags: ReadonlyArray<{ readonly Key: string; readonly Value: string }>;
  readonly targets: Map<string, Target>;
}

export interface EventBus {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: Date;
  description: string | undefined;
  policy: Map<string, Record<string, unknown>>;
  tags: ReadonlyArray<{ readonly Key: string; readonly Value: string }>;
  readonly rules: Map<string, Rule>;
}

/** A published event, for tests and reports. */
export interface PublishedEvent {
  readonly time: number;
  readonly bus: string;
  readonly event: BusEvent;
  /** Names of the rules that matched. */
  readonly rules: readonly string[];
}

/** What became of one event for one target, for tests and reports. */
export interface Delivery {
  readonly time: number;
  readonly event: BusEvent;
  readonly rule: string;
  readonly target: Target;
  readonly attempts: number;
  readonly outcome: 'delivered' | 'dead-lettered' | 'lost';
  readonly error?: string;
}

export class EventsState {
  readonly buses = new Map<string, EventBus>();
  readonly published: PublishedEvent[] = [];
  readonly deliveries: Delivery[] = [];

  constructor(private readonly world: World) {
    this.createBus('default');
  }

  /** By name or ARN; without either, the default bus. */
  bus(nameOrArn = 'default'): EventBus {
    const name = nameOrArn.startsWith('arn:') ? nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1) : nameOrArn;
    const bus = this.buses.get(name);
    if (bus === undefined) throw new AwsError('ResourceNotFoundException', `Event bus ${name} does not exist.`);
    return bus;
  }

  createBus(name: string): EventBus {
    if (this.buses.has(name)) throw new AwsError('ResourceAlreadyExistsException', `Event bus ${name} already exists.`);
    const bus: EventBus = {
      name, arn: this.world.arn('events', `event-bus/${name}`), createdAt: this.world.clock.date(), description: undefined, policy: new Map(), tags: [], rules: new Map(),
    };
    this.buses.set(name, bus);
    return bus;
  }

  rule(name: string, busName?: string): Rule {
    const bus = this.bus(busName);
    const rule = bus.rules.get(name);
    if (rule === undefined) throw new AwsError('ResourceNotFoundException', `Rule ${name} does not exist on EventBus ${bus.name}.`);
    return rule;
  }

  ruleByArn(arn: string): Rule | undefined {
    return this.rules().find((rule) => rule.arn === arn);
  }

  rules(): Rule[] {
    return [...this.buses.values()].flatMap(({ rules }) => [...rules.values()]);
  }

  ruleArn(name: string, busName = 'default'): string {
    const bus = busName.slice(busName.lastIndexOf('/') + 1);
    return this.world.arn('events', bus === 'default' ? `rule/${name}` : `rule/${bus}/${name}`);
  }

  policyOf(busName: string | undefined): PolicyDocument | undefined {
    const policy = this.buses.get((busName ?? 'default').slice((busName ?? 'default').lastIndexOf('/') + 1))?.policy;
    return policy === undefined || policy.size === 0 ? undefined : { Version: '2012-10-17', Statement: [...policy.values()] };
  }
}
