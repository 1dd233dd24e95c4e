import { AwsError } from '../../service';
import { parseSchedule, type Schedule } from '../events/schedule';
import { checkZone, toLocal, toUtc } from './time-zone';

/** EventBridge Scheduler's expressions: `rate(...)`, `cron(...)` in a time zone, and `at(yyyy-mm-ddThh:mm:ss)`, once. */
export function parseExpression(expression: string, zone = 'UTC'): Schedule {
  checkZone(zone);
  const once = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)$/.exec(expression);
  if (once !== null) {
    const local = Date.parse(`${once[1]}Z`);
    const at = Number.isNaN(local) ? undefined : toUtc(local, zone);
    if (at === undefined) throw new AwsError('ValidationException', `Invalid Schedule Expression ${expression}.`);
    return { next: (time) => (at > time ? at : undefined) };
  }
  // The Scheduler takes plurals as they come.
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
  const schedule = parseSchedule(rate === null ? expression : `rate(${rate[1]} ${rate[2]}${rate[1] === '1' ? '' : 's'})`);
  if (rate !== null || zone === 'UTC') return schedule;
  return {
    next: (time, start) => {
      // A wall-clock time that a change of the clocks skips is left out.
      for (let local = schedule.next(toLocal(time, zone), start); local !== undefined; local = schedule.next(local, start)) {
        const at = toUtc(local, zone);
        if (at !== undefined && at > time) return at;
      }
      return undefined;
    },
  };
}
