import { TemplateError } from './errors';

/* eslint-disable @typescript-eslint/no-explicit-any -- template JSON */

/** What intrinsics are resolved against. */
export interface Scope {
  /** What `Ref` gives for a parameter, a pseudo parameter or a resource; undefined if there is no such thing (yet). */
  ref(name: string): any;
  /** What `Fn::GetAtt` gives; undefined if the resource has no such attribute. Throws if the resource is not there. */
  attribute(logicalId: string, attribute: string, path: string): any;
  condition(name: string, path: string): boolean;
  mapping(map: string, topKey: string, secondKey: string): any;
  importValue(name: string, path: string): any;
  stackOutput(stackName: string, output: string, path: string): any;
  readonly region: string;
}

/** Stands for `AWS::NoValue` until the enclosing object or list drops it. */
const NO_VALUE = Symbol('AWS::NoValue');

type Intrinsic = (operand: any, scope: Scope, path: string) => any;

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  'Ref': (name, scope, path) => {
    if (name === 'AWS::NoValue') return NO_VALUE;
    const value = scope.ref(name);
    if (value === undefined) throw new TemplateError(path, `${JSON.stringify(name)} names no parameter, pseudo parameter or resource of this template`);
    return value;
  },
  'Fn::GetAtt': (operand, scope, path) => {
    const [logicalId, attribute] = attributeReference(operand, path);
    return attributeOf(logicalId, text(resolve(attribute, scope, path), path), scope, path);
  },
  'Fn::Sub': (operand, scope, path) => {
    const [pattern, variables = {}] = Array.isArray(operand) ? operand : [operand];
    return substitute(text(pattern, path), variables, scope, path);
  },
  'Fn::Join': (operand, scope, path) => {
    const [separator, parts] = pair(operand, path);
    return array(resolve(parts, scope, `${path}.1`), path).map((part, index) => text(part, `${path}.1.${index}`)).join(separator);
  },
  'Fn::Select': (operand, scope, path) => {
    const [index, values] = pair(operand, path);
    const resolved = array(resolve(values, scope, `${path}.1`), path);
    const at = Number(resolve(index, scope, `${path}.0`));
    const value = resolved[at];
    if (value === undefined) throw new TemplateError(path, `cannot select value at index ${at} of ${resolved.length}`);
    return value;
  },
  'Fn::Split': (operand, scope, path) => {
    const [separator, value] = pair(operand, path);
    return text(resolve(value, scope, `${path}.1`), path).split(separator);
  },
  'Fn::If': (operand, scope, path) => {
    if (!Array.isArray(operand) || operand.length !== 3) throw new TemplateError(path, 'expects a condition and two values');
    const taken = scope.condition(operand[0], path) ? 1 : 2;
    return resolve(operand[taken], scope, `${path}.${taken}`);
  },
  'Fn::FindInMap': (operand, scope, path) => {
    const [map, top, second, options] = array(operand, path);
    const keys = [map, top, second].map((key, index) => text(resolve(key, scope, `${path}.${index}`), path)) as [string, string, string];
    const value = scope.mapping(...keys) ?? (options?.DefaultValue === undefined ? undefined : resolve(options.DefaultValue, scope, `${path}.3`));
    if (value === undefined) throw new TemplateError(path, `mapping ${keys[0]} has no value for ${keys[1]}, ${keys[2]}`);
    return value;
  },
  'Fn::ImportValue': (operand, scope, path) => scope.importValue(text(resolve(operand, scope, path), path), path),
  'Fn::GetStackOutput': (operand, scope, path) => {
    const { StackName, OutputName, Region, ...unsupported } = resolve(operand, scope, path);
    const unknown = Object.keys(unsupported);
    if (unknown.length > 0) throw new TemplateError(`${path}.${unknown[0]}`, 'is not supported; the twin is one account');
    if (Region !== undefined && Region !== scope.region) throw new TemplateError(`${path}.Region`, `${Region} is not ${scope.region}; the twin is one region`);
    return scope.stackOutput(text(StackName, path), text(OutputName, path), path);
  },
  'Fn::Base64': (operand, scope, path) => Buffer.from(text(resolve(operand, scope, path), path)).toString('base64'),
  'Fn::GetAZs': (operand, scope, path) => {
    const region = text(resolve(operand, scope, path), path) || scope.region;
    return ['a', 'b', 'c'].map((zone) => `${region}${zone}`);
  },
};

