import { setTimeout as delay } from 'node:timers/promises';

/** The run was interrupted. */
export class Interrupted extends Error {}

/** Shortest real time between two polls, milliseconds. */
const SHORTEST = 100;
/** Real time that anything may take, milliseconds: the twin's clock stands while its machine works. */
const PATIENCE = 5 * 60_000;

/** How time passes in the account: as here on AWS, `speed` times as fast on the twin. All lengths are the account's. */
export class Tempo {
  constructor(private readonly speed: number, private readonly interrupted: AbortSignal) {}

  async sleep(seconds: number): Promise<void> {
    this.check();
    await delay(seconds * 1_000 / this.speed, undefined, { signal: this.interrupted }).catch(() => this.check());
  }

  /** Polls until `condition` gives something. */
  async until<T>(what: string, condition: () => Promise<T | undefined | false>, { minutes, everySeconds = 30 }: { minutes: number; everySeconds?: number }): Promise<T> {
    const pause = Math.max(everySeconds, SHORTEST * this.speed / 1_000);
    const deadline = performance.now() + Math.max(minutes * 60_000 / this.speed, PATIENCE);
    for (;;) {
      this.check();
      const found = await condition();
      if (found !== undefined && found !== false) return found;
      if (performance.now() > deadline) throw new Error(`waited ${minutes} minutes for ${what}`);
      await this.sleep(pause);
    }
  }

  check(): void {
    if (this.interrupted.aborted) throw new Interrupted('interrupted');
  }
}
