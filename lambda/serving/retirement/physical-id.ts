import type { RetirementRequest } from '../../../lib/serving/retire-endpoint.contract';

/** With what the ids of all resources begin that stand for the same thing. */
export function idPrefixOf({ ResourceType, ResourceProperties: { Name } }: RetirementRequest): string {
  return `${ResourceType.replace('Custom::', '')}/${Name}/`;
}

/** Kept as long as the name stays: with another id CloudFormation would delete the old resource. It ends with the time of creation. */
export function physicalIdOf(request: RetirementRequest, now: Date): string {
  const { PhysicalResourceId: given } = request;
  return given !== undefined && (request.RequestType === 'Delete' || given.startsWith(idPrefixOf(request))) ? given : `${idPrefixOf(request)}${now.toISOString()}`;
}

/** When the resource was created; undefined if its id is CloudFormation's own, because the answer to Create was lost. */
export function createdAt({ PhysicalResourceId: given = '' }: RetirementRequest): Date | undefined {
  const time = Date.parse(given.slice(given.lastIndexOf('/') + 1));
  return Number.isNaN(time) ? undefined : new Date(time);
}
