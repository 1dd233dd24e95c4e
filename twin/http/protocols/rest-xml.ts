import type { OperationModel } from '../model';
import type { WireRequest, WireResponse } from '../wire';
import { statusOf, type Protocol } from './protocol';
import { bindingsToResponse, hasBodyMembers, inputFromRequest, outputShape, toBuffer } from './rest-bindings';
import { element, escapeXml, fromXml, structureToXml, toXml } from './xml-values';

const S3_NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** Root elements of answers that are not called after their shape. */
const ROOTS: Readonly<Record<string, string>> = {
  ListBuckets: 'ListAllMyBucketsResult', ListObjects: 'ListBucketResult', ListObjectsV2: 'ListBucketResult',
  ListObjectVersions: 'ListVersionsResult', CreateMultipartUpload: 'InitiateMultipartUploadResult',
  CompleteMultipartUpload: 'CompleteMultipartUploadResult', DeleteObjects: 'DeleteResult', ListParts: 'ListPartsResult',
  ListMultipartUploads: 'ListMultipartUploadsResult',
};

/** REST with XML bodies: S3. */
export const restXml: Protocol = {
  decode(request: WireRequest, operation: OperationModel): Record<string, unknown> {
    return inputFromRequest(request, operation, (ref) => fromXml(operation.service, ref, request.body), () => true);
  },

  encode(output, operation): WireResponse {
    const { service, name } = operation;
    const shape = outputShape(operation);
    const { status, headers } = bindingsToResponse(output, operation);
    const xml = (content: string): WireResponse => {
      headers['content-type'] ??= 'application/xml';
      return { status, headers, body: `<?xml version="1.0" encoding="UTF-8"?>\n${content}` };
    };
    if (shape.payload !== undefined) {
      const member = shape.members![shape.payload]!;
      const value = output[shape.payload];
      if (value === undefined) return { status, headers, body: '' };
      if (service.shape(member.shape).type !== 'structure') {
        // A range of an object is an answer of its own kind.
        return { status: output['ContentRange'] === undefined ? status : 206, headers, body: toBuffer(value) };
      }
      return xml(toXml(service, { ...member, xmlNamespace: { uri: S3_NAMESPACE } }, member.locationName ?? member.shape, value));
    }
    if (!hasBodyMembers(shape)) return { status, headers, body: '' };
    if (name === 'GetBucketLocation') {
      return xml(element('LocationConstraint', String(output['LocationConstraint'] ?? ''), ` xmlns="${S3_NAMESPACE}"`));
    }
    return xml(element(ROOTS[name] ?? operation.output!, structureToXml(service, operation.output!, output), ` xmlns="${S3_NAMESPACE}"`));
  },

  encodeError(error, api, operation, requestId): WireResponse {
    const status = statusOf(error, api?.error(operation, error.code)?.shape.error?.httpStatusCode);
    const headers = { 'content-type': 'application/xml' };
    // An answer to HEAD has no body: clients know no more than the status.
    if (operation?.http.method === 'HEAD' || status === 304) return { status, headers, body: '' };
    const details = Object.entries(error.details).map(([key, value]) => element(key, escapeXml(String(value)))).join('');
    const content = element('Code', error.code) + element('Message', escapeXml(error.message)) + details + element('RequestId', requestId);
    return { status, headers, body: `<?xml version="1.0" encoding="UTF-8"?>\n${element('Error', content)}` };
  },
};
