import fc from 'fast-check';
import { Accumulator, Baseline, encodeAccumulator, firstByte, RejectReason, scanCapture } from '../../../../lambda/core';
import { MOST_CELLS } from '../../../../lambda/core/statistics/accumulator';
import { baselineOf, CaptureOptions, captureLine, chunks } from '../support';

let baseline: Baseline;
beforeAll(async () => {
  baseline = await baselineOf(['x,c', ...Array.from({ length: 200 }, (_, i) => `${i},${'ab'[i % 2]}`)].join('\n'));
});

function scan(text: string | Uint8Array, options: Partial<Parameters<typeof scanCapture>[0]> = {}): Promise<Accumulator> {
  return scanCapture({ layout: baseline, object: { key: 'k', version: 'v' }, bytes: chunks(text, 37), ...options });
}

const present = (accumulator: Accumulator) => [0, 1, 2].map((column) => accumulator.column(column).present);

test.each<[string, CaptureOptions, { rows: number; answers: number }]>([
  ['csv', { input: '5,a' }, { rows: 1, answers: 1 }],
  ['csv with a line end in the payload', { input: '5,a\n', output: '0.5\n' }, { rows: 1, answers: 1 }],
  ['csv of several rows', { input: '5,a\r\n6,b\r\n', output: '0.5\n0.6' }, { rows: 2, answers: 2 }],
  ['answers on one line', { input: '5,a\n6,b\n7,a', output: '0.5,0.6,0.7' }, { rows: 3, answers: 3 }],
  ['csv with its header', { input: 'x,c\n5,a' }, { rows: 1, answers: 1 }],
  ['quoted csv', { input: '"5","a"' }, { rows: 1, answers: 1 }],
  ['base64 of csv', { input: '5,a\n6,b', output: '0.5\n0.5', encoding: 'BASE64' }, { rows: 2, answers: 2 }],
  ['a json row', { input: '[5,"a"]', output: '0.5', encoding: 'JSON' }, { rows: 1, answers: 1 }],
  ['json rows', { input: '[[5,"a"],[6,"b"]]', output: '[0.1,0.2]', encoding: 'JSON' }, { rows: 2, answers: 2 }],
  ['a json object', { input: '{"c":"a","x":5}', output: '{"score":0.5}', encoding: 'JSON' }, { rows: 1, answers: 1 }],
  ['instances', { input: '{"instances":[{"features":[5,"a"]},{"features":[6,"b"]}]}', output: '{"predictions":[{"score":0.1},{"score":0.2}]}', encoding: 'JSON' }, { rows: 2, answers: 2 }],
  ['json lines', { input: '{"x":1,"c":"a"}\n{"x":2,"c":"b"}\n', output: '0.1\n0.2\n', encoding: 'JSON' }, { rows: 2, answers: 2 }],
  ['base64 of json', { input: '[5,"a"]', output: '[0.5]', encoding: 'BASE64', contentType: 'application/json; charset=utf-8' }, { rows: 1, answers: 1 }],
])('%s is counted', async (_, capture, { rows, answers }) => {
  const accumulator = await scan(`${captureLine(capture)}\n`);
  expect(accumulator.rejects.toJSON()).toEqual({});
  expect(accumulator.rows).toBe(rows);
  expect(present(accumulator)).toEqual([rows, rows, answers]);
});

test('the two records of the service\'s documentation shape, keys in any order, are the same', async () => {
  const { captureData, eventMetadata, eventVersion } = JSON.parse(captureLine({ input: '5,a' })) as Record<string, any>;
  const { endpointInput, endpointOutput } = captureData;
  const reordered = JSON.stringify({ eventVersion, eventMetadata, captureData: { endpointOutput, endpointInput: Object.fromEntries(Object.entries(endpointInput).reverse()) } });
  expect((await scan(reordered)).counts).toEqual((await scan(captureLine({ input: '5,a' }))).counts);
});

test('missing, invalid and unseen values are told apart', async () => {
  const accumulator = await scan([',a', 'oops,zzz', '1e400,', '5,b'].map((input) => captureLine({ input })).join('\n'));
  expect(accumulator.column(0)).toMatchObject({ present: 1, missing: 1, invalid: 2 });
  expect([...accumulator.column(1).counts]).toEqual([1, 1, 1]);
  expect(accumulator.column(1).missing).toBe(1);
});

