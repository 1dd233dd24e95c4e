import { runBatch } from './batch';
import type { Schedule } from './plan';

/** Runs the batches that its parent sends, one at a time, and tells of each schedule. */
const [assembly, seed] = [process.argv[2]!, Number(process.argv[3])];

process.on('message', (schedules: Schedule[]) => {
  void runBatch(assembly, seed, schedules, (result) => process.send!({ result }))
    .then(() => process.send!({ done: true }), (error: Error) => process.send!({ failed: error.stack ?? error.message }));
});
process.on('disconnect', () => { process.exit(); });
