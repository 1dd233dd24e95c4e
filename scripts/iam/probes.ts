import type { PolicyDocument, Principal } from '../../twin';
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

/** A question about a resource as the statement means it, by whom it means; of statements that deny, by one who may do all else. */
export function invented(resource: string, grant: Grant, resourcePolicy: PolicyDocument | undefined, anybody: Principal): Probe {
  const { Action, Effect } = grant.statement;
  const context = conditionsOf(grant.statement).reduce((given, { operator, key, values }) => accepting(given, operator, key, values), {});
  return {
    principal: Effect === 'Deny' ? anybody : principalOf(grant),
    request: { action: exampleOf(list(Action)[0]!), resource: resource === '*' ? '*' : resource.replace(/[*?]/g, 'x'), context, resourcePolicy },
    time: 0,
  };
}

/** Any action of a family will do where a family is meant. */
const EXAMPLES: Readonly<Record<string, string>> = { 's3:*': 's3:GetObject', 'sqs:*': 'sqs:SendMessage', 'kms:*': 'kms:Decrypt' };

function exampleOf(action: string): string {
  const example = EXAMPLES[action] ?? action.replace(/\*$/, '');
  if (example.includes('*') || example.endsWith(':')) throw new Error(`no action is known as an example of ${action}; add one to EXAMPLES`);
  return example;
}

function principalOf({ kind, roleArn, statement: { Principal } }: Grant): Principal {
  if (kind === 'identity') return { kind: 'role', roleArn: roleArn!, sessionName: 'probe' };
  const service = typeof Principal === 'object' ? list(Principal['Service'])[0] : undefined;
  if (service !== undefined) return { kind: 'service', service };
  const arn = typeof Principal === 'object' ? list(Principal['AWS'])[0] : undefined;
  if (arn === undefined || arn === '*') throw new Error(`nobody is known to ask as ${JSON.stringify(Principal)}; known are services and ARNs`);
  return { kind: 'role', roleArn: arn.endsWith(':root') ? arn.replace(/root$/, 'role/somebody') : arn, sessionName: 'probe' };
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
