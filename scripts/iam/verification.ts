import type { PolicyDocument } from '../../twin';
import { Evaluation, type Account, type Change } from './evaluation';
import { EXPLANATIONS, isExplained, type Explanation } from './explained';
import type { Observation, Observer } from './observer';
import { covers, fulfilling, invented, violating, type Probe } from './probes';
import {
  conditionsOf, list, matches, permissionsOf, resourcesOf, withoutPermission, withoutValue, type Grant, type Permission,
} from './statement';

/** A permission as it is reported. */
export interface Entry {
  /** Logical id of the role, or of the resource whose policy it is. */
  readonly role: string;
  readonly action: string;
  readonly resource: string;
  /** The one value of a condition that is meant, where the rest of the statement is not. */
  readonly condition?: string;
}

/** What the loop did, and what the template lets it do. */
export interface Evidence {
  readonly grants: readonly Grant[];
  readonly allowed: readonly Observation[];
  readonly refused: readonly Observation[];
  readonly explanations: readonly Explanation[];
  readonly evaluation: Evaluation;
}

/** What was asked before or after a change of the template counts as far as the template at hand allows it. */
export async function evidenceOf(grants: readonly Grant[], { allowed, refused }: Pick<Observer, 'allowed' | 'refused'>, twin: Account): Promise<Evidence> {
  const evaluation = await Evaluation.of(grants, twin);
  const counting: Observation[] = [];
  for (const observation of allowed) if (await evaluation.allows(observation)) counting.push(observation);
  return { grants, allowed: counting, refused, explanations: EXPLANATIONS, evaluation };
}

/** Permissions that were asked for and refused. */
export function missing({ refused, grants }: Evidence): Entry[] {
  const roles = new Map(grants.map(({ roleArn, owner }) => [roleArn, owner]));
  return unique(refused.map(({ principal, request }) => ({
    role: principal.kind === 'role' ? roles.get(principal.roleArn) ?? principal.roleArn : principal.kind === 'service' ? principal.service : principal.kind,
    action: request.action, resource: request.resource,
  })));
}

/** Permissions without which the loop would have gone the same way, and that nobody explains; values of conditions likewise. */
export async function unexplained(evidence: Evidence): Promise<Entry[]> {
  const found: Entry[] = [];
  for (const grant of evidence.grants.filter(({ statement }) => statement.Effect === 'Allow')) {
    const used = new Set<string>();
    for (const permission of permissionsOf(grant)) {
      const entry = entryOf(permission);
      if (await isUsed(evidence, permission)) used.add(permission.action);
      else if (!isExplained(entry, evidence.explanations)) found.push(entry);
    }
    if (used.size > 0) found.push(...await idleValues(evidence, grant));
  }
  return unique(found);
}

/** Explanations of permissions or values of conditions that are not there, or that the loop does use. */
export async function stale(evidence: Evidence): Promise<Explanation[]> {
  const needed = new Set<Explanation>();
  const explaining = (entry: Entry) => evidence.explanations.filter((explanation) => isExplained(entry, [explanation]));
  for (const grant of evidence.grants) {
    for (const permission of permissionsOf(grant)) {
      const explanations = explaining(entryOf(permission));
      if (explanations.length > 0 && !(await isUsed(evidence, permission))) explanations.forEach((each) => needed.add(each));
    }
    const values = valuesOf(grant).filter(({ entry }) => explaining(entry).length > 0);
    for (const { entry, without } of values) if (!(await refusesSome(evidence, without))) explaining(entry).forEach((each) => needed.add(each));
  }
  return evidence.explanations.filter((explanation) => !needed.has(explanation));
}

/** Whether some call of the loop would be refused without it. */
export function isUsed(evidence: Evidence, permission: Permission): Promise<boolean> {
  return refusesSome(evidence, { grant: permission.grant, instead: withoutPermission(permission) }, ({ request }) =>
    matches(permission.action, request.action, true) && matches(permission.resource, request.resource));
}

