import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { assembleFaultLoop } from './faults/assembly';
import { observe, type ScheduleResult } from './faults/batch';
import { runAll } from './faults/crew';
import type { Armed } from './faults/injector';
import { batchesOf, faultsEach, type Place } from './faults/plan';
import { nameOf } from './faults/triples';

const USAGE = `npm run verify:faults -- [--schedules N] [--seed N] [--only SCHEDULE] [--workers N] [--list]

Turns the loop on the twin N times, from new data or a drift alarm to a release, while seeded faults strike, and lists
every promise that was broken and every (handler × call × fault) that was not tried.
  --only     replays one schedule of N, after those that had its account before
  --list     only lists what can strike, and where`;

/** With so many schedules every triple has its turn; what is not covered then fails the run. */
const FULL_RUN = 500;

/** 0 if no promise was broken, and a full run covered everything. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      schedules: { type: 'string', default: '100' }, seed: { type: 'string', default: '1' }, only: { type: 'string' },
      workers: { type: 'string', default: String(Math.min(2, availableParallelism())) },
      list: { type: 'boolean', default: false }, help: { type: 'boolean', default: false },
    },
  });
  const [count, seed, workers, only] = [Number(values.schedules), Number(values.seed), Number(values.workers), values.only === undefined ? undefined : Number(values.only)];
  const whole = (number: number, least: number) => Number.isInteger(number) && number >= least;
  if (values.help || !whole(count, 1) || !whole(seed, 0) || !whole(workers, 1) || (only !== undefined && !(whole(only, 0) && only < count))) {
    console.error(USAGE);
    return 2;
  }
  const begun = performance.now();
  const assembly = assembleFaultLoop();
  try {
    const places = await observe(assembly.directory, seed);
    const there = new Set(places.map(({ triple }) => nameOf(triple)));
    if (values.list) {
      for (const [name, phases] of phasesOf(places)) console.log(`${name} (${phases.join(', ')})`);
    }
    console.log(`${there.size} triples of handler, call and fault; ${count} schedules, seed ${seed}`);
    if (values.list) return 0;
    const results: ScheduleResult[] = [];
    const each = faultsEach(there.size, count);
    const orders = batchesOf(count).filter(({ first, last }) => only === undefined || (first <= only && only <= last)).map((batch) => ({ places, batch, each, last: only }));
    await runAll(assembly.directory, seed, orders, workers, (result) => {
      results.push(result);
      console.log(line(result));
    });
    return summary(results, there, { count, seed, full: only === undefined && count >= FULL_RUN, seconds: (performance.now() - begun) / 1000 });
  } finally {
    assembly.remove();
  }
}

interface Run {
  readonly count: number;
  readonly seed: number;
  /** Whether it has to cover everything. */
  readonly full: boolean;
  readonly seconds: number;
}

function summary(results: readonly ScheduleResult[], there: ReadonlySet<string>, { count, seed, full, seconds }: Run): number {
  const counted = results.filter(({ fired }) => fired.length > 0);
  const covered = new Set(results.flatMap(({ fired }) => fired).filter((name) => there.has(name)));
  for (const [place, faults] of grouped([...there].filter((name) => !covered.has(name)))) console.log(`NOT COVERED ${place} × ${faults.join(', ')}`);
  const bad = [...results].sort((one, other) => one.schedule.number - other.schedule.number).filter(({ violations }) => violations.length > 0);
  for (const { schedule, violations } of bad) {
    for (const violation of violations) console.log(`VIOLATION ${schedule.number} (${schedule.kind}: ${faultsOf(schedule).map(described).join('; ')}): ${violation}`);
  }
  if (bad.length > 0) console.log(`replay: npm run verify:faults -- --schedules ${count} --seed ${seed} --only ${bad[0]!.schedule.number}`);
  const violations = bad.reduce((sum, each) => sum + each.violations.length, 0);
  const pushed = results.filter(({ byHand }) => byHand.length > 0).length;
  console.log(`${results.length} schedules (${counted.length} with a fault that fired), ${pushed} stopped with a reason and went on by one command, `
    + `${violations} violations, ${covered.size} of ${there.size} triples covered; ${seconds.toFixed(0)} s`);
  return violations === 0 && (!full || covered.size === there.size) ? 0 : 1;
}

function line({ schedule, violations, byHand, fired, seconds }: ScheduleResult): string {
  const outcome = violations.length > 0 ? `VIOLATED: ${violations.join('; ')}` : byHand.length > 0 ? `by hand: ${byHand.join('; ')}` : 'converged';
  const faults = faultsOf(schedule).map((fault) => (fired.includes(nameOf(fault)) ? described(fault) : `(not fired) ${described(fault)}`)).join('; ');
  return `${seconds.toFixed(1).padStart(6)} s  ${schedule.number} ${schedule.kind}: ${faults} — ${outcome}`;
}

function faultsOf({ deploy = [], faults, destroy = [] }: ScheduleResult['schedule']): Armed[] {
  return [...deploy, ...faults, ...destroy];
}

function described(fault: Armed): string {
  const more = [...(fault.skip > 0 ? [`after ${fault.skip}`] : []), ...(fault.times > 1 ? [`${fault.times} in a row`] : [])];
  return `${nameOf(fault)}${more.length > 0 ? ` (${more.join(', ')})` : ''}`;
}

function phasesOf(places: readonly Place[]): Map<string, string[]> {
  const phases = new Map<string, string[]>();
  for (const { triple, phase } of places) phases.set(nameOf(triple), [...phases.get(nameOf(triple)) ?? [], phase]);
  return new Map([...phases].sort());
}

/** Faults by the place that they were to strike. */
function grouped(names: readonly string[]): Map<string, string[]> {
  const places = new Map<string, string[]>();
  for (const name of [...names].sort()) {
    const cut = name.lastIndexOf(' × ');
    const place = name.slice(0, cut);
    places.set(place, [...places.get(place) ?? [], name.slice(cut + 3)]);
  }
  return places;
}

void main().then((code) => { process.exitCode = code; });
