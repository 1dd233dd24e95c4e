import { fork, type ChildProcess } from 'node:child_process';
import * as path from 'node:path';
import type { BatchOrder, ScheduleResult } from './batch';
import { kindOfSchedule } from './plan';

/** A schedule that has not ended by then does not end. */
const LIMIT_SECONDS = 180;

type Report = { result: ScheduleResult } | { done: true } | { failed: string };

/** Runs batches side by side, each in the next worker that is free; `tell` hears of each schedule as it is done. */
export async function runAll(
  assembly: string, seed: number, batches: readonly BatchOrder[], workers: number, tell: (result: ScheduleResult) => void,
): Promise<void> {
  const left = [...batches];
  await Promise.all(Array.from({ length: workers }, async () => {
    for (let batch = left.shift(); batch !== undefined; batch = left.shift()) await inProcess(assembly, seed, batch, tell);
  }));
}

/** A process of its own, because a loop keeps one core busy. What it does not come to is reported as a violation. */
function inProcess(assembly: string, seed: number, order: BatchOrder, tell: (result: ScheduleResult) => void): Promise<void> {
  const worker: ChildProcess = fork(path.join(__dirname, 'worker.ts'), [assembly, String(seed)], { execArgv: ['--import', 'tsx'] });
  const told = new Set<number>();
  return new Promise((resolve) => {
    let limit: NodeJS.Timeout | undefined;
    const end = (reason?: string): void => {
      clearTimeout(limit);
      worker.removeAllListeners();
      worker.kill();
      const { batch, last = batch.last } = order;
      for (let number = batch.first; number <= last; number++) {
        if (reason === undefined || told.has(number)) continue;
        tell({ schedule: { number, kind: kindOfSchedule(number, batch), faults: [] }, violations: [reason], byHand: [], fired: [], seconds: 0 });
      }
      resolve();
    };
    const watch = (): void => {
      clearTimeout(limit);
      limit = setTimeout(() => { end(`it did not end within ${LIMIT_SECONDS} s`); }, LIMIT_SECONDS * 1000);
    };
    worker.on('message', (report: Report) => {
      if ('done' in report) return end();
      if ('failed' in report) return end(`its account could not be set up: ${report.failed}`);
      told.add(report.result.schedule.number);
      tell(report.result);
      watch();
    });
    worker.once('exit', (code, signal) => { end(`its process ended by itself (${signal ?? code})`); });
    watch();
    worker.send(order);
  });
}
