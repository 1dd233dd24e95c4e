import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { assembleFaultLoop } from './faults/assembly';
import { observe, type ScheduleResult } from './faults/batch';
import { runAll } from './faults/crew';
import { BATCH, plan, type Schedule } from './faults/plan';
import { nameOf, triplesOf } from './faults/triples';

const USAGE = `npm run verify:faults -- [--schedules N] [--seed N] [--only SCHEDULE] [--workers N] [--list]

Turns the loop on the twin N times, from new data or a drift alarm to a release, while seeded faults strike, and lists
every promise that was broken and every (handler × call × fault) that was not tried.
  --only     runs one schedule of the same plan, after those that had its account before
  --list     only lists the plan`;

/** 0 if no promise was broken. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      schedules: { type: 'string', default: '100' }, seed: { type: 'string', default: '1' }, only: { type: 'string' },
      workers: { type: 'string', default: String(Math.min(2, availableParallelism())) },
      list: { type: 'boolean', default: false }, help: { type: 'boolean', default: false },
    },
  });
  const [count, seed, workers, only] = [Number(values.schedules), Number(values.seed), Number(values.workers), values.only === undefined ? undefined : Number(values.only)];
  if (values.help || !(count >= 1) || !Number.isInteger(seed) || !(workers >= 1) || (only !== undefined && !(only >= 0 && only < count))) {
    console.error(USAGE);
    return 2;
  }
  const begun = performance.now();
  const assembly = assembleFaultLoop();
  try {
    const seen = await observe(assembly.directory, seed);
    const there = new Set(Object.values(seen).flatMap(triplesOf).map(nameOf));
    const schedules = plan(seen, count, seed);
    console.log(`${there.size} triples of handler, call and fault; ${count} schedules, seed ${seed}`);
    if (values.list) {
      for (const schedule of schedules) console.log(`${schedule.number} ${schedule.kind}: ${schedule.faults.map(described).join('; ')}`);
      return 0;
    }
    const results: ScheduleResult[] = [];
    const wanted = only === undefined ? schedules : schedules.filter(({ number }) => Math.floor(number / BATCH) === Math.floor(only / BATCH) && number <= only);
    await runAll(assembly.directory, seed, batchesOf(wanted), workers, (result) => {
      results.push(result);
      console.log(line(result));
    });
    return summary(results, there, (performance.now() - begun) / 1000);
  } finally {
    assembly.remove();
  }
}

function summary(results: readonly ScheduleResult[], there: ReadonlySet<string>, seconds: number): number {
  const counted = results.filter(({ fired }) => fired.length > 0);
  const covered = new Set(results.flatMap(({ fired }) => fired).filter((name) => there.has(name)));
  for (const [place, faults] of grouped([...there].filter((name) => !covered.has(name)))) console.log(`NOT COVERED ${place} × ${faults.join(', ')}`);
  const bad = [...results].sort((one, other) => one.schedule.number - other.schedule.number).filter(({ violations }) => violations.length > 0);
  for (const { schedule, violations } of bad) {
    for (const violation of violations) console.log(`VIOLATION ${schedule.number} (${schedule.kind}: ${schedule.faults.map(described).join('; ')}): ${violation}`);
  }
  const violations = bad.reduce((sum, each) => sum + each.violations.length, 0);
  const pushed = results.filter(({ byHand }) => byHand.length > 0).length;
  console.log(`${results.length} schedules (${counted.length} with a fault that fired), ${pushed} stopped with a reason and went on by one command, `
    + `${violations} violations, ${covered.size} of ${there.size} triples covered; ${seconds.toFixed(0)} s`);
  return violations === 0 ? 0 : 1;
}

function line({ schedule, violations, byHand, fired, seconds }: ScheduleResult): string {
  const outcome = violations.length > 0 ? `VIOLATED: ${violations.join('; ')}` : byHand.length > 0 ? `by hand: ${byHand.join('; ')}` : 'converged';
  const faults = schedule.faults.map((fault) => (fired.includes(nameOf(fault)) ? described(fault) : `(not fired) ${described(fault)}`)).join('; ');
  return `${seconds.toFixed(1).padStart(6)} s  ${schedule.number} ${schedule.kind}: ${faults} — ${outcome}`;
}

function described(fault: Schedule['faults'][number]): string {
  return `${nameOf(fault)}${fault.times > 1 ? ` (${fault.times} in a row)` : ''}`;
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

function batchesOf(schedules: readonly Schedule[]): Schedule[][] {
  const batches = new Map<number, Schedule[]>();
  for (const schedule of schedules) {
    const number = Math.floor(schedule.number / BATCH);
    batches.set(number, [...batches.get(number) ?? [], schedule]);
  }
  return [...batches.values()];
}

void main().then((code) => { process.exitCode = code; });
