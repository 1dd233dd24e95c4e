import { setTimeout as delay } from 'node:timers/promises';
import { Clock } from '../../../twin';
import { Pace } from '../../../twin/server/pace';

const START = Date.parse('2026-01-01T00:00:00Z');
let clock: Clock;
let pace: Pace;
let running: Promise<void>;

const start = (speed: number) => {
  clock = new Clock(new Date(START));
  pace = new Pace(clock, speed);
  running = pace.run();
};
const elapsed = () => clock.now() - START;
afterEach(async () => {
  pace.stop();
  await running.catch(() => undefined);
});

test('time runs on by itself at the given speed, in whole milliseconds', async () => {
  start(1_000);
  const begun = performance.now();
  await delay(200);
  const real = performance.now() - begun;
  expect(elapsed()).toBeGreaterThan(50_000);
  // No faster than asked for; a busy machine may make it slower.
  expect(elapsed()).toBeLessThanOrEqual(real * 1_000);
  expect(Number.isInteger(elapsed())).toBe(true);
});

test('a speed below one adds up', async () => {
  start(0.1);
  await delay(300);
  expect(elapsed()).toBeGreaterThan(5);
  expect(elapsed()).toBeLessThan(300);
});

test('work in flight holds it', async () => {
  start(1_000);
  await delay(30);
  const release = clock.hold('a handler');
  await delay(30);
  const held = elapsed();
  await delay(100);
  expect(elapsed()).toBe(held);
  release();
  await delay(100);
  expect(elapsed()).toBeGreaterThan(held);
});

test('what falls due is handled at its own time, in order', async () => {
  start(1_000_000);
  const seen: number[] = [];
  for (const second of [30, 10, 20]) clock.at(START + second * 1_000, 'an event', () => { seen.push(elapsed()); });
  while (seen.length < 3) await delay(5);
  expect(seen).toEqual([10_000, 20_000, 30_000]);
});

test('an event that throws ends it', async () => {
  start(1_000);
  clock.after(1_000, 'a broken event', () => { throw new Error('a defect'); });
  await expect(running).rejects.toThrow('a broken event: Error: a defect');
});

test.each([0, -1, NaN, Infinity])('a speed of %p is refused', (speed) => {
  start(1);
  expect(() => new Pace(clock, speed)).toThrow(`speed is ${speed}; give a number above 0`);
});
