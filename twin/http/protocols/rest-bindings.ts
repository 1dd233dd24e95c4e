import type { OperationModel, ServiceModel, Shape, ShapeRef } from '../model';
import { header, type WireRequest } from '../wire';
import { matchPath } from '../routes';
import { scalarFromText, scalarToText } from './scalars';

type Members = Record<string, unknown>;

/** A whole input: what the path and so on carry, and the body, whose structures `read` knows to read. */
export function inputFromRequest(
  request: WireRequest, operation: OperationModel, read: (ref: ShapeRef) => unknown, emptyIsThere: (payload: string) => boolean,
): Members {
  const { service } = operation;
  const shape = inputShape(operation);
  const input = bindingsFromRequest(request, operation);
  if (shape.payload !== undefined) {
    const member = shape.members![shape.payload]!;
    const payload = service.shape(member.shape);
    input[shape.payload] = payload.type === 'structure' ? read(member) : rawPayload(payload, request.body, emptyIsThere(shape.payload));
  } else if (hasBodyMembers(shape)) Object.assign(input, read({ shape: operation.input! }));
  return input;
}

/** What path, query string and headers carry of an input. */
function bindingsFromRequest(request: WireRequest, operation: OperationModel): Members {
  const { service } = operation;
  const labels = matchPath(operation, request.path) ?? {};
  const result: Members = {};
  for (const [name, member] of Object.entries(inputShape(operation).members ?? {})) {
    const shape = service.shape(member.shape);
    const wireName = member.locationName ?? name;
    switch (member.location) {
      case 'uri': result[name] = scalarFromText(shape, labels[wireName] ?? '', 'iso8601'); break;
      case 'querystring': {
        if (shape.type === 'map') Object.assign(result, { [name]: Object.fromEntries(request.query) });
        else if (!request.query.has(wireName)) break;
        else if (shape.type === 'list') {
          const item = service.shape(shape.member!.shape);
          result[name] = request.query.getAll(wireName).map((text) => scalarFromText(item, text, 'iso8601'));
        } else result[name] = scalarFromText(shape, request.query.get(wireName)!, 'iso8601');
        break;
      }
      case 'header': {
        const text = header(request, wireName);
        if (text !== undefined) result[name] = headerValue(service, shape, text);
        break;
      }
      case 'headers': {
        const found = Object.keys(request.headers).filter((key) => key.startsWith(wireName.toLowerCase()));
        if (found.length > 0) result[name] = Object.fromEntries(found.map((key) => [key.slice(wireName.length), header(request, key)!]));
        break;
      }
      default:
    }
  }
  return result;
}

function headerValue(service: ServiceModel, shape: Shape, text: string): unknown {
  if (shape.type !== 'list') return scalarFromText(shape, text, 'rfc822');
  const item = service.shape(shape.member!.shape);
  return text.split(',').map((part) => scalarFromText(item, part.trim(), 'rfc822'));
}

export function inputShape(operation: OperationModel): Shape {
  return operation.input === undefined ? { type: 'structure', members: {} } : operation.service.shape(operation.input);
}

export function outputShape(operation: OperationModel): Shape {
  return operation.output === undefined ? { type: 'structure', members: {} } : operation.service.shape(operation.output);
}

/** Whether the members without a place of their own travel in the body. */
export function hasBodyMembers(shape: Shape): boolean {
  return shape.payload === undefined && Object.values(shape.members ?? {}).some((member) => member.location === undefined);
}

/** What status and headers carry of an output. */
export function bindingsToResponse(output: Members, operation: OperationModel): { status: number; headers: Record<string, string> } {
  const { service } = operation;
  const headers: Record<string, string> = {};
  let status = operation.http.responseCode ?? 200;
  for (const [name, member] of Object.entries(outputShape(operation).members ?? {})) {
    const value = output[name];
    if (value === undefined || value === null) continue;
    const wireName = member.locationName ?? name;
    const shape = service.shape(member.shape);
    if (member.location === 'statusCode') status = Number(value);
    else if (member.location === 'header') {
      headers[wireName.toLowerCase()] = Array.isArray(value) ? value.join(',') : scalarToText(shape, value, member.timestampFormat ?? 'rfc822');
    } else if (member.location === 'headers') {
      for (const [key, item] of Object.entries(value as Record<string, string>)) headers[`${wireName}${key}`.toLowerCase()] = item;
    }
  }
  return { status, headers };
}

/** A payload that is not a structure: the body as it is. */
function rawPayload(shape: Shape, body: Buffer, required: boolean): unknown {
  if (body.length === 0 && !required) return undefined;
  return shape.type === 'blob' ? body : body.toString('utf8');
}

export function toBuffer(value: unknown): Buffer | string {
  if (typeof value === 'string' || Buffer.isBuffer(value)) return value;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  throw new Error(`a payload must be a buffer or a string, not ${typeof value}`);
}
