import { changeOf, type Plan } from '../../template';
import { failureOf } from './create-stack';
import { removeResources } from './delete-stack';
import { StackOperationError } from './errors';
import type { ResourceOperations } from './resource-operations';
import type { StackScope } from './scope';
import type { Stack, StackResource } from './state';

/** https://repost.aws/knowledge-center/cloudformation-stack-cleanup-stuck: "tries to delete a resource three times before CloudFormation skips the resource". */
const CLEANUP_ATTEMPTS = 3;

/** What an update has done so far, so that it can be finished or taken back. */
class Progress {
  /** Steps back, to be taken last first. */
  readonly undo: Array<() => Promise<void>> = [];
  /** Made by this update: to be deleted if it is taken back. */
  readonly made: StackResource[] = [];
  /** Replaced by this update: to be deleted once it is through. */
  readonly replaced: StackResource[] = [];
}

/**
 * Brings the stack to the plan: new things and replacements first, in order of dependency; only when all of them stand are the
 * old ones deleted. If anything fails, everything goes back to where it was.
 */
export async function updateStack(
  operations: ResourceOperations, stack: Stack, plan: Plan, scope: StackScope, checkExports: (outputs: Stack['outputs']) => void,
): Promise<void> {
  const progress = new Progress();
  const before = { outputs: stack.outputs, imports: stack.imports };
  operations.markStack(stack, 'UPDATE_IN_PROGRESS', 'User Initiated');
  try {
    for (const logicalId of plan.order) await bringUp(operations, stack, operations.prepare(stack, plan, scope, logicalId), progress);
    const outputs = scope.outputs();
    checkExports(outputs);
    Object.assign(stack, { outputs, imports: scope.imports });
  } catch (error) {
    Object.assign(stack, before);
    await takeBack(operations, stack, progress, error);
  }
  await cleanUp(operations, stack, plan, progress);
}

async function bringUp(operations: ResourceOperations, stack: Stack, after: StackResource, progress: Progress): Promise<void> {
  const before = stack.resources.get(after.logicalId);
  const restore = async () => { if (before) stack.resources.set(before.logicalId, before); };
  const change = before === undefined ? 'replace' : changeOf(operations.provider(after.type), before.properties, after.properties);

  if (before !== undefined && change === 'none') {
    stack.resources.set(after.logicalId, { ...after, handle: before.handle, status: before.status, changedAt: before.changedAt });
    progress.undo.push(restore);
  } else if (before !== undefined && change === 'update') {
    progress.undo.push(async () => {
      const now = stack.resources.get(after.logicalId)!;
      const back = { ...before };
      await operations.update(stack, now, back);
      // A custom resource that had replaced itself has done so again; what the update made is deleted last.
      if (back.handle?.physicalId !== now.handle?.physicalId) progress.made.push(now);
    });
    await operations.update(stack, before, after);
    // A custom resource that answers with another id has replaced itself.
    if (after.handle?.physicalId !== before.handle?.physicalId) progress.replaced.push(before);
  } else {
    progress.undo.push(async () => {
      progress.made.push(after);
      await restore();
    });
    await operations.create(stack, after);
    if (before !== undefined) progress.replaced.push(before);
  }
}

async function cleanUp(operations: ResourceOperations, stack: Stack, plan: Plan, { replaced }: Progress): Promise<void> {
  operations.markStack(stack, 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
  const removed = [...stack.resources.values()].filter(({ logicalId }) => !plan.resources.has(logicalId));
  const isReplaced = new Set(replaced);
  await removeResources(operations, stack, [...replaced, ...removed], (resource) => {
    const successor = plan.resources.get(resource.logicalId);
    const policy = isReplaced.has(resource) ? successor?.UpdateReplacePolicy : resource.definition.DeletionPolicy;
    return (policy ?? 'Delete') !== 'Delete';
  }, CLEANUP_ATTEMPTS);
  // What could not be deleted is no longer the stack's; CloudFormation reports it as an event and lets it be.
  for (const { logicalId } of removed) stack.resources.delete(logicalId);
  operations.markStack(stack, 'UPDATE_COMPLETE');
}

async function takeBack(operations: ResourceOperations, stack: Stack, progress: Progress, error: unknown): Promise<never> {
  const failure = failureOf(stack, error);
  operations.markStack(stack, 'UPDATE_ROLLBACK_IN_PROGRESS', `The following resource(s) failed to update: [${failure.logicalId}].`);
  try {
    for (const step of progress.undo.reverse()) await step();
  } catch (another) {
    operations.markStack(stack, 'UPDATE_ROLLBACK_FAILED');
    throw new StackOperationError(stack.stackName, stack.status, [failure, failureOf(stack, another)], error);
  }
  operations.markStack(stack, 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
  const made = progress.made.filter(({ handle }) => handle !== undefined);
  const left = await removeResources(operations, stack, made, ({ definition }) => definition.DeletionPolicy === 'Retain', CLEANUP_ATTEMPTS);
  for (const { logicalId } of progress.made) {
    if (progress.made.includes(stack.resources.get(logicalId)!)) stack.resources.delete(logicalId);
  }
  operations.markStack(stack, 'UPDATE_ROLLBACK_COMPLETE');
  throw new StackOperationError(stack.stackName, stack.status, [failure, ...left], error);
}
