import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Timer } from '../../clock';
import type { World } from '../../world';
import type { CodeStore } from './code';
import { errorPayload, KILLED, timedOut } from './errors';
import { newLogStream } from './names';
import { ProcessOutput, type LogLine } from './output';
import { ProcessPresence, type WaitingReport } from './presence';
import { processVariables } from './process-variables';
import type { RuntimeApi, RuntimeClient } from './runtime-api';
import { runtimeOf } from './runtimes';
import type { FunctionConfiguration } from './state';

export interface Work {
  readonly requestId: string;
  readonly payload: string;
  readonly invokedArn: string;
}

export interface Result {
  readonly failed: boolean;
  readonly payload: string;
  readonly lines: readonly LogLine[];
  readonly logStream: string;
}

const BOOTSTRAP = join(__dirname, 'child', 'bootstrap.cjs');

/** One process of a function, reused for one invocation after another until it dies. */
export class ExecutionEnvironment implements RuntimeClient {
  readonly presence: ProcessPresence;
  readonly logStream: string;
  /** False once the process is gone. */
  alive = true;
  runs = 0;
  private readonly scratch: string;
  private child: ChildProcess | undefined;
  private output: ProcessOutput | undefined;
  private nextRequest: ServerResponse | undefined;
  private work: Work | undefined;
  private settle: ((ended: { failed: boolean; payload: string }) => void) | undefined;
  private initError: string | undefined;
  private timeout: Timer | undefined;
  private ending: string | undefined;

  constructor(
    readonly id: string,
    readonly configuration: FunctionConfiguration,
    private readonly world: World,
    private readonly runtimeApi: RuntimeApi,
    private readonly code: CodeStore,
    private readonly onChange: () => void,
    /** Milliseconds by which the process's clock is ahead of the twin's. */
    readonly clockSkew = 0,
  ) {
    this.logStream = newLogStream(world, configuration.version);
    this.scratch = join(world.workDir, 'lambda', 'scratch', id);
    mkdirSync(this.scratch, { recursive: true });
    this.presence = new ProcessPresence(world.clock, `function ${configuration.name}`, {
      tick: (message) => { this.child?.send(message); },
      change: onChange,
      stuck: () => this.timeOut(),
    });
  }

  /** It can take work. */
  get free(): boolean {
    return this.alive && this.ending === undefined && this.settle === undefined;
  }

  /** It computes; only real time brings it on. */
  get busy(): boolean {
    return this.settle !== undefined && !this.presence.waiting;
  }

  async run(work: Work): Promise<Result> {
    const coldStart = this.runs === 0;
    this.runs += 1;
    this.presence.begin();
    const ended = new Promise<{ failed: boolean; payload: string }>((resolve) => { this.settle = resolve; });
    this.work = work;
    if (coldStart) await this.start();
    else this.dispatch();
    const { failed, payload } = await ended;
    await this.output!.complete(work.requestId);
    this.timeout?.cancel();
    const lines = this.output!.take();
    this.settle = undefined;
    this.work = undefined;
    this.presence.end();
    this.onChange();
    return { failed, payload, lines, logStream: this.logStream };
  }

  /** Ends the process at once, in the middle of whatever it does. */
  kill([errorType, message] = KILLED): void {
    this.ending ??= this.errorPayload(errorType, message);
    this.child?.kill('SIGKILL');
    this.onChange();
  }

  next(response: ServerResponse): void {
    this.nextRequest = response;
    this.dispatch();
  }

  finished(requestId: string, kind: 'response' | 'error', body: string): void {
    if (requestId === this.work?.requestId) this.settle?.({ failed: kind === 'error', payload: body });
  }

  initFailed(body: string): void {
    this.initError = body;
  }

  private async start(): Promise<void> {
    const { world, configuration } = this;
    const runtimeApi = await this.runtimeApi.register(this.id, this);
    const variables = processVariables({
      world, configuration, runtimeApi, logStream: this.logStream, sdkFolder: this.code.sdkFolder(), scratch: this.scratch,
    });
    const settings = {
      environmentId: this.id, now: world.clock.now(), clockSkew: this.clockSkew, seed: world.random.integer(2 ** 31), allowCallback: runtimeOf(configuration.runtime).allowCallback,
    };
    // The SDK warns of the Node.js that runs the twin, which is not the function's.
    const child = spawn(process.execPath, ['--disable-warning=NodeVersionSupportWarning', BOOTSTRAP], {
      cwd: configuration.code.folder,
      env: { ...variables, TWIN_ENVIRONMENT: JSON.stringify(settings) },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.child = child;
    if (this.ending !== undefined) child.kill('SIGKILL');
    this.output = new ProcessOutput([child.stdout!, child.stderr!], () => world.clock.now());
    child.on('message', (report: WaitingReport) => this.presence.reported(report));
    child.on('error', (error) => this.died(error.message));
    child.on('close', (status, signal) => this.died(signal === null ? `exit status ${status}` : `signal: ${signal}`));
    this.limit();
  }

  private dispatch(): void {
    const { nextRequest: response, work } = this;
    if (response === undefined || work === undefined) return;
    this.nextRequest = undefined;
    const { timeoutSeconds } = this.configuration;
    this.limit();
    const now = this.world.clock.now();
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(work.payload),
      'lambda-runtime-aws-request-id': work.requestId,
      'lambda-runtime-deadline-ms': now + timeoutSeconds * 1000,
      'lambda-runtime-invoked-function-arn': work.invokedArn,
      'lambda-runtime-trace-id': `Root=1-${Math.floor(now / 1000).toString(16)}-${work.requestId.replaceAll('-', '').slice(0, 24)};Sampled=0`,
      'x-twin-time': now,
    }).end(work.payload);
  }

  /** Initialising and handling have the function's time-out each: an initialisation that takes over 10 s is repeated under it. */
  private limit(): void {
    this.timeout?.cancel();
    const { name, timeoutSeconds } = this.configuration;
    this.timeout = this.world.clock.after(timeoutSeconds * 1000, `time-out of ${name}`, () => this.timeOut());
  }

  private timeOut(): void {
    if (this.work === undefined) return;
    // The process dies in real time.
    this.presence.begin();
    this.kill(timedOut(this.configuration.timeoutSeconds));
  }

  private died(how: string): void {
    if (!this.alive) return;
    this.alive = false;
    this.output?.close();
    this.runtimeApi.unregister(this.id);
    rmSync(this.scratch, { recursive: true, force: true });
    const payload = this.ending ?? this.initError ?? this.errorPayload('Runtime.ExitError', `Runtime exited with error: ${how}`);
    this.settle?.({ failed: true, payload });
    this.onChange();
  }

  private errorPayload(errorType: string, message: string): string {
    return errorPayload(this.work?.requestId, errorType, message);
  }
}
