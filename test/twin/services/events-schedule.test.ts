import { parseSchedule } from '../../../twin/services/events/schedule';
import { parseExpression } from '../../../twin/services/scheduler/expression';

const FROM = '2026-02-01T08:00:00Z'; // a Sunday

const times = (schedule: ReturnType<typeof parseSchedule>, count: number, from = FROM): string[] => {
  const start = Date.parse(from);
  const found: string[] = [];
  for (let time: number | undefined = start; found.length < count;) {
    time = schedule.next(time!, start);
    found.push(time === undefined ? 'never' : new Date(time).toISOString().slice(0, 16));
    if (time === undefined) break;
  }
  return found;
};

test.each([
  ['rate(1 minute)', ['2026-02-01T08:01', '2026-02-01T08:02']],
  ['rate(6 hours)', ['2026-02-01T14:00', '2026-02-01T20:00']],
  ['rate(1 day)', ['2026-02-02T08:00']],
  ['cron(0 10 * * ? *)', ['2026-02-01T10:00', '2026-02-02T10:00']],
  ['cron(0/15 * * * ? *)', ['2026-02-01T08:15', '2026-02-01T08:30']],
  ['cron(15 12 ? * MON-FRI *)', ['2026-02-02T12:15', '2026-02-03T12:15']],
  ['cron(0 8 1 * ? *)', ['2026-03-01T08:00', '2026-04-01T08:00']],
  ['cron(0 8 ? * 1 *)', ['2026-02-08T08:00']],
  ['cron(0 0 L * ? *)', ['2026-02-28T00:00', '2026-03-31T00:00']],
  ['cron(0 0 ? * 6L *)', ['2026-02-27T00:00']],
  ['cron(0 0 ? * 2#1 *)', ['2026-02-02T00:00', '2026-03-02T00:00']],
  ['cron(0 0 15W * ? *)', ['2026-02-16T00:00', '2026-03-16T00:00', '2026-04-15T00:00']],
  ['cron(0 0 31 * ? *)', ['2026-03-31T00:00', '2026-05-31T00:00']],
  ['cron(30 9 29 2 ? *)', ['2028-02-29T09:30']],
  ['cron(0 0 1 1 ? 2026)', ['never']],
  ['cron(0 12 ? JAN,JUL 2-6 *)', ['2026-07-01T12:00']],
])('%s', (expression, expected) => {
  expect(times(parseSchedule(expression), expected.length)).toEqual(expected);
});

test.each([
  'rate(5 minute)', 'rate(1 hours)', 'rate(0 minutes)', 'rate(1 week)', 'cron(0 10 * * * *)', 'cron(0 10 ? * ? *)', 'cron(0 10 * * ?)', 'cron(60 10 * * ? *)', 'every hour',
])('%s is refused', (expression) => {
  expect(() => parseSchedule(expression)).toThrow('ScheduleExpression is not valid');
});

test.each([
  ['rate(1 minutes)', 'UTC', ['2026-02-01T08:01']],
  ['at(2026-02-03T04:05:06)', 'UTC', ['2026-02-03T04:05', 'never']],
  ['at(2026-07-03T12:00:00)', 'Europe/Berlin', ['2026-07-03T10:00', 'never']],
  ['cron(0 9 * * ? *)', 'America/New_York', ['2026-02-01T14:00']],
])('the Scheduler takes %s in %s', (expression, zone, expected) => {
  expect(times(parseExpression(expression, zone), expected.length)).toEqual(expected);
});

test('a daily time keeps its wall clock over a change of the clocks, and is left out where that skips it', () => {
  expect(times(parseExpression('cron(30 9 * * ? *)', 'Europe/Berlin'), 3, '2026-03-27T12:00:00Z')).toEqual(['2026-03-28T08:30', '2026-03-29T07:30', '2026-03-30T07:30']);
  expect(times(parseExpression('cron(30 2 * * ? *)', 'Europe/Berlin'), 2, '2026-03-28T00:00:00Z')).toEqual(['2026-03-28T01:30', '2026-03-30T00:30']);
});
