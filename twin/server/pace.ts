import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../clock';

/** Real milliseconds between two steps of the clock: short beside what a client notices. */
const STEP = 10;

/**
 * Lets virtual time run on by itself, `speed` times as fast as real time, while nothing is in flight. Work in flight holds it, and what
 * falls due is handled at its own virtual time.
 */
export class Pace {
  private readonly stopped = new AbortController();

  constructor(private readonly clock: Clock, readonly speed: number) {
    if (!(speed > 0 && Number.isFinite(speed))) throw new Error(`speed is ${speed}; give a number above 0, for example 60`);
  }

  /** Until `stop` is called. Throws what an event of the clock threw: the account may be in any state then. */
  async run(): Promise<void> {
    const { signal } = this.stopped;
    let owed = 0;
    while (!signal.aborted) {
      await this.clock.settle();
      const begun = performance.now();
      await delay(STEP, undefined, { signal }).catch(() => undefined);
      owed += (performance.now() - begun) * this.speed;
      // The clock counts whole milliseconds.
      const whole = Math.floor(owed);
      owed -= whole;
      if (!signal.aborted) await this.clock.advance(whole);
    }
  }

  stop(): void {
    this.stopped.abort();
  }
}
