import type { ChildProcess } from 'node:child_process';
import * as http from 'node:http';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import type { Principal } from '../service';
import type { World } from '../world';
import type { ContainerOptions } from './container';
import { CannotStartError, killContainer, startContainer } from './container';
import { containerCredentials } from './container-credentials';

export interface ServerOptions extends Omit<ContainerOptions, 'arguments'> {
  readonly label: string;
  readonly principal?: Principal;
  /** Called for each line the container prints. */
  readonly onLine?: (line: string) => void;
  /** Real milliseconds for the container to answer its first ping. */
  readonly startLimit?: number;
}

export interface ContainerRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | Uint8Array | string;
}

export interface ContainerResponse {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

const START_LIMIT = 30_000;
const PING_PAUSE = 25;
const REQUEST_LIMIT = 60_000;

/** The image's `serve` on a port of this machine, healthy from the start on. */
export class ModelServer {
  private readonly agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
  private stopped = false;

  private constructor(private readonly world: World, private readonly child: ChildProcess, readonly port: number, private readonly label: string) {}

  /** Throws CannotStartError, with the container's last words, if it does not become healthy. */
  static async start(world: World, options: ServerOptions): Promise<ModelServer> {
    return world.clock.io(`start ${options.label}`, async () => {
      const port = await freePort();
      const environment = {
        ...options.environment,
        SAGEMAKER_BIND_TO_PORT: String(port),
        SAGEMAKER_BIND_TO_HOST: '127.0.0.1',
        AWS_REGION: world.region,
        ...(options.principal === undefined ? {} : await containerCredentials(world, options.principal)),
      };
      const child = startContainer({ ...options, environment, arguments: ['serve'] });
      const last: string[] = [];
      for (const stream of [child.stdout!, child.stderr!]) {
        createInterface({ input: stream }).on('line', (line) => {
          last.push(line);
          if (last.length > 20) last.shift();
          options.onLine?.(line);
        });
      }
      const server = new ModelServer(world, child, port, options.label);
      await server.becomeHealthy(options.startLimit ?? START_LIMIT, last);
      return server;
    });
  }

  /** One request to the container, as SageMaker makes it. Throws if the container gives no answer at all. */
  invoke(request: ContainerRequest): Promise<ContainerResponse> {
    return this.world.clock.io(this.label, () => this.send({ method: 'POST', path: '/invocations', ...request }));
  }

  get running(): boolean {
    return !this.stopped && this.child.exitCode === null && this.child.signalCode === null;
  }

  async stop(): Promise<void> {
    if (this.stopped) return;
    this.stopped = true;
    this.agent.destroy();
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    await this.world.clock.io(`stop ${this.label}`, new Promise<void>((resolve) => {
      this.child.on('exit', () => resolve());
      killContainer(this.child, 'SIGKILL');
    }));
  }

  private async becomeHealthy(limit: number, last: readonly string[]): Promise<void> {
    let failure: Error | undefined;
    this.child.on('error', (error) => { failure = error; });
    for (const deadline = Date.now() + limit; Date.now() < deadline;) {
      if (failure !== undefined || !this.running) break;
      const answer = await this.send({ method: 'GET', path: '/ping' }).catch(() => undefined);
      if (answer?.status === 200) return;
      await new Promise((resolve) => { setTimeout(resolve, PING_PAUSE); });
    }
    const why = failure?.message ?? (this.running ? `no healthy answer to GET /ping within ${limit / 1000} seconds` : `the container ended with code ${this.child.exitCode}`);
    await this.stop();
    throw new CannotStartError([why, ...last].join('\n'));
  }

  private send(request: ContainerRequest): Promise<ContainerResponse> {
    return new Promise((resolve, reject) => {
      const body = Buffer.from(request.body ?? '');
      const outgoing = http.request({
        host: '127.0.0.1', port: this.port, agent: this.agent, method: request.method, path: request.path, timeout: REQUEST_LIMIT,
        headers: { ...request.headers, ...(request.method === 'POST' ? { 'content-length': String(body.length) } : {}) },
      }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }));
        response.on('error', reject);
      });
      outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${REQUEST_LIMIT / 1000} seconds`)));
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no free port'))));
    });
  });
}
