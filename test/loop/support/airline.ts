import type { Flight } from '../../../bin/story/flights';
import { Random } from '../../../twin';

/** From where, how far and how punctually an airline flies. */
export interface Season {
  readonly name: string;
  /** Chance of a flight to be late, by the airport it leaves. */
  readonly lateness: Readonly<Record<string, number>>;
  readonly destinations: readonly string[];
  /** Miles, shortest and longest. */
  readonly distances: readonly [number, number];
  /** Hour and weekday are drawn instead of read off the clock, so that windows shorter than a week look alike. */
  readonly timeless?: boolean;
}

export const COAST: Season = {
  name: 'along the coast', lateness: { BOS: 0.05, PHL: 0.2, EWR: 0.55, LGA: 0.75 }, destinations: ['DCA', 'RDU', 'ATL'], distances: [150, 900],
};

/** Nothing of what was learned on the coast holds here. */
export const OCEAN: Season = {
  name: 'across the ocean', lateness: { SEA: 0.75, SFO: 0.55, LAX: 0.2, SAN: 0.05 }, destinations: ['HNL', 'OGG', 'LIH'], distances: [2300, 2700],
};

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/**
 * A small airline whose flights take few rows to learn, so that a loop is short: a given number each hour, evenly spread,
 * day and night. The same span and season give the same flights.
 */
export function flightsDuring(from: number, to: number, season: Season, perHour: number): Flight[] {
  const flights: Flight[] = [];
  for (let hour = Math.floor(from / HOUR) * HOUR; hour < to; hour += HOUR) {
    const random = new Random(hour / HOUR);
    for (let place = 0; place < perHour; place++) {
      const flight = fly(hour + Math.floor((place * HOUR) / perHour), season, random);
      if (flight.departure.getTime() >= from && flight.departure.getTime() < to) flights.push(flight);
    }
  }
  return flights;
}

function fly(time: number, { lateness, destinations, distances: [shortest, longest], timeless = false }: Season, random: Random): Flight {
  const departure = new Date(time);
  const origin = random.pick(Object.keys(lateness));
  return {
    departure,
    hour: timeless ? random.integer(24) : departure.getUTCHours(),
    weekday: timeless ? 1 + random.integer(7) : (Math.floor(time / DAY) + 3) % 7 + 1,
    distance: shortest + random.integer(longest - shortest),
    origin,
    destination: random.pick([...destinations]),
    late: random.next() < lateness[origin]!,
  };
}
