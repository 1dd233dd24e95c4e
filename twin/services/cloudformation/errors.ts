import type { ResourceHandle } from '../../service';

/** A resource whose creation failed after something was made: the rollback has to delete it. */
export class PartlyMade extends Error {
  constructor(message: string, readonly handle: ResourceHandle) {
    super(message);
    this.name = 'PartlyMade';
  }
}

export interface ResourceFailure {
  readonly logicalId: string;
  readonly type: string;
  readonly reason: string;
}

/** A stack operation that did not succeed; the stack is left in `status`. */
export class StackOperationError extends Error {
  constructor(readonly stackName: string, readonly status: string, readonly failures: readonly ResourceFailure[], cause?: unknown) {
    super(
      `stack ${stackName} ended in ${status}: ${failures.map(({ logicalId, type, reason }) => `${logicalId} (${type}): ${reason}`).join('; ')}`,
      { cause },
    );
    this.name = 'StackOperationError';
  }
}
