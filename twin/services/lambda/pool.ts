import { availableParallelism } from 'node:os';
import type { World } from '../../world';
import type { CodeStore } from './code';
import { ExecutionEnvironment, type Result, type Work } from './environment';
import type { RuntimeApi } from './runtime-api';
import type { FunctionConfiguration } from './state';

/** Processes of all functions that are kept; beyond, the one idle for longest ends. */
const KEPT = 40;

/** Which process is to do the work. */
export interface Choice {
  /** A new one, though there is an idle one. */
  readonly cold: boolean;
  /** One whose clock is so many milliseconds ahead. */
  readonly clockSkew: number;
}

/**
 * The processes of all functions. An invocation takes an idle one of its function, else starts one; more of them than
 * this machine has cores never compute at a time, the others wait their turn while virtual time stands still.
 */
export class EnvironmentPool {
  private readonly environments = new Map<string, ExecutionEnvironment>();
  private readonly queue: Array<() => void> = [];
  private serial = 0;
  private granted = 0;

  constructor(
    private readonly world: World,
    private readonly runtimeApi: RuntimeApi,
    private readonly code: CodeStore,
    private readonly atOnce = Math.max(2, availableParallelism()),
  ) {}

  /** Call under a hold of the clock; `started` tells when the process has taken over and the hold may end. */
  async run(configuration: FunctionConfiguration, work: Work, { cold, clockSkew }: Choice, started: (environment: ExecutionEnvironment) => void): Promise<Result> {
    await this.turn();
    const environment = (cold ? undefined : this.idle(configuration, clockSkew)) ?? this.start(configuration, clockSkew);
    const running = environment.run(work);
    this.granted -= 1;
    started(environment);
    return running;
  }

  find(id: string): ExecutionEnvironment | undefined {
    return this.environments.get(id);
  }

  /** Ends the processes of a configuration that is no more. */
  discard(matches: (configuration: FunctionConfiguration) => boolean): void {
    for (const environment of this.environments.values()) {
      if (matches(environment.configuration) && environment.free) this.end(environment);
    }
  }

  stop(): void {
    for (const environment of this.environments.values()) this.end(environment);
  }

  private async turn(): Promise<void> {
    if (this.queue.length > 0 || this.computing() >= this.atOnce) await new Promise<void>((resolve) => { this.queue.push(resolve); });
    else this.granted += 1;
  }

  private readonly changed = (): void => {
    while (this.queue.length > 0 && this.computing() < this.atOnce) {
      this.granted += 1;
      this.queue.shift()!();
    }
  };

  /** How many compute now, counting those that were given their turn and have not begun. */
  private computing(): number {
    let count = this.granted;
    for (const environment of this.environments.values()) if (environment.busy) count += 1;
    return count;
  }

  private idle(configuration: FunctionConfiguration, clockSkew: number): ExecutionEnvironment | undefined {
    for (const [id, environment] of this.environments) {
      if (!environment.alive) this.environments.delete(id);
      else if (environment.free && environment.configuration === configuration && environment.clockSkew === clockSkew) {
        // The map's order is the order of last use.
        this.environments.delete(id);
        this.environments.set(id, environment);
        return environment;
      }
    }
    return undefined;
  }

  private start(configuration: FunctionConfiguration, clockSkew: number): ExecutionEnvironment {
    if (this.environments.size >= KEPT) {
      const longestIdle = [...this.environments.values()].find((environment) => environment.free);
      if (longestIdle !== undefined) this.end(longestIdle);
    }
    const id = `${configuration.name}.${++this.serial}`;
    const environment = new ExecutionEnvironment(id, configuration, this.world, this.runtimeApi, this.code, this.changed, clockSkew);
    this.environments.set(id, environment);
    return environment;
  }

  private end(environment: ExecutionEnvironment): void {
    this.environments.delete(environment.id);
    environment.kill();
  }
}
