import { AwsError } from '../../service';

/** What a filter saw in a line it matches: the JSON document, if the pattern asks for one. */
export interface Match {
  readonly document?: unknown;
}

export type Filter = (message: string) => Match | undefined;

/** CloudWatch Logs' filter pattern: words (all of them, `?any`, `-none`), or `{ $.field = value && ... }` over JSON lines. */
export function compileFilter(pattern: string): Filter {
  const trimmed = pattern.trim();
  if (trimmed === '') return () => ({});
  if (trimmed.startsWith('{')) return jsonFilter(trimmed);
  if (trimmed.startsWith('[')) throw invalid(pattern, 'the twin does not implement space-delimited patterns; use words or JSON');
  return wordFilter(trimmed);
}

function wordFilter(pattern: string): Filter {
  const all: Test[] = [];
  const any: Test[] = [];
  const none: Test[] = [];
  for (const [, sign, quoted, expression, bare] of pattern.matchAll(/([?-]?)(?:"((?:[^"\\]|\\.)*)"|%((?:[^%\\]|\\.)*)%|(\S+))/g)) {
    const text = quoted?.replace(/\\(.)/g, '$1') ?? bare!;
    const regular = expression === undefined ? undefined : new RegExp(expression);
    const test: Test = regular === undefined ? (message) => message.includes(text) : (message) => regular.test(message);
    (sign === '?' ? any : sign === '-' ? none : all).push(test);
  }
  return (message) => {
    const matches = all.every((test) => test(message)) && !none.some((test) => test(message)) && (any.length === 0 || any.some((test) => test(message)));
    return matches ? {} : undefined;
  };
}

type Test = (message: string) => boolean;
type Condition = (document: unknown) => boolean;

function jsonFilter(pattern: string): Filter {
  if (!pattern.endsWith('}')) throw invalid(pattern, 'a JSON pattern ends with }');
  const condition = new ConditionParser(pattern, pattern.slice(1, -1)).parse();
  return (message) => {
    if (!message.trimStart().startsWith('{')) return undefined;
    let document: unknown;
    try {
      document = JSON.parse(message);
    } catch {
      return undefined;
    }
    return condition(document) ? { document } : undefined;
  };
}

const TOKEN = /\s*(\|\||&&|!=|<=|>=|[()=<>]|"(?:[^"\\]|\\.)*"|%(?:[^%\\]|\\.)*%|[^\s()=<>!&|"%]+)/y;

/** Reads `$.a.b[0] = "x*" && ($.n > 3 || $.c NOT EXISTS)`. */
class ConditionParser {
  private readonly tokens: string[] = [];
  private position = 0;

  constructor(private readonly pattern: string, text: string) {
    const trimmed = text.trimEnd();
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < trimmed.length) {
      const at = TOKEN.lastIndex;
      const token = TOKEN.exec(trimmed)?.[1];
      if (token === undefined) throw invalid(pattern, `cannot be read at ${JSON.stringify(trimmed.slice(at))}`);
      this.tokens.push(token);
    }
  }

  parse(): Condition {
    const condition = this.either();
    if (this.position < this.tokens.length) throw invalid(this.pattern, `has ${this.tokens[this.position]} too much`);
    return condition;
  }

  private either(): Condition {
    let left = this.both();
    while (this.take('||')) {
      const [one, other] = [left, this.both()];
      left = (document) => one(document) || other(document);
    }
    return left;
  }

  private both(): Condition {
    let left = this.single();
    while (this.take('&&')) {
      const [one, other] = [left, this.single()];
      left = (document) => one(document) && other(document);
    }
    return left;
  }

  private single(): Condition {
    if (this.take('(')) {
      const inner = this.either();
      if (!this.take(')')) throw invalid(this.pattern, 'misses )');
      return inner;
    }
    const selector = this.next();
    if (!selector.startsWith('$')) throw invalid(this.pattern, `${selector} must be a selector such as $.name`);
    const operator = this.next().toUpperCase();
    if (operator === 'NOT' || operator === 'EXISTS') {
      if (operator === 'NOT' && this.next().toUpperCase() !== 'EXISTS') throw invalid(this.pattern, 'NOT must be followed by EXISTS');
      return (document) => (select(document, selector) === undefined) === (operator === 'NOT');
    }
    if (operator === 'IS') {
      const wanted = { NULL: null, TRUE: true, FALSE: false }[this.next().toUpperCase()];
      if (wanted === undefined) throw invalid(this.pattern, 'IS must be followed by NULL, TRUE or FALSE');
      return (document) => select(document, selector) === wanted;
    }
    return comparison(this.pattern, selector, operator, this.next());
  }

  private next(): string {
    const token = this.tokens[this.position++];
    if (token === undefined) throw invalid(this.pattern, 'ends too early');
    return token;
  }

  private take(token: string): boolean {
    if (this.tokens[this.position] !== token) return false;
    this.position += 1;
    return true;
  }
}

function comparison(pattern: string, selector: string, operator: string, literal: string): Condition {
  const number = Number(literal);
  if (operator === '=' || operator === '!=') {
    const equal = Number.isNaN(number) || literal.startsWith('"') ? textual(literal) : (value: unknown) => value === number;
    return (document) => {
      const value = select(document, selector);
      return operator === '=' ? value !== undefined && equal(value) : value !== undefined && !equal(value);
    };
  }
  const compare = { '<': (v: number) => v < number, '<=': (v: number) => v <= number, '>': (v: number) => v > number, '>=': (v: number) => v >= number }[operator];
  if (compare === undefined || Number.isNaN(number)) throw invalid(pattern, `${operator} ${literal} is no comparison`);
  return (document) => {
    const value = select(document, selector);
    return typeof value === 'number' && compare(value);
  };
}

function textual(literal: string): (value: unknown) => boolean {
  if (literal.startsWith('%')) {
    const expression = new RegExp(literal.slice(1, -1));
    return (value) => expression.test(String(value));
  }
  const text = literal.startsWith('"') ? literal.slice(1, -1).replace(/\\(.)/g, '$1') : literal;
  const expression = new RegExp(`^${text.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`, 's');
  return (value) => expression.test(String(value));
}

/** The value at `$.a.b[0]`, or undefined. */
export function select(document: unknown, selector: string): unknown {
  let value = document;
  for (const [, name, index, quoted] of selector.slice(1).matchAll(/\.([^.[\]]+)|\[(\d+)\]|\[["']([^"']*)["']\]/g)) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[name ?? index ?? quoted!];
  }
  return value;
}

function invalid(pattern: string, reason: string): AwsError {
  return new AwsError('InvalidParameterException', `Invalid filter pattern ${JSON.stringify(pattern)}: ${reason}`);
}
