import type { Principal } from '../../twin';
import { accepting, refusing } from './conditions';
import type { Observation } from './observer';
import { conditionsOf, list, matches, resourcesOf, type Grant } from './statement';

/** A question that nobody asked, to see whether a condition stands in the way. */
export type Probe = Pick<Observation, 'principal' | 'request' | 'time'>;

/** Whether a statement's actions and resources cover a question. */
export function covers(grant: Grant, { request }: Pick<Observation, 'request'>): boolean {
  return list(grant.statement.Action).some((action) => matches(action, request.action, true))
    && resourcesOf(grant).some((resource) => matches(resource, request.resource));
}

/** A question as the statement means it, for statements that no call of the loop used. */
export function invented(grant: Grant, resourcePolicy: NonNullable<Probe['request']['resourcePolicy']>): Probe {
  const concrete = (pattern: string) => pattern.replace(/[*?]/g, 'x');
  const action = list(grant.statement.Action)[0]!.replace(/\*$/, '');
  const resource = resourcesOf(grant)[0]!;
  const context = conditionsOf(grant.statement).reduce((given, { operator, key, values }) => accepting(given, operator, key, values), {});
  return {
    principal: principalOf(grant),
    request: { action, resource: resource === '*' ? '*' : concrete(resource), context, ...(grant.kind === 'identity' ? {} : { resourcePolicy }) },
    time: 0,
  };
}

function principalOf({ kind, roleArn, statement: { Principal } }: Grant): Principal {
  if (kind === 'identity') return { kind: 'role', roleArn: roleArn!, sessionName: 'probe' };
  const service = typeof Principal === 'object' ? list(Principal['Service'])[0] : undefined;
  if (service === undefined) throw new Error(`no call can be invented for ${JSON.stringify(Principal)}; only services are known as principals`);
  return { kind: 'service', service };
}

/** The same question with all conditions of a statement fulfilled. */
export function fulfilling(probe: Probe, grant: Grant): Probe {
  const context = conditionsOf(grant.statement).reduce((given, { operator, key, values }) => accepting(given, operator, key, values), probe.request.context ?? {});
  return { ...probe, request: { ...probe.request, context } };
}

/** The same question with one condition not fulfilled. */
export function violating(probe: Probe, operator: string, key: string, values: readonly string[]): Probe {
  return { ...probe, request: { ...probe.request, context: refusing(probe.request.context ?? {}, operator, key, values) } };
}
