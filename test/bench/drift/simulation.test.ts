import { NO_SHIFT, POWER, QUIET, quiet, SHIFTS, shifted } from '../../../bench/drift/simulation/cases';
import { simulateDays, simulateMonths, type Simulation } from '../../../bench/drift/simulation/month';
import type { Traffic } from '../../../bench/drift/simulation/traffic';

// A small part of `npm run bench:drift:false-alarms`, with the same seeds.
let simulationOf: (traffic: Traffic) => Simulation;
beforeAll(async () => { simulationOf = await quiet(); });

test.each(QUIET.filter(({ atMost }) => atMost !== undefined))('no drift, $name: nearly every window has a verdict, and the test is wrong no more often than it may', ({ traffic, atMost, decided }) => {
  const days = simulateDays(simulationOf(traffic), 150);
  expect(days.decided / days.windows).toBeGreaterThanOrEqual(decided!);
  expect(days.significant / days.windows).toBeLessThanOrEqual(atMost!);
  expect(days.drift).toBe(0);
});

test('a month in which every hour is judged rings no alarm', () => {
  const { windows, alarms } = simulateMonths(simulationOf(QUIET[0]!.traffic), 1);
  expect([windows, alarms]).toEqual([30 * 24 - 23, 0]);
});

test.each(SHIFTS)('$name is found in 5,000 rows', async (shift) => {
  const days = simulateDays(await shifted(shift), 30);
  expect(days.significant / days.windows).toBeGreaterThanOrEqual(POWER);
});

test('what is relevant is called drift, in nearly every window', async () => {
  const days = simulateDays(await shifted(SHIFTS.find(({ name }) => name.includes('1.2'))!), 30);
  expect(days.drift).toBe(days.windows);
  expect(simulateDays(await shifted(NO_SHIFT), 30).drift).toBe(0);
});
