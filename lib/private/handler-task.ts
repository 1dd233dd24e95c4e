import { HandlerFunction } from './handler-function';
import { TRANSIENT_ERROR } from './transient-error.contract';

/** Members of a Task state that runs a handler. */
export interface HandlerTask {
  readonly Resource: string;
  readonly TimeoutSeconds: number;
}

/** Errors of Lambda itself, not of the handler. */
export const LAMBDA_ERRORS = [
  'Lambda.ClientExecutionTimeoutException', 'Lambda.ServiceException', 'Lambda.AWSLambdaException', 'Lambda.SdkClientException', 'Lambda.TooManyRequestsException',
];

/** A handler that was killed, or whose call AWS could not answer however often the SDK tried. Every handler may be run again. */
export const TRANSIENT_ERRORS = ['Runtime.ExitError', 'Sandbox.Timedout', TRANSIENT_ERROR];

/** What starting the function and returning its answer may take. */
const MARGIN_SECONDS = 60;

/**
 * The state waits longer than the function may run. With the same limit for both, the state would end first, with
 * `States.Timeout`, and the function's own `Sandbox.Timedout`, which is retried, would never be seen.
 */
export function handlerTask({ function: { functionArn }, timeout }: HandlerFunction): HandlerTask {
  return { Resource: functionArn, TimeoutSeconds: timeout.toSeconds() + MARGIN_SECONDS };
}
