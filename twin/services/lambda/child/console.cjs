'use strict';
/** Standard output as Lambda's Node.js runtime formats it: plain text with time, request and level, or JSON. */
const util = require('node:util');
const time = require('./time.cjs');

const LEVELS = { TRACE: 0, DEBUG: 1, INFO: 2, WARN: 3, ERROR: 4, FATAL: 5 };
const METHODS = { trace: 'TRACE', debug: 'DEBUG', log: 'INFO', info: 'INFO', warn: 'WARN', error: 'ERROR' };

let requestId = 'undefined';
const write = process.stdout.write.bind(process.stdout);

function install({ format, level }) {
  // Both streams end up in one log, in the order of writing.
  Object.defineProperty(process, 'stderr', { get: () => process.stdout, configurable: true });
  const least = format === 'JSON' ? LEVELS[level] ?? LEVELS.INFO : LEVELS.TRACE;
  for (const [method, name] of Object.entries(METHODS)) {
    if (LEVELS[name] < least) console[method] = () => {};
    else console[method] = format === 'JSON' ? (...args) => jsonLine(name, args) : (...args) => textLine(name, args);
  }
}

function textLine(level, args) {
  write(`${new Date(time.now()).toISOString()}\t${requestId}\t${level}\t${util.format(...args).replace(/\n/g, '\r')}\n`);
}

function jsonLine(level, args) {
  const line = { timestamp: new Date(time.now()).toISOString(), level, requestId };
  const error = args.find((arg) => arg instanceof Error);
  line.message = args.length === 1 && !(error instanceof Error) ? args[0] : util.format(...args);
  if (error !== undefined) Object.assign(line, { errorType: error.name, errorMessage: error.message, stackTrace: error.stack?.split('\n').slice(1).map((at) => at.trim()) });
  write(`${JSON.stringify(line)}\n`);
}

module.exports = {
  install,
  begin(id) { requestId = id; },
  /** Tells the twin that everything this invocation wrote has been written. */
  end() { write(`\0${requestId}\n`); },
};
