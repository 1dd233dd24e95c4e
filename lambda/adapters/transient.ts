import { TRANSIENT_ERROR } from '../../lib/private/transient-error.contract';

/**
 * What AWS may answer a little later. A workflow knows errors by their names only, and what the SDK and Node.js throw in such a
 * case has many: a connection that breaks in the body of an answer is just called `Error`.
 */
export class TransientError extends Error {
  override readonly name = TRANSIENT_ERROR;

  static of(error: Error): TransientError {
    return error instanceof TransientError ? error : new TransientError(`${error.name}: ${error.message}`, { cause: error });
  }
}

/** Names under which the SDK reports throttling and broken connections, where the status does not tell. */
const NAMES = /^(TimeoutError|RequestTimeout|Throttling|ThrottlingException|ThrottledException|TooManyRequestsException|RequestLimitExceeded)$/;
/** Of a connection that could not be made, or that broke in the body of an answer; earlier breaks are named `TimeoutError` by the SDK. */
const CODES = /^(ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;

/** Whether AWS may answer the same call a little later: throttling, errors of the service, broken connections. */
export function isTransient(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  if (error instanceof TransientError) return true;
  const { $metadata, $retryable, code = '' } = error as { $metadata?: { httpStatusCode?: number }; $retryable?: object; code?: string };
  const status = $metadata?.httpStatusCode ?? 0;
  return $retryable !== undefined || status === 429 || status >= 500 || NAMES.test(error.name) || CODES.test(code);
}
