import { parseArgs } from 'node:util';
import { LOWEST_LIMITS, NO_SHIFT, POWER, QUIET, quiet, SHIFTS, shifted } from './simulation/cases';
import { simulateDays, simulateMonths } from './simulation/month';

/**
 * How often the engine cries without cause, and how often it sees a shift: `npm run bench:drift:false-alarms [-- --months 1000 --days 200]`.
 * Counts are drawn instead of values, then judged by the engine itself; the same figures on every machine. Ends with 1 where a limit is missed.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { months: { type: 'string', default: '1000' }, days: { type: 'string', default: '200' } } });
  const [months, days] = [Number(values.months), Number(values.days)];
  console.log(`no drift, ${months} months of hourly verdicts on the trailing day, four features:`);
  const simulationOf = await quiet();
  for (const { name, traffic, atMost, decided: leastDecided } of QUIET) {
    // Cases without a limit only inform.
    const played = atMost === undefined ? Math.ceil(months / 10) : months;
    const { windows, decided, significant, drift, alarms } = simulateMonths(simulationOf(traffic), played);
    const held = (atMost === undefined || (significant / windows <= atMost && alarms / played <= atMost)) && decided / windows >= (leastDecided ?? 0);
    report(held, atMost === undefined, `${name}: decided ${percent(decided / windows)} of windows, test at 1 % says different in ${percent(significant / windows)},`
      + ` verdict drift in ${percent(drift / windows)}, alarm in ${percent(alarms / played)} of ${played} months${atMost === undefined ? '' : `; at most ${percent(atMost)}`}`);
  }
  console.log(`shifts, ${days} days of 5,000 rows, a baseline of 100,000:`);
  for (const shift of [...SHIFTS, NO_SHIFT]) {
    const { windows, significant, drift } = simulateDays(await shifted(shift), days);
    const sensitive = simulateDays(await shifted(shift, LOWEST_LIMITS), days);
    const isShift = shift !== NO_SHIFT;
    report(!isShift || significant / windows >= POWER, !isShift, `${shift.name}: test at 1 % finds ${percent(significant / windows)},`
      + ` verdict drift ${percent(drift / windows)}, with limits of 0.01 ${percent(sensitive.drift / windows)}${isShift ? `; the test at least ${percent(POWER)}` : ''}`);
  }
}

function report(held: boolean, informative: boolean, line: string): void {
  if (!held) process.exitCode = 1;
  console.log(`  ${informative ? '      ' : held ? 'held  ' : 'MISSED'} ${line}`);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

void main();
