/** One cold start of a bundled handler: its folder as the argument, the event by message, its answer by message. */
interface Bundle {
  handler(event: unknown, context: unknown): Promise<unknown>;
}

process.once('message', (event: unknown) => {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a bundle is found at run time
  const { handler } = require(process.argv[2]!) as Bundle;
  const ends = Date.now() + 60_000;
  handler(event, { getRemainingTimeInMillis: () => ends - Date.now() })
    .then((result) => ({ result: result ?? null }), ({ name, message }: Error) => ({ error: { name, message } }))
    .then((told) => process.send!(told, () => { process.exit(); }));
});
