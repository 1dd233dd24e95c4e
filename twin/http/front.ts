import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../clock';
import { AwsError } from '../service';
import { unchunk } from './aws-chunked';
import type { Credentials } from './credentials';
import { BodyBroken, ConnectionLost } from './faults';
import { checkSignedAt, conversation, operationOf, signatureOf } from './identify';
import type { OperationModel } from './model';
import type { CallPipeline } from './pipeline';
import type { WireRequest, WireResponse } from './wire';

export type PathHandler = (request: WireRequest) => WireResponse | Promise<WireResponse>;

/** Whoever starts processes can follow their requests, which carry a tag in the header `x-twin-call`. */
export interface TaggedCalls {
  /** Name of the function whose process sent it. */
  functionOf(tag: string): string;
  /** A request has been read. False: it is to have no effect, its process is dead. */
  callReceived(tag: string): boolean;
  /** Its answer is about to be written. False: it is not to be, its process is dead. */
  callAnswered(tag: string): boolean;
}

export interface HttpFrontOptions {
  readonly clock: Clock;
  readonly region: string;
  readonly credentials: Credentials;
  readonly pipeline: CallPipeline;
  /** @default - nobody follows */
  readonly taggedCalls?: () => TaggedCalls;
}

/** The AWS APIs over HTTP on loopback, for SDKs pointed at it by `AWS_ENDPOINT_URL`; and plain paths for whoever mounts them. */
export class HttpFront {
  private readonly server: Server;
  private readonly mounted: Array<{ prefix: string; handler: PathHandler }> = [];
  private serial = 0;

  constructor(private readonly options: HttpFrontOptions) {
    this.server = createServer((request, response) => { void this.serve(request, response); });
    // Idle connections live as long as the twin: a close on the server's side races with the client's next request.
    this.server.keepAliveTimeout = 0;
    this.server.requestTimeout = 0;
    this.server.headersTimeout = 0;
  }

  /** On an address, not a name: that makes the SDKs address buckets by path. Port 0 is any that is free. */
  async listen(port = 0): Promise<void> {
    await this.options.clock.io('listen', new Promise<void>((resolve, reject) => {
      this.server.once('error', reject).listen(port, '127.0.0.1', resolve);
    }));
  }

  get endpoint(): string {
    const address = this.server.address() as AddressInfo | null;
    if (address === null) throw new Error('the HTTP front is not listening; call listen() first');
    return `http://127.0.0.1:${address.port}`;
  }

  /** Requests whose path starts with `prefix` go to `handler`, unsigned and unchecked. The longest prefix wins. */
  mount(prefix: string, handler: PathHandler): void {
    if (!prefix.startsWith('/')) throw new Error(`a mounted prefix starts with a slash: ${prefix}`);
    this.mounted.push({ prefix, handler });
    this.mounted.sort((one, other) => other.prefix.length - one.prefix.length);
  }

