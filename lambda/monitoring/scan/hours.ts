const HOUR = 3_600_000;

/** `yyyy-mm-ddThh` of the hour a time is in, UTC. */
export function hourOf(time: number): string {
  return new Date(time).toISOString().slice(0, 13);
}

export function startOfHour(hour: string): number {
  return Date.parse(`${hour}:00:00Z`);
}

/** The whole hours from `first` up to, not including, `end`. */
export function hoursBetween(first: string, end: string): string[] {
  const hours: string[] = [];
  for (let time = startOfHour(first); time < startOfHour(end); time += HOUR) hours.push(hourOf(time));
  return hours;
}

/** The days that these hours touch, `yyyy-mm-dd`. */
export function daysOf(hours: readonly string[]): string[] {
  return [...new Set(hours.map((hour) => hour.slice(0, 10)))];
}

/** The `count` whole hours that ended before `time`. */
export function trailingWindow(time: number, count: number): { start: string; end: string } {
  const end = Math.floor(time / HOUR) * HOUR;
  return { start: hourOf(end - count * HOUR), end: hourOf(end) };
}
