import type { Random } from '../../twin';
import type { Change } from './evaluation';
import { isExplained } from './explained';
import {
  conditionsOf, list, permissionsOf, withoutAction, withoutCondition, withoutResource, type Grant,
} from './statement';
import { entryOf, isUsed, noticesCondition, noticesDenial, refusesSome, type Evidence } from './verification';

/** One thing taken out of the template's policies. */
export interface Mutation {
  readonly change: Change;
  readonly removed: 'statement' | 'action' | 'resource' | 'condition';
  /** What of the statement, for people. */
  readonly detail: string;
  /** Whether anything tells the changed template from the right one. */
  noticed(evidence: Evidence): Promise<boolean>;
}

export function mutationsOf(grant: Grant): Mutation[] {
  const { statement } = grant;
  const actions = list(statement.Action);
  const resources = list(statement.Resource);
  const without = (removed: Mutation['removed'], detail: string, change: Change): Mutation => ({
    change, removed, detail, noticed: (evidence) => noticesLoss(evidence, change),
  });
  return [
    without('statement', `${actions.join(', ')} on ${resources.join(', ') || 'the role'}`, { grant, instead: [] }),
    ...(actions.length > 1 ? actions.map((action) => without('action', action, { grant, instead: withoutAction(statement, action) })) : []),
    ...(resources.length > 1 ? resources.map((resource) => without('resource', resource, { grant, instead: withoutResource(statement, resource) })) : []),
    ...conditionsOf(statement).map(({ operator, key, values }): Mutation => {
      const change = { grant, instead: [withoutCondition(statement, operator, key)] };
      return {
        change, removed: 'condition', detail: `${operator} ${key} ${values.join(' or ')} of ${actions.join(', ')}`,
        noticed: (evidence) => noticesCondition(evidence, change, operator, key),
      };
    }),
  ];
}

/** A call is refused, or an entry of the list of explained permissions is about nothing any more. */
async function noticesLoss(evidence: Evidence, change: Change): Promise<boolean> {
  const { grant, instead } = change;
  if (grant.statement.Effect === 'Deny') return noticesDenial(evidence, change);
  if (await refusesSome(evidence, change)) return true;
  const left = new Set(instead.flatMap((statement) => permissionsOf({ ...grant, statement })).map((permission) => JSON.stringify(entryOf(permission))));
  for (const permission of permissionsOf(grant).filter((each) => !left.has(JSON.stringify(entryOf(each))))) {
    if (isExplained(entryOf(permission), evidence.explanations) && !(await isUsed(evidence, permission))) return true;
  }
  return false;
}

/** So many of them, drawn without putting back. */
export function draw(mutations: readonly Mutation[], count: number, random: Random): Mutation[] {
  const left = [...mutations];
  return Array.from({ length: Math.min(count, left.length) }, () => left.splice(Math.floor(random.next() * left.length), 1)[0]!);
}
