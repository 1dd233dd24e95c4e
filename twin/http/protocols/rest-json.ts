import type { OperationModel, ShapeRef } from '../model';
import type { WireRequest, WireResponse } from '../wire';
import { jsonError } from './json';
import { fromJson, parseJsonObject, structureToJson, toJson } from './json-values';
import type { Protocol } from './protocol';
import { bindingsToResponse, hasBodyMembers, inputFromRequest, inputShape, outputShape, toBuffer } from './rest-bindings';

/** REST with JSON bodies. */
export const restJson: Protocol = {
  decode(request: WireRequest, operation: OperationModel): Record<string, unknown> {
    const read = (ref: ShapeRef) => (request.body.length === 0 ? undefined : fromJson(operation.service, ref, parseJsonObject(request.body)));
    return inputFromRequest(request, operation, read, (payload) => inputShape(operation).required?.includes(payload) ?? false);
  },

  encode(output, operation): WireResponse {
    const { service } = operation;
    const shape = outputShape(operation);
    const { status, headers } = bindingsToResponse(output, operation);
    if (shape.payload !== undefined) {
      const member = shape.members![shape.payload]!;
      const value = output[shape.payload];
      if (service.shape(member.shape).type !== 'structure') return { status, headers, body: value === undefined ? '' : toBuffer(value) };
      headers['content-type'] ??= 'application/json';
      return { status, headers, body: value === undefined ? '' : JSON.stringify(toJson(service, member, value)) };
    }
    if (!hasBodyMembers(shape)) return { status, headers, body: '' };
    headers['content-type'] ??= 'application/json';
    const body = structureToJson(service, operation.output!, output, (member) => member.location === undefined);
    return { status, headers, body: JSON.stringify(body) };
  },

  encodeError: (error, api, operation) => jsonError(error, api, operation, 'application/json'),
};