/** Resolves every intrinsic in `value`; entries that turn out as `AWS::NoValue` are left out. */
export function resolveValue(value: any, scope: Scope, path: string): any {
  const resolved = resolve(value, scope, path);
  return resolved === NO_VALUE ? undefined : resolved;
}

/** The name of the intrinsic that `value` is a call of, if it is one. */
export function intrinsicName(value: any): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const keys = Object.keys(value);
  const name = keys[0];
  return keys.length === 1 && name !== undefined && (name === 'Ref' || name.startsWith('Fn::')) ? name : undefined;
}

export function attributeReference(operand: any, path: string): [logicalId: string, attribute: any] {
  if (typeof operand === 'string') {
    const dot = operand.indexOf('.');
    if (dot > 0) return [operand.slice(0, dot), operand.slice(dot + 1)];
  }
  if (Array.isArray(operand) && operand.length === 2 && typeof operand[0] === 'string') return [operand[0], operand[1]];
  throw new TemplateError(path, `expects a logical id and an attribute, got ${JSON.stringify(operand)}`);
}

/** The `${...}` parts of an `Fn::Sub` pattern that are not literal (`${!...}`). */
export function placeholders(pattern: string): string[] {
  return [...pattern.matchAll(/\$\{([^!][^}]*)\}/g)].map((match) => match[1]!.trim());
}

function resolve(value: any, scope: Scope, path: string): any {
  if (Array.isArray(value)) {
    return value.map((item, index) => resolve(item, scope, `${path}.${index}`)).filter((item) => item !== NO_VALUE);
  }
  if (typeof value !== 'object' || value === null) return value;
  const name = intrinsicName(value);
  if (name !== undefined) {
    const evaluate = INTRINSICS[name];
    if (evaluate === undefined) throw new TemplateError(`${path}.${name}`, `intrinsic is not supported; the twin knows ${Object.keys(INTRINSICS).join(', ')}`);
    return evaluate(value[name], scope, name === 'Ref' ? path : `${path}.${name}`);
  }
  const resolved: Record<string, any> = {};
  for (const [key, item] of Object.entries(value)) {
    const result = resolve(item, scope, `${path}.${key}`);
    if (result !== NO_VALUE) resolved[key] = result;
  }
  return resolved;
}

function substitute(pattern: string, variables: Record<string, any>, scope: Scope, path: string): string {
  return pattern.replace(/\$\{(!?)([^}]*)\}/g, (_, literal: string, inner: string) => {
    if (literal === '!') return `\${${inner}}`;
    const name = inner.trim();
    if (Object.hasOwn(variables, name)) return text(resolve(variables[name], scope, `${path}.1.${name}`), path);
    const dot = name.indexOf('.');
    if (dot > 0) return text(attributeOf(name.slice(0, dot), name.slice(dot + 1), scope, path), path);
    return text(resolve({ Ref: name }, scope, path), path);
  });
}

function attributeOf(logicalId: string, attribute: string, scope: Scope, path: string): any {
  const value = scope.attribute(logicalId, attribute, path);
  if (value === undefined) throw new TemplateError(path, `resource ${logicalId} has no attribute ${JSON.stringify(attribute)}`);
  return value;
}

function pair(operand: any, path: string): [any, any] {
  if (!Array.isArray(operand) || operand.length !== 2) throw new TemplateError(path, `expects a list of two, got ${JSON.stringify(operand)}`);
  return [operand[0], operand[1]];
}

function array(value: any, path: string): any[] {
  if (!Array.isArray(value)) throw new TemplateError(path, `expects a list, got ${JSON.stringify(value)}`);
  return value;
}

function text(value: any, path: string): string {
  if (typeof value === 'object' || value === undefined || typeof value === 'symbol') {
    throw new TemplateError(path, `expects text, got ${typeof value === 'symbol' ? 'AWS::NoValue' : JSON.stringify(value)}`);
  }
  return String(value);
}
