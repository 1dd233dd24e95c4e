type Value = string | undefined;

/** Makes a value of a condition's key that it accepts, or one that it does not; undefined means that the key is left out. */
interface Operator {
  accepted(pattern: string): Value;
  refused(patterns: readonly string[]): Value;
}

const FOREIGN_ACCOUNT = '999999999999';

/** A text that the pattern covers. */
const covered = (pattern: string): string => pattern.replace(/[*?]/g, 'x');

/** The same ARN in a stranger's account, else a text that equals nothing. */
function foreign(pattern: string): string {
  const parts = covered(pattern).split(':');
  return parts[0] === 'arn' && parts.length >= 6 && parts[4] !== '' ? [...parts.slice(0, 4), FOREIGN_ACCOUNT, ...parts.slice(5)].join(':') : `other-than-${covered(pattern)}`;
}

const other = (patterns: readonly string[]): Value => foreign(patterns[0]!);
const LIKE: Operator = { accepted: covered, refused: other };
const UNLIKE: Operator = { accepted: (pattern) => other([pattern]), refused: (patterns) => covered(patterns[0]!) };

const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: LIKE, StringEqualsIgnoreCase: LIKE, StringLike: LIKE, ArnEquals: LIKE, ArnLike: LIKE,
  StringNotEquals: UNLIKE, StringNotLike: UNLIKE, ArnNotEquals: UNLIKE, ArnNotLike: UNLIKE,
  Bool: { accepted: (pattern) => pattern, refused: ([pattern]) => (pattern === 'true' ? 'false' : 'true') },
  Null: { accepted: (pattern) => (pattern === 'true' ? undefined : 'x'), refused: ([pattern]) => (pattern === 'true' ? 'x' : undefined) },
};

function operatorOf(name: string): Operator {
  const operator = OPERATORS[name.replace(/^For(Any|All)Values?:/, '').replace(/IfExists$/, '')];
  if (operator === undefined) throw new Error(`no probe is known for the condition operator ${name}; known are ${Object.keys(OPERATORS).join(', ')}`);
  return operator;
}

export type Context = Readonly<Record<string, string | string[]>>;

/** A context in which the condition holds. */
export function accepting(context: Context, operator: string, key: string, values: readonly string[]): Context {
  return withKey(context, key, operatorOf(operator).accepted(values[0]!));
}

/** A context in which the condition does not hold. */
export function refusing(context: Context, operator: string, key: string, values: readonly string[]): Context {
  return withKey(context, key, operatorOf(operator).refused(values));
}

/** Keys of conditions know no case. */
function withKey(context: Context, key: string, value: Value): Context {
  const rest = Object.fromEntries(Object.entries(context).filter(([each]) => each.toLowerCase() !== key.toLowerCase()));
  return value === undefined ? rest : { ...rest, [key.replace(/^aws:/i, 'aws:')]: value };
}
