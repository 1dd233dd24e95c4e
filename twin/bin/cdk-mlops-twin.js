#!/usr/bin/env node
// The twin is written in TypeScript and run from its source.
try {
  require('tsx/cjs');
} catch (error) {
  console.error(`cdk-mlops-twin runs with tsx, which is not installed (npm ci at the repository's root installs it): ${error.message}`);
  process.exit(1);
}

require('../server/main.ts').main(process.argv.slice(2)).then(
  (code) => { process.exitCode = code; },
  (error) => {
    console.error(error instanceof Error ? error.stack : error);
    process.exit(1);
  },
);
