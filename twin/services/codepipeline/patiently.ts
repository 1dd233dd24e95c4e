import { AwsError } from '../../service';
import type { CallRequest, World } from '../../world';

const ATTEMPTS = 5;
const FIRST_PAUSE = 1_000;

/** A call of CodePipeline's own, which tries again when a service throttles or stumbles. */
export async function patiently(world: World, request: CallRequest): Promise<any> { // eslint-disable-line @typescript-eslint/no-explicit-any
  for (let attempt = 1; ; attempt++) {
    try {
      return await world.call(request);
    } catch (error) {
      if (attempt === ATTEMPTS || !isPassing(error)) throw error;
      await world.clock.sleep(FIRST_PAUSE * 2 ** (attempt - 1), `retry of ${request.service}:${request.operation}`);
    }
  }
}

function isPassing(error: unknown): boolean {
  // 501 is the twin saying that it cannot.
  return error instanceof AwsError && ((error.httpStatus >= 500 && error.httpStatus !== 501) || /Throttl|TooManyRequests|SlowDown|RequestLimitExceeded/.test(error.code));
}
