/** Whether AWS may answer the same call a little later: throttling, errors of the service, broken connections. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { $metadata, $retryable } = error as { $metadata?: { httpStatusCode?: number }; $retryable?: object };
  return $retryable !== undefined || ($metadata?.httpStatusCode ?? 0) >= 500
    || /^(TimeoutError|Throttling|ThrottlingException|TooManyRequestsException|ECONNRESET)$/.test(error.name);
}
