import { AwsError } from '../../service';

/** Metric math: a scalar, or one value per time point (undefined: no data there), or several such series. */
export type MathValue =
  | { readonly kind: 'scalar'; readonly value: number }
  | { readonly kind: 'series'; readonly points: ReadonlyArray<number | undefined> }
  | { readonly kind: 'list'; readonly series: ReadonlyArray<ReadonlyArray<number | undefined>> };

export interface MathInput {
  /** The value of another query of the same request. */
  resolve(id: string): MathValue;
  /** All metrics of the request, for METRICS(); with a filter, those whose id contains it. */
  metrics(filter?: string): MathValue;
  /** Seconds, for PERIOD(id). */
  period(id: string): number;
}

type Node =
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'id'; readonly name: string }
  | { readonly type: 'binary'; readonly operator: string; readonly left: Node; readonly right: Node }
  | { readonly type: 'list'; readonly items: readonly Node[] }
  | { readonly type: 'call'; readonly name: string; readonly args: readonly Node[] };

const TOKEN = /\s*(?:(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)|([A-Za-z_][A-Za-z0-9_]*)|('[^']*'|"[^"]*")|(<=|>=|==|!=|&&|\|\||[-+*/^<>(),[\]]))/y;
const PRECEDENCE: ReadonlyArray<readonly string[]> = [['||', 'OR'], ['&&', 'AND'], ['==', '!=', '<', '>', '<=', '>='], ['+', '-'], ['*', '/'], ['^']];

const OPERATORS: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b, '-': (a, b) => a - b, '*': (a, b) => a * b, '/': (a, b) => a / b, '^': (a, b) => a ** b,
  '<': (a, b) => Number(a < b), '>': (a, b) => Number(a > b), '<=': (a, b) => Number(a <= b), '>=': (a, b) => Number(a >= b),
  '==': (a, b) => Number(a === b), '!=': (a, b) => Number(a !== b),
  '&&': (a, b) => Number(a !== 0 && b !== 0), AND: (a, b) => Number(a !== 0 && b !== 0),
  '||': (a, b) => Number(a !== 0 || b !== 0), OR: (a, b) => Number(a !== 0 || b !== 0),
};

const AGGREGATES: Readonly<Record<string, (values: readonly number[]) => number>> = {
  SUM: (values) => values.reduce((a, b) => a + b, 0),
  AVG: (values) => values.reduce((a, b) => a + b, 0) / values.length,
  MIN: (values) => Math.min(...values),
  MAX: (values) => Math.max(...values),
};
const POINTWISE: Readonly<Record<string, (value: number) => number>> = { ABS: Math.abs, CEIL: Math.ceil, FLOOR: Math.floor };
const FUNCTIONS = [...Object.keys(AGGREGATES), ...Object.keys(POINTWISE), 'FILL', 'IF', 'METRICS', 'PERIOD'];

/** A parsed metric math expression. */
export class Expression {
  /** Ids of the queries it refers to. */
  readonly references: ReadonlySet<string>;
  readonly usesAllMetrics: boolean;
  private readonly root: Node;

  constructor(readonly text: string) {
    this.root = new Parser(text).parse();
    const references = new Set<string>();
    let all = false;
    walk(this.root, (node) => {
      if (node.type === 'id') references.add(node.name);
      if (node.type === 'call' && node.name === 'METRICS') all = true;
    });
    this.references = references;
    this.usesAllMetrics = all;
  }

  evaluate(input: MathInput): MathValue {
    return evaluate(this.root, input);
  }
}

class Parser {
  private readonly tokens: string[] = [];
  private position = 0;

  constructor(private readonly text: string) {
    let at = 0;
    while (at < text.trimEnd().length) {
      TOKEN.lastIndex = at;
      const match = TOKEN.exec(text);
      if (!match) throw invalid(text, `unexpected character at ${at + 1}`);
      this.tokens.push(match[0].trim());
      at = TOKEN.lastIndex;
    }
  }

  parse(): Node {
    const node = this.level(0);
    if (this.position < this.tokens.length) throw invalid(this.text, `unexpected '${this.tokens[this.position]}'`);
    return node;
  }

