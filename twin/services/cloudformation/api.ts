import { AwsError, type Operation } from '../../service';
import type { World } from '../../world';
import type { Stack, StackResource, Stacks } from './state';

/* eslint-disable @typescript-eslint/no-explicit-any -- shapes of the service's model */

/** Deleted stacks are described for this long. */
const MEMORY_DAYS = 90;
const EVENTS_PER_PAGE = 100;
const RESOURCES_PER_PAGE = 100;

export function cloudFormationOperations(world: World, stacks: Stacks): Record<string, Operation> {
  const arnOf = (name: string | undefined) => name === undefined ? '*'
    : stacks.find(name)?.stackId ?? (name.startsWith('arn:') ? name : world.arn('cloudformation', `stack/${name}/*`));
  const onStack = (action: string, run: (input: any) => any): Operation => ({
    authorize: ({ StackName }) => [{ action: `cloudformation:${action}`, resource: arnOf(StackName) }],
    run,
  });
  const stackOf = (name: string): Stack => {
    const stack = stacks.find(name);
    if (stack === undefined) throw new AwsError('ValidationError', `Stack with id ${name} does not exist`);
    return stack;
  };
  /** `StackName`, or the stack that holds the given physical id. */
  const stackByEither = ({ StackName, PhysicalResourceId }: any): Stack => {
    if (StackName !== undefined) return stackOf(StackName);
    const owner = stacks.living().find((stack) => [...stack.resources.values()].some(({ handle }) => handle?.physicalId === PhysicalResourceId));
    if (owner === undefined) throw new AwsError('ValidationError', `Stack for ${PhysicalResourceId} does not exist`);
    return owner;
  };

  return {
    DescribeStacks: onStack('DescribeStacks', ({ StackName }) => ({
      Stacks: (StackName === undefined ? stacks.living() : [stackOf(StackName)]).map(stackDescription),
    })),
    ListStacks: {
      authorize: () => [{ action: 'cloudformation:ListStacks', resource: '*' }],
      run: ({ StackStatusFilter }) => ({
        StackSummaries: stacks.all()
          .filter(({ status }) => StackStatusFilter === undefined || StackStatusFilter.includes(status))
          .filter(({ deletedAt }) => deletedAt === undefined || world.clock.now() - deletedAt.getTime() < MEMORY_DAYS * 86_400_000)
          .map(stackSummary),
      }),
    },
    DescribeStackResources: onStack('DescribeStackResources', (input) => {
      const stack = stackByEither(input);
      return {
        StackResources: [...stack.resources.values()]
          .filter(({ logicalId }) => input.LogicalResourceId === undefined || logicalId === input.LogicalResourceId)
          // There are no pages; ListStackResources gives them all.
          .slice(0, RESOURCES_PER_PAGE)
          .map((resource) => ({ StackName: stack.stackName, StackId: stack.stackId, Timestamp: resource.changedAt, ...resourceDescription(resource) })),
      };
    }),
    DescribeStackResource: onStack('DescribeStackResource', ({ StackName, LogicalResourceId }) => {
      const stack = stackOf(StackName);
      const resource = stack.resources.get(LogicalResourceId);
      if (resource === undefined) throw new AwsError('ValidationError', `Resource ${LogicalResourceId} does not exist for stack ${stack.stackName}`);
      return {
        StackResourceDetail: {
          StackName: stack.stackName, StackId: stack.stackId, LastUpdatedTimestamp: resource.changedAt, ...resourceDescription(resource),
        },
      };
    }),
    ListStackResources: onStack('ListStackResources', ({ StackName, NextToken = '0' }) => {
      const resources = [...stackOf(StackName).resources.values()];
      const end = Number(NextToken) + RESOURCES_PER_PAGE;
      return {
        StackResourceSummaries: resources.slice(Number(NextToken), end)
          .map((resource) => ({ LastUpdatedTimestamp: resource.changedAt, ...resourceDescription(resource) })),
        NextToken: end < resources.length ? String(end) : undefined,
      };
    }),
    DescribeStackEvents: onStack('DescribeStackEvents', ({ StackName, NextToken }) => {
      const stack = stacks.find(StackName);
      if (stack === undefined) throw new AwsError('ValidationError', `Stack [${StackName}] does not exist`);
      // Counted from the oldest: pages stay the same while new events come.
      const end = NextToken === undefined ? stack.events.length : Number(NextToken);
      const start = Math.max(0, end - EVENTS_PER_PAGE);
      return {
        StackEvents: stack.events.slice(start, end).map((event) => ({
          StackId: stack.stackId, StackName: stack.stackName, EventId: event.eventId, LogicalResourceId: event.logicalId,
          PhysicalResourceId: event.physicalId ?? '', ResourceType: event.type, ResourceStatus: event.status,
          ResourceStatusReason: event.reason, Timestamp: event.time, ClientRequestToken: event.requestToken,
        })).reverse(),
        NextToken: start === 0 ? undefined : String(start),
      };
    }),
    ListExports: {
      authorize: () => [{ action: 'cloudformation:ListExports', resource: '*' }],
      run: () => ({
        Exports: stacks.living().flatMap((stack) => [...stack.outputs.values()]
          .filter(({ exportName }) => exportName !== undefined)
          .map(({ exportName, value }) => ({ ExportingStackId: stack.stackId, Name: exportName, Value: value }))),
      }),
    },
    GetTemplate: onStack('GetTemplate', ({ StackName, ChangeSetName, TemplateStage = 'Original' }) => {
      const stack = stackOf(StackName);
      const changeSet = ChangeSetName && stack.changeSets.get(ChangeSetName);
      if (ChangeSetName !== undefined && changeSet === undefined) throw new AwsError('ChangeSetNotFound', `ChangeSet [${ChangeSetName}] does not exist`, 404);
      const { template, templateBody } = changeSet?.input ?? stack;
      return {
        TemplateBody: TemplateStage === 'Original' ? templateBody ?? JSON.stringify(template) : JSON.stringify(template),
        StagesAvailable: ['Original', 'Processed'],
      };
    }),
  };
}

