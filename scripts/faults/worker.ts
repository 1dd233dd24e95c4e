import { runBatch, type BatchOrder } from './batch';

/** Runs the batches that its parent sends, one at a time, and tells of each schedule. */
const [assembly, seed] = [process.argv[2]!, Number(process.argv[3])];

process.on('message', (order: BatchOrder) => {
  void runBatch(assembly, seed, order, (result) => process.send!({ result }))
    .then(() => process.send!({ done: true }), (error: Error) => process.send!({ failed: error.stack ?? error.message }));
});
process.on('disconnect', () => { process.exit(); });
