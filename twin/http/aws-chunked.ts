import { AwsError } from '../service';
import { header, type WireRequest } from './wire';

/** Undoes the `aws-chunked` encoding in which SDKs stream bodies; checksums that follow as trailers become headers. */
export function unchunk(request: WireRequest): WireRequest {
  const encodings = (header(request, 'content-encoding') ?? '').split(',').map((part) => part.trim()).filter((part) => part !== '');
  const chunked = encodings.includes('aws-chunked') || (header(request, 'x-amz-content-sha256') ?? '').startsWith('STREAMING-');
  if (!chunked) return request;
  const parts: Buffer[] = [];
  const { body } = request;
  let at = 0;
  for (;;) {
    const line = endOfLine(body, at);
    const size = Number.parseInt(body.toString('latin1', at, line).split(';')[0]!, 16);
    if (Number.isNaN(size)) throw new AwsError('IncompleteBody', 'the aws-chunked body has a chunk without a size');
    at = line + 2;
    if (size === 0) break;
    parts.push(body.subarray(at, at + size));
    at += size + 2;
  }
  const headers = { ...request.headers, ...trailers(body.toString('latin1', at)) };
  const rest = encodings.filter((encoding) => encoding !== 'aws-chunked').join(',');
  if (rest === '') delete headers['content-encoding'];
  else headers['content-encoding'] = rest;
  const decoded = Buffer.concat(parts);
  const announced = header(request, 'x-amz-decoded-content-length');
  if (announced !== undefined && Number(announced) !== decoded.length) {
    throw new AwsError('IncompleteBody', 'You did not provide the number of bytes specified by the Content-Length HTTP header.');
  }
  headers['content-length'] = String(decoded.length);
  return { ...request, headers, body: decoded };
}

function trailers(text: string): Record<string, string> {
  const result: Record<string, string> = {};
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) result[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return result;
}

function endOfLine(body: Buffer, from: number): number {
  const line = body.indexOf('\r\n', from);
  if (line < 0) throw new AwsError('IncompleteBody', 'the aws-chunked body ends before its last chunk');
  return line;
}
