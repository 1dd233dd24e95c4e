import fc from 'fast-check';
import { Accumulator, Baseline, decodeAccumulator, encodeAccumulator, MergeError } from '../../../../lambda/core';
import { baselineOf, HOUR } from '../support';

let baseline: Baseline;
let other: Baseline;
beforeAll(async () => {
  baseline = await baselineOf(['x,c', ...Array.from({ length: 300 }, (_, i) => `${(i * 7919) % 101 / 3},${'abc'[i % 3]}`)].join('\n'));
  other = await baselineOf('x,c\n1,a\n2,b\n');
});

interface Row {
  readonly x: number | string | null;
  readonly c: string;
  readonly hour: number;
}

const row: fc.Arbitrary<Row> = fc.record({
  x: fc.oneof(fc.double({ noNaN: true }), fc.constantFrom('12.5', '', 'oops', null, '1e400')),
  c: fc.constantFrom('a', 'b', 'never seen', ''),
  hour: fc.integer({ min: 0, max: 48 }),
});

function count(rows: readonly Row[], key: string): Accumulator {
  const accumulator = new Accumulator(baseline);
  for (const { x, c, hour } of rows) {
    const cell = accumulator.cellAt(hour * HOUR);
    accumulator.add(0, x, cell);
    accumulator.add(1, c, cell);
    accumulator.rows++;
  }
  accumulator.rejects.add('not-json', { object: key, offset: rows.length });
  accumulator.addObject({ key, version: '1', start: 0, end: 10 });
  return accumulator;
}

// Compared as text and bytes: jest's own equality takes a minute over so many numbers.
const hex = (accumulator: Accumulator) => Buffer.from(encodeAccumulator(accumulator)).toString('hex');
const bytesOf = ({ buffer, byteOffset, byteLength }: Float64Array) => Buffer.from(buffer, byteOffset, byteLength);

test('any split in any order adds up to the same bytes', () => {
  fc.assert(fc.property(fc.array(row, { maxLength: 60 }), fc.array(fc.nat(60), { maxLength: 4 }), fc.infiniteStream(fc.nat()), (rows, cuts, shuffle) => {
    const bounds = [0, ...cuts.map((cut) => Math.min(cut, rows.length)).sort((a, b) => a - b), rows.length];
    const parts = bounds.slice(1).map((end, i) => count(rows.slice(bounds[i], end), `part-${i}`));
    const inOrder = hex(Accumulator.sum(baseline, parts));
    const shuffled = parts.map((part) => ({ part, key: shuffle.next().value as number })).sort((a, b) => a.key - b.key).map(({ part }) => part);
    expect(hex(Accumulator.sum(baseline, shuffled))).toBe(inOrder);
    const left = Accumulator.sum(baseline, parts.slice(0, 2));
    const right = Accumulator.sum(baseline, parts.slice(2));
    expect(hex(Accumulator.sum(baseline, [right, left]))).toBe(inOrder);
    const whole = count(rows, 'whole');
    const sum = Accumulator.sum(baseline, parts);
    for (const field of ['counts', 'offsets', 'missing', 'invalid', 'min', 'max'] as const) expect(Buffer.compare(bytesOf(sum[field]), bytesOf(whole[field]))).toBe(0);
  }), { numRuns: 200 });
});

test('the empty accumulator adds nothing', () => {
  const some = count([{ x: 1, c: 'a', hour: 0 }], 'k');
  expect(encodeAccumulator(Accumulator.sum(baseline, [Accumulator.empty(baseline), some]))).toEqual(encodeAccumulator(some));
});

test('bytes say the same after writing and reading', () => {
  fc.assert(fc.property(fc.array(row, { maxLength: 20 }), (rows) => {
    const accumulator = count(rows, 'käse/1.jsonl');
    expect(hex(decodeAccumulator(encodeAccumulator(accumulator), baseline))).toBe(hex(accumulator));
  }));
});

test('an object is never counted twice', () => {
  const sum = count([], 'a');
  expect(() => sum.merge(count([], 'a'))).toThrow(/a bytes 0 to 10 were already counted/);
  const newer = new Accumulator(baseline);
  newer.addObject({ key: 'a', version: '2', start: 10, end: 20 });
  expect(() => sum.merge(newer)).toThrow(/already counted as version 1, now comes version 2/);
});

test('neighbouring ranges of an object become one', () => {
  const ranges = [[20, 30], [0, 10], [10, 20]].map(([start, end]) => {
    const part = new Accumulator(baseline);
    part.addObject({ key: 'a', version: '1', start: start!, end: end! });
    return part;
  });
  expect(Accumulator.sum(baseline, ranges).manifest.ranges()).toEqual([{ key: 'a', version: '1', start: 0, end: 30 }]);
});

test('counts of another baseline are refused, in memory and as bytes', () => {
  expect(() => Accumulator.empty(baseline).merge(Accumulator.empty(other))).toThrow(MergeError);
  expect(() => decodeAccumulator(encodeAccumulator(Accumulator.empty(other)), baseline)).toThrow(/recount its records under the present baseline/);
});

test.each([
  ['cut short', (bytes: Uint8Array) => bytes.slice(0, -8)],
  ['of another kind', (bytes: Uint8Array) => bytes.slice(1)],
  ['empty', () => new Uint8Array(0)],
  ['with a damaged header', (bytes: Uint8Array) => bytes.map((byte, i) => (i === 12 ? 0 : byte))],
])('bytes %s are refused', (_, damage) => {
  expect(() => decodeAccumulator(damage(encodeAccumulator(count([], 'a'))), baseline)).toThrow(expect.objectContaining({ code: 'corrupt' }));
});
