import { HandlerFunction } from './handler-function';

/** Members of a Task state that runs a handler. */
export interface HandlerTask {
  readonly Resource: string;
  readonly TimeoutSeconds: number;
}

/** What starting the function and returning its answer may take. */
const MARGIN_SECONDS = 60;

/**
 * The state waits longer than the function may run. With the same limit for both, the state would end first, with
 * `States.Timeout`, and the function's own `Sandbox.Timedout`, which is retried, would never be seen.
 */
export function handlerTask({ function: { functionArn }, timeout }: HandlerFunction): HandlerTask {
  return { Resource: functionArn, TimeoutSeconds: timeout.toSeconds() + MARGIN_SECONDS };
}