  unmount(prefix: string): void {
    const index = this.mounted.findIndex((entry) => entry.prefix === prefix);
    if (index >= 0) this.mounted.splice(index, 1);
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => { this.server.close(() => resolve()); });
    this.server.closeAllConnections();
    await this.options.clock.io('close the HTTP front', closed);
  }

  private async serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { clock } = this.options;
    try {
      const request = await clock.io(`receive ${incoming.method} ${incoming.url}`, readRequest(incoming));
      const tag = incoming.headers['x-twin-call'];
      const calls = typeof tag === 'string' ? this.options.taggedCalls?.() : undefined;
      if (calls?.callReceived(tag as string) === false) return void outgoing.destroy();
      // Not under a hold: the call itself may wait in virtual time.
      const response = await this.respond(request, calls?.functionOf(tag as string)).finally(() => {
        if (calls?.callAnswered(tag as string) === false) outgoing.destroy();
      });
      if (outgoing.destroyed) return;
      await clock.io(`answer ${incoming.method} ${incoming.url}`, write(outgoing, response, incoming.method === 'HEAD'));
    } catch {
      // The connection broke, by injection or because the caller is gone: there is nobody to answer.
      outgoing.destroy();
    }
  }

  private async respond(request: WireRequest, functionName: string | undefined): Promise<WireResponse> {
    const mounted = this.mounted.find((entry) => request.path.startsWith(entry.prefix));
    const requestId = this.nextRequestId();
    const response = mounted === undefined ? await this.answer(request, requestId, functionName) : await mounted.handler(request);
    return {
      ...response,
      headers: { ...response.headers, 'x-amzn-requestid': requestId, 'x-amz-request-id': requestId, ...this.time(functionName !== undefined) },
    };
  }

  private async answer(raw: WireRequest, requestId: string, functionName: string | undefined): Promise<WireResponse> {
    const { pipeline, credentials, clock, region } = this.options;
    let spoken = conversation(pipeline.models, undefined, raw);
    let operation: OperationModel | undefined;
    try {
      const signature = signatureOf(raw, region);
      spoken = conversation(pipeline.models, signature.service, raw);
      // A function's process is on the twin's clock; others, as a build's or a job's, are not.
      if (functionName !== undefined) checkSignedAt(raw, signature.service, clock.now());
      const request = unchunk(raw);
      operation = operationOf(spoken.api, signature.service, request);
      const caller = credentials.principalOf(signature.accessKeyId, signature.sessionToken, clock.now());
      const input = spoken.protocol.decode(request, operation);
      const output = await pipeline.call({ service: signature.service, operation: operation.name, input, caller, ...(functionName !== undefined && { functionName }) });
      return spoken.protocol.encode(output as Record<string, unknown>, operation, requestId);
    } catch (error) {
      if (error instanceof BodyBroken) return { ...spoken.protocol.encode(error.output as Record<string, unknown>, operation!, requestId), breaksOff: true };
      if (error instanceof ConnectionLost) throw error;
      return spoken.protocol.encodeError(asAwsError(error), spoken.api, operation, requestId);
    }
  }

  /**
   * `date` is the time by which the caller signs, or SDKs correct a skew: the twin's for a function's process, the machine's for any other.
   * The twin's time to the millisecond is there for whoever wants to know it.
   */
  private time(isOnTwinClock: boolean): Record<string, string> {
    const { clock } = this.options;
    return { 'date': (isOnTwinClock ? clock.date() : new Date()).toUTCString(), 'x-twin-time': String(clock.now()) };
  }

  /** Counted, not drawn: the twin's randomness must not depend on how many requests there were. */
  private nextRequestId(): string {
    return `00000000-0000-4000-8000-${(++this.serial).toString(16).padStart(12, '0')}`;
  }
}

/** Anything but an AwsError is a defect of the twin: it says so, with its stack, instead of hiding behind a retryable status. */
function asAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  const told = error instanceof Error ? error.stack ?? error.message : String(error);
  return new AwsError('TwinDefect', `the twin failed inside this call: ${told}`, 501);
}

function readRequest(incoming: IncomingMessage): Promise<WireRequest> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('error', reject);
    incoming.on('aborted', () => reject(new Error('aborted by the caller')));
    incoming.on('end', () => {
      const target = incoming.url ?? '/';
      const mark = target.indexOf('?');
      resolve({
        method: incoming.method ?? 'GET',
        path: mark < 0 ? target : target.slice(0, mark),
        query: new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)),
        headers: incoming.headers,
        body: Buffer.concat(chunks),
      });
    });
  });
}

function write(outgoing: ServerResponse, response: WireResponse, isHead: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    outgoing.on('finish', resolve);
    outgoing.on('error', reject);
    outgoing.on('close', resolve);
    const body = typeof response.body === 'string' ? Buffer.from(response.body) : response.body;
    const headers: Record<string, string | number> = { ...response.headers };
    // HeadObject tells the object's length without sending it.
    if (!isHead || headers['content-length'] === undefined) headers['content-length'] = body.length;
    if (response.status === 204 || response.status === 304) delete headers['content-length'];
    outgoing.sendDate = false;
    outgoing.writeHead(response.status, headers);
    // Half of the body has left before the socket is destroyed; of an empty one, the head.
    if (response.breaksOff) outgoing.write(body.subarray(0, Math.ceil(body.length / 2)), () => { outgoing.destroy(); });
    else outgoing.end(isHead ? undefined : body);
  });
}
