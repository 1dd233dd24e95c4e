#!/usr/bin/env node
// Stands for a program on a build's PATH (`docker`, `aws`): the twin's own process does what it is asked.
const { readFileSync } = require('node:fs');
const { request } = require('node:http');
const { basename } = require('node:path');

const [, self, ...args] = process.argv;
const needsInput = args.includes('--password-stdin') || args.includes('-');
const body = JSON.stringify({
  tool: basename(self),
  args,
  cwd: process.cwd(),
  environment: process.env,
  input: needsInput ? readFileSync(0).toString('base64') : '',
});
const call = request({ socketPath: process.env.TWIN_TOOLS_SOCKET, method: 'POST', path: '/' }, (response) => {
  const chunks = [];
  response.on('data', (chunk) => chunks.push(chunk));
  response.on('end', () => {
    const { code, output, errors } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    process.stderr.write(errors);
    process.stdout.write(Buffer.from(output, 'base64'));
    process.exitCode = code;
  });
});
call.on('error', (error) => {
  process.stderr.write(`${basename(self)}: the twin does not answer: ${error.message}\n`);
  process.exitCode = 1;
});
call.end(body);
