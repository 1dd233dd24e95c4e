import { join } from 'node:path';
import { AwsError, type Service } from '../../service';
import type { World } from '../../world';
import { lambdaOperations } from './api';
import { AsyncEvents, type AsyncEvent } from './async-events';
import { CodeStore } from './code';
import { errorPayload, KILLED, timedOut } from './errors';
import type { ExecutionEnvironment, Result } from './environment';
import type { InvocationFaults, Moment } from './faults';
import { Functions } from './functions';
import { LogWriter } from './log-writer';
import { configurationFor, functionArn, newLogStream } from './names';
import { functionMetrics } from './metrics';
import { EnvironmentPool } from './pool';
import { lambdaResources } from './resources';
import { RuntimeApi } from './runtime-api';
import type { FunctionConfiguration, FunctionRecord, Outcome } from './state';

export type { InvocationFaults, InvocationIdentity, Moment } from './faults';

const LOG_TAIL_BYTES = 4096;
const MOST_RESPONSE_BYTES = 6 * 1024 * 1024;

/** Invocations under way in an account at once, until it asks for more; one that is new may be given fewer. */
const ACCOUNT_CONCURRENCY = 1000;

/** AWS Lambda: functions run as processes of this machine, on the twin's clock, with their role's credentials. */
export class LambdaService implements Service {
  readonly name = 'lambda';
  readonly operations: Service['operations'];
  readonly resources: Service['resources'];
  /** Set to make invocations go wrong. */
  faults: InvocationFaults = {};
  /** The account's quota of concurrent executions. */
  accountConcurrency = ACCOUNT_CONCURRENCY;
  private readonly functions: Functions;
  private readonly runtimeApi = new RuntimeApi();
  private readonly pool: EnvironmentPool;
  private readonly events: AsyncEvents;
  private readonly logs: LogWriter;
  /** What each process works on. */
  private readonly working = new Map<string, { functionName: string; requestId: string; environment: ExecutionEnvironment; callsBefore: number }>();
  private readonly lastCall = new Map<string, number>();

  constructor(private readonly world: World) {
    const code = new CodeStore(world, join(world.workDir, 'lambda', 'code'));
    this.functions = new Functions(world, code);
    this.pool = new EnvironmentPool(world, this.runtimeApi, code);
    this.logs = new LogWriter(world);
    this.events = new AsyncEvents(world, {
      find: ({ functionName, qualifier }) => {
        const record = this.functions.find(functionName);
        return record && { record, configuration: configurationFor(record, qualifier, record.arn) };
      },
      run: ({ record, configuration }, event) => this.invoke(record, configuration, functionArn(world, { name: record.name, qualifier: event.qualifier }), event),
    });
    this.operations = lambdaOperations(world, this.functions, {
      run: (record, configuration, invokedArn, payload) => this.invoke(record, configuration, invokedArn, { requestId: world.random.uuid(), payload }),
      accept: (record, qualifier, payload) => this.accept({ functionName: record.name, qualifier, requestId: world.random.uuid(), payload }),
    });
    this.resources = lambdaResources(this.functions, this.pool);
  }

  /** Asynchronous events not done with, for tests and reports. */
  get pendingEvents(): number {
    return this.events.pending;
  }

  /**
   * A request of a function's process has reached the front; `tag` is its `x-twin-call` header. False if its process has
   * just been killed: then the request must have no effect.
   */
  callReceived(tag: string): boolean {
    const [id, call] = parseTag(tag);
    this.lastCall.set(id, call);
    this.pool.find(id)?.presence.callReceived(call);
    return !this.strikes(id, call, 'request');
  }

  functionOf(tag: string): string {
    const [id] = parseTag(tag);
    return id.slice(0, id.lastIndexOf('.'));
  }

  /** The front is about to answer. False if the process has just been killed: then it must not. */
  callAnswered(tag: string): boolean {
    const [id, call] = parseTag(tag);
    this.pool.find(id)?.presence.callAnswered(call);
    return !this.strikes(id, call, 'answer');
  }

  remaining(): string[] {
    return this.functions.all().map(({ arn }) => arn);
  }

  stop(): void {
    this.pool.stop();
    this.runtimeApi.stop();
  }

