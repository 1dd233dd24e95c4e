import { AwsError } from '../../service';

/** Maximum input or output of a task, state or execution, in bytes of UTF-8 (Step Functions' service quotas, "task executions"). */
export const MAX_STATE_BYTES = 262_144;

/** An error as `Retry` and `Catch` see it: `name` is what ErrorEquals matches, `message` becomes the Cause. */
export class StateFailure extends Error {
  /**
   * Read by the interpreter. Step Functions' guide calls both errors terminal and says that `States.ALL` does not match them. Executions
   * recorded on AWS in 2024 (snapshots of LocalStack's tests) show that a catcher can see a function's result that is too large; a workflow
   * that relies on that would go against the guide, so it fails here.
   */
  readonly isRetryable: boolean;
  readonly isCatchable: boolean;

  constructor(name: string, cause: string) {
    super(cause);
    this.name = name;
    this.isRetryable = this.isCatchable = name !== 'States.Runtime' && name !== 'States.DataLimitExceeded';
  }
}

/** JSON text of what a state or task returned, refused in AWS's words if it is larger than Step Functions carries. */
export function resultData(value: unknown, name: string): string {
  return limited(value, `The state/task '${name}' returned a result with a size exceeding the maximum number of bytes service limit.`);
}

/** JSON text of what goes into a state, a task or a child execution. */
export function inputData(value: unknown, name: string): string {
  return limited(value, `The input of '${name}' has a size exceeding the maximum number of bytes service limit.`);
}

function limited(value: unknown, refusal: string): string {
  const text = JSON.stringify(value) ?? 'null';
  const size = Buffer.byteLength(text);
  if (size > MAX_STATE_BYTES) throw new StateFailure('States.DataLimitExceeded', `${refusal} (${size} bytes, at most ${MAX_STATE_BYTES})`);
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
