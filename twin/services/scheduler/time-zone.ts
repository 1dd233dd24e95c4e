import { AwsError } from '../../service';

const formats = new Map<string, Intl.DateTimeFormat>();

/** The wall clock of a time zone, as if it were UTC. */
export function toLocal(time: number, zone: string): number {
  return time + offsetAt(time, zone);
}

/** The time at which a wall clock shows `local`; undefined if it skips it (spring). Of two, the first. */
export function toUtc(local: number, zone: string): number | undefined {
  const guesses = [local - offsetAt(local, zone), local - offsetAt(local - offsetAt(local, zone), zone)].sort((one, other) => one - other);
  return guesses.find((guess) => toLocal(guess, zone) === local);
}

export function checkZone(zone: string): void {
  try {
    format(zone);
  } catch {
    throw new AwsError('ValidationException', `Invalid ScheduleExpressionTimezone ${zone}.`);
  }
}

function offsetAt(time: number, zone: string): number {
  if (zone === 'UTC') return 0;
  const parts = Object.fromEntries(format(zone).formatToParts(time).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(parts.year!, parts.month! - 1, parts.day, parts.hour! % 24, parts.minute, parts.second) - Math.floor(time / 1000) * 1000;
}

function format(zone: string): Intl.DateTimeFormat {
  let known = formats.get(zone);
  if (known === undefined) {
    known = new Intl.DateTimeFormat('en-US', {
      timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
    });
    formats.set(zone, known);
  }
  return known;
}
