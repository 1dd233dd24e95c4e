import { AwsError } from '../../service';

export type StateValue = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

type Node =
  | { readonly type: 'constant'; readonly value: boolean }
  | { readonly type: 'state'; readonly state: StateValue; readonly alarm: string }
  | { readonly type: 'not'; readonly operand: Node }
  | { readonly type: 'both' | 'either'; readonly left: Node; readonly right: Node };

const TOKEN = /\s*("(?:[^"\\]|\\.)*"|[A-Za-z_][^\s()"]*|arn:[^\s()"]+|[()]|[^\s()"]+)/y;
const STATES: readonly string[] = ['OK', 'ALARM', 'INSUFFICIENT_DATA'];

/** The rule of a composite alarm: OK, ALARM and INSUFFICIENT_DATA of other alarms, TRUE, FALSE, AND, OR, NOT, parentheses. */
export class AlarmRule {
  /** Names of the alarms it depends on. */
  readonly alarms: ReadonlySet<string>;
  private readonly root: Node;
  private readonly tokens: string[] = [];
  private position = 0;

  constructor(private readonly text: string) {
    TOKEN.lastIndex = 0;
    for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) this.tokens.push(match[1]!);
    const names = new Set<string>();
    this.root = this.either(names);
    if (this.position < this.tokens.length) throw this.invalid(`unexpected '${this.tokens[this.position]}'`);
    this.alarms = names;
  }

  holds(stateOf: (alarm: string) => StateValue | undefined): boolean {
    const test = (node: Node): boolean => {
      switch (node.type) {
        case 'constant': return node.value;
        case 'state': return stateOf(node.alarm) === node.state;
        case 'not': return !test(node.operand);
        case 'both': return test(node.left) && test(node.right);
        case 'either': return test(node.left) || test(node.right);
      }
    };
    return test(this.root);
  }

  private either(names: Set<string>): Node {
    let left = this.both(names);
    while (this.take('OR')) left = { type: 'either', left, right: this.both(names) };
    return left;
  }

  private both(names: Set<string>): Node {
    let left = this.operand(names);
    while (this.take('AND')) left = { type: 'both', left, right: this.operand(names) };
    return left;
  }

  private operand(names: Set<string>): Node {
    const token = this.tokens[this.position++];
    if (token === 'NOT') return { type: 'not', operand: this.operand(names) };
    if (token === 'TRUE' || token === 'FALSE') return { type: 'constant', value: token === 'TRUE' };
    if (token === '(') {
      const inner = this.either(names);
      this.expect(')');
      return inner;
    }
    if (token === undefined || !STATES.includes(token)) throw this.invalid(token === undefined ? 'it ends too early' : `unexpected '${token}'`);
    this.expect('(');
    const alarm = alarmName(this.tokens[this.position++] ?? '');
    this.expect(')');
    names.add(alarm);
    return { type: 'state', state: token as StateValue, alarm };
  }

  private take(token: string): boolean {
    if (this.tokens[this.position] !== token) return false;
    this.position++;
    return true;
  }

  private expect(token: string): void {
    if (!this.take(token)) throw this.invalid(`'${token}' is missing`);
  }

  private invalid(reason: string): AwsError {
    return new AwsError('ValidationError', `AlarmRule is not valid: ${reason} in ${this.text}`);
  }
}

/** An alarm may be named or given as an ARN, with or without quotation marks. */
export function alarmName(reference: string): string {
  const plain = reference.startsWith('"') ? reference.slice(1, -1).replace(/\\(.)/g, '$1') : reference;
  return plain.startsWith('arn:') ? plain.split(':').slice(6).join(':') : plain;
}
