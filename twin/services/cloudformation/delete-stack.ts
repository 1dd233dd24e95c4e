import { orderOf, reversed } from '../../template';
import { StackOperationError, type ResourceFailure } from './errors';
import { ResourceFailed, type ResourceOperations } from './resource-operations';
import type { Stack, StackResource } from './state';

/** Deletes what the stack holds, each thing before those it needs, and keeps what the template says to keep. */
export async function deleteStack(operations: ResourceOperations, stack: Stack, now: () => Date): Promise<void> {
  operations.markStack(stack, 'DELETE_IN_PROGRESS', 'User Initiated');
  const left = await removeResources(operations, stack, [...stack.resources.values()], ({ definition }) => (definition.DeletionPolicy ?? 'Delete') !== 'Delete');
  if (left.length > 0) {
    operations.markStack(stack, 'DELETE_FAILED', `The following resource(s) failed to delete: [${left.map(({ logicalId }) => logicalId).join(', ')}].`);
    throw new StackOperationError(stack.stackName, stack.status, left);
  }
  stack.deletedAt = now();
  stack.outputs = new Map();
  stack.imports = new Set();
  operations.markStack(stack, 'DELETE_COMPLETE');
}

/**
 * Deletes `resources` in reverse order of dependency. One that fails `attempts` times keeps what it needs alive; everything
 * else still goes. Returns the failures.
 */
export async function removeResources(
  operations: ResourceOperations, stack: Stack, resources: readonly StackResource[], keep: (resource: StackResource) => boolean, attempts = 1,
): Promise<ResourceFailure[]> {
  const byId = new Map(resources.map((resource) => [resource.logicalId, resource]));
  const graph = new Map(resources.map(({ logicalId, needs }) => [logicalId, new Set([...needs].filter((need) => byId.has(need)))]));
  const failures: ResourceFailure[] = [];
  const needed = new Set<string>();
  for (const logicalId of orderOf(reversed(graph), operations.random)) {
    const resource = byId.get(logicalId)!;
    const stay = () => { for (const need of graph.get(logicalId)!) needed.add(need); };
    if (needed.has(logicalId)) {
      stay();
      continue;
    }
    try {
      if (keep(resource)) operations.skip(stack, resource);
      else await patiently(attempts, () => operations.delete(stack, resource));
      // A replaced resource's old self shares the logical id with its successor, which stays.
      if (stack.resources.get(logicalId) === resource) stack.resources.delete(logicalId);
    } catch (error) {
      if (!(error instanceof ResourceFailed)) throw error;
      failures.push(error.failure);
      stay();
    }
  }
  return failures;
}

async function patiently(attempts: number, remove: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await remove();
    } catch (error) {
      if (attempt === attempts || !(error instanceof ResourceFailed)) throw error;
    }
  }
}
