import { ConnectionLost } from './http/faults';
import { AwsError } from './service';
import type { CallRequest, World } from './world';

const ATTEMPTS = 3;
const BACK_OFF_MILLISECONDS = 1_000;

/** A call by one who retries as the SDKs do: after throttling, errors of the server and broken connections. */
export async function callWithRetries(world: World, request: CallRequest): Promise<any> { // eslint-disable-line @typescript-eslint/no-explicit-any
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await world.call(request);
    } catch (error) {
      if (attempt === ATTEMPTS || !isTransient(error)) throw error;
      await world.clock.sleep(BACK_OFF_MILLISECONDS * attempt, `retry ${request.service}:${request.operation}`);
    }
  }
}

function isTransient(error: unknown): boolean {
  if (error instanceof ConnectionLost) return true;
  // 501 is the twin's own: it does not implement the call.
  return error instanceof AwsError && (/Throttl|SlowDown|TooManyRequests/.test(error.code) || (error.httpStatus >= 500 && error.httpStatus !== 501));
}
