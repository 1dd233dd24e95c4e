import { Random } from '../random';
import { AwsError } from '../service';
import type { CallRequest } from '../world';

/** What can go wrong with one call on its way, in the order of how late it strikes. */
export type Fault =
  /** Refused by the rate limiter. */
  | 'throttle'
  /** The service fails before it did anything. */
  | 'server-error'
  /** The connection breaks before the service did anything. */
  | 'lost-request'
  /** The service did it, and the answer never arrives: the caller cannot know. */
  | 'lost-response'
  /** The service did it; the connection breaks half-way through the body of its answer. */
  | 'broken-body'
  /** A refusal of the service's own, for example that there is no capacity, or S3's 409 `ConditionalRequestConflict`. */
  | AwsError;

/** Decides, call by call, what goes wrong. Given the same seed and the same calls it must decide the same. */
export interface FaultPlan {
  decide(call: CallRequest, time: number): Fault | undefined;
}

export const NO_FAULTS: FaultPlan = { decide: () => undefined };

export interface SeededFaultsOptions {
  /** Of a hundred calls, how many meet each kind of fault. */
  readonly percent: Partial<Record<Exclude<Fault, AwsError>, number>>;
  /** Which calls may meet one at all. @default - every call but the administrator's */
  readonly where?: (call: CallRequest) => boolean;
}

/** Faults at random, at given rates; the same seed gives the same ones. */
export class SeededFaults implements FaultPlan {
  private readonly random: Random;

  constructor(seed: number, private readonly options: SeededFaultsOptions) {
    this.random = new Random(seed);
    const total = Object.values(options.percent).reduce((sum, percent) => sum + percent, 0);
    if (!(total >= 0 && total <= 100)) throw new Error(`the rates of all faults add up to ${total} percent; at most 100 are there`);
  }

  decide(call: CallRequest): Fault | undefined {
    const { percent, where = ({ caller }) => caller.kind !== 'administrator' } = this.options;
    if (!where(call)) return undefined;
    let drawn = this.random.next() * 100;
    for (const [kind, rate] of Object.entries(percent)) {
      drawn -= rate;
      if (drawn < 0) return kind as Fault;
    }
    return undefined;
  }
}

/** The connection breaks; over HTTP the socket is destroyed without an answer. */
export class ConnectionLost extends Error {
  readonly code = 'ECONNRESET';

  constructor(service: string, operation: string) {
    super(`connection lost during ${service}:${operation} (injected)`);
    this.name = 'TimeoutError';
  }
}

/** The connection breaks in the body of this answer; over HTTP the socket is destroyed after half of it. */
export class BodyBroken extends ConnectionLost {
  constructor({ service, operation }: CallRequest, readonly output: unknown) {
    super(service, operation);
  }
}

export function failBefore(fault: Fault | undefined, call: CallRequest): void {
  if (fault instanceof AwsError) throw fault;
  switch (fault) {
    case 'throttle': throw call.service === 's3'
      ? new AwsError('SlowDown', 'Please reduce your request rate.', 503)
      : new AwsError('ThrottlingException', 'Rate exceeded', 400);
    case 'server-error': throw call.service === 's3'
      ? new AwsError('InternalError', 'We encountered an internal error. Please try again.', 500)
      : new AwsError('InternalFailure', 'The request processing has failed because of an unknown error, exception or failure.', 500);
    case 'lost-request': throw new ConnectionLost(call.service, call.operation);
    default:
  }
}

export function failAfter(fault: Fault | undefined, call: CallRequest, output: unknown): void {
  if (fault === 'lost-response') throw new ConnectionLost(call.service, call.operation);
  if (fault === 'broken-body') throw new BodyBroken(call, output);
}
