import { AwsError } from '../service';
import type { OperationModel } from './model';
import { ShapeCheck } from './shape-check';

/**
 * Checks an output against the model: an answer that AWS could not give would let a handler pass here and fail there. A violation is a
 * defect of the twin, never of its caller.
 */
export function checkResponse(operation: OperationModel, output: unknown): void {
  if (operation.output === undefined) return;
  const check = new ShapeCheck(operation);
  check.value(operation.output, output ?? {}, '');
  if (check.problems.length === 0) return;
  throw new AwsError('TwinDefect', `the response of ${operation.service.name} ${operation.name} does not fit its model: ${check.problems.join('; ')}`, 501);
}
