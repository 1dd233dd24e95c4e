import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { missingReferee, Referee, summary, type Verdict } from '../../scripts/referee/referee';
import { Twin } from '../../twin';
import { Account } from './account';
import { badRelease, judgeRollback, judgeUnguarded } from './chapters/bad-release';
import { drift } from './chapters/drift';
import { firstDeploy } from './chapters/first-deploy';
import { firstModel, PREFIX } from './chapters/first-model';
import { judgeAlarms, judgePredictions, ordinaryWeeks } from './chapters/ordinary-weeks';
import { gatherEvidence, type Evidence } from './evidence';
import { fartherThan, Flights, hubClosed, later, oneIn, type Traffic } from './flights';
import { namesOf } from './names';
import { renderReport } from './report';
import { shareOfLate } from './scores';
import { expect, Narrator, type Stage, type StoryOptions } from './story';
import { synthesizeApp } from './synthesize';
import { TrafficSource } from './traffic-source';

/** One flight in eight of each hour: about 2,000 a day. */
const ORDINARY = oneIn(8);

/** What ordinary traffic may turn into. */
const SHIFTS: Record<string, Traffic> = {
  'far': fartherThan(1500),
  'hub-closed': hubClosed('ORD', ORDINARY),
  'later': later(120, ORDINARY),
};

const USAGE = `npm run demo -- [--json FILE] [--html FILE] [--weeks N] [--shift ${Object.keys(SHIFTS).join('|')}] [--seed N] [--referee]`;

