import { fork, type ChildProcess } from 'node:child_process';
import * as path from 'node:path';
import type { Trial } from './trial';
import type { Wire } from './wires';

/** A loop that has not ended by then does not end: that, too, is red. */
const LIMIT_SECONDS = 300;

/** Tries wires side by side, each in the next worker that is free; `tell` hears of each as it is done. */
export async function tryAll(assembly: string, wires: readonly Wire[], workers: number, tell: (trial: Trial) => void): Promise<Trial[]> {
  const left = [...wires];
  const trials: Trial[] = [];
  const work = async (): Promise<void> => {
    const worker = new Worker(assembly);
    try {
      for (let wire = left.shift(); wire !== undefined; wire = left.shift()) {
        const trial = await worker.try(wire);
        trials.push(trial);
        tell(trial);
      }
    } finally {
      worker.end();
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  return trials;
}

/** A process of its own, because a loop keeps one core busy. A loop that hangs or crashes it costs the process, not the rest. */
class Worker {
  private process: ChildProcess | undefined;

  constructor(private readonly assembly: string) {}

  try(wire: Wire): Promise<Trial> {
    const begun = performance.now();
    const worker = (this.process ??= fork(path.join(__dirname, 'worker.ts'), [this.assembly], { execArgv: ['--import', 'tsx'] }));
    return new Promise((resolve) => {
      const finish = (trial: Trial): void => {
        clearTimeout(limit);
        worker.removeAllListeners();
        resolve(trial);
      };
      const fail = (reason: string): void => {
        this.end();
        finish({ wire, noticed: { step: 'the loop as a whole', reason }, seconds: (performance.now() - begun) / 1000 });
      };
      const limit = setTimeout(() => { fail(`it did not end within ${LIMIT_SECONDS} s`); }, LIMIT_SECONDS * 1000);
      worker.once('message', (trial) => { finish(trial as Trial); });
      worker.once('exit', (code, signal) => { fail(`its process ended by itself (${signal ?? code})`); });
      worker.send(wire);
    });
  }

  end(): void {
    this.process?.removeAllListeners('exit').kill();
    this.process = undefined;
  }
}