/** Whether a change of a policy refuses a call of the loop. */
export async function refusesSome(evidence: Evidence, change: Change, among: (observation: Observation) => boolean = () => true): Promise<boolean> {
  for (const observation of candidates(evidence, change.grant)) {
    if (among(observation) && !(await evidence.evaluation.allows(observation, change))) return true;
  }
  return false;
}

/** Whether a change of a policy allows what was refused before: of the statement's own questions, each with something else amiss. */
export async function allowsSome(evidence: Evidence, change: Change, amiss: (probe: Probe) => Probe): Promise<boolean> {
  for (const question of questions(evidence, change.grant)) {
    const probe = amiss(question);
    if (!(await evidence.evaluation.allows(probe)) && await evidence.evaluation.allows(probe, change)) return true;
  }
  return false;
}

/** Without one condition of a statement that allows: something else is allowed. Of one that denies: something is denied. */
export async function noticesCondition(evidence: Evidence, change: Change, operator: string, key: string): Promise<boolean> {
  const { statement } = change.grant;
  if (statement.Effect === 'Deny') return refusesSome(evidence, change);
  const { values } = conditionsOf(statement).find((each) => each.operator === operator && each.key === key)!;
  return allowsSome(evidence, change, (probe) => violating(fulfilling(probe, change.grant), operator, key, values));
}

/** Without a statement that denies: what it denied is allowed. */
export function noticesDenial(evidence: Evidence, change: Change): Promise<boolean> {
  return allowsSome(evidence, change, (probe) => fulfilling(probe, change.grant));
}

export function entryOf({ grant, action, resource }: Permission): Entry {
  return { role: grant.owner, action, resource };
}

function candidates({ allowed, evaluation }: Evidence, grant: Grant): Observation[] {
  return allowed.filter((observation) => covers(grant, observation) && evaluation.concerns(grant, observation.principal, observation.request.resourcePolicy));
}

/** Some that were asked, and for each resource one made up. */
function questions(evidence: Evidence, grant: Grant): Probe[] {
  const asked = candidates(evidence, grant);
  return [...asked.slice(0, 10), ...asked.slice(-10), ...resourcesOf(grant).map((resource) => invented(resource, grant, resourcePolicyOf(evidence, resource, grant), evidence.evaluation.anybody))];
}

/** The policy of a resource as it was when something was asked of it, else what the template says of it. */
function resourcePolicyOf({ allowed, grants }: Evidence, resource: string, grant: Grant): PolicyDocument | undefined {
  if (grant.kind === 'identity') return allowed.find(({ request }) => request.resource === resource && request.resourcePolicy !== undefined)?.request.resourcePolicy;
  const own = grants.filter(({ owner, kind }) => owner === grant.owner && kind === grant.kind).map(({ statement }) => statement);
  return { Version: '2012-10-17', Statement: own };
}

/** Values of conditions that no call had and nobody explains. */
async function idleValues(evidence: Evidence, grant: Grant): Promise<Entry[]> {
  const found: Entry[] = [];
  for (const { entry, without } of valuesOf(grant)) {
    if (!isExplained(entry, evidence.explanations) && !(await refusesSome(evidence, without))) found.push(entry);
  }
  return found;
}

/** Each value of a condition that has several, and the statement without it. */
function valuesOf(grant: Grant): Array<{ entry: Entry; without: Change }> {
  const { statement, owner: role } = grant;
  const [action, resource] = [list(statement.Action).join(' '), list(statement.Resource).join(' ')];
  return conditionsOf(statement).filter(({ values }) => values.length > 1).flatMap(({ operator, key, values }) => values.map((value) => ({
    entry: { role, action, resource, condition: `${key} ${value}` },
    without: { grant, instead: [withoutValue(statement, operator, key, value)] },
  })));
}

function unique(entries: readonly Entry[]): Entry[] {
  return [...new Map(entries.map((entry) => [JSON.stringify(entry), entry])).values()]
    .sort((a, b) => (`${a.role} ${a.action} ${a.resource}` < `${b.role} ${b.action} ${b.resource}` ? -1 : 1));
}
