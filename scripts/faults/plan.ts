import { Random } from '../../twin';
import type { Armed } from './injector';
import { EVENT, nameOf, type Triple } from './triples';
import type { TurnKind } from './turn';

/** Schedules that share an account, one after the other; the first finds it empty, after the last it is destroyed. */
export const BATCH = 10;
/** Faults at a time: with more, one keeps the other from being met. */
const MOST = { turn: 4, deploy: 3, destroy: 10 };
/** A triple that did not strike when it was planned is planned again, but not for ever. */
const TRIES = 3;

/** Parts of an account's life. */
export type Phase = 'deploy' | TurnKind | 'destroy';

/** What can strike in a phase of a schedule, from this schedule of an account on. */
export interface Place {
  readonly phase: Phase;
  readonly from: number;
  readonly triple: Triple;
  /** How often the call is made there, when nothing goes wrong. */
  readonly occasions: number;
}

export interface Schedule {
  readonly number: number;
  readonly kind: TurnKind;
  readonly faults: readonly Armed[];
  /** While the stack is deployed, before the schedule. */
  readonly deploy?: readonly Armed[];
  /** While it is destroyed, after the schedule. */
  readonly destroy?: readonly Armed[];
}

/** The numbers of the schedules of one account. */
export interface Batch {
  readonly first: number;
  readonly last: number;
  /** Where in the list of all triples it begins, 0 to 1: all batches together go through it more than once. */
  readonly start: number;
}

/** As many accounts as it takes, of about the same number of schedules. */
export function batchesOf(schedules: number): Batch[] {
  const count = Math.ceil(schedules / BATCH);
  const begin = (index: number) => Math.floor((index * schedules) / count);
  return Array.from({ length: count }, (_, index) => ({ first: begin(index), last: begin(index + 1) - 1, start: index / count }));
}

/** From new data and from a drift alarm, alternating. */
export function kindOfSchedule(number: number, { first }: Batch): TurnKind {
  if (number === first) return 'first';
  return (number - first) % 2 === 0 ? 'data' : 'drift';
}

/** Faults for each schedule, so that all triples are covered about twice over, if there are schedules enough. */
export function faultsEach(triples: number, schedules: number): number {
  return Math.min(MOST.turn, Math.max(1, Math.ceil((2 * triples) / schedules)));
}

/**
 * Chooses what strikes in the schedules of one account: what has not struck there yet, each batch from another place of
 * the list on. It depends on the seed and on what struck before in the same account, on nothing else.
 */
export class BatchPlan {
  private readonly queues: ReadonlyMap<Phase, Place[]>;
  private readonly tries = new Map<string, number>();
  private readonly covered = new Set<string>();
  private readonly random: Random;

  constructor(places: readonly Place[], private readonly batch: Batch, private readonly each: number, seed: number) {
    this.random = new Random(seed * 100_003 + batch.first);
    this.queues = queuesOf(places, batch.start, seed);
  }

  next(number: number): Schedule {
    const { batch } = this;
    const kind = kindOfSchedule(number, batch);
    const at = number - batch.first;
    return {
      number, kind, faults: this.choose(kind, at, this.each),
      ...(number === batch.first && { deploy: this.choose('deploy', at, MOST.deploy) }),
      ...(number === batch.last && { destroy: this.choose('destroy', at, MOST.destroy) }),
    };
  }

  struck(names: readonly string[]): void {
    for (const name of names) this.covered.add(name);
  }

  /** The next ones of the list, of different handlers as long as there are any. */
  private choose(phase: Phase, at: number, count: number): Armed[] {
    const left = (this.queues.get(phase) ?? [])
      .filter(({ from, triple }) => from <= at && !this.covered.has(nameOf(triple)) && (this.tries.get(nameOf(triple)) ?? 0) < TRIES);
    const chosen: Place[] = [];
    const take = (allowed: (one: Triple, other: Triple) => boolean): void => {
      for (const place of left) if (chosen.length < count && chosen.every(({ triple }) => allowed(place.triple, triple))) chosen.push(place);
    };
    take((one, other) => one.subject !== other.subject || (one.subject === EVENT && one.call !== other.call));
    if (phase === 'deploy' || phase === 'destroy') take((one, other) => one.subject !== other.subject || one.call !== other.call);
    return chosen.map((place) => this.arm(place));
  }

  private arm({ triple, occasions }: Place): Armed {
    const name = nameOf(triple);
    const tried = this.tries.get(name) ?? 0;
    this.tries.set(name, tried + 1);
    // Of several calls not always the first one; other faults may make them fewer, so not again.
    const skip = tried === 0 && this.random.next() < 0.4 ? this.random.integer(Math.min(occasions, 6)) : 0;
    // One is made good by the SDK's own retries, three exhaust them.
    return { ...triple, skip, times: /^(throttled|server error|timed out)/.test(triple.fault) ? this.random.pick([1, 3]) : 1 };
  }
}

/** Each phase's own triples first, since others have more occasions; in one order, of the seed's, from `start` on. */
function queuesOf(places: readonly Place[], start: number, seed: number): Map<Phase, Place[]> {
  const phases = new Map<string, Set<Phase>>();
  for (const { phase, triple } of places) phases.set(nameOf(triple), (phases.get(nameOf(triple)) ?? new Set()).add(phase));
  // Of all schedules of an account, one is of each of the other phases.
  const rare = (name: string) => !['data', 'drift'].some((phase) => phases.get(name)!.has(phase as Phase));
  const order = shuffled([...phases.keys()].sort(), new Random(seed));
  const queues = new Map<Phase, Place[]>();
  for (const phase of new Set(places.map((place) => place.phase))) {
    const there = new Map(places.filter((place) => place.phase === phase).map((place) => [nameOf(place.triple), place]));
    const own = dealt(order.filter((name) => rare(name) && there.has(name)), (name) => name.slice(0, name.lastIndexOf(' × ')));
    const others = turned(order.filter((name) => !rare(name)), start).filter((name) => there.has(name));
    queues.set(phase, [...turned(own, start), ...others].map((name) => there.get(name)!));
  }
  return queues;
}

/** One of each group, then another of each: neighbours are of different groups. */
function dealt<T>(items: readonly T[], groupOf: (item: T) => string): T[] {
  const rounds = new Map<number, T[]>();
  const taken = new Map<string, number>();
  for (const item of items) {
    const round = taken.get(groupOf(item)) ?? 0;
    taken.set(groupOf(item), round + 1);
    rounds.set(round, [...rounds.get(round) ?? [], item]);
  }
  return [...rounds.values()].flat();
}

function turned<T>(items: readonly T[], start: number): T[] {
  const begin = Math.floor(items.length * start);
  return [...items.slice(begin), ...items.slice(0, begin)];
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items];
  return Array.from(items, () => left.splice(random.integer(left.length), 1)[0]!);
}
