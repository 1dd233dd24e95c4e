import { Accumulator, Baseline, encodeAccumulator, scanCapture } from '../../../../lambda/core';
import { LineSplitter } from '../../../../lambda/core/capture/lines';
import { seededRandom } from '../../../../lambda/core/random';
import { baselineOf, captureLine, chunks } from '../support';

let baseline: Baseline;
beforeAll(async () => {
  baseline = await baselineOf(['x,c', ...Array.from({ length: 200 }, (_, i) => `${i},${'ab'[i % 2]}`)].join('\n'));
});

const scan = (bytes: Uint8Array): Promise<Accumulator> => scanCapture({ layout: baseline, object: { key: 'k', version: 'v' }, bytes: chunks(bytes, 65_536) });

test('mutated lines neither crash nor grow the memory, and every line is either counted or rejected', async () => {
  const random = seededRandom(99);
  const bad = ['NaN', '1e400', '-', '{}', '[[[1]]]', '"', '\\u0000', '💥', '9'.repeat(500), 'null', ''];
  const lines: Buffer[] = [];
  for (let i = 0; i < 20_000; i++) {
    const line = Buffer.from(captureLine({ input: `${random() < 0.3 ? bad[i % bad.length] : i},a`, encoding: random() < 0.2 ? 'JSON' : 'CSV' }));
    const kind = random();
    if (kind < 0.2) lines.push(line.subarray(0, Math.floor(random() * line.length)));
    else if (kind < 0.5) {
      line[Math.floor(random() * line.length)] = Math.floor(random() * 256);
      lines.push(line);
    } else lines.push(line);
  }
  const bytes = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
  const before = process.memoryUsage().heapUsed;
  const accumulator = await scan(bytes);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(200e6);
  const blank = bytes.toString('latin1').split('\n').filter((line) => line.trim() === '').length;
  expect(accumulator.rows + accumulator.rejects.total).toBeGreaterThanOrEqual(20_000 - blank);
  expect(accumulator.rejects.total).toBeGreaterThan(3000);
  for (const { samples } of Object.values(accumulator.rejects.toJSON())) {
    expect(samples.length).toBeLessThanOrEqual(5);
    // An object and an offset each, and nothing of what stood there.
    for (const sample of samples) expect(Object.keys(sample).sort()).toEqual(['object', 'offset']);
  }
  expect(encodeAccumulator(accumulator).length).toBeLessThan(100_000);
});

test.each([
  ['arrays a million deep', `${'['.repeat(1e6)}${']'.repeat(1e6)}`],
  ['objects a hundred thousand deep', `${'{"a":'.repeat(1e5)}1${'}'.repeat(1e5)}`],
  ['a line of ten megabytes', captureLine({ input: 'x'.repeat(10e6) })],
  ['a payload of a million fields', captureLine({ input: '1,'.repeat(1e6) })],
])('%s is rejected', async (_, line) => {
  const good = captureLine({ input: '5,a' });
  const accumulator = await scan(Buffer.from(`${good}\n${line}\n${good}\n`));
  expect(accumulator.rows).toBe(2);
  expect(accumulator.rejects.total).toBe(1);
});

test('a deep payload inside a record is rejected, not walked', async () => {
  const accumulator = await scan(Buffer.from(captureLine({ input: `${'['.repeat(1e5)}${']'.repeat(1e5)}`, encoding: 'JSON' })));
  expect(accumulator.rejects.total).toBe(1);
});

test('a line too long to keep is passed over without being kept', () => {
  const taken: Array<{ length: number | undefined; offset: number }> = [];
  const lines = new LineSplitter({ start: 0 }, (bytes, from, to, offset) => taken.push({ length: bytes && to - from, offset }), 1000);
  lines.push(Buffer.from('ab\n'));
  for (let i = 0; i < 100; i++) lines.push(Buffer.alloc(100, 'x'));
  lines.push(Buffer.from('\ncd'));
  lines.close();
  expect(taken).toEqual([{ length: 2, offset: 0 }, { length: undefined, offset: 3 }, { length: 2, offset: 10_004 }]);
});