test.each<[RejectReason, string | Uint8Array]>([
  ['not-json', '{"captureData":{"endpointInput"'],
  ['not-a-capture-record', '{"a":1}'],
  ['not-a-capture-record', '[]'],
  ['no-inference-time', captureLine({ input: '5,a', time: 'yesterday' })],
  ['no-input', captureLine({ input: '' })],
  ['columns', captureLine({ input: '5,a,9' })],
  ['columns', captureLine({ input: '{"y":1}', encoding: 'JSON' })],
  ['payload', captureLine({ input: '{"x":', encoding: 'JSON' })],
  ['payload', captureLine({ input: '{"x":{"deep":1},"c":"a"}', encoding: 'JSON' })],
  ['payload', captureLine({ input: '[5,"a"]', output: '{"prediction":[{"score":0.3}]}', encoding: 'JSON' })],
  ['columns', captureLine({ input: '[5,"a"]', output: '{"prediction":[]}', encoding: 'JSON' })],
  ['payload', captureLine({ input: '"5,a' })],
  ['encoding', captureLine({ input: '5,a', encoding: 'PROTOBUF' })],
  ['encoding', captureLine({ input: '5,a', encoding: 'BASE64', contentType: 'application/x-image' })],
  ['not-utf8', Uint8Array.of(0x7b, 0xff, 0x7d)],
])('a record is rejected as %s with its place, and counts nothing', async (reason, line) => {
  const good = `${captureLine({ input: '5,a' })}\n`;
  const bytes = Buffer.concat([Buffer.from(good), Buffer.from(line), Buffer.from(`\n${good}`)]);
  const accumulator = await scan(bytes);
  expect(accumulator.rejects.toJSON()).toEqual({ [reason]: { count: 1, samples: [{ object: 'k', offset: good.length }] } });
  expect(accumulator.rows).toBe(2);
  expect(present(accumulator)).toEqual([2, 2, 2]);
});

test('an object of zero bytes has no records and is remembered', async () => {
  const accumulator = await scan('');
  expect(accumulator.rows).toBe(0);
  expect(accumulator.manifest.ranges()).toEqual([{ key: 'k', version: 'v', start: 0, end: 0 }]);
});

test('records before the window and answers of the model before are left out', async () => {
  const text = ['08:00', '09:00', '10:00'].map((at) => captureLine({ input: '5,a', time: `2026-02-01T${at}:00Z` })).join('\n');
  const accumulator = await scan(text, { since: new Date('2026-02-01T09:00:00Z'), predictionsSince: new Date('2026-02-01T10:00:00Z') });
  expect(present(accumulator)).toEqual([2, 2, 1]);
});

test('a named field and a column of the answer', async () => {
  const json = captureLine({ input: '[5,"a"]', output: '{"label":"late","p":[0.2,0.8]}', encoding: 'JSON' });
  expect((await scan(json, { prediction: { field: 'p', column: 1 } })).max[2]).toBe(0.8);
  expect((await scan(captureLine({ input: '5,a', output: 'late,0.7' }), { prediction: { column: 1 } })).max[2]).toBe(0.7);
});

test('any byte ranges give the bytes of a single pass', async () => {
  const lines = Array.from({ length: 12 }, (_, i) => (i === 5 ? '{"broken"' : captureLine({ input: `${i},${'ab'[i % 2]}`, time: `2026-02-01T1${i % 3}:00:00Z` })));
  for (const ending of ['', '\n']) {
    const bytes = new TextEncoder().encode(lines.join('\n') + ending);
    const whole = encodeAccumulator(await scan(bytes, { object: { key: 'k', version: 'v', start: 0, end: bytes.length } }));
    await fc.assert(fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 5 }), fc.integer({ min: 1, max: 500 }), async (cuts, size) => {
      const bounds = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      const parts = await Promise.all(bounds.slice(1).map((end, i) => {
        const object = { key: 'k', version: 'v', start: bounds[i]!, end };
        return scan('', { object, bytes: chunks(bytes.subarray(firstByte(object)), size) });
      }));
      expect(Buffer.compare(encodeAccumulator(Accumulator.sum(baseline, parts)), whole)).toBe(0);
    }), { numRuns: 60 });
  }
});

test('cuts at and beside every line end', async () => {
  const bytes = new TextEncoder().encode(`${captureLine({ input: '1,a' })}\n${captureLine({ input: '2,b' })}\n`);
  const newline = bytes.indexOf(10);
  for (const cut of [newline - 1, newline, newline + 1, newline + 2]) {
    const objects = [{ key: 'k', version: 'v', start: 0, end: cut }, { key: 'k', version: 'v', start: cut, end: bytes.length }];
    const parts = await Promise.all(objects.map((object) => scan('', { object, bytes: chunks(bytes.subarray(firstByte(object)), 50) })));
    expect(parts.reduce((rows, part) => rows + part.rows, 0)).toBe(2);
  }
});

test('absurd times fill no memory, take nothing from the counts and fold alike in any order', async () => {
  const lines = Array.from({ length: MOST_CELLS + 500 }, (_, i) => captureLine({
    input: `${i % 200},${'ab'[i % 2]}`, time: `${new Date(Date.UTC(1950, 0, 1) + i * 31 * 3_600_000).toISOString().slice(0, 19)}Z`,
  }));
  const part = (some: readonly string[], key: string) => scan(some.join('\n'), { object: { key, version: 'v' } });
  const parts = await Promise.all([part(lines.slice(0, 700), 'a'), part(lines.slice(700), 'b')]);
  const sum = Accumulator.sum(baseline, parts);
  expect(sum.rows).toBe(lines.length);
  expect(sum.cells.size).toBeLessThanOrEqual(MOST_CELLS);
  expect(present(sum)).toEqual([lines.length, lines.length, lines.length]);
  expect(sum.cellsOf(0).reduce((rows, { counts }) => rows + counts.reduce((a, b) => a + b, 0), 0)).toBe(lines.length);
  expect(Buffer.compare(encodeAccumulator(sum), encodeAccumulator(Accumulator.sum(baseline, [...parts].reverse())))).toBe(0);
});