function stackSummary(stack: Stack): Record<string, any> {
  return {
    StackId: stack.stackId, StackName: stack.stackName, CreationTime: stack.createdAt, LastUpdatedTime: stack.updatedAt,
    DeletionTime: stack.deletedAt, StackStatus: stack.status, StackStatusReason: stack.statusReason,
  };
}

function stackDescription(stack: Stack): Record<string, any> {
  return {
    ...stackSummary(stack),
    Description: stack.template.Description,
    Parameters: Object.entries(stack.parameters).map(([key, value]) => ({
      ParameterKey: key,
      ParameterValue: String(stack.template.Parameters?.[key]?.NoEcho) === 'true' ? '****' : String(value),
    })),
    Outputs: [...stack.outputs].map(([key, { value, description, exportName }]) => ({
      OutputKey: key, OutputValue: value, Description: description, ExportName: exportName,
    })),
    Tags: Object.entries(stack.tags).map(([Key, Value]) => ({ Key, Value })),
    Capabilities: stack.capabilities ?? ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'],
    RoleARN: stack.roleArn,
    EnableTerminationProtection: stack.isProtected ?? false,
    DisableRollback: false,
    NotificationARNs: [],
    RollbackConfiguration: {},
    DriftInformation: { StackDriftStatus: 'NOT_CHECKED' },
  };
}

function resourceDescription({ logicalId, type, handle, status, reason }: StackResource): Record<string, any> {
  return {
    LogicalResourceId: logicalId, PhysicalResourceId: handle?.physicalId, ResourceType: type, ResourceStatus: status, ResourceStatusReason: reason,
    DriftInformation: { StackResourceDriftStatus: 'NOT_CHECKED' },
  };
}
