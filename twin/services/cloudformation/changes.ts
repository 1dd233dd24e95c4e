import { isDeepStrictEqual } from 'util';
import { changeOf, references, type Plan } from '../../template';
import type { World } from '../../world';
import { ResourceFailed, type ResourceOperations } from './resource-operations';
import { StackScope } from './scope';
import type { Stack, StackResource, Stacks } from './state';

/* eslint-disable @typescript-eslint/no-explicit-any -- properties of any type */

/** A property that an update changes, or may change. */
export interface PropertyChange {
  readonly name: string;
  readonly before: any;
  readonly after: any;
  /** What the change comes from: the template itself, or something that the property refers to. */
  readonly source: 'DirectModification' | 'ParameterReference' | 'ResourceReference' | 'ResourceAttribute';
  /** What is referred to: a parameter, a resource or `resource.Attribute`. */
  readonly cause?: string;
  /** False if the value is known only when the update runs. */
  readonly isKnown: boolean;
  readonly recreates: 'Never' | 'Conditionally' | 'Always';
}

export interface ResourceChange {
  readonly action: 'Add' | 'Modify' | 'Remove';
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId?: string;
  readonly replacement?: 'True' | 'False' | 'Conditional';
  /** What becomes of a resource that is removed or replaced. */
  readonly policy?: 'Delete' | 'Retain' | 'ReplaceAndDelete' | 'ReplaceAndRetain';
  readonly properties: readonly PropertyChange[];
}

/** What CloudFormation shows in place of a value that only the update can tell. */
const UNKNOWN = '{{changeSet:KNOWN_AFTER_APPLY}}';

/** What an update by this plan does to each resource, as far as that can be told before. */
export function changesOf(world: World, operations: ResourceOperations, stack: Stack, plan: Plan, stacks: Stacks): ResourceChange[] {
  const scope = new Preview(world, stack, plan, stacks);
  const changes: ResourceChange[] = [];
  for (const logicalId of plan.order) {
    const before = stack.resources.get(logicalId);
    const change = before === undefined ? added(plan, logicalId) : modified(operations, stack, plan, scope, before);
    if (change === undefined) continue;
    changes.push(change);
    scope.changed.add(logicalId);
    if (change.action === 'Add' || change.replacement !== 'False') scope.replaced.add(logicalId);
  }
  const removed = [...stack.resources.values()].filter(({ logicalId }) => !plan.resources.has(logicalId));
  return [...changes, ...removed.map(({ logicalId, type, handle, definition }): ResourceChange => ({
    action: 'Remove', logicalId, type, physicalId: handle?.physicalId, properties: [],
    policy: (definition.DeletionPolicy ?? 'Delete') === 'Delete' ? 'Delete' : 'Retain',
  }))];
}

/** Sees the resources as they are, and placeholders where the update changes them. */
class Preview extends StackScope {
  readonly changed = new Set<string>();
  readonly replaced = new Set<string>();

  override ref(name: string): any {
    return this.replaced.has(name) ? UNKNOWN : super.ref(name);
  }

  override attribute(logicalId: string, attribute: string, path: string): any {
    return this.changed.has(logicalId) ? UNKNOWN : super.attribute(logicalId, attribute, path);
  }
}

function added(plan: Plan, logicalId: string): ResourceChange {
  return { action: 'Add', logicalId, type: plan.resources.get(logicalId)!.Type, properties: [] };
}

function modified(operations: ResourceOperations, stack: Stack, plan: Plan, scope: Preview, before: StackResource): ResourceChange | undefined {
  const { logicalId, type } = before;
  const definition = plan.resources.get(logicalId)!;
  const after = attempt(() => operations.prepare(stack, plan, scope, logicalId).properties);
  const provider = operations.provider(type);
  const names = new Set([...Object.keys(before.properties), ...Object.keys(after ?? definition.Properties ?? {})]);
  const properties = [...names].flatMap((name): PropertyChange[] => {
    // Without `after` a placeholder met an intrinsic that needs the value itself: whatever refers to something may change.
    const value = after === undefined ? definition.Properties?.[name] : after[name];
    const isKnown = after !== undefined && !JSON.stringify(value ?? null).includes(UNKNOWN);
    if (isKnown && isDeepStrictEqual(before.properties[name], value)) return [];
    const isCreateOnly = changeOf(provider, { [name]: before.properties[name] }, { [name]: value }) === 'replace';
    return [{
      name, before: before.properties[name], after: isKnown ? value : UNKNOWN, isKnown,
      ...sourceOf(scope, plan, before.definition.Properties?.[name], definition.Properties?.[name]),
      recreates: isCreateOnly ? isKnown ? 'Always' : 'Conditionally' : 'Never',
    }];
  });
  if (properties.length === 0) return undefined;
  const recreates = new Set(properties.map((property) => property.recreates));
  const replacement = recreates.has('Always') ? 'True' : recreates.has('Conditionally') ? 'Conditional' : 'False';
  const keeps = (definition.UpdateReplacePolicy ?? 'Delete') !== 'Delete';
  return {
    action: 'Modify', logicalId, type, physicalId: before.handle?.physicalId, replacement, properties,
    ...(replacement !== 'False' && { policy: keeps ? 'ReplaceAndRetain' : 'ReplaceAndDelete' }),
  };
}

function sourceOf(scope: Preview, plan: Plan, before: unknown, after: unknown): Pick<PropertyChange, 'source' | 'cause'> {
  if (!isDeepStrictEqual(before, after)) return { source: 'DirectModification' };
  const referred = references(after, (name) => plan.condition(name, 'Fn::If'));
  const resource = referred.find(({ name }) => scope.changed.has(name));
  if (resource === undefined) return { source: 'ParameterReference', cause: referred.find(({ name }) => plan.parameters[name] !== undefined)?.name };
  const { name, attribute } = resource;
  return attribute === undefined ? { source: 'ResourceReference', cause: name } : { source: 'ResourceAttribute', cause: `${name}.${attribute}` };
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof ResourceFailed) return undefined;
    throw error;
  }
}
