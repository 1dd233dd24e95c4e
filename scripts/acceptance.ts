/** `npm run acceptance`: see scripts/acceptance/options.ts. */
import { main } from './acceptance/main';

main(process.argv.slice(2)).then(
  (code) => { process.exitCode = code; },
  (error: unknown) => {
    console.error(error instanceof Error ? error.stack : error);
    process.exitCode = 1;
  },
);
