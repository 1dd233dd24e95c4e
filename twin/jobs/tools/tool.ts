/** One call of a program that the twin stands for. */
export interface ToolCall {
  /** Without the program's own name. */
  readonly args: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Standard input, where the program reads it. */
  readonly input: Buffer;
}

export interface ToolResult {
  readonly code: number;
  readonly output: Buffer | string;
  readonly errors: string;
}

export type Tool = (call: ToolCall) => Promise<ToolResult>;

/** The program ends with this message and code. */
export class ToolError extends Error {
  constructor(message: string, readonly code = 1) {
    super(message);
  }
}

export const done = (output: Buffer | string = '', errors = ''): ToolResult => ({ code: 0, output, errors });

/** Splits `--name value`, `--name=value`, `-n value` and flags from the rest. Unknown options are refused by name. */
export function parseOptions(
  args: readonly string[],
  known: { readonly values: Readonly<Record<string, string>>; readonly flags: readonly string[] },
  unknown: (option: string) => Error,
): { readonly options: ReadonlyMap<string, readonly string[]>; readonly rest: readonly string[] } {
  const options = new Map<string, string[]>();
  const rest: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const word = args[at]!;
    if (!word.startsWith('-') || word === '-') {
      rest.push(word);
      continue;
    }
    const equals = word.startsWith('--') ? word.indexOf('=') : -1;
    const name = equals === -1 ? word : word.slice(0, equals);
    const canonical = known.values[name];
    if (canonical !== undefined) {
      const value = equals === -1 ? args[++at] : word.slice(equals + 1);
      if (value === undefined) throw new ToolError(`flag needs an argument: ${name}`, 125);
      options.set(canonical, [...(options.get(canonical) ?? []), value]);
    } else if (known.flags.includes(name)) options.set(name, [equals === -1 ? 'true' : word.slice(equals + 1)]);
    else throw unknown(name);
  }
  return { options, rest };
}
