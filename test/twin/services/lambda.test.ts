import { LambdaService } from '../../../twin/services/lambda';
import { SmallWorld, START } from './lambda.world';

/* eslint-disable @typescript-eslint/no-explicit-any -- payloads are the tests' own */

const TEST_LOGS = (lines: string[]) => ({
  name: 'logs', resources: {}, remaining: () => [],
  operations: {
    CreateLogStream: { authorize: () => [], run: () => ({}) },
    PutLogEvents: { authorize: () => [], run: ({ logEvents }: any) => { lines.push(...logEvents.map(({ message }: any) => message)); } },
  },
});

describe('a function in a process of its own', () => {
  let world: SmallWorld;
  let lines: string[];

  beforeEach(async () => {
    world = await new SmallWorld().open();
    world.add(new LambdaService(world));
    lines = [];
    world.add(TEST_LOGS(lines));
  });
  afterEach(() => world.close());

  const invoke = async (name: string, event: unknown = {}, more = {}) => {
    const answer = await world.eventually(world.as('lambda', 'Invoke', { FunctionName: name, Payload: Buffer.from(JSON.stringify(event)), ...more }));
    return { ...answer, value: JSON.parse(answer.Payload.toString() || 'null') };
  };

  test('gets its event, its environment and Lambda\'s variables', async () => {
    await world.function('echo', `exports.handler = async (event, context) => ({
      event, colour: process.env.COLOUR, region: process.env.AWS_REGION, name: context.functionName, left: context.getRemainingTimeInMillis(),
      twin: Object.keys(process.env).filter((key) => key.startsWith('TWIN')), send: typeof process.send,
    })`, { Environment: { Variables: { COLOUR: 'green' } } });
    expect((await invoke('echo', { a: 1 })).value).toEqual({
      event: { a: 1 }, colour: 'green', region: 'eu-west-1', name: 'echo', left: 30_000, twin: [], send: 'undefined',
    });
  });

  test('is reused while warm', async () => {
    await world.function('counter', 'let n = 0; exports.handler = async () => ++n;');
    expect((await invoke('counter')).value).toBe(1);
    expect((await invoke('counter')).value).toBe(2);
  });

  test('sees the twin\'s time, which its timers move and its computing does not', async () => {
    await world.function('clock', `exports.handler = async () => {
      const began = Date.now();
      for (let i = 0; i < 1e7; i++);
      const computed = Date.now() - began;
      await new Promise((resolve) => setTimeout(resolve, 20_000));
      return { began, computed, slept: Date.now() - began, date: new Date().toISOString(), left: performance.now() };
    }`);
    const { value } = await invoke('clock');
    expect(value).toMatchObject({ began: START.getTime(), computed: 0, slept: 20_000, date: '2026-02-01T08:00:20.000Z' });
    expect(world.clock.now()).toBe(START.getTime() + 20_000);
  });

  test('does not seem to wait while it works off its event loop', async () => {
    await world.function('worker', `
      const { promisify } = require('node:util');
      const { gzip } = require('node:zlib');
      const { pbkdf2, webcrypto } = require('node:crypto');
      const { readFile } = require('node:fs/promises');
      exports.handler = async () => {
        const timer = setTimeout(() => {}, 1000);
        await promisify(gzip)(Buffer.alloc(3e7, 'abc'));
        await promisify(pbkdf2)('a', 'b', 200_000, 32, 'sha512');
        await webcrypto.subtle.digest('SHA-256', Buffer.alloc(3e7));
        await readFile(__filename);
        clearTimeout(timer);
        return Date.now();
      }`);
    expect((await invoke('worker')).value).toBe(START.getTime());
  });

  test.each([
    ['a promised one', 'await require("node:timers/promises").setTimeout(1500)'],
    ['an interval', 'await new Promise((r) => { let n = 0; const i = setInterval(() => { if (++n === 3) { clearInterval(i); r(); } }, 500); })'],
    ['a signal', 'await new Promise((r) => AbortSignal.timeout(1500).addEventListener("abort", r))'],
    ['one renewed', 'await new Promise((r) => { const t = setTimeout(r, 1000); setTimeout(() => t.refresh(), 500); })'],
    ['one cleared', 'const t = setTimeout(() => { throw new Error(); }, 100); clearTimeout(+t); await new Promise((r) => setTimeout(r, 1500, 1))'],
  ])('a timer may be %s', async (_what, wait) => {
    await world.function('timers', `exports.handler = async () => { const began = Date.now(); ${wait}; return Date.now() - began; }`);
    expect((await invoke('timers')).value).toBe(1500);
  });

  test('may be a module, and may fetch', async () => {
    await world.function('module', `exports.handler = async () => {
      const { handler } = await import('data:text/javascript,import { setTimeout as f } from "node:timers"; export const handler = () => new Promise((r) => f(r, 9000))');
      await handler();
      const answer = await fetch(process.env.AWS_ENDPOINT_URL + '/nowhere', { method: 'PUT', body: '1' });
      return [Date.now(), answer.status >= 400];
    }`);
    expect((await invoke('module')).value).toEqual([START.getTime() + 9000, true]);
  });

  test.each([
    ['with options', 'request({ ...there, headers: {} }, resolve)'],
    ['with an address', 'request(address, resolve)'],
    ['with an address and options', 'request(new URL(address), { method: "PUT" }, resolve)'],
    ['whose headers are a list', 'request({ ...there, headers: ["host", there.hostname] }, resolve)'],
    ['whose headers are pairs', 'request({ ...there, headers: [["host", there.hostname]] }, resolve)'],
    // As the SDK puts a large object: the head of the request leaves at once.
    ['that expects to go on', 'request({ ...there, method: "PUT", headers: { Expect: "100-continue" } }, resolve)'],
  ])('a request %s is answered on the twin\'s clock', async (_what, send) => {
    await world.function('caller', `exports.handler = async () => {
      const { request } = require('node:http');
      const address = process.env.AWS_ENDPOINT_URL;
      const { hostname, port } = new URL(address);
      const there = { hostname, port };
      const answer = await new Promise((resolve) => { ${send}.end(); });
      answer.resume();
      return answer.headers.date;
    }`);
    expect((await invoke('caller')).value).toBe(START.toUTCString());
  });

  test('dies when its time is over', async () => {
    await world.function('slow', 'exports.handler = () => new Promise((resolve) => setTimeout(resolve, 60_000))', { Timeout: 5 });
    const answer = await invoke('slow');
    expect(answer.FunctionError).toBe('Unhandled');
    expect(answer.value).toMatchObject({ errorType: 'Sandbox.Timedout', errorMessage: expect.stringContaining('Task timed out after 5.00 seconds') });
    expect(world.clock.now()).toBe(START.getTime() + 5_000);
  });

  test('that waits for nothing is timed out, too', async () => {
    await world.function('forgetful', 'exports.handler = () => new Promise(() => {})', { Timeout: 5 });
    expect((await invoke('forgetful')).value.errorType).toBe('Sandbox.Timedout');
  });

  test.each([
    ['throws', 'exports.handler = async () => { throw new TypeError("no"); }', { errorType: 'TypeError', errorMessage: 'no' }],
    ['is not there', 'exports.other = 1', { errorType: 'Runtime.HandlerNotFound' }],
    ['cannot be parsed', 'exports.handler = (', { errorType: 'Runtime.UserCodeSyntaxError' }],
    ['misses a module', 'require("nowhere"); exports.handler = 1', { errorType: 'Runtime.ImportModuleError' }],
    ['exits', 'exports.handler = async () => process.exit(3)', { errorType: 'Runtime.ExitError', errorMessage: expect.stringContaining('exit status 3') }],
    ['takes a callback', 'exports.handler = (event, context, callback) => callback(null, 1)', { errorType: 'Runtime.CallbackHandlerDeprecated' }],
    ['leaves a rejection', 'exports.handler = () => { Promise.reject(new Error("lost")); return new Promise((r) => setTimeout(r, 10)); }', { errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: 'Error: lost' }],
  ])('a handler that %s is an error', async (_what, source, expected) => {
    await world.function('bad', source);
    const answer = await invoke('bad');
    expect(answer.FunctionError).toBe('Unhandled');
    expect(answer.value).toMatchObject(expected);
  });

  test('its lines go to its log, in order', async () => {
    await world.function('talker', 'exports.handler = async () => { console.log("one\\ntwo", { a: 1 }); process.stdout.write(\'{"json":1}\\n\'); console.error("bad"); }');
    const { LogResult } = await invoke('talker', {}, { LogType: 'Tail' });
    expect(lines.map((line) => line.replace(/[0-9a-f-]{36}/, 'ID'))).toEqual([
      'START RequestId: ID Version: $LATEST',
      '2026-02-01T08:00:00.000Z\tID\tINFO\tone\rtwo { a: 1 }',
      '{"json":1}',
      '2026-02-01T08:00:00.000Z\tID\tERROR\tbad',
      'END RequestId: ID',
      'REPORT RequestId: ID\tDuration: 1.00 ms\tBilled Duration: 1 ms\tMemory Size: 128 MB\tMax Memory Used: 128 MB',
    ]);
    expect(Buffer.from(LogResult, 'base64').toString()).toContain('two { a: 1 }');
  });

  test('a call of its SDK client may take virtual time, and is made as its role', async () => {
    await world.function('invoker', `
      const { LambdaClient, InvokeCommand } = require('@aws-sdk/client-lambda');
      const client = new LambdaClient({});
      exports.handler = async () => {
        const began = Date.now();
        const answer = await client.send(new InvokeCommand({ FunctionName: 'sleeper' }));
        return { took: Date.now() - began, text: Buffer.from(answer.Payload).toString() };
      }`);
    await world.function('sleeper', 'exports.handler = async () => { await new Promise((r) => setTimeout(r, 7000)); return "rested"; }');
    expect((await invoke('invoker')).value).toEqual({ took: 7000, text: '"rested"' });
    expect(world.called('lambda', 'Invoke')[0]!.caller).toEqual({ kind: 'role', roleArn: world.role('invoker'), sessionName: 'invoker' });
  });
});
