import { AwsError } from '../service';
import type { Models, OperationModel, ServiceModel } from './model';
import { PROTOCOLS } from './protocols';
import { json } from './protocols/json';
import type { Protocol } from './protocols/protocol';
import { formOf, query } from './protocols/query';
import { findRoute } from './routes';
import { header, type WireRequest } from './wire';

/** Who signed a request, for which service and region. */
export interface Signature {
  readonly accessKeyId: string;
  readonly sessionToken?: string;
  readonly region: string;
  readonly service: string;
}

/** Services whose calls may be signed for any region. */
const GLOBAL = new Set(['iam', 'sts']);

export function signatureOf(request: WireRequest, region: string): Signature {
  const scope = /^AWS4-HMAC-SHA256 .*?Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/.exec(header(request, 'authorization') ?? '');
  if (scope === null) throw new AwsError('MissingAuthenticationToken', 'Missing Authentication Token', 403);
  const [, accessKeyId, signedRegion, service] = scope as unknown as [string, string, string, string];
  if (signedRegion !== region && !GLOBAL.has(service)) {
    throw new AwsError('InvalidSignatureException', `Credential should be scoped to a valid region, not '${signedRegion}'; the twin runs ${region}`, 403);
  }
  return { accessKeyId, service, region: signedRegion, sessionToken: header(request, 'x-amz-security-token') };
}

const MINUTE = 60_000;
/** How old, or how far ahead, a signature may be. */
const TOLERANCE = { s3: 15 * MINUTE, others: 5 * MINUTE };

/** Refuses a request that was signed by a clock that is wrong; the SDKs then correct themselves by the answer's date. */
export function checkSignedAt(request: WireRequest, service: string, now: number): void {
  const stamp = header(request, 'x-amz-date') ?? '';
  const signedAt = Date.parse(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (Number.isNaN(signedAt)) throw new AwsError('IncompleteSignatureException', `the header x-amz-date is no date: '${stamp}'`, 400);
  // The stamp has no milliseconds.
  const ahead = signedAt - Math.floor(now / 1000) * 1000;
  if (service === 's3') {
    if (Math.abs(ahead) > TOLERANCE.s3) throw new AwsError('RequestTimeTooSkewed', 'The difference between the request time and the current time is too large.', 403);
    return;
  }
  if (ahead > TOLERANCE.others) throw new AwsError('InvalidSignatureException', `Signature not yet current: ${stamp} is still later than the server's time + 5 min.`, 403);
  if (ahead < -TOLERANCE.others) throw new AwsError('InvalidSignatureException', `Signature expired: ${stamp} is now earlier than the server's time - 5 min.`, 403);
}

/** How to read the request and answer it, as far as it can be told. */
export interface Conversation {
  readonly protocol: Protocol;
  readonly api?: ServiceModel;
}

/** The protocol a request speaks, told by its looks alone, so that even a refusal is in the caller's language. */
export function conversation(models: Models, service: string | undefined, request: WireRequest): Conversation {
  const apis = service === undefined ? [] : models.apis(service);
  const target = header(request, 'x-amz-target');
  if (target !== undefined) return { protocol: json, api: apis.find((api) => target.startsWith(`${api.targetPrefix}.`)) };
  if (header(request, 'content-type')?.startsWith('application/x-www-form-urlencoded') || request.query.has('Action')) {
    return { protocol: query, api: apis.find((api) => api.speaks('query')) };
  }
  const rest = apis.filter((api) => api.speaks('rest-json') || api.speaks('rest-xml'));
  const api = rest.find((candidate) => findRoute(candidate, request) !== undefined) ?? rest[0];
  return { protocol: PROTOCOLS[api?.protocol ?? 'json'], api };
}

export function operationOf(api: ServiceModel | undefined, service: string, request: WireRequest): OperationModel {
  const name = header(request, 'x-amz-target')?.split('.').pop() ?? actionOf(request);
  const operation = name === undefined ? api && findRoute(api, request) : api?.operations.get(name);
  if (operation !== undefined) return operation;
  const asked = name ?? `${request.method} ${request.path}${request.query.size > 0 ? `?${[...request.query.keys()].join('&')}` : ''}`;
  throw new AwsError('UnknownOperationException', `the twin knows no operation ${asked} of ${service}`, 501);
}

function actionOf(request: WireRequest): string | undefined {
  const form = header(request, 'content-type')?.startsWith('application/x-www-form-urlencoded') ? formOf(request) : request.query;
  return form.get('Action') ?? undefined;
}
