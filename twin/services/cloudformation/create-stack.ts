import type { Plan } from '../../template';
import { StackOperationError } from './errors';
import { removeResources } from './delete-stack';
import { messageOf, ResourceFailed, type ResourceOperations } from './resource-operations';
import type { StackScope } from './scope';
import type { Stack } from './state';

/** Makes every resource of the plan, one after another; if one fails, takes back those that were made. */
export async function createStack(operations: ResourceOperations, stack: Stack, plan: Plan, scope: StackScope): Promise<void> {
  operations.markStack(stack, 'CREATE_IN_PROGRESS', 'User Initiated');
  try {
    for (const logicalId of plan.order) await operations.create(stack, operations.prepare(stack, plan, scope, logicalId));
    stack.outputs = scope.outputs();
    stack.imports = scope.imports;
    operations.markStack(stack, 'CREATE_COMPLETE');
  } catch (error) {
    const failure = failureOf(stack, error);
    operations.markStack(stack, 'ROLLBACK_IN_PROGRESS', `The following resource(s) failed to create: [${failure.logicalId}]. Rollback requested by user.`);
    const left = await removeResources(operations, stack, [...stack.resources.values()], (resource) => resource.definition.DeletionPolicy === 'Retain');
    operations.markStack(stack, left.length === 0 ? 'ROLLBACK_COMPLETE' : 'ROLLBACK_FAILED');
    throw new StackOperationError(stack.stackName, stack.status, [failure, ...left], error);
  }
}

/** What went wrong, as CloudFormation lists it: a fault in the outputs counts against the stack itself. */
export function failureOf(stack: Stack, error: unknown): ResourceFailed['failure'] {
  return error instanceof ResourceFailed ? error.failure
    : { logicalId: stack.stackName, type: 'AWS::CloudFormation::Stack', reason: messageOf(error) };
}
