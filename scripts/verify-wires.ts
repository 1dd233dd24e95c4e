import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Random } from '../twin';
import { assembleShortLoop, runShortLoop } from '../test/loop/support/short-loop';
import { readTemplate } from './wires/assembly';
import { tryAll } from './wires/crew';
import { excuseOf, readExcuses } from './wires/excused';
import type { Trial } from './wires/trial';
import { WIRE_KINDS, wiresOf, type Wire, type WireKind } from './wires/wires';

const USAGE = `npm run verify:wires -- [--sample N] [--seed N] [--only ${WIRE_KINDS.join('|')}] [--wire PART-OF-A-NAME] [--workers N] [--json] [--list]

Takes wires out of the template of bin/app.ts, one at a time, runs the short loop on the twin, and lists those that nobody noticed.
  --sample   how many, drawn by the seed; all of them if left out
  --list     only lists the wires
  --json     the result as JSON on standard output`;

/** Removes wires one at a time; 0 if every loss was noticed or is excused. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      sample: { type: 'string' }, seed: { type: 'string', default: '1' }, only: { type: 'string' }, wire: { type: 'string' },
      workers: { type: 'string', default: String(Math.min(2, availableParallelism())) },
      json: { type: 'boolean', default: false }, list: { type: 'boolean', default: false }, help: { type: 'boolean', default: false },
    },
  });
  const [sample, seed, workers] = [Number(values.sample ?? Infinity), Number(values.seed), Number(values.workers)];
  if (values.help || !(sample >= 1) || !Number.isInteger(seed) || !(workers >= 1) || (values.only !== undefined && !WIRE_KINDS.includes(values.only as WireKind))) {
    console.error(USAGE);
    return 2;
  }
  const begun = performance.now();
  const excuses = readExcuses();
  const assembly = assembleShortLoop();
  try {
    const all = wiresOf(readTemplate(assembly.directory).template);
    const drawn = draw(all.filter(({ kind, name }) => kind === (values.only ?? kind) && name.includes(values.wire ?? '')), sample, new Random(seed));
    if (values.list) {
      for (const { kind, name, implied } of drawn) console.log(`${kind.padEnd(12)} ${name}${implied ? ' (implied)' : ''}`);
      return 0;
    }
    const { broken } = await runShortLoop(assembly.directory);
    if (broken !== undefined) {
      console.error(`the loop is red with all wires in place: ${broken.step}: ${broken.reason}`);
      return 2;
    }
    const say = values.json ? () => undefined : console.log;
    say(`${all.length} wires: ${WIRE_KINDS.map((kind) => `${all.filter((wire) => wire.kind === kind).length} ${kind}`).join(', ')}; trying ${drawn.length}`);
    const trials = await tryAll(assembly.directory, drawn, workers, (trial) => { say(line(trial)); });
    const unnoticed = trials.filter(({ noticed }) => noticed === undefined).map(({ wire }) => ({ ...wire, excuse: excuseOf(wire, excuses)?.reason }));
    const open = unnoticed.filter(({ excuse }) => excuse === undefined);
    const seconds = (performance.now() - begun) / 1000;
    if (values.json) console.log(JSON.stringify({ seed, wires: all.length, tried: trials.length, unnoticed, trials, seconds }, null, 2));
    for (const { kind, name, implied, excuse } of unnoticed) {
      say(`UNNOTICED ${kind} ${name}${implied ? ': the rest of the template implies it' : ''}${excuse === undefined ? '' : ` (excused: ${excuse})`}`);
    }
    say(`${trials.length} of ${all.length} wires tried, ${trials.length - unnoticed.length} noticed, ${unnoticed.length - open.length} excused, ${open.length} unnoticed; ${seconds.toFixed(0)} s`);
    return open.length === 0 ? 0 : 1;
  } finally {
    assembly.remove();
  }
}

function line({ wire, noticed, seconds }: Trial): string {
  const found = noticed === undefined ? 'NOBODY NOTICED' : `${noticed.step}: ${noticed.reason.split('\n')[0]!.slice(0, 160)}`;
  return `${seconds.toFixed(1).padStart(6)} s  ${wire.kind} ${wire.name} — ${found}`;
}

/** Without replacement, in the order of the draw. */
function draw(wires: readonly Wire[], count: number, random: Random): Wire[] {
  const left = [...wires];
  return Array.from({ length: Math.min(count, left.length) }, () => left.splice(random.integer(left.length), 1)[0]!);
}

void main().then((code) => { process.exitCode = code; });
