import { AwsError } from '../../service';

/** The size of a state's input or output, in bytes of UTF-8. */
export const MAX_STATE_BYTES = 262_144;

/** An error as `Retry` and `Catch` see it: `name` is what ErrorEquals matches, `message` becomes the Cause. */
export class StateFailure extends Error {
  /** Read by the interpreter: `States.ALL` matches neither of these two. */
  readonly isRetryable: boolean;
  readonly isCatchable: boolean;

  constructor(name: string, cause: string) {
    super(cause);
    this.name = name;
    this.isRetryable = this.isCatchable = name !== 'States.Runtime' && name !== 'States.DataLimitExceeded';
  }
}

/** JSON text of a state's data, refused if it is larger than Step Functions carries. */
export function stateData(value: unknown, what: string): string {
  const text = JSON.stringify(value) ?? 'null';
  const size = Buffer.byteLength(text);
  if (size > MAX_STATE_BYTES) {
    throw new StateFailure('States.DataLimitExceeded', `The ${what} is ${size} bytes, which exceeds the maximum of ${MAX_STATE_BYTES} bytes.`);
  }
  return text;
}

/** What a failed execution, branch or iteration is recorded with. */
export function errorAndCause(error: unknown): { error: string; cause: string } {
  const inner = error instanceof Error && error.name === 'ExecutionError' ? error.cause : error;
  if (inner instanceof AwsError) return { error: inner.code, cause: inner.message };
  if (inner instanceof Error) {
    // A plain JavaScript error is the interpreter stumbling over the data it was given.
    const stumbled = !('isRetryable' in inner);
    return { error: stumbled ? 'States.Runtime' : inner.name, cause: inner.message };
  }
  return { error: 'States.Runtime', cause: String(inner) };
}
