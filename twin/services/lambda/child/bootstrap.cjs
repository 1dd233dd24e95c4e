'use strict';
/** A function's process: loads the handler and serves invocations through Lambda's Runtime API, on virtual time. */
const http = require('node:http');
const { syncBuiltinESMExports } = require('node:module');

// The twin's own settings come beside the function's environment and are gone before its code runs.
const settings = JSON.parse(process.env.TWIN_ENVIRONMENT);
delete process.env.TWIN_ENVIRONMENT;

const request = http.request;
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

const time = require('./time.cjs');
time.start(settings.now, settings.clockSkew);
time.install();
require('./timers.cjs').install();
require('./activity.cjs').install(settings.environmentId);
syncBuiltinESMExports();
const presence = require('./presence.cjs');
const log = require('./console.cjs');
const { load, call } = require('./handler.cjs');
Math.random = seeded(settings.seed);

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;

function runtime(method, path, body) {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const outgoing = request(`${api}${path}`, { method, agent, headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() }));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** mulberry32: back-off jitter is the same in every run. */
function seeded(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function describe(error) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name || 'Error', errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}

function contextOf(headers) {
  const requestId = headers['lambda-runtime-aws-request-id'];
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: requestId,
    clientContext: headers['lambda-runtime-client-context'] === undefined ? undefined : JSON.parse(headers['lambda-runtime-client-context']),
    identity: undefined,
    getRemainingTimeInMillis: () => Math.max(0, deadline - time.now()),
  };
}

let current;

async function serve(handler) {
  for (;;) {
    const { headers, body } = await runtime('GET', '/invocation/next');
    time.setNow(Number(headers['x-twin-time']));
    const context = contextOf(headers);
    current = context.awsRequestId;
    process.env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'];
    log.begin(current);
    presence.begin();
    let outcome;
    let path = 'response';
    try {
      // `undefined` is answered as null.
      outcome = JSON.stringify(await call(handler, JSON.parse(body), context, settings.allowCallback)) ?? 'null';
    } catch (error) {
      path = 'error';
      console.error('Invoke Error', JSON.stringify({ ...describe(error), trace: undefined, stack: describe(error).trace }));
      outcome = JSON.stringify(describe(error));
    }
    presence.end();
    log.end();
    await runtime('POST', `/invocation/${current}/${path}`, outcome);
    current = undefined;
  }
}

async function die(error) {
  presence.end();
  log.end();
  await runtime('POST', current === undefined ? '/init/error' : `/invocation/${current}/error`, JSON.stringify(describe(error)));
  process.exit(current === undefined ? 1 : 129);
}

process.on('uncaughtException', (error) => { void die(error); });
process.on('unhandledRejection', (reason) => {
  void die(Object.assign(new Error(String(reason instanceof Error ? reason : JSON.stringify(reason))), { name: 'Runtime.UnhandledPromiseRejection', stack: reason?.stack }));
});

log.install({ format: process.env.AWS_LAMBDA_LOG_FORMAT, level: process.env.AWS_LAMBDA_LOG_LEVEL });
presence.begin();
load(process.env.LAMBDA_TASK_ROOT, process.env._HANDLER).then((handler) => {
  presence.end();
  return serve(handler);
}).catch(die);
