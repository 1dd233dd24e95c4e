import type { Clock, Timer } from '../../clock';

/** What a function's process says it waits for (child/presence.cjs). */
export interface WaitingReport {
  /** The number of the last message of ours it had seen. */
  readonly tick: number;
  /** Requests without an answer so far. */
  readonly calls: readonly number[];
  /** When its earliest timer is due. */
  readonly due?: number;
}

export interface TickMessage {
  readonly tick: number;
  readonly now: number;
}

/** Longer than any honest computation without a call: an endless loop ends here, in real time. */
const STUCK_AFTER_MS = 120_000;
/** Longer than any honest work with calls, thousands of objects read one after another for example. */
const ENDLESS_AFTER_MS = 900_000;

/**
 * Decides whether virtual time may pass while a process works. It may only once the process says that it waits for
 * nothing but timers and answers, and each of those answers is itself waiting for virtual time: received by the front
 * and not yet answered.
 */
export class ProcessPresence {
  private release: (() => void) | undefined;
  private wake: Timer | undefined;
  private watchdog: NodeJS.Timeout | undefined;
  /** Since when, in real time, virtual time has stood still for it. */
  private standingSince = 0;
  private report: WaitingReport | undefined;
  private working = false;
  private tick = 0;
  private readonly beingAnswered = new Set<number>();

  constructor(
    private readonly clock: Clock,
    private readonly label: string,
    private readonly on: { tick(message: TickMessage): void; change(): void; stuck(): void },
  ) {}

  /** True while the process works for an invocation but only virtual time brings it on. */
  get waiting(): boolean {
    return this.working && this.release === undefined;
  }

  begin(): void {
    this.working = true;
    this.report = undefined;
    this.standStill();
  }

  end(): void {
    this.working = false;
    this.report = undefined;
    this.beingAnswered.clear();
    this.letPass();
  }

  /** The process waits, as far as it can see. */
  reported(report: WaitingReport): void {
    if (!this.working || report.tick !== this.tick) return;
    this.report = report;
    this.consider();
  }

  /** The front has a request of the process in its hands. */
  callReceived(call: number): void {
    this.beingAnswered.add(call);
    if (this.waiting) this.standStill();
    else if (this.working) this.watch();
    this.consider();
  }

  /** The front is about to answer. */
  callAnswered(call: number): void {
    if (!this.beingAnswered.delete(call) || !this.working) return;
    this.report = undefined;
    if (this.waiting) this.standStill();
  }

  private consider(): void {
    const { report } = this;
    if (report === undefined || !report.calls.every((call) => this.beingAnswered.has(call))) return;
    this.wake?.cancel();
    this.wake = report.due === undefined ? undefined : this.clock.at(report.due, `timer of ${this.label}`, () => this.wakeUp());
    this.letPass();
    this.on.change();
  }

  private wakeUp(): void {
    this.wake = undefined;
    this.report = undefined;
    this.standStill();
    this.on.tick({ tick: ++this.tick, now: this.clock.now() });
  }

  private standStill(): void {
    this.wake?.cancel();
    this.wake = undefined;
    this.release ??= this.clock.hold(this.label);
    this.standingSince = Date.now();
    this.watch();
  }

  private watch(): void {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => this.on.stuck(), Math.min(STUCK_AFTER_MS, this.standingSince + ENDLESS_AFTER_MS - Date.now()));
    this.watchdog.unref();
  }

  private letPass(): void {
    clearTimeout(this.watchdog);
    if (!this.working) this.wake?.cancel();
    this.release?.();
    this.release = undefined;
  }
}