  private accept(event: AsyncEvent): string {
    this.events.accept(event);
    if (this.faults.duplicate?.(event)) this.events.accept(event);
    return event.requestId;
  }

  private async invoke(
    record: FunctionRecord, configuration: FunctionConfiguration, invokedArn: string, { requestId, payload }: { requestId: string; payload: string },
  ): Promise<Outcome> {
    const { clock } = this.world;
    const count = functionMetrics(this.world, record.name);
    const Reason = this.throttleReason(record);
    if (Reason !== undefined) {
      count('Throttles', 1);
      throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429, { Reason });
    }
    const identity = { functionName: record.name, requestId };
    const startedAt = clock.now();
    const release = clock.hold(`invocation of ${record.name}`);
    record.running += 1;
    let id: string | undefined;
    try {
      const cold = this.faults.coldStart?.(identity) ?? false;
      const clockSkew = this.faults.clockSkew?.(identity) ?? 0;
      const result = this.faults.hang?.(identity) ? await this.untilTimedOut(configuration, requestId, release) : await this.pool.run(configuration, { requestId, payload, invokedArn }, { cold, clockSkew }, (environment) => {
        id = environment.id;
        this.working.set(id, { ...identity, environment, callsBefore: this.lastCall.get(id) ?? 0 });
        if (this.faults.crash?.(identity, { at: 'start' })) environment.kill();
        release();
      });
      const lost = !result.failed && (this.faults.crash?.(identity, { at: 'end' }) ?? false);
      if (lost) this.pool.find(id!)?.kill();
      const final = lost ? { ...result, failed: true, payload: errorPayload(requestId, ...KILLED) } : withinLimits(result, requestId);
      count('Invocations', 1);
      count('Errors', final.failed ? 1 : 0);
      count('Duration', Math.max(1, clock.now() - startedAt));
      const lines = await this.logs.write(configuration, { requestId, startedAt, result: final });
      const logTail = lines.map(({ message }) => message).join('\n').slice(-LOG_TAIL_BYTES);
      return { requestId, payload: final.payload, logTail, ...(final.failed && { error: 'Unhandled' as const }) };
    } finally {
      release();
      record.running -= 1;
      if (id !== undefined) this.working.delete(id);
    }
  }

  /** An invocation in which nothing happens. */
  private async untilTimedOut({ name, version, timeoutSeconds }: FunctionConfiguration, requestId: string, release: () => void): Promise<Result> {
    const logStream = newLogStream(this.world, version);
    release();
    await this.world.clock.sleep(timeoutSeconds * 1000, `time-out of ${name}`);
    return { failed: true, payload: errorPayload(requestId, ...timedOut(timeoutSeconds)), lines: [], logStream };
  }

  /** A function has what is reserved for it; the others share what is left of the account's. */
  private throttleReason({ reservedConcurrency, running }: FunctionRecord): string | undefined {
    if (reservedConcurrency !== undefined) return running >= reservedConcurrency ? 'ReservedFunctionConcurrentInvocationLimitExceeded' : undefined;
    let free = this.accountConcurrency;
    for (const other of this.functions.all()) free -= other.reservedConcurrency ?? other.running;
    return free <= 0 ? 'ConcurrentInvocationLimitExceeded' : undefined;
  }

  private strikes(id: string, call: number, at: 'request' | 'answer'): boolean {
    const work = this.working.get(id);
    if (work === undefined) return false;
    const moment: Moment = { at, call: call - work.callsBefore };
    if (!this.faults.crash?.({ functionName: work.functionName, requestId: work.requestId }, moment)) return false;
    work.environment.kill();
    return true;
  }
}

function parseTag(tag: string): [string, number] {
  const slash = tag.lastIndexOf('/');
  return [tag.slice(0, slash), Number(tag.slice(slash + 1))];
}

function withinLimits<R extends { failed: boolean; payload: string }>(result: R, requestId: string): R {
  const size = Buffer.byteLength(result.payload);
  if (size <= MOST_RESPONSE_BYTES) return result;
  const errorMessage = `RequestId: ${requestId} Error: Response payload size exceeded maximum allowed payload size (${MOST_RESPONSE_BYTES} bytes).`;
  return { ...result, failed: true, payload: JSON.stringify({ errorType: 'Function.ResponseSizeTooLarge', errorMessage }) };
}
