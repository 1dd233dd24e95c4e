import { AwsError } from '../service';
import type { OperationModel, ServiceModel, Shape, ShapeRef } from './model';

/** Compares a value in the SDK's shape with a shape of the model: types, required and unknown members, enums, lengths, ranges and patterns. */
export class ShapeCheck {
  /** Everything found so far, in the words AWS uses. */
  readonly problems: string[] = [];
  private readonly model: ServiceModel;

  /** `observed`: values, by shape, that AWS is known to give though its enum does not list them. */
  constructor(private readonly operation: OperationModel, private readonly observed: Readonly<Record<string, readonly string[]>> = {}) {
    this.model = operation.service;
  }

  value(shapeName: string, value: unknown, path: string): void {
    const shape = this.model.shape(shapeName);
    if (shape.document) return;
    switch (shape.type) {
      case 'structure': return this.structure(shape, value, path);
      case 'list': return this.list(shape, value, path);
      case 'map': return this.map(shape, value, path);
      case 'string': case 'character':
        if (this.observed[shapeName]?.includes(value as string) !== true) this.string(shape, value, path);
        return;
      case 'integer': case 'long': case 'float': case 'double': case 'bigdecimal': return this.number(shape, value, path);
      case 'boolean': if (typeof value !== 'boolean') throw mismatch(value, 'Boolean', path); return;
      case 'timestamp': if (!(value instanceof Date) || Number.isNaN(value.getTime())) throw mismatch(value, 'Timestamp', path); return;
      case 'blob': return this.blob(shape, value, path);
    }
  }

  private structure(shape: Shape, value: unknown, path: string): void {
    if (!isRecord(value)) throw mismatch(value, 'structure', path);
    const members = shape.members ?? {};
    for (const name of shape.required ?? []) {
      if (value[name] === undefined || value[name] === null) this.fail(null, join(path, name), 'Member must not be null');
    }
    for (const [name, member] of Object.entries(value)) {
      if (member === undefined || member === null) continue;
      const ref: ShapeRef | undefined = members[name];
      if (ref === undefined) {
        this.fail(member, join(path, name), `Member is not known to ${this.operation.name}; known are [${Object.keys(members).join(', ')}]`);
      } else this.value(ref.shape, member, join(path, name));
    }
  }

  private list(shape: Shape, value: unknown, path: string): void {
    if (!Array.isArray(value)) throw mismatch(value, 'list', path);
    this.length(shape, value.length, value, path);
    value.forEach((item, index) => {
      const at = `${path}.${index + 1}.member`;
      if (item === null || item === undefined) this.fail(null, at, 'Member must not be null');
      else this.value(shape.member!.shape, item, at);
    });
  }

  private map(shape: Shape, value: unknown, path: string): void {
    if (!isRecord(value)) throw mismatch(value, 'map', path);
    const entries = Object.entries(value);
    this.length(shape, entries.length, value, path);
    for (const [key, item] of entries) {
      this.value(shape.key!.shape, key, `${path}.${key}.key`);
      if (item === null || item === undefined) this.fail(null, `${path}.${key}`, 'Member must not be null');
      else this.value(shape.value!.shape, item, `${path}.${key}.member`);
    }
  }

  private string(shape: Shape, value: unknown, path: string): void {
    if (typeof value !== 'string') throw mismatch(value, 'String', path);
    this.length(shape, value.length, value, path);
    if (shape.enum !== undefined && !shape.enum.includes(value)) {
      this.fail(value, path, `Member must satisfy enum value set: [${shape.enum.join(', ')}]`, shape);
    }
    if (shape.pattern !== undefined && !compilePattern(shape.pattern).test(value)) {
      this.fail(value, path, `Member must satisfy regular expression pattern: ${shape.pattern}`, shape);
    }
  }

  private number(shape: Shape, value: unknown, path: string): void {
    const whole = shape.type === 'integer' || shape.type === 'long';
    if (typeof value !== 'number' || (whole && !Number.isInteger(value))) throw mismatch(value, whole ? 'Integer' : 'Double', path);
    if (shape.min !== undefined && value < shape.min) this.fail(value, path, `Member must have value greater than or equal to ${shape.min}`);
    if (shape.max !== undefined && value > shape.max) this.fail(value, path, `Member must have value less than or equal to ${shape.max}`);
  }

  private blob(shape: Shape, value: unknown, path: string): void {
    if (typeof value !== 'string' && !(value instanceof Uint8Array)) throw mismatch(value, 'Blob', path);
    this.length(shape, value.length, `(${value.length} bytes)`, path);
  }

  private length(shape: Shape, length: number, value: unknown, path: string): void {
    if (shape.min !== undefined && length < shape.min) {
      this.fail(value, path, `Member must have length greater than or equal to ${shape.min}`, shape);
    }
    if (shape.max !== undefined && length > shape.max) this.fail(value, path, `Member must have length less than or equal to ${shape.max}`, shape);
  }

  private fail(value: unknown, path: string, constraint: string, shape?: Shape): void {
    // AWS does not echo what its models call sensitive.
    const shown = shape?.sensitive ? 'Value' : `Value '${typeof value === 'object' ? JSON.stringify(value) : String(value)}'`;
    this.problems.push(`${value === null ? 'Value null' : shown} at '${path}' failed to satisfy constraint: ${constraint}`);
  }
}

/** AWS words paths in Java's manner: the first letter is small. */
function join(path: string, name: string): string {
  const member = name.charAt(0).toLowerCase() + name.slice(1);
  return path === '' ? member : `${path}.${member}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date) && !(value instanceof Uint8Array);
}

function mismatch(value: unknown, wanted: string, path: string): AwsError {
  const given = Array.isArray(value) ? 'START_ARRAY' : typeof value === 'object' ? 'START_OBJECT' : `${(typeof value).toUpperCase()}_VALUE`;
  return new AwsError('SerializationException', `${given} can not be converted to a ${wanted}${path === '' ? '' : ` at '${path}'`}`);
}

const patterns = new Map<string, RegExp>();

/** What the models write in Java's dialect, or by mistake, in JavaScript's. */
const DIALECT: ReadonlyArray<readonly [RegExp, string]> = [
  [/\\A|\\z/g, ''],
  [/\$\{\d+,\d+\}$/, ''],
  [/\\uD800\\uDC00-\\uDBFF\\uDFFF/g, '\\u{10000}-\\u{10FFFF}'],
  [/\[\\p\{Print\}\]|\\p\{Print\}/g, '[ -~]'],
  [/\\p\{Alnum\}/g, 'A-Za-z0-9'],
];

/** The models' patterns must match the whole value. */
export function compilePattern(source: string): RegExp {
  let pattern = patterns.get(source);
  if (pattern === undefined) {
    let translated = source;
    for (const [java, script] of DIALECT) translated = translated.replace(java, script);
    // Unicode classes need the `u` flag, under which escapes that mean nothing are errors.
    const unicode = /\\p\{|\\u\{/.test(translated);
    if (unicode) translated = translated.replace(/\\([_:@=%"'<>,;&!#~` ])/g, '$1');
    pattern = new RegExp(`^(?:${translated})$`, unicode ? 'u' : '');
    patterns.set(source, pattern);
  }
  return pattern;
}
