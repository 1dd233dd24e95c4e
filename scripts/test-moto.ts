/**
 * `npm run test:moto`: the command line of the CDK bootstraps, deploys and destroys the app against moto on this machine, and between
 * the two the app's handlers run against it. What moto does not make is left out of a copy of the assembly, and printed; references
 * to it become the values it has on the twin. A handler runs up to the first call that moto does not know, which is printed too.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import { synthesizeApp } from '../bin/story/synthesize';
import { SHORT_LOOP_CONTEXT } from '../test/loop/support/assembly';
import { Twin } from '../twin';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { Functions } from './moto/functions';
import { Tour } from './moto/tour';
import { filterTemplate, type KnownValues } from './moto/filter';

const STACK = 'Mlops';
const ACCOUNT = '123456789012';
const REGION = 'us-east-1';
const CDK = path.resolve(__dirname, '../node_modules/.bin/cdk');

async function startMoto() {
  const child = spawn('python3', [path.join(__dirname, 'moto/server.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const gone = once(child, 'exit').then(() => { throw new Error('moto did not start; install it with `pip install "moto[server]"`'); });
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), gone]) as [string];
  gone.catch(() => undefined);
  return { ...JSON.parse(line) as { endpoint: string; types: string[] }, stop: () => { child.stdin.end(); } };
}

/** What the stack's resources are called on the twin. */
async function valuesOnTheTwin(assembly: string): Promise<{ values: KnownValues; stop(): Promise<void> }> {
  const twin = await Twin.fromAssembly(assembly, { account: ACCOUNT, region: REGION });
  await twin.deploy();
  const handle = (id: string) => twin.cloudFormation.stacks.find(STACK)!.resources.get(id)!.handle!;
  return {
    values: { ref: (id) => handle(id).physicalId, attribute: (id, attribute) => handle(id).attributes?.[attribute] },
    stop: () => twin.stop(),
  };
}

/** Every handler in the order of the loop; says which of them ended, and which met a call that moto lacks. */
async function runHandlers(copy: string, assembly: string, connection: { AWS_ENDPOINT_URL: string }): Promise<string> {
  const { Stacks } = await new CloudFormationClient().send(new DescribeStacksCommand({ StackName: STACK }));
  const functions = await Functions.ofStack(STACK, copy, connection);
  await new Tour(functions, connection.AWS_ENDPOINT_URL, Stacks![0]!.StackId!, assembly).take();
  const idle = functions.names.filter((name) => !functions.runs.has(name));
  if (idle.length > 0) throw new Error(`no step of the tour runs ${idle.join(', ')}; give it one`);
  let whole = 0;
  for (const [name, runs] of functions.runs) {
    const missing = [...new Set(runs.flatMap(({ stoppedAt }) => stoppedAt ?? []))];
    const ended = runs.filter(({ stoppedAt }) => stoppedAt === undefined).length;
    if (missing.length === 0) whole += 1;
    console.log(`ran: ${name}, ${ended} of ${runs.length} to its end${missing.length === 0 ? '' : `; moto lacks ${missing.join(', ')}`}`);
  }
  return `${functions.runs.size} handlers ran, ${whole} of them never met a call that moto lacks`;
}

async function main(): Promise<void> {
  const scratch = mkdtempSync(path.join(tmpdir(), 'cdk-mlops-moto-'));
  const [assembly, copy] = [path.join(scratch, 'assembly'), path.join(scratch, 'filtered')];
  const moto = await startMoto();
  try {
    const connection = {
      AWS_ENDPOINT_URL: moto.endpoint, AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_REGION: REGION, AWS_DEFAULT_REGION: REGION,
    };
    synthesizeApp(assembly, { ...SHORT_LOOP_CONTEXT, approval: 'automatic' });
    cpSync(assembly, copy, { recursive: true });
    const file = path.join(copy, `${STACK}.template.json`);
    const { values, stop } = await valuesOnTheTwin(assembly);
    const { template, dropped } = filterTemplate(JSON.parse(readFileSync(file, 'utf8')), new Set(moto.types), values);
    await stop();
    writeFileSync(file, JSON.stringify(template));
    for (const [type, ids] of dropped) console.log(`left out: ${ids.length} of ${type}`);
    const cdk = (...args: string[]) => {
      console.log(`cdk ${args[0]}`);
      execFileSync(CDK, [...args, '--app', copy, '--no-notices'], {
        stdio: ['ignore', 'inherit', 'inherit'], cwd: scratch,
        env: { ...process.env, ...connection },
      });
    };
    cdk('bootstrap', `aws://${ACCOUNT}/${REGION}`);
    cdk('deploy', STACK, '--require-approval', 'never');
    // The command line wants a host's name, S3 without a name for each bucket an address.
    const byAddress = { ...connection, AWS_ENDPOINT_URL: moto.endpoint.replace('localhost', '127.0.0.1') };
    Object.assign(process.env, byAddress);
    const handlers = await runHandlers(copy, assembly, byAddress);
    cdk('destroy', STACK, '--force');
    console.log(`test:moto: ${Object.keys(template.Resources).length} resources deployed and destroyed on moto, ${[...dropped.values()].flat().length} left out; ${handlers}`);
  } finally {
    moto.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
