import { AwsError } from '../../service';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const UNITS: Readonly<Record<string, number>> = { minute: MINUTE, hour: 60 * MINUTE, day: DAY };
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** When something falls due. */
export interface Schedule {
  /** The first time after `time`, or undefined if there is none. `start` is when the schedule took effect. */
  next(time: number, start: number): number | undefined;
}

/** `rate(5 minutes)` or `cron(0 10 * * ? *)`, in UTC. */
export function parseSchedule(expression: string): Schedule {
  const rate = /^rate\((\d+) (minute|hour|day)(s?)\)$/.exec(expression);
  if (rate !== null) {
    const [, count, unit, plural] = rate;
    // `rate(1 hours)` and `rate(5 minute)` are refused by AWS.
    if (Number(count) < 1 || (Number(count) === 1) !== (plural === '')) throw invalid(expression);
    const every = Number(count) * UNITS[unit!]!;
    return { next: (time, start) => start + (Math.floor((time - start) / every) + 1) * every };
  }
  const cron = /^cron\(([^)]*)\)$/.exec(expression);
  if (cron !== null) return parseCron(expression, cron[1]!);
  throw invalid(expression);
}

interface CronFields {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly months: ReadonlySet<number>;
  readonly years: ReadonlySet<number>;
  days(year: number, month: number): readonly number[];
}

function parseCron(expression: string, body: string): Schedule {
  const parts = body.trim().split(/\s+/);
  if (parts.length !== 6) throw invalid(expression);
  const [minutes, hours, dayOfMonth, month, dayOfWeek, year] = parts as [string, string, string, string, string, string];
  // One of the two day fields must be `?`, for they cannot both decide.
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) throw invalid(expression);
  const fields: CronFields = {
    minutes: values(expression, minutes, 0, 59),
    hours: values(expression, hours, 0, 23),
    months: new Set(values(expression, month, 1, 12, MONTHS, 1)),
    years: new Set(values(expression, year, 1970, 2199)),
    days: dayOfMonth === '?' ? weekdays(expression, dayOfWeek) : monthDays(expression, dayOfMonth),
  };
  return { next: (time) => nextOf(fields, time) };
}

function nextOf({ minutes, hours, months, years, days }: CronFields, time: number): number | undefined {
  const from = Math.floor(time / MINUTE) * MINUTE + MINUTE;
  const first = new Date(from);
  for (let year = first.getUTCFullYear(); year <= 2199; year++) {
    if (!years.has(year)) continue;
    for (let month = 0; month < 12; month++) {
      if (!months.has(month + 1) || Date.UTC(year, month + 1, 1) <= from) continue;
      for (const day of days(year, month)) {
        const midnight = Date.UTC(year, month, day);
        if (midnight + DAY <= from) continue;
        for (const hour of hours) {
          for (const minute of minutes) {
            const candidate = midnight + (hour * 60 + minute) * MINUTE;
            if (candidate >= from) return candidate;
          }
        }
      }
    }
  }
  return undefined;
}

function values(expression: string, field: string, least: number, most: number, names: readonly string[] = [], firstName = 0): number[] {
  const found = new Set<number>();
  const number = (part: string): number => {
    const named = names.indexOf(part.toUpperCase());
    const value = named >= 0 ? named + firstName : Number(part);
    if (!/^\d+$/.test(part) && named < 0) throw invalid(expression);
    if (value < least || value > most) throw invalid(expression);
    return value;
  };
  for (const part of field.split(',')) {
    const [range, step] = part.split('/') as [string, string?];
    const [low, high] = range === '*' ? [least, most] : range.includes('-') ? range.split('-').map(number) as [number, number]
      : [number(range), step === undefined ? number(range) : most];
    const by = step === undefined ? 1 : Number(step);
    if (!(Number.isInteger(by) && by >= 1)) throw invalid(expression);
    for (let value = low; value <= high; value += by) found.add(value);
  }
  return [...found].sort((one, other) => one - other);
}

const lastDay = (year: number, month: number): number => new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
const weekday = (year: number, month: number, day: number): number => new Date(Date.UTC(year, month, day)).getUTCDay();

/** `15`, `1-5`, `L` (the last), `15W` (the working day nearest to the 15th). */
function monthDays(expression: string, field: string): CronFields['days'] {
  if (field === 'L') return (year, month) => [lastDay(year, month)];
  const nearest = /^(\d+)W$/.exec(field);
  if (nearest !== null) {
    const wanted = Number(nearest[1]);
    return (year, month) => {
      const last = lastDay(year, month);
      if (wanted > last) return [];
      const on = weekday(year, month, wanted);
      if (on === 6) return [wanted === 1 ? 3 : wanted - 1];
      if (on === 0) return [wanted === last ? wanted - 2 : wanted + 1];
      return [wanted];
    };
  }
  const allowed = values(expression, field, 1, 31);
  return (year, month) => allowed.filter((day) => day <= lastDay(year, month));
}

/** `MON-FRI`, `1,7` (Sunday is 1), `6L` (the last Friday), `2#1` (the first Monday). */
function weekdays(expression: string, field: string): CronFields['days'] {
  const all = (year: number, month: number) => Array.from({ length: lastDay(year, month) }, (_, index) => index + 1);
  const special = /^(\w+?)(?:#([1-5])|(L))$/.exec(field);
  if (special !== null && field !== 'L') {
    const [wanted] = values(expression, special[1]!, 1, 7, DAYS, 1);
    return (year, month) => {
      const matching = all(year, month).filter((day) => weekday(year, month, day) + 1 === wanted);
      const chosen = special[2] === undefined ? matching.at(-1) : matching[Number(special[2]) - 1];
      return chosen === undefined ? [] : [chosen];
    };
  }
  const allowed = new Set(field === 'L' ? [7] : values(expression, field, 1, 7, DAYS, 1));
  return (year, month) => all(year, month).filter((day) => allowed.has(weekday(year, month, day) + 1));
}

function invalid(expression: string): AwsError {
  return new AwsError('ValidationException', `Parameter ScheduleExpression is not valid: ${JSON.stringify(expression)} must be rate(value unit) or cron(minutes hours day-of-month month day-of-week year)`);
}
