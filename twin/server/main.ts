import { serveOptions, USAGE, type ServeOptions } from './options';
import { serve } from './serve';

/** `cdk-mlops-twin serve`: runs until it is interrupted. The first lines are what a shell has to set. */
export async function main([command, ...args]: readonly string[]): Promise<number> {
  let options: ServeOptions;
  try {
    if (command !== 'serve') throw new Error(command === undefined || ['help', '--help', '-h'].includes(command) ? '' : `there is no command '${command}'`);
    options = serveOptions(args);
  } catch (error) {
    console.error([(error as Error).message, USAGE].filter((line) => line !== '').join('\n'));
    return 2;
  }
  const server = await serve(options);
  for (const [name, value] of Object.entries(server.environment)) console.log(`export ${name}=${value}`);
  console.log(`# account ${server.twin.account} in ${server.twin.region}, ${options.speed} times faster than real time, from ${options.startTime.toISOString()}; Ctrl-C ends it`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => { void server.stop(); });
  await server.ended;
  return 0;
}
