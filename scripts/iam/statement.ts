/** Where a statement stands: in a role's own policies, in its trust policy, in the boundary of roles, or in the policy of another resource. */
export type PolicyKind = 'identity' | 'trust' | 'boundary' | 'resource';

export type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: '*' | Readonly<Record<string, string | readonly string[]>>;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Conditions;
}

/** A statement of the deployed template, all intrinsics resolved. */
export interface Grant {
  /** Logical id of the role, or of the resource that holds the policy. */
  readonly owner: string;
  readonly kind: PolicyKind;
  /** Of the role whose policy it is; for `identity` and `trust`. */
  readonly roleArn?: string;
  /** The roles that a `boundary` bounds. */
  readonly boundedRoleArns?: readonly string[];
  readonly statement: Statement;
}

/** One action on one resource that a statement speaks of; a trust policy names no resource. */
export interface Permission {
  readonly grant: Grant;
  readonly action: string;
  readonly resource: string;
}

export function list<T>(value: T | readonly T[] | undefined): readonly T[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value as T];
}

/** The role a trust policy stands at is the one resource it can mean. */
export function resourcesOf({ statement, roleArn }: Grant): readonly string[] {
  return statement.Resource === undefined ? [roleArn ?? '*'] : list(statement.Resource);
}

export function permissionsOf(grant: Grant): Permission[] {
  return list(grant.statement.Action).flatMap((action) => resourcesOf(grant).map((resource) => ({ grant, action, resource })));
}

/** What remains of a statement when one of its actions loses one of its resources. */
export function withoutPermission({ grant, action, resource }: Permission): Statement[] {
  const { statement } = grant;
  const otherActions = list(statement.Action).filter((each) => each !== action);
  const otherResources = list(statement.Resource).filter((each) => each !== resource);
  const { Sid: _sid, ...rest } = statement;
  return [
    ...(otherActions.length > 0 ? [{ ...rest, Action: otherActions }] : []),
    ...(otherResources.length > 0 ? [{ ...rest, Action: action, Resource: otherResources }] : []),
  ];
}

export function withoutAction(statement: Statement, action: string): Statement[] {
  const others = list(statement.Action).filter((each) => each !== action);
  return others.length === 0 ? [] : [{ ...statement, Action: others }];
}

export function withoutResource(statement: Statement, resource: string): Statement[] {
  const others = list(statement.Resource).filter((each) => each !== resource);
  return others.length === 0 ? [] : [{ ...statement, Resource: others }];
}

export function withoutCondition(statement: Statement, operator: string, key: string): Statement {
  const entries = Object.entries(statement.Condition ?? {}).map(([name, keys]) => [
    name, Object.fromEntries(Object.entries(keys).filter(([each]) => name !== operator || each !== key)),
  ] as const).filter(([, keys]) => Object.keys(keys).length > 0);
  const { Condition: _condition, ...rest } = statement;
  return entries.length === 0 ? rest : { ...rest, Condition: Object.fromEntries(entries) };
}

/** A condition with one of its values less. */
export function withoutValue(statement: Statement, operator: string, key: string, value: string): Statement {
  const keys = statement.Condition![operator]!;
  const values = list(keys[key]).filter((each) => each !== value);
  return { ...statement, Condition: { ...statement.Condition, [operator]: { ...keys, [key]: values } } };
}

/** Every condition of a statement as operator, key and values. */
export function conditionsOf(statement: Statement): Array<{ operator: string; key: string; values: readonly string[] }> {
  return Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => ({ operator, key, values: list(values) })));
}

/** Equal statements have the same text, whatever their ids. */
export function textOf(statement: Statement): string {
  const { Sid: _sid, ...rest } = statement;
  return JSON.stringify(sorted(rest));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => [key, sorted(each)]));
}

const compiled = new Map<string, RegExp>();

/** Whether a pattern of a policy, in which `*` and `?` are wild, covers a text. */
export function matches(pattern: string, text: string, ignoreCase = false): boolean {
  const flags = ignoreCase ? 'is' : 's';
  const key = `${flags} ${pattern}`;
  let expression = compiled.get(key);
  if (expression === undefined) {
    const source = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.');
    compiled.set(key, expression = new RegExp(`^${source}$`, flags));
  }
  return expression.test(text);
}
