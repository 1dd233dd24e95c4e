import { setTimeout } from 'node:timers/promises';
import { ahead } from '../../../lambda/adapters/ahead';

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const value of values) found.push(value);
  return found;
}

test.each([1, 3, 100])('gives everything in order with %d under way, and never more', async (count) => {
  let underway = 0;
  let most = 0;
  const items = [5, 1, 4, 2, 3, 0];
  const loaded = await all(ahead(items, count, async (item) => {
    most = Math.max(most, ++underway);
    await setTimeout(item);
    underway--;
    return item * 10;
  }));
  expect(loaded).toEqual(items.map((item) => item * 10));
  expect(most).toBe(Math.min(count, items.length));
});

test('a failure is thrown in its turn, after what came before it', async () => {
  const seen: number[] = [];
  const reading = (async () => {
    for await (const value of ahead([1, 2, 3], 3, async (item) => {
      if (item === 2) throw new Error('gone');
      await setTimeout(5);
      return item;
    })) seen.push(value);
  })();
  await expect(reading).rejects.toThrow('gone');
  expect(seen).toEqual([1]);
});
