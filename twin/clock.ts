/**
 * Virtual time. It moves only when nothing is running: every event that is due has been handled, every promise that
 * can settle has settled, and no real input or output (a child process, a socket) is in flight.
 */
export interface Timer {
  readonly dueAt: number;
  cancel(): void;
}

interface DueEvent extends Timer {
  readonly order: number;
  readonly label: string;
  readonly run: () => void | Promise<void>;
  cancelled: boolean;
}

/** How many turns of the event loop without new work count as quiet. */
const QUIET_TURNS = 3;

export class Clock {
  private time: number;
  private order = 0;
  private readonly queue: DueEvent[] = [];
  private readonly holds = new Map<symbol, string>();
  private readonly quietWaiters: Array<() => void> = [];
  private turns = 0;
  private failure: unknown;

  constructor(start: Date) {
    this.time = start.getTime();
  }

  /** Milliseconds since the epoch, in virtual time. */
  now(): number {
    return this.time;
  }

  date(): Date {
    return new Date(this.time);
  }

  /** Runs `run` at the virtual time `dueAt`, to the whole millisecond as AWS's time stamps are (at once, in order, if that is past). Equal times run in order of registration. */
  at(dueAt: number, label: string, run: () => void | Promise<void>): Timer {
    const event: DueEvent = {
      dueAt: Math.max(Math.ceil(dueAt), this.time), order: this.order++, label, run, cancelled: false,
      cancel: () => { event.cancelled = true; },
    };
    insert(this.queue, event);
    this.turns = 0;
    return event;
  }

  after(milliseconds: number, label: string, run: () => void | Promise<void>): Timer {
    return this.at(this.time + milliseconds, label, run);
  }

  sleep(milliseconds: number, label = 'sleep'): Promise<void> {
    return new Promise((resolve) => { this.after(milliseconds, label, resolve); });
  }

  /** Virtual time stands still until the returned function is called: something real is in flight. */
  hold(label: string): () => void {
    const key = Symbol(label);
    this.holds.set(key, label);
    return () => {
      if (!this.holds.delete(key)) return;
      this.turns = 0;
      if (this.holds.size === 0) for (const wake of this.quietWaiters.splice(0)) wake();
    };
  }

  /** Awaits real input or output while virtual time stands still. */
  async io<T>(label: string, work: Promise<T> | (() => Promise<T>)): Promise<T> {
    const release = this.hold(label);
    try {
      return await (typeof work === 'function' ? work() : work);
    } finally {
      release();
    }
  }

  /** What is in flight now; for messages about a clock that does not move. */
  inFlight(): string[] {
    return [...this.holds.values()];
  }

  /** The time of the next event that is due, if there is one. */
  nextDue(): number | undefined {
    this.dropCancelled();
    return this.queue[0]?.dueAt;
  }

  /** Handles everything that falls due within the next `milliseconds`, then stands at exactly that time. */
  async advance(milliseconds: number): Promise<void> {
    await this.advanceTo(this.time + milliseconds);
  }

  async advanceTo(time: number): Promise<void> {
    const target = Math.ceil(time);
    while (await this.step(target));
    this.time = Math.max(this.time, target);
  }

  /** Advances until `condition` holds; true if it did so no later than `limit` milliseconds from now. */
  async advanceUntil(condition: () => boolean, limit: number): Promise<boolean> {
    const target = this.time + Math.ceil(limit);
    await this.settle();
    while (!condition()) {
      if (!(await this.step(target))) {
        this.time = Math.max(this.time, target);
        return condition();
      }
      await this.settle();
    }
    return true;
  }

  /** Waits, in real time, until nothing is running any more. */
  async settle(): Promise<void> {
    this.turns = 0;
    while (this.turns < QUIET_TURNS) {
      if (this.holds.size > 0) {
        await new Promise<void>((resolve) => { this.quietWaiters.push(resolve); });
        this.turns = 0;
      }
      await new Promise((resolve) => { setImmediate(resolve); });
      this.turns = this.holds.size > 0 ? 0 : this.turns + 1;
    }
    if (this.failure !== undefined) {
      const failure = this.failure;
      this.failure = undefined;
      throw failure;
    }
  }

  private async step(target: number): Promise<boolean> {
    await this.settle();
    this.dropCancelled();
    const next = this.queue[0];
    if (next === undefined || next.dueAt > target) return false;
    this.queue.shift();
    this.time = Math.max(this.time, next.dueAt);
    // Not awaited: an event may itself sleep in virtual time. What it does in reality it does under a hold.
    void (async () => next.run())().catch((error: unknown) => { this.failure ??= new Error(`${next.label}: ${String(error)}`, { cause: error }); });
    return true;
  }

  private dropCancelled(): void {
    while (this.queue[0]?.cancelled) this.queue.shift();
  }
}

function insert(queue: DueEvent[], event: DueEvent): void {
  let low = 0;
  let high = queue.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = queue[middle]!;
    if (other.dueAt < event.dueAt || (other.dueAt === event.dueAt && other.order < event.order)) low = middle + 1;
    else high = middle;
  }
  queue.splice(low, 0, event);
}
