/** One instruction of a Dockerfile as it stands there. */
export interface Instruction {
  readonly line: number;
  readonly name: string;
  /** Everything behind the name, continuation lines joined. */
  readonly text: string;
}

/** What `docker build` says on standard error when it gives up. */
export class DockerError extends Error {}

/** Those that take effect, and those that are written down only. Any other is refused by name. */
const KNOWN = new Set(['FROM', 'COPY', 'WORKDIR', 'ENV', 'ENTRYPOINT', 'CMD', 'RUN', 'LABEL', 'EXPOSE', 'USER', 'ARG']);

export function parseDockerfile(source: string, name = 'Dockerfile'): Instruction[] {
  const instructions: Instruction[] = [];
  let pending: { line: number; text: string } | undefined;
  const lines = source.split(/\r?\n/);
  for (const [index, raw] of lines.entries()) {
    const text = raw.trim();
    // Comments and blank lines may stand between the lines of one instruction.
    if (text === '' || text.startsWith('#')) continue;
    const continued = text.endsWith('\\');
    const part = continued ? text.slice(0, -1).trimEnd() : text;
    pending = { line: pending?.line ?? index + 1, text: pending === undefined ? part : `${pending.text} ${part.trimStart()}` };
    if (continued) continue;
    instructions.push(instruction(pending.line, pending.text, name));
    pending = undefined;
  }
  if (pending !== undefined) instructions.push(instruction(pending.line, pending.text, name));
  if (instructions.length === 0) throw new DockerError(`ERROR: failed to solve: the ${name} cannot be empty`);
  return instructions;
}

function instruction(line: number, source: string, file: string): Instruction {
  const [, word = '', text = ''] = /^(\S+)\s*(.*)$/s.exec(source) ?? [];
  const name = word.toUpperCase();
  if (!/^[A-Z]+$/.test(name)) throw new DockerError(`${file}:${line}\nERROR: failed to solve: dockerfile parse error on line ${line}: unknown instruction: ${word}`);
  if (!KNOWN.has(name)) {
    throw new DockerError(`${file}:${line}\nERROR: the twin does not build ${name}; it knows ${[...KNOWN].join(', ')}`);
  }
  if (text === '') throw new DockerError(`${file}:${line}\nERROR: failed to solve: dockerfile parse error on line ${line}: ${name} requires at least one argument`);
  if (/<<[-'"]?\w/.test(text) && ['RUN', 'COPY'].includes(name)) {
    throw new DockerError(`${file}:${line}\nERROR: the twin does not build here-documents; put the lines into a file of the project`);
  }
  return { line, name, text };
}

/** The list of an exec form `["a", "b"]`, or undefined for the shell form. */
export function execForm(text: string): string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) && list.every((item) => typeof item === 'string') ? list : undefined;
  } catch {
    return undefined; // Docker, too, takes a broken list for a shell command
  }
}

/** Words separated by white space, quotes and backslashes respected. */
export function words(text: string): string[] {
  const found: string[] = [];
  for (const match of text.matchAll(/(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])+/g)) found.push(unquote(match[0]));
  return found;
}

/** `KEY=value KEY2="other value"`, or the old form `KEY the rest`. */
export function assignments(text: string): Array<[string, string]> {
  if (!/^[^\s=]+=/.test(text)) {
    const [, key = '', value = ''] = /^(\S+)\s*(.*)$/s.exec(text) ?? [];
    return [[key, unquote(value)]];
  }
  return words(text).map((word) => {
    const at = word.indexOf('=');
    return [word.slice(0, at), word.slice(at + 1)];
  });
}

/** Replaces `$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME:+other}`. */
export function substitute(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\\\$|\$\{(\w+)(?::([-+])([^}]*))?\}|\$(\w+)/g, (whole, braced?: string, kind?: string, other?: string, plain?: string) => {
    if (whole === '\\$') return '$';
    const value = variables[braced ?? plain ?? ''] ?? '';
    if (kind === '-') return value === '' ? other! : value;
    if (kind === '+') return value === '' ? '' : other!;
    return value;
  });
}

function unquote(text: string): string {
  return text.replace(/"((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)/g, (_, double?: string, single?: string, escaped?: string) =>
    double?.replace(/\\(["\\$])/g, '$1') ?? single ?? (escaped === '$' ? '\\$' : escaped ?? ''));
}
