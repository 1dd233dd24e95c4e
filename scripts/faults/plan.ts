import { Random } from '../../twin';
import type { Armed } from './injector';
import { nameOf, triplesOf, type Seen, type Triple } from './triples';
import type { TurnKind } from './turn';

/** Schedules that share an account, one after the other; the first finds it empty. */
export const BATCH = 10;

export interface Schedule {
  readonly number: number;
  readonly kind: TurnKind;
  readonly faults: readonly Armed[];
}

/** From new data and from a drift alarm, alternating. */
export function kindOfSchedule(number: number): TurnKind {
  if (number % BATCH === 0) return 'first';
  return number % 2 === 0 ? 'data' : 'drift';
}

/** Which schedule tries what: each takes the triples of its kind of turn that were tried least so far. Same seed, same plan. */
export function plan(seen: Readonly<Record<TurnKind, Seen>>, schedules: number, seed: number): Schedule[] {
  const random = new Random(seed);
  const there = Object.fromEntries(Object.entries(seen).map(([kind, what]) => [kind, shuffled(triplesOf(what), random)])) as Record<TurnKind, Triple[]>;
  const all = new Set(Object.values(there).flat().map(nameOf));
  const each = Math.min(3, Math.max(1, Math.ceil((1.3 * all.size) / schedules)));
  const tries = new Map<string, number>();
  return Array.from({ length: schedules }, (_, number) => {
    const kind = kindOfSchedule(number);
    const triples = [...there[kind]].sort((one, other) => (tries.get(nameOf(one)) ?? 0) - (tries.get(nameOf(other)) ?? 0)).slice(0, each);
    for (const triple of triples) tries.set(nameOf(triple), (tries.get(nameOf(triple)) ?? 0) + 1);
    // One is made good by the SDK's own retries, three exhaust them.
    return { number, kind, faults: triples.map((triple) => ({ ...triple, skip: 0, times: /^(throttled|server error|timed out)/.test(triple.fault) ? random.pick([1, 3]) : 1 })) };
  });
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items];
  return Array.from(items, () => left.splice(random.integer(left.length), 1)[0]!);
}
