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
  | 'lost-response';

/** Decides, call by call, what goes wrong. Given the same seed and the same calls it must decide the same. */
export interface FaultPlan {
  decide(call: CallRequest, time: number): Fault | undefined;
}

export const NO_FAULTS: FaultPlan = { decide: () => undefined };

/** The connection breaks; over HTTP the socket is destroyed without an answer. */
export class ConnectionLost extends Error {
  readonly code = 'ECONNRESET';

  constructor(service: string, operation: string) {
    super(`connection lost during ${service}:${operation} (injected)`);
    this.name = 'TimeoutError';
  }
}

export function failBefore(fault: Fault | undefined, call: CallRequest): void {
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

export function failAfter(fault: Fault | undefined, call: CallRequest): void {
  if (fault === 'lost-response') throw new ConnectionLost(call.service, call.operation);
}
