import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { CloudFormationClient, DescribeStacksCommand, ListStacksCommand } from '@aws-sdk/client-cloudformation';
import { serveOptions } from '../../../twin/server/options';

const COMMAND = path.resolve(__dirname, '../../../twin/bin/cdk-mlops-twin.js');
const children: ChildProcess[] = [];
afterEach(() => { for (const child of children.splice(0)) child.kill('SIGKILL'); });

/** Starts the command as a user does; what it tells a shell to set. */
async function start(...args: string[]): Promise<{ child: ChildProcess; environment: Record<string, string> }> {
  const child = spawn(process.execPath, [COMMAND, 'serve', '--port', '0', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const environment: Record<string, string> = {};
  for await (const line of createInterface({ input: child.stdout! })) {
    const [, name, value] = /^export (\w+)=(.*)$/.exec(line) ?? [];
    if (name === undefined) return { child, environment };
    environment[name] = value!;
  }
  throw new Error('the twin ended without listening');
}

const client = (environment: Record<string, string>) => new CloudFormationClient({
  endpoint: environment.AWS_ENDPOINT_URL, region: environment.AWS_REGION,
  credentials: { accessKeyId: environment.AWS_ACCESS_KEY_ID!, secretAccessKey: environment.AWS_SECRET_ACCESS_KEY!, sessionToken: environment.AWS_SESSION_TOKEN },
});

test('an empty account listens until it is interrupted; its time runs on and its date is the machine\'s', async () => {
  const { child, environment } = await start('--start-time', '2001-02-01T00:00:00Z', '--speed', '100', '--region', 'eu-west-1', '--account', '111122223333');
  expect(environment.AWS_REGION).toBe('eu-west-1');
  const cloudFormation = client(environment);
  expect((await cloudFormation.send(new ListStacksCommand({}))).StackSummaries).toEqual([]);
  const time = async () => {
    const { headers } = await fetch(environment.AWS_ENDPOINT_URL!);
    return { twin: Number(headers.get('x-twin-time')), date: Date.parse(headers.get('date')!) };
  };
  const before = await time();
  await delay(100);
  const after = await time();
  expect(after.twin - before.twin).toBeGreaterThan(1_000);
  expect(new Date(after.twin).getUTCFullYear()).toBe(2001);
  expect(Math.abs(after.date - Date.now())).toBeLessThan(60_000);
  // The SDK corrects a skew by sending a failed call twice: a date that is the client's own keeps it from that.
  let sent = 0;
  cloudFormation.middlewareStack.add((next) => (args) => { sent++; return next(args); }, { step: 'finalizeRequest', priority: 'low' });
  await expect(cloudFormation.send(new DescribeStacksCommand({ StackName: 'none' }))).rejects.toThrow('Stack with id none does not exist');
  expect(sent).toBe(1);
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('keys are those of their account: clients remember which account a key is of', async () => {
  const keys = await Promise.all(['111122223333', '444455556666'].map(async (account) => (await start('--account', account)).environment.AWS_ACCESS_KEY_ID!));
  expect(keys[0]).not.toBe(keys[1]);
  for (const key of keys) expect(key).toMatch(/^ASIA[A-Z0-9]{16}$/);
});

test('a port that is taken is named', async () => {
  const { environment } = await start();
  const { port } = new URL(environment.AWS_ENDPOINT_URL!);
  const { status, stderr } = spawnSync(process.execPath, [COMMAND, 'serve', '--port', port], { encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toContain(`port ${port} is taken; give another with --port, or 0 for any that is free`);
});

test.each([
  [['--speed', '0'], '--speed is \'0\'; give a number above 0'],
  [['--port', '70000'], '--port is \'70000\'; give a port from 0 to 65535'],
  [['--seed', 'x'], '--seed is \'x\'; give a whole number'],
  [['--start-time', 'soon'], '--start-time is \'soon\'; give a time like 2026-01-01T00:00:00Z'],
  [['--account', '1'], '--account is \'1\'; give twelve digits'],
  [['--region', 'mars'], '--region is \'mars\'; give a region like us-east-1'],
  [['--wrong'], 'Unknown option \'--wrong\''],
])('options %p are refused', (args, message) => {
  expect(() => serveOptions(args)).toThrow(message);
});

test('another command is refused, with the usage', () => {
  const { status, stderr } = spawnSync(process.execPath, [COMMAND, 'deploy'], { encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toContain('there is no command \'deploy\'\nusage: cdk-mlops-twin serve');
});
