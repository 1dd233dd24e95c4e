import type { OperationModel, ServiceModel } from '../../../http/model';
import type { Json } from '../definition';

/**
 * State data speaks PascalCase, text and numbers; the services speak their models. These two translate, structure by
 * structure, and leave the keys of maps alone.
 */
export function toRequest(operation: OperationModel, parameters: Json): Json {
  return operation.input === undefined ? {} : inward(operation.service, operation.input, parameters);
}

export function toStateData(operation: OperationModel, output: Json, timestamps: 'iso' | 'milliseconds'): Json {
  return operation.output === undefined ? {} : outward(operation.service, operation.output, output ?? {}, timestamps);
}

/** Names under `parameters` that the operation does not know, as paths. */
export function unknownParameters(operation: OperationModel, parameters: Json, path: string): string[] {
  return operation.input === undefined ? Object.keys(parameters).map((key) => `${path}/${key}`) : unknown(operation.service, operation.input, parameters, path);
}

function memberFor(members: Readonly<Record<string, unknown>>, key: string): string | undefined {
  if (key in members) return key;
  const lower = key.charAt(0).toLowerCase() + key.slice(1);
  return lower in members ? lower : undefined;
}

function inward(model: ServiceModel, name: string, value: Json): Json {
  const shape = model.shape(name);
  if (value === null || value === undefined) return undefined;
  if (shape.type === 'structure' && typeof value === 'object' && !shape.document) {
    const members = shape.members ?? {};
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => {
      const member = memberFor(members, key);
      return member === undefined ? [key, inner] : [member, inward(model, members[member]!.shape, inner)];
    }));
  }
  if (shape.type === 'list' && Array.isArray(value)) return value.map((inner) => inward(model, shape.member!.shape, inner));
  if (shape.type === 'map' && typeof value === 'object') return mapValues(value, (inner) => inward(model, shape.value!.shape, inner));
  if (shape.type === 'blob') return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  if (shape.type === 'timestamp') return new Date(value as string | number);
  return value;
}

function outward(model: ServiceModel, name: string, value: Json, timestamps: 'iso' | 'milliseconds'): Json {
  const shape = model.shape(name);
  if (value === null || value === undefined) return undefined;
  if (shape.type === 'structure' && !shape.document) {
    return Object.fromEntries(Object.entries(shape.members ?? {})
      .filter(([member]) => value[member] !== undefined)
      .map(([member, ref]) => [member.charAt(0).toUpperCase() + member.slice(1), outward(model, ref.shape, value[member], timestamps)]));
  }
  if (shape.type === 'list') return (value as Json[]).map((inner) => outward(model, shape.member!.shape, inner, timestamps));
  if (shape.type === 'map') return mapValues(value, (inner) => outward(model, shape.value!.shape, inner, timestamps));
  if (shape.type === 'blob') return Buffer.from(value as Uint8Array).toString('utf8');
  if (shape.type === 'timestamp') return timestamps === 'iso' ? new Date(value as Date).toISOString() : new Date(value as Date).getTime();
  return value;
}

function unknown(model: ServiceModel, name: string, value: Json, path: string): string[] {
  const shape = model.shape(name);
  if (value === null || typeof value !== 'object') return [];
  if (shape.type === 'structure' && !shape.document) {
    const members = shape.members ?? {};
    return Object.entries(value).flatMap(([key, inner]) => {
      const computed = key.endsWith('.$');
      const member = memberFor(members, computed ? key.slice(0, -2) : key);
      if (member === undefined) return [`${path}/${key}`];
      return computed ? [] : unknown(model, members[member]!.shape, inner, `${path}/${key}`);
    });
  }
  if (shape.type === 'list' && Array.isArray(value)) return value.flatMap((inner, index) => unknown(model, shape.member!.shape, inner, `${path}[${index}]`));
  if (shape.type === 'map') return Object.entries(value).flatMap(([key, inner]) => unknown(model, shape.value!.shape, inner, `${path}/${key}`));
  return [];
}

function mapValues(value: Json, change: (inner: Json) => Json): Json {
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, change(inner)]));
}
