import type { ChangeSet } from './change-set';
import type { PropertyChange, ResourceChange } from './changes';
import type { Stack } from './state';

/* eslint-disable @typescript-eslint/no-explicit-any -- shapes of the service's model */

export function changeSetSummary(stack: Stack, changeSet: ChangeSet): Record<string, any> {
  return {
    StackId: stack.stackId, StackName: stack.stackName, ChangeSetId: changeSet.id, ChangeSetName: changeSet.name,
    ExecutionStatus: changeSet.executionStatus, Status: changeSet.status, StatusReason: changeSet.statusReason,
    CreationTime: changeSet.createdAt, Description: changeSet.description, IncludeNestedStacks: false,
  };
}

export function changeSetDescription(stack: Stack, changeSet: ChangeSet, withValues: boolean): Record<string, any> {
  const { input } = changeSet;
  const isSettled = changeSet.status === 'CREATE_COMPLETE';
  return {
    ...changeSetSummary(stack, changeSet),
    Parameters: Object.entries(input.parameters).map(([ParameterKey, value]) => ({
      ParameterKey, ParameterValue: String(input.template.Parameters?.[ParameterKey]?.NoEcho) === 'true' ? '****' : value,
    })),
    NotificationARNs: [],
    RollbackConfiguration: {},
    Capabilities: input.capabilities ?? [],
    Tags: Object.entries(input.tags).map(([Key, Value]) => ({ Key, Value })),
    Changes: isSettled ? changeSet.changes.map((change) => ({ Type: 'Resource', ResourceChange: resourceChange(change, withValues) })) : [],
  };
}

function resourceChange(change: ResourceChange, withValues: boolean): Record<string, any> {
  const isModified = change.action === 'Modify';
  return {
    Action: change.action, LogicalResourceId: change.logicalId, PhysicalResourceId: change.physicalId, ResourceType: change.type,
    Replacement: change.replacement, PolicyAction: change.policy,
    Scope: isModified ? [...new Set(change.properties.map(({ name }) => (name === 'Tags' ? 'Tags' : 'Properties')))] : [],
    Details: change.properties.map((property) => detail(property, withValues)),
    ...(withValues && isModified && {
      BeforeContext: context(change.properties, ({ before }) => before), AfterContext: context(change.properties, ({ after }) => after),
    }),
  };
}

function detail(change: PropertyChange, withValues: boolean): Record<string, any> {
  const isTags = change.name === 'Tags';
  const kind = change.before === undefined ? 'Add' : change.after === undefined ? 'Remove' : 'Modify';
  return {
    Target: {
      Attribute: isTags ? 'Tags' : 'Properties', ...(!isTags && { Name: change.name, RequiresRecreation: change.recreates }),
      ...(isTags && { RequiresRecreation: 'Never' }),
      ...(withValues && {
        Path: `/${isTags ? '' : 'Properties/'}${change.name}`, AttributeChangeType: kind,
        BeforeValue: text(change.before), AfterValue: text(change.after),
      }),
    },
    Evaluation: change.isKnown ? 'Static' : 'Dynamic',
    ChangeSource: change.source,
    CausingEntity: change.cause,
  };
}

function context(changes: readonly PropertyChange[], value: (change: PropertyChange) => unknown): string {
  return JSON.stringify({ Properties: Object.fromEntries(changes.map((change) => [change.name, value(change)])) });
}

function text(value: unknown): string | undefined {
  return value === undefined || typeof value === 'string' ? value : JSON.stringify(value);
}
