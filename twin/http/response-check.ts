import { AwsError } from '../service';
import type { OperationModel } from './model';
import { ShapeCheck } from './shape-check';

/** The events of a stack itself carry the stack's status: the user guide's examples show it, the enum of the events' status lacks it. */
const OBSERVED: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  cloudformation: { ResourceStatus: ['REVIEW_IN_PROGRESS', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS'] },
};

/**
 * Checks an output against the model: an answer that AWS could not give would let a handler pass here and fail there. A violation is a
 * defect of the twin, never of its caller.
 */
export function checkResponse(operation: OperationModel, output: unknown): void {
  if (operation.output === undefined) return;
  const check = new ShapeCheck(operation, OBSERVED[operation.service.name]);
  check.value(operation.output, output ?? {}, '');
  if (check.problems.length === 0) return;
  throw new AwsError('TwinDefect', `the response of ${operation.service.name} ${operation.name} does not fit its model: ${check.problems.join('; ')}`, 501);
}
