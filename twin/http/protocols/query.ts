import type { OperationModel } from '../model';
import type { WireRequest, WireResponse } from '../wire';
import { statusOf, type Protocol } from './protocol';
import { fromForm } from './query-values';
import { element, escapeXml, structureToXml } from './xml-values';

/** The query protocol: a form in, XML out. */
export const query: Protocol = {
  decode(request: WireRequest, operation: OperationModel): Record<string, unknown> {
    return operation.input === undefined ? {} : fromForm(operation.service, operation.input, formOf(request));
  },

  encode(output, operation, requestId): WireResponse {
    const { service, name } = operation;
    const inner = operation.output === undefined ? '' : structureToXml(service, operation.output, output);
    const result = operation.output === undefined ? '' : element(operation.resultWrapper ?? `${name}Result`, inner);
    const metadata = element('ResponseMetadata', element('RequestId', requestId));
    return xml(200, element(`${name}Response`, result + metadata, ` xmlns="${service.xmlNamespace ?? ''}"`));
  },

  encodeError(error, api, operation, requestId): WireResponse {
    const modelled = api?.error(operation, error.code);
    const status = statusOf(error, modelled?.shape.error?.httpStatusCode);
    const content = element('Type', status >= 500 ? 'Receiver' : 'Sender')
      + element('Code', modelled?.shape.error?.code ?? error.code)
      + element('Message', escapeXml(error.message));
    return xml(status, element('ErrorResponse', element('Error', content) + element('RequestId', requestId),
      api?.xmlNamespace === undefined ? '' : ` xmlns="${api.xmlNamespace}"`));
  },
};

export function formOf(request: WireRequest): URLSearchParams {
  return request.body.length > 0 ? new URLSearchParams(request.body.toString('utf8')) : request.query;
}

function xml(status: number, body: string): WireResponse {
  return { status, headers: { 'content-type': 'text/xml' }, body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}` };
}