  private level(depth: number): Node {
    const operators = PRECEDENCE[depth];
    if (!operators) return this.unary();
    let left = this.level(depth + 1);
    while (operators.includes(this.tokens[this.position] ?? '')) {
      const operator = this.tokens[this.position++]!;
      left = { type: 'binary', operator, left, right: this.level(depth + 1) };
    }
    return left;
  }

  private unary(): Node {
    if (!this.take('-')) return this.primary();
    return { type: 'binary', operator: '-', left: { type: 'number', value: 0 }, right: this.unary() };
  }

  private primary(): Node {
    const token = this.tokens[this.position++];
    if (token === undefined) throw invalid(this.text, 'it ends too early');
    if (/^[\d.]/.test(token)) return { type: 'number', value: Number(token) };
    if (/^['"]/.test(token)) return { type: 'text', value: token.slice(1, -1) };
    if (token === '(') return this.closing(')', this.level(0));
    if (token === '[') return this.closing(']', { type: 'list', items: this.items(']') });
    if (!/^[A-Za-z_]/.test(token)) throw invalid(this.text, `unexpected '${token}'`);
    if (!this.take('(')) return { type: 'id', name: token };
    if (!FUNCTIONS.includes(token)) {
      throw new AwsError('NotImplemented', `the twin does not implement the metric math function ${token}; it knows ${FUNCTIONS.join(', ')}`, 501);
    }
    return this.closing(')', { type: 'call', name: token, args: this.items(')') });
  }

  private items(end: string): Node[] {
    const items: Node[] = [];
    if (this.tokens[this.position] === end) return items;
    do items.push(this.level(0)); while (this.take(','));
    return items;
  }

  private closing(end: string, node: Node): Node {
    if (!this.take(end)) throw invalid(this.text, `'${end}' is missing`);
    return node;
  }

  private take(token: string): boolean {
    if (this.tokens[this.position] !== token) return false;
    this.position++;
    return true;
  }
}

function walk(node: Node, visit: (node: Node) => void): void {
  visit(node);
  if (node.type === 'binary') for (const child of [node.left, node.right]) walk(child, visit);
  if (node.type === 'list') for (const child of node.items) walk(child, visit);
  // FILL's REPEAT is a word, not a metric.
  if (node.type === 'call') for (const child of node.args) if (!isRepeat(child)) walk(child, visit);
}

function evaluate(node: Node, input: MathInput): MathValue {
  switch (node.type) {
    case 'number': return { kind: 'scalar', value: node.value };
    case 'id': return input.resolve(node.name);
    case 'list': return { kind: 'list', series: node.items.flatMap((item) => seriesOf(evaluate(item, input))) };
    case 'binary': return combine(evaluate(node.left, input), evaluate(node.right, input), OPERATORS[node.operator]!);
    case 'call': return call(node.name, node.args, input);
    case 'text': throw invalid(node.value, 'a text stands only in METRICS()');
  }
}

function call(name: string, args: readonly Node[], input: MathInput): MathValue {
  const first = args[0];
  if (name === 'METRICS') return input.metrics(first?.type === 'text' ? first.value : undefined);
  if (!first) throw invalid(`${name}()`, 'it needs an argument');
  if (name === 'PERIOD') {
    if (first.type !== 'id') throw invalid('PERIOD', 'its argument is the id of a metric');
    return { kind: 'scalar', value: input.period(first.name) };
  }
  if (name === 'IF') return choose(args.map((arg) => evaluate(arg, input)));
  if (name === 'FILL') return fill(evaluate(first, input), args[1], input);
  if (AGGREGATES[name]) return aggregate(args.map((arg) => evaluate(arg, input)), AGGREGATES[name]);
  return combine(evaluate(first, input), { kind: 'scalar', value: 0 }, (value) => POINTWISE[name]!(value));
}

/** Point by point; where one side has no data the result has none. */
function combine(left: MathValue, right: MathValue, operator: (a: number, b: number) => number): MathValue {
  if (left.kind === 'scalar' && right.kind === 'scalar') return { kind: 'scalar', value: operator(left.value, right.value) };
  const at = (value: MathValue, index: number): number | undefined => (value.kind === 'scalar' ? value.value : (value as Series).points[index]);
  const both = (points: ReadonlyArray<number | undefined>, a: (i: number) => number | undefined, b: (i: number) => number | undefined) =>
    points.map((_, index) => {
      const x = a(index);
      const y = b(index);
      const result = x === undefined || y === undefined ? undefined : operator(x, y);
      return result !== undefined && Number.isFinite(result) ? result : undefined;
    });
  if (left.kind === 'list' || right.kind === 'list') {
    if (left.kind === 'list' && right.kind === 'list') throw invalid('expression', 'two arrays of series cannot be combined');
    const list = (left.kind === 'list' ? left : right) as Extract<MathValue, { kind: 'list' }>;
    const other = left.kind === 'list' ? right : left;
    return {
      kind: 'list',
      series: list.series.map((points) => (left.kind === 'list'
        ? both(points, (index) => points[index], (index) => at(other, index))
        : both(points, (index) => at(other, index), (index) => points[index]))),
    };
  }
  const points = left.kind === 'series' ? left.points : (right as Series).points;
  return { kind: 'series', points: both(points, (index) => at(left, index), (index) => at(right, index)) };
}

type Series = Extract<MathValue, { kind: 'series' }>;

function choose([condition, then, otherwise]: readonly MathValue[]): MathValue {
  if (!condition || !then) throw invalid('IF', 'it needs a condition and a value');
  if (condition.kind === 'list' || then.kind === 'list' || otherwise?.kind === 'list') throw invalid('IF', 'arrays of series are not allowed in it');
  const at = (value: MathValue | undefined, index: number) => (value?.kind === 'scalar' ? value.value : (value as Series | undefined)?.points[index]);
  const length = [condition, then, otherwise].find((value): value is Series => value?.kind === 'series')?.points.length;
  if (length === undefined) {
    if (!otherwise) throw invalid('IF', 'with a single number as condition it needs a value for both cases');
    return at(condition, 0) !== 0 ? then : otherwise;
  }
  return {
    kind: 'series',
    points: Array.from({ length }, (_, index) => {
      const test = at(condition, index);
      return test === undefined ? undefined : at(test !== 0 ? then : otherwise, index);
    }),
  };
}

function fill(value: MathValue, filler: Node | undefined, input: MathInput): MathValue {
  if (!filler) throw invalid('FILL', 'it needs a value to fill with');
  const repeat = isRepeat(filler);
  const fillers = repeat ? undefined : evaluate(filler, input);
  if (fillers?.kind === 'list') throw invalid('FILL', 'its filler is one number or series');
  const fillSeries = (points: ReadonlyArray<number | undefined>): Array<number | undefined> => {
    let last: number | undefined;
    return points.map((point, index) => {
      if (point !== undefined) return last = point;
      return repeat ? last : fillers!.kind === 'scalar' ? fillers!.value : (fillers as Series).points[index];
    });
  };
  if (value.kind === 'scalar') return value;
  return value.kind === 'series' ? { kind: 'series', points: fillSeries(value.points) } : { kind: 'list', series: value.series.map(fillSeries) };
}

/** Over several series: point by point. Over one series: a single number over its whole time. */
function aggregate(args: readonly MathValue[], over: (values: readonly number[]) => number): MathValue {
  const only = args.length === 1 ? args[0]! : undefined;
  if (only?.kind === 'series') {
    const present = only.points.filter((point) => point !== undefined);
    return present.length === 0 ? { kind: 'series', points: only.points } : { kind: 'scalar', value: over(present) };
  }
  const series = args.flatMap(seriesOf);
  const scalars = args.filter((arg) => arg.kind === 'scalar').map((arg) => arg.value);
  if (series.length === 0) return { kind: 'scalar', value: over(scalars) };
  return {
    kind: 'series',
    points: series[0]!.map((_, index) => {
      const present = series.map((points) => points[index]).filter((point) => point !== undefined);
      return present.length === 0 ? undefined : over([...present, ...scalars]);
    }),
  };
}

function seriesOf(value: MathValue): ReadonlyArray<ReadonlyArray<number | undefined>> {
  return value.kind === 'series' ? [value.points] : value.kind === 'list' ? value.series : [];
}

function isRepeat(node: Node): boolean {
  return node.type === 'id' && node.name === 'REPEAT';
}

function invalid(expression: string, reason: string): AwsError {
  return new AwsError('ValidationError', `Error in expression '${expression}': ${reason}`);
}
