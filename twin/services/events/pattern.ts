import { AwsError } from '../../service';

/* eslint-disable @typescript-eslint/no-explicit-any -- patterns and events are any JSON */

export type Pattern = Readonly<Record<string, any>>;

type Test = (value: any) => boolean;
/** Takes every value found at a field; an absent field is an empty list. */
type FieldTest = (values: readonly any[]) => boolean;

/** An event pattern, checked and ready to match. Throws InvalidEventPatternException. */
export function compilePattern(source: string | Pattern): (event: unknown) => boolean {
  let pattern: unknown;
  try {
    pattern = typeof source === 'string' ? JSON.parse(source) : source;
  } catch (error) {
    throw invalid(`not JSON: ${(error as Error).message}`);
  }
  if (!isObject(pattern) || Object.keys(pattern).length === 0) throw invalid('it must be a JSON object with at least one field');
  return structure(pattern, '');
}

/** Matches where every field matches; an array of objects in the event matches if one element does. */
function structure(pattern: Pattern, path: string): (event: unknown) => boolean {
  const fields = Object.entries(pattern).map(([name, value]): ((event: any) => boolean) => {
    const at = path === '' ? name : `${path}.${name}`;
    if (name === '$or') return alternatives(value, at);
    if (Array.isArray(value)) {
      if (value.length === 0) throw invalid(`empty arrays are not allowed, at ${at}`);
      const test = field(value, at);
      return (event) => test(leaves(event?.[name]));
    }
    if (!isObject(value)) throw invalid(`"${at}" must be an object or an array`);
    if (Object.keys(value).length === 0) throw invalid(`empty objects are not allowed, at ${at}`);
    const inner = structure(value, at);
    return (event) => (Array.isArray(event?.[name]) ? event[name].some(inner) : inner(event?.[name]));
  });
  return (event) => fields.every((matches) => matches(event));
}

function alternatives(value: unknown, at: string): (event: unknown) => boolean {
  if (!Array.isArray(value) || value.length < 2) throw invalid(`$or must be an array of at least two objects, at ${at}`);
  const any = value.map((pattern) => {
    if (!isObject(pattern)) throw invalid(`$or must hold objects, at ${at}`);
    return structure(pattern, at);
  });
  return (event) => any.some((matches) => matches(event));
}

function field(alternativesOf: readonly unknown[], at: string): FieldTest {
  const tests = alternativesOf.map((alternative) => fieldTest(alternative, at));
  return (values) => tests.some((test) => test(values));
}

function fieldTest(alternative: unknown, at: string): FieldTest {
  if (isObject(alternative) && 'exists' in alternative) {
    if (typeof alternative.exists !== 'boolean') throw invalid(`exists match pattern must be either true or false, at ${at}`);
    return (values) => (values.length > 0) === alternative.exists;
  }
  const test = valueTest(alternative, at);
  return (values) => values.some(test);
}

function valueTest(alternative: unknown, at: string): Test {
  if (!isObject(alternative)) {
    if (Array.isArray(alternative)) throw invalid(`an array within an array is not allowed, at ${at}`);
    return (value) => value === alternative;
  }
  const [name, ...more] = Object.keys(alternative);
  if (name === undefined || more.length > 0) throw invalid(`only one key is allowed in a match expression, at ${at}`);
  return operator(name, alternative[name], at);
}

function operator(name: string, argument: any, at: string): Test {
  switch (name) {
    case 'prefix': return affix(argument, at, (value, affixed) => value.startsWith(affixed));
    case 'suffix': return affix(argument, at, (value, affixed) => value.endsWith(affixed));
    case 'equals-ignore-case': {
      const wanted = text(argument, name, at).toLowerCase();
      return (value) => typeof value === 'string' && value.toLowerCase() === wanted;
    }
    case 'wildcard': return wildcard(text(argument, name, at), at);
    case 'numeric': return numeric(argument, at);
    case 'cidr': return cidr(text(argument, name, at), at);
    case 'anything-but': return anythingBut(argument, at);
    default: throw invalid(`unrecognized match type ${name}, at ${at}`);
  }
}

