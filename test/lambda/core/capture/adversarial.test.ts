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

/* What used to end a scan, or to take minutes or gigabytes. */
describe('limits of a record', () => {
  const values = (count: number, of: (i: number) => string) => Array.from({ length: count }, (_, i) => of(i)).join(',');

  test.each([
    ['a quoted field of nine megabytes', captureLine({ input: `5,"${'x'.repeat(9e6)}"` }), 1],
    ['a field of quotes', captureLine({ input: `5,"${'""'.repeat(3e6)}"` }), 1],
    ['a million digits and a letter', captureLine({ input: `${'9'.repeat(1e6)}x,a` }), 1],
    ['a hundred thousand rows', captureLine({ input: '5,a\n'.repeat(100_000) }), 100_000],
    ['a row more', captureLine({ input: '5,a\n'.repeat(100_001) }), 'too-many-values'],
    ['as many answers', captureLine({ input: '5,a', output: '1\n'.repeat(100_001) }), 'too-many-values'],
    ['a million values and one', captureLine({ input: '1,'.repeat(1e6 + 1) }), 'too-many-values'],
    ['objects, each with members of its own', captureLine({ encoding: 'JSON', input: `[${values(200_000, (i) => `{"k${i}":1,"x":2}`)}]` }), 'too-many-values'],
    ['a million empty arrays as a payload', captureLine({ encoding: 'JSON', input: `[${values(1e6, () => '[]')}]` }), 'too-many-values'],
    ['a million empty arrays as a record', `[${values(1e6, () => '[]')}]`, 'not-json'],
  ])('%s', async (_, line, expected) => {
    const good = captureLine({ input: '5,a' });
    const accumulator = await scan(Buffer.from(`${good}\n${good}\n${line}\n${good}\n`));
    expect(accumulator.rows).toBe(3 + (typeof expected === 'number' ? expected : 0));
    expect([...accumulator.rejects.byReason.keys()]).toEqual(typeof expected === 'number' ? [] : [expected]);
  });

  test('rows given by name, with few of many features', async () => {
    const wide = await baselineOf(`${Array.from({ length: 500 }, (_, i) => `f${i}`).join(',')}\n${Array.from({ length: 50 }, (_, i) => '1,'.repeat(499) + String(i)).join('\n')}`);
    const line = captureLine({ encoding: 'JSON', input: `[${values(50_000, () => '{"f1":1}')}]` });
    const accumulator = await scanCapture({ layout: wide, object: { key: 'k', version: 'v' }, bytes: chunks(Buffer.from(line), 65_536) });
    expect([...accumulator.rejects.byReason.keys()]).toEqual(['too-many-values']);
  });

  test('whatever a parser fails on is a rejected record, and the scan goes on', async () => {
    const good = captureLine({ input: '5,a' });
    const normalize = jest.spyOn(String.prototype, 'toUpperCase').mockImplementationOnce(() => { throw new RangeError('Maximum call stack size exceeded'); });
    const accumulator = await scan(Buffer.from(`${good}\n${good}\n${good}\n`));
    normalize.mockRestore();
    expect(accumulator.rows).toBe(2);
    expect(accumulator.rejects.toJSON()).toEqual({ unreadable: { count: 1, samples: [{ object: 'k', offset: 0 }] } });
  });
});
