import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Cdk } from './cdk';
import { cleanUp } from './clean-up';
import { Cloud } from './cloud';
import { Data } from './data';
import { Log } from './log';
import { namesOf, newRun, type Names } from './names';
import { readOptions, USAGE, type Options } from './options';
import { placeOf, type Place } from './place';
import { printPlan, STEPS } from './plan';
import { printAnswers } from './questions';
import { Recorder } from './questions/recorder';
import { checkQuotas, reportQuotas } from './quota-check';
import type { Run, Step } from './run';
import { Interrupted, Tempo } from './tempo';
import { Traffic } from './traffic';

const write = (line: string) => { console.log(line); };

export interface StepResult {
  readonly name: string;
  readonly ok: boolean;
  readonly seconds: number;
  readonly reason?: string;
}

/** Exit code: 0 if every step held and nothing was left, 1 if not, 2 for wrong options, 130 if interrupted. */
export async function main(args: readonly string[]): Promise<number> {
  let options: Options;
  try {
    options = readOptions(args);
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
    return 2;
  }
  printPlan(write, options.instanceType);
  if (options.dryRun) return 0;
  const interrupt = interruptible();
  const place = await placeOf(options);
  try {
    return await inPlace(place, options, interrupt.signal);
  } finally {
    interrupt.release();
    await place.stop();
  }
}

async function inPlace(place: Place, options: Options, interrupted: AbortSignal): Promise<number> {
  const cloud = new Cloud(place.connection);
  const account = await cloud.accountId();
  const names = namesOf(options.cleanUp ?? newRun());
  write(`account ${account} in ${place.connection.region}${place.isTwin ? ' (the twin)' : ''}; run ${names.run}: stack ${names.stack}, tag ${names.tag}`);
  if (options.cleanUp !== undefined) return await tidy(place, cloud, names) ? 0 : 1;
  const enough = reportQuotas(write, await checkQuotas(cloud, options.instanceType));
  if (!place.isTwin) {
    if (!enough && !options.yes) {
      write('a quota is too small; ask for more, or run anyway with --yes');
      return 1;
    }
    if (!options.yes && !await confirmed(account)) return 1;
    write(`if this program is killed: npm run acceptance -- --profile ${options.profile} --region ${place.connection.region} --clean-up ${names.run}`);
  }
  const scratch = mkdtempSync(path.join(tmpdir(), 'cdk-mlops-acceptance-'));
  const run = prepare(place, options, cloud, account, names, scratch, interrupted);
  let clean = false;
  let results: StepResult[];
  try {
    results = await play(run, STEPS);
  } finally {
    await run.traffic.stop();
    run.cdk.stop();
    clean = await tidy(place, cloud, names, run.deployed?.jobPrefix);
    rmSync(scratch, { recursive: true, force: true });
  }
  return report(run, options, results, clean, interrupted);
}

function prepare(place: Place, options: Options, cloud: Cloud, account: string, names: Names, scratch: string, interrupted: AbortSignal): Run {
  const tempo = new Tempo(place.speed, interrupted);
  return {
    place, names, cloud, tempo, account, log: new Log(write), cdk: new Cdk(place, names, scratch, interrupted), data: new Data(cloud), traffic: new Traffic(cloud, tempo),
    begunAt: Date.now(), recorder: new Recorder(cloud, tempo, names), told: [],
    settings: { stackName: names.stack, instanceType: options.instanceType, scales: false }, seen: { updates: new Map() },
  };
}

/** Stops at the first step that does not hold. */
export async function play(run: Run, steps: readonly Step[]): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for (const step of steps) {
    const begun = performance.now();
    const seconds = () => (performance.now() - begun) / 1_000;
    write(`${step.name}: ${step.expects} …`);
    try {
      await step.run(run);
      results.push({ name: step.name, ok: true, seconds: seconds() });
      write(`ok ${step.name}, ${seconds().toFixed(1)} s`);
    } catch (error) {
      const reason = error instanceof Interrupted ? 'interrupted' : (error as Error).stack ?? String(error);
      results.push({ name: step.name, ok: false, seconds: seconds(), reason });
      write(`NOT OK ${step.name}: ${reason}`);
      return results;
    }
  }
  return results;
}

/** Removes what is left, without being interrupted any more; true if nothing is. */
async function tidy(place: Place, cloud: Cloud, names: Names, jobPrefix?: string): Promise<boolean> {
  write('cleaning up …');
  const left = await cleanUp({ cloud, names, jobPrefix, tempo: new Tempo(place.speed, new AbortController().signal), log: new Log(write) });
  for (const problem of left) write(`NOT REMOVED ${problem}`);
  const again = `npm run acceptance -- --profile ${place.connection.profile} --region ${place.connection.region} --clean-up ${names.run}`;
  write(left.length === 0 ? 'nothing is left of the run' : `left of the run: ${left.length}${place.isTwin ? '' : `; try again: ${again}`}`);
  return left.length === 0;
}

function report(run: Run, options: Options, results: readonly StepResult[], clean: boolean, interrupted: AbortSignal): number {
  const failed = results.find(({ ok }) => !ok);
  const held = failed === undefined && results.length === STEPS.length;
  if (options.json !== undefined) writeFileSync(options.json, JSON.stringify({ run: run.names.run, twin: run.place.isTwin, steps: results, answers: run.told, clean }, null, 2));
  if (run.told.length > 0) printAnswers(write, run.told);
  const seconds = results.reduce((sum, result) => sum + result.seconds, 0);
  write(`${held ? 'every step held' : `step ${failed?.name} did not hold`}, ${clean ? 'nothing is left' : 'something is left'}; ${seconds.toFixed(0)} s`);
  return held && clean ? 0 : interrupted.aborted ? 130 : 1;
}

async function confirmed(account: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    write('nobody can be asked; confirm with --yes');
    return false;
  }
  const question = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await question.question(`spend this money in account ${account}? (yes/no) `);
  question.close();
  return /^y(es)?$/i.test(answer.trim());
}

/** The first interrupt ends the step and cleans up, the second ends the program. */
function interruptible(): { signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(130);
    write('interrupted; cleaning up (interrupt again to leave everything as it is)');
    controller.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  return { signal: controller.signal, release: () => { for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, onSignal); } };
}
