type NamedError = readonly [errorType: string, message: string];

/** A process that ended by itself or was ended. */
export const KILLED: NamedError = ['Runtime.ExitError', 'Runtime exited with error: signal: killed'];

export function timedOut(timeoutSeconds: number): NamedError {
  return ['Sandbox.Timedout', `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`];
}

/** What Lambda answers in place of the function. */
export function errorPayload(requestId: string | undefined, errorType: string, message: string): string {
  return JSON.stringify({ errorType, errorMessage: `RequestId: ${requestId ?? 'none'} Error: ${message}` });
}
