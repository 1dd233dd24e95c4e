import { DescribeStacksCommand, paginateListStackResources, type CloudFormationClient } from '@aws-sdk/client-cloudformation';

export async function statusOf(cloudformation: CloudFormationClient, stackId: string): Promise<string> {
  const { Stacks } = await cloudformation.send(new DescribeStacksCommand({ StackName: stackId }));
  return Stacks![0]!.StackStatus!;
}

/**
 * Logical ids of the resources of this type, their physical ids beginning so, that the stack has and is not deleting.
 * CloudFormation sends Delete also for a resource whose logical id has changed, and for the new one when that update fails; then
 * another one stands for the same thing.
 */
export async function holdersOf(client: CloudFormationClient, stackId: string, type: string, idPrefix: string): Promise<string[]> {
  const holders: string[] = [];
  for await (const { StackResourceSummaries: resources = [] } of paginateListStackResources({ client }, { StackName: stackId })) {
    holders.push(...resources
      .filter((each) => each.ResourceType === type && each.PhysicalResourceId?.startsWith(idPrefix) && !each.ResourceStatus!.startsWith('DELETE_'))
      .map(({ LogicalResourceId }) => LogicalResourceId!));
  }
  return holders;
}
