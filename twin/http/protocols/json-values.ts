import { AwsError } from '../../service';
import type { ServiceModel, ShapeRef } from '../model';
import { timestampFrom, timestampTo } from './scalars';

type Json = Record<string, unknown>;

/** JSON as it came to the SDK's shape: timestamps as dates, blobs as buffers. What does not fit is left for the request check. */
export function fromJson(model: ServiceModel, ref: ShapeRef, value: unknown): unknown {
  const shape = model.shape(ref.shape);
  if (value === null || value === undefined || shape.document) return value ?? undefined;
  switch (shape.type) {
    case 'structure': return isObject(value) ? structureFromJson(model, ref.shape, value) : value;
    case 'list': return Array.isArray(value) ? value.map((item) => fromJson(model, shape.member!, item) ?? null) : value;
    case 'map': return isObject(value)
      ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fromJson(model, shape.value!, item) ?? null]))
      : value;
    case 'timestamp': return timestampFrom(value, ref.timestampFormat ?? shape.timestampFormat ?? 'unixTimestamp');
    case 'blob': return typeof value === 'string' ? Buffer.from(value, 'base64') : value;
    case 'float': case 'double': return value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : value;
    default: return value;
  }
}

export function structureFromJson(model: ServiceModel, shapeName: string, value: Json): Json {
  const members = Object.entries(model.shape(shapeName).members ?? {});
  const byWireName = new Map(members.map(([name, member]) => [member.locationName ?? name, { name, member }]));
  const result: Json = {};
  for (const [key, item] of Object.entries(value)) {
    if (item === null || key === '__type') continue;
    const known = byWireName.get(key);
    result[known?.name ?? key] = known === undefined ? item : fromJson(model, known.member, item);
  }
  return result;
}

export function toJson(model: ServiceModel, ref: ShapeRef, value: unknown): unknown {
  const shape = model.shape(ref.shape);
  if (shape.document) return value;
  switch (shape.type) {
    case 'structure': return structureToJson(model, ref.shape, value as Json);
    case 'list': return (value as unknown[]).map((item) => toJson(model, shape.member!, item));
    case 'map': return Object.fromEntries(Object.entries(value as Json)
      .filter(([, item]) => item !== undefined && item !== null)
      .map(([key, item]) => [key, toJson(model, shape.value!, item)]));
    case 'timestamp': return timestampTo(value as Date, ref.timestampFormat ?? shape.timestampFormat ?? 'unixTimestamp');
    case 'blob': return Buffer.from(value as Uint8Array).toString('base64');
    case 'float': case 'double': return Number.isFinite(value) ? value : String(value);
    default: return value;
  }
}

/** The members the model knows; what else a service holds stays inside. */
export function structureToJson(model: ServiceModel, shapeName: string, value: Json, only?: (ref: ShapeRef) => boolean): Json {
  const result: Json = {};
  for (const [name, member] of Object.entries(model.shape(shapeName).members ?? {})) {
    const item = value[name];
    if (item === undefined || item === null || only?.(member) === false) continue;
    result[member.locationName ?? name] = toJson(model, member, item);
  }
  return result;
}

export function parseJsonObject(body: Buffer): Json {
  if (body.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new AwsError('SerializationException', `the body is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isObject(value)) throw new AwsError('SerializationException', 'the body is not a JSON object');
  return value;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
