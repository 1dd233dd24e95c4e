import type { AwsError } from '../../service';
import type { OperationModel, ServiceModel } from '../model';
import type { WireRequest, WireResponse } from '../wire';
import { parseJsonObject, structureFromJson, structureToJson } from './json-values';
import { statusOf, type Protocol } from './protocol';

/** AWS JSON 1.0 and 1.1: everything in the body, the operation in `X-Amz-Target`. */
export const json: Protocol = {
  decode(request: WireRequest, operation: OperationModel): Record<string, unknown> {
    const body = parseJsonObject(request.body);
    return operation.input === undefined ? body : structureFromJson(operation.service, operation.input, body);
  },

  encode(output, operation): WireResponse {
    const body = operation.output === undefined ? {} : structureToJson(operation.service, operation.output, output);
    return { status: 200, headers: { 'content-type': contentType(operation.service) }, body: JSON.stringify(body) };
  },

  encodeError(error, api, operation): WireResponse {
    return jsonError(error, api, operation, api === undefined ? 'application/x-amz-json-1.1' : contentType(api));
  },
};

function contentType(api: ServiceModel): string {
  return `application/x-amz-json-${api.jsonVersion}`;
}

export function jsonError(error: AwsError, api: ServiceModel | undefined, operation: OperationModel | undefined, type: string): WireResponse {
  const modelled = api?.error(operation, error.code);
  const name = modelled?.name ?? error.code;
  const messageKey = Object.keys(modelled?.shape.members ?? {}).find((member) => member.toLowerCase() === 'message') ?? 'message';
  const status = statusOf(error, modelled?.shape.error?.httpStatusCode);
  const headers: Record<string, string> = { 'content-type': type, 'x-amzn-errortype': name };
  // Services that moved from the query protocol keep telling their old codes.
  if (api?.awsQueryCompatible) {
    headers['x-amzn-query-error'] = `${modelled?.shape.error?.code ?? error.code};${status >= 500 ? 'Receiver' : 'Sender'}`;
  }
  return { status, headers, body: JSON.stringify({ __type: name, [messageKey]: error.message, ...error.details }) };
}
