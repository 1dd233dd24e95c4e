/** Names under which the SDK reports throttling and broken connections, where the status does not tell. */
const NAMES = /^(TimeoutError|RequestTimeout|Throttling|ThrottlingException|ThrottledException|TooManyRequestsException|RequestLimitExceeded)$/;
/** Of a connection that could not be made; those that break are named `TimeoutError` by the SDK. */
const CODES = /^(ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;

/** Whether AWS may answer the same call a little later: throttling, errors of the service, broken connections. */
export function isTransient(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const { $metadata, $retryable, code = '' } = error as { $metadata?: { httpStatusCode?: number }; $retryable?: object; code?: string };
  const status = $metadata?.httpStatusCode ?? 0;
  return $retryable !== undefined || status === 429 || status >= 500 || NAMES.test(error.name) || CODES.test(code);
}