/** Plays the story of the loop on the twin; 0 only if every step held. */
export async function demo(args: string[]): Promise<number> {
  const begun = performance.now();
  const { values } = parseArgs({
    args, options: {
      json: { type: 'string' }, html: { type: 'string', default: 'demo.html' }, seed: { type: 'string', default: '1' },
      weeks: { type: 'string', default: '1' }, referee: { type: 'boolean', default: false }, shift: { type: 'string', default: 'far' }, help: { type: 'boolean', default: false },
    },
  });
  const shifted = SHIFTS[values.shift];
  const weeks = Number(values.weeks);
  if (values.help || shifted === undefined || !Number.isInteger(weeks) || weeks < 1 || weeks > 18) {
    console.error(`usage: ${USAGE}\n  --weeks  1 to 18 weeks of ordinary traffic from February 2001 on; with more than one the story ends there
  --referee  every request and response is compared with botocore's models, where python3 has botocore`);
    return 2;
  }
  const narrator = new Narrator((line) => { console.log(line); });
  const scratch = mkdtempSync(path.join(tmpdir(), 'cdk-mlops-demo-'));
  const referee = values.referee ? refereeOrReason() : undefined;
  const options: StoryOptions = { ordinary: ORDINARY, shifted, weeks, witness: referee?.see };
  try {
    const flights = await Flights.load();
    console.log(`${flights.length.toLocaleString('en')} flights read, ${seconds(begun)}`);
    const { evidence, calls } = await tell(narrator, scratch, flights, options, Number(values.seed));
    const wallSeconds = (performance.now() - begun) / 1000;
    const { milestones } = narrator;
    if (evidence !== undefined) writeFileSync(values.html, renderReport(evidence, milestones));
    if (values.json !== undefined) writeFileSync(values.json, JSON.stringify({ milestones, calls, wallSeconds }, null, 2));
    const held = milestones.every(({ ok }) => ok);
    const violations = referee === undefined ? 0 : report(await referee.verdict());
    console.log(`${held ? 'every step held' : 'NOT every step held'}; ${calls.toLocaleString('en')} AWS calls, ${wallSeconds.toFixed(1)} s, report in ${values.html}`);
    return held && violations === 0 ? 0 : 1;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function tell(narrator: Narrator, scratch: string, flights: Flights, options: StoryOptions, seed: number): Promise<{ evidence: Evidence | undefined; calls: number }> {
  let twin: Twin | undefined;
  let stage: Stage | undefined;
  const current = () => twin;
  try {
    await narrator.tell('a', 'first deployment into an empty account', current, async () => {
      ({ twin, stage } = await open(path.join(scratch, 'assembly'), flights, options, seed));
      return firstDeploy(stage);
    });
    await tellLoop(narrator, () => stage!, options, current);
    if (options.weeks === 1) {
      await narrator.tell('e', 'a bad release is rolled back', current, async () => {
        const guarded = judgeRollback(await badRelease(stage!));
        return `${guarded}; ${await unguarded(path.join(scratch, 'unguarded'), flights, options, seed)}`;
      });
    }
    const evidence = stage === undefined ? undefined : await gatherEvidence(stage);
    await narrator.tell('f', 'destroyed, nothing left', current, async () => {
      await twin!.destroy();
      const remaining = twin!.remaining();
      expect(remaining.length === 0, `left in the account: ${remaining.join(', ')}`);
      return 'nothing left in the account';
    });
    return { evidence, calls: twin?.record.length ?? 0 };
  } finally {
    await twin?.stop();
  }
}

async function tellLoop(narrator: Narrator, stage: () => Stage, options: StoryOptions, current: () => Twin | undefined): Promise<void> {
  let served = '';
  let ordinary: Awaited<ReturnType<typeof ordinaryWeeks>> | undefined;
  // Whether the model is any good shows in the week after, so this step ends with that week.
  await narrator.tell('b', 'January becomes a model that is worth something', current, async () => {
    served = await firstModel(stage());
    const january = stage().flights.during(new Date('2001-01-01T00:00:00Z'), new Date('2001-02-01T00:00:00Z'), options.ordinary);
    ordinary = await ordinaryWeeks(stage(), shareOfLate(january.map(({ late }) => ({ label: late }))));
    return `${served}; ${judgePredictions(ordinary)}`;
  });
  await narrator.tell('c', 'ordinary traffic raises no drift alarm', current, async () => judgeAlarms(ordinary!, options.weeks));
  if (options.weeks === 1) await narrator.tell('d', 'the traffic changes: drift, retraining, release', current, () => drift(stage()));
}

/** A deployed twin with the story's people around it. */
async function open(assembly: string, flights: Flights, options: StoryOptions, seed: number, context: Record<string, string> = {}): Promise<{ twin: Twin; stage: Stage }> {
  // An empty account: the stack can own everything in it, and leave nothing.
  synthesizeApp(assembly, { removalPolicy: 'destroy', jobLogs: 'owned', ...context });
  const twin = await Twin.fromAssembly(assembly, { seed, startTime: new Date('2001-02-01T00:00:00Z'), witness: options.witness });
  try {
    const account = new Account(twin, namesOf(await twin.deploy()));
    return { twin, stage: { account, flights, options, moments: [], source: new TrafficSource(account, flights, PREFIX) } };
  } catch (error) {
    await twin.stop();
    throw error;
  }
}

/** The bad release once more, in an account whose releases have no rollback alarm. */
async function unguarded(assembly: string, flights: Flights, options: StoryOptions, seed: number): Promise<string> {
  const { twin, stage } = await open(assembly, flights, options, seed, { automaticRollback: 'off' });
  try {
    await stage.account.until('the first runs of both pipelines', async () => {
      const { trainingPipeline, releasePipeline } = stage.account.names;
      const states = [...await stage.account.executions(trainingPipeline), ...await stage.account.executions(releasePipeline)];
      return states.every(({ status }) => status !== 'InProgress');
    }, 120);
    await firstModel(stage);
    return judgeUnguarded(await badRelease(stage));
  } finally {
    await twin.stop();
  }
}

/** Where botocore cannot be asked, the demo says so and goes on. */
function refereeOrReason(): Referee | undefined {
  const reason = missingReferee();
  if (reason !== undefined) console.log(`no referee: ${reason}`);
  return reason === undefined ? new Referee() : undefined;
}

/** Prints what the referee found; the number of violations. */
function report(verdict: Verdict): number {
  for (const { problem, count, examples } of verdict.problems) console.log(`VIOLATION (${count} times) ${problem}\n  ${examples[0]}`);
  console.log(summary(verdict));
  return verdict.problems.length;
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
