import { demo } from './story/demo';

/** Plays the whole loop on real flights; from a clone of the repository, which holds the twin and the example. */
demo(process.argv.slice(2)).then(
  (code) => { process.exitCode = code; },
  (error: unknown) => {
    console.error(error instanceof Error ? error.stack : error);
    process.exitCode = 1;
  },
);
