import type { Run } from './run';

/** Physical id of the stack's only resource of this type whose logical id holds `part`. */
export async function stackResource({ cloud, names }: Run, type: string, part: string): Promise<string> {
  const resources = await cloud.list('cloudformation', 'ListStackResources', 'StackResourceSummaries', { StackName: names.stack });
  const found = resources.filter(({ ResourceType, LogicalResourceId }) => ResourceType === type && LogicalResourceId.includes(part));
  if (found.length !== 1) throw new Error(`stack ${names.stack} has ${found.length} resources of type ${type} named '${part}'`);
  return found[0].PhysicalResourceId as string;
}
