import { ConnectionLost } from '../../http/faults';
import { AwsError, type Principal } from '../../service';
import type { World } from '../../world';

export interface RetryPolicy {
  readonly MaximumRetryAttempts?: number;
  readonly MaximumEventAgeInSeconds?: number;
}

export type Ending =
  | { readonly delivered: true; readonly attempts: number }
  | { readonly delivered: false; readonly attempts: number; readonly error: AwsError | ConnectionLost; readonly exhausted?: 'MaximumRetryAttempts' | 'MaximumEventAgeInSeconds' };

const MOST_ATTEMPTS = 185;
const DAY_SECONDS = 86_400;
/** With these, 185 attempts take about 24 hours. */
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 480_000;

/**
 * Tries until it works: throttling, failures of the target's service and lost connections are tried again with growing waits; a
 * refusal is final.
 */
export async function withRetries(world: World, label: string, policy: RetryPolicy | undefined, attempt: () => Promise<unknown>): Promise<Ending> {
  const { clock } = world;
  const began = clock.now();
  const mostRetries = policy?.MaximumRetryAttempts ?? MOST_ATTEMPTS;
  const longest = (policy?.MaximumEventAgeInSeconds ?? DAY_SECONDS) * 1000;
  for (let attempts = 1; ; attempts++) {
    try {
      await attempt();
      return { delivered: true, attempts };
    } catch (error) {
      if (!(error instanceof AwsError || error instanceof ConnectionLost)) throw error;
      if (!isPassing(error)) return { delivered: false, attempts, error };
      if (attempts > mostRetries) return { delivered: false, attempts, error, exhausted: 'MaximumRetryAttempts' };
      const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempts - 1));
      if (clock.now() + wait - began > longest) return { delivered: false, attempts, error, exhausted: 'MaximumEventAgeInSeconds' };
      await clock.sleep(wait, label);
    }
  }
}

function isPassing(error: AwsError | ConnectionLost): boolean {
  if (error instanceof ConnectionLost) return true;
  if (error.httpStatus === 501) return false;
  return error.httpStatus >= 500 || error.httpStatus === 429 || /Throttl|TooManyRequests|RequestLimitExceeded|SlowDown|ExecutionLimitExceeded|ExecutionsLimitExceeded/.test(error.code);
}

/** Sends what could not be delivered to a queue, with the reason in its attributes. True if that worked. */
export async function deadLetter(
  world: World, queueArn: string, body: string, attributes: Readonly<Record<string, string | undefined>>, caller: Principal,
): Promise<boolean> {
  const [, , , , account, name] = queueArn.split(':');
  const MessageAttributes = Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined)
    .map(([key, value]) => [key, { DataType: 'String', StringValue: value }]));
  const ending = await withRetries(world, 'dead letter', { MaximumRetryAttempts: 10 }, () => world.call({
    service: 'sqs', operation: 'SendMessage', caller, input: { QueueUrl: `${world.endpoint}/${account}/${name}`, MessageBody: body, MessageAttributes },
  }));
  return ending.delivered;
}
