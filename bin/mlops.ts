#!/usr/bin/env node
import { drift } from './drift/drift';

const COMMANDS: Record<string, { summary: string; run(args: string[]): Promise<number> }> = {
  drift: { summary: 'baseline, scan and report: the drift engine over local files', run: drift },
};

async function main([name, ...args]: string[]): Promise<number> {
  const command = COMMANDS[name ?? ''];
  if (command !== undefined) return command.run(args);
  const list = Object.entries(COMMANDS).map(([each, { summary }]) => `  mlops ${each.padEnd(8)} ${summary}`);
  console.error([...(name === undefined ? [] : [`there is no command '${name}'`]), 'commands:', ...list].join('\n'));
  return 2;
}

main(process.argv.slice(2)).then(
  (code) => { process.exitCode = code; },
  (error: unknown) => {
    console.error(error instanceof Error ? error.stack : error);
    process.exitCode = 1;
  },
);