function affix(argument: any, at: string, compare: (value: string, affixed: string) => boolean): Test {
  if (isObject(argument)) {
    const wanted = text(argument['equals-ignore-case'], 'equals-ignore-case', at).toLowerCase();
    return (value) => typeof value === 'string' && compare(value.toLowerCase(), wanted);
  }
  const wanted = text(argument, 'prefix and suffix', at);
  return (value) => typeof value === 'string' && compare(value, wanted);
}

function wildcard(pattern: string, at: string): Test {
  // A backslash makes a star or a backslash literal, and nothing else: https://github.com/aws/event-ruler, "Wildcard matching".
  const unescaped = pattern.replace(/\\[*\\]/g, '.');
  if (unescaped.includes('\\')) throw invalid(`a backslash stands before '*' or '\\' only, at ${at}`);
  if (unescaped.includes('**')) throw invalid(`consecutive wildcard characters are not allowed, at ${at}`);
  const source = pattern.replace(/\\([*\\])|([*])|([.+?^${}()|[\]\\])/g, (_all, escaped?: string, star?: string, special?: string) => (
    star !== undefined ? '.*' : `\\${escaped ?? special!}`));
  const expression = new RegExp(`^${source}$`, 's');
  return (value) => typeof value === 'string' && expression.test(value);
}

const COMPARISONS: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  '=': (value, limit) => value === limit,
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
};

function numeric(argument: any, at: string): Test {
  if (!Array.isArray(argument) || (argument.length !== 2 && argument.length !== 4)) throw invalid(`numeric takes one or two comparisons, at ${at}`);
  const tests: Array<(value: number) => boolean> = [];
  for (let index = 0; index < argument.length; index += 2) {
    const compare = COMPARISONS[argument[index]];
    const limit = argument[index + 1];
    if (compare === undefined || typeof limit !== 'number') throw invalid(`${JSON.stringify(argument)} is no numeric comparison, at ${at}`);
    tests.push((value) => compare(value, limit));
  }
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}

function cidr(argument: string, at: string): Test {
  const [network, bits] = argument.split('/');
  const base = ipv4(network ?? '');
  const length = Number(bits);
  if (base === undefined || !(length >= 0 && length <= 32)) throw invalid(`the twin knows IPv4 blocks such as 10.0.0.0/24, not ${argument}, at ${at}`);
  const size = 2 ** (32 - length);
  return (value) => {
    const address = typeof value === 'string' ? ipv4(value) : undefined;
    return address !== undefined && Math.floor(address / size) === Math.floor(base / size);
  };
}

function ipv4(value: string): number | undefined {
  const parts = value.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

/** A present value that is none of these. */
function anythingBut(argument: any, at: string): Test {
  if (isObject(argument)) {
    const [name] = Object.keys(argument);
    if (name === undefined || !['prefix', 'suffix', 'equals-ignore-case', 'wildcard'].includes(name)) {
      throw invalid(`anything-but takes prefix, suffix, equals-ignore-case or wildcard, at ${at}`);
    }
    const excluded = [argument[name]].flat().map((one) => operator(name, one, at));
    return (value) => !excluded.some((test) => test(value));
  }
  const excluded = [argument].flat();
  if (excluded.length === 0 || excluded.some((one) => typeof one !== 'string' && typeof one !== 'number')) {
    throw invalid(`anything-but takes strings or numbers, at ${at}`);
  }
  return (value) => !excluded.includes(value);
}

/** The values a field matches by: itself, or each element of an array; nothing if it is absent or an object. */
function leaves(value: any): readonly any[] {
  if (value === undefined || isObject(value)) return [];
  return Array.isArray(value) ? value.flat(Number.POSITIVE_INFINITY as 1) : [value];
}

function text(value: unknown, name: string, at: string): string {
  if (typeof value !== 'string') throw invalid(`${name} match pattern must be a string, at ${at}`);
  return value;
}

function isObject(value: unknown): value is Record<string, any> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(reason: string): AwsError {
  return new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}`);
}
