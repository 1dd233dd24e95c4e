import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A function's process as the Runtime API sees it. */
export interface RuntimeClient {
  /** It asks for work; the answer waits until there is some. */
  next(response: ServerResponse): void;
  /** It has a result for this request. */
  finished(requestId: string, kind: 'response' | 'error', body: string): void;
  initFailed(body: string): void;
}

const PREFIX = '/2018-06-01/runtime';

/** Lambda's Runtime API for every process of the twin; each has a path of its own. */
export class RuntimeApi {
  private readonly clients = new Map<string, RuntimeClient>();
  private server: Server | undefined;
  private listening: Promise<string> | undefined;

  /** The value of AWS_LAMBDA_RUNTIME_API for this process. */
  async register(id: string, client: RuntimeClient): Promise<string> {
    this.clients.set(id, client);
    this.listening ??= this.listen();
    return `${await this.listening}/${id}`;
  }

  unregister(id: string): void {
    this.clients.delete(id);
  }

  stop(): void {
    this.server?.closeAllConnections();
    this.server?.close();
  }

  private listen(): Promise<string> {
    const server = createServer((request, response) => this.handle(request, response));
    server.keepAliveTimeout = 0;
    this.server = server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => resolve(`127.0.0.1:${(server.address() as AddressInfo).port}`));
    });
  }

  private handle(request: IncomingMessage, response: ServerResponse): void {
    const [, id, path] = /^\/([^/]+)(\/.*)$/.exec(request.url ?? '') ?? [];
    const client = this.clients.get(id ?? '');
    if (client === undefined || path === undefined || !path.startsWith(PREFIX)) return answer(response, 404);
    const operation = path.slice(PREFIX.length);
    if (request.method === 'GET' && operation === '/invocation/next') return client.next(response);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const [, requestId, kind] = /^\/invocation\/([^/]+)\/(response|error)$/.exec(operation) ?? [];
      if (requestId !== undefined) client.finished(requestId, kind as 'response' | 'error', body);
      else if (operation === '/init/error') client.initFailed(body);
      else return answer(response, 404);
      answer(response, 202);
    });
  }
}

function answer(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
}
