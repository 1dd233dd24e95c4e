import fc from 'fast-check';
import { Accumulator, Baseline, encodeAccumulator } from '../../../../lambda/core';
import { plainText } from '../../../../lambda/core/capture/fast/digits';
import { Tally } from '../../../../lambda/core/capture/fast/tally';
import { LineCounter } from '../../../../lambda/core/capture/line-counter';
import { RecordCounter } from '../../../../lambda/core/capture/record-counter';
import { seededRandom } from '../../../../lambda/core/random';
import { baselineOf, captureLine } from '../support';

let baseline: Baseline;
let edges: number[];
beforeAll(async () => {
  const random = seededRandom(3);
  baseline = await baselineOf(['x,c,n,b', ...Array.from({ length: 3000 }, (_, i) =>
    `${i % 5 === 0 ? 0 : random() * 10 ** (i % 7)},${'abc'[i % 3]}${i % 40},${i % 30},${i % 2 === 0}`)].join('\n'));
  edges = baseline.columns.flatMap(({ bins }) => (bins.kind === 'ordinal' ? [...bins.edges] : []));
});

/** Counts lines both ways; the fast way's counts and how many lines took it. */
function bothWays(lines: readonly Uint8Array[]): { equal: boolean; fast: number } {
  const quick = new Accumulator(baseline);
  const counter = new LineCounter(quick, { layout: baseline });
  const plain = new Accumulator(baseline);
  const reference = new RecordCounter(plain, {});
  lines.forEach((line, offset) => {
    const padded = Buffer.concat([Buffer.from('xyz'), line, Buffer.from('\n{"')]);
    const reason = counter.count(padded, 3, 3 + line.length);
    const record = reference.read(line);
    const expected = record === undefined || typeof record === 'string' ? record : reference.count(record);
    if (reason) quick.rejects.add(reason, { object: 'k', offset });
    if (expected) plain.rejects.add(expected, { object: 'k', offset });
  });
  counter.finish();
  expect(counter.audit.mismatches).toBe(0);
  return { equal: Buffer.compare(encodeAccumulator(quick), encodeAccumulator(plain)) === 0, fast: counter.audit.fast };
}

const nextTo = (value: number) => {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  bits.setBigInt64(0, bits.getBigInt64(0) + 1n);
  return bits.getFloat64(0);
};

const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.integer().map(String),
  fc.tuple(fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }), fc.nat(25)).map(([digits, point]) => {
    const text = String(digits);
    return point > 0 && point < text.length - 1 ? `${text.slice(0, -point)}.${text.slice(-point)}` : text;
  }),
  fc.nat().map((i) => String(edges[i % edges.length])),
  fc.nat().map((i) => String(nextTo(edges[i % edges.length]!))),
  fc.double({ min: 0, max: 1000, noNaN: true }).map((x) => x.toFixed(17)),
);
const odd = fc.constantFrom('', 'NA', 'nan', 'null', '+5', '5.', '.5', '007', ' 5', '1e400', '1e-5', '-', '--5', '5e', '0x10', 'true', '-0', '1e5', 'Infinity');
const value = fc.oneof({ arbitrary: number, weight: 30 }, { arbitrary: odd, weight: 1 });
const mostly = <T>(usual: T[], unusual: fc.Arbitrary<T>) => fc.oneof({ arbitrary: fc.constantFrom(...usual), weight: 20 }, { arbitrary: unusual, weight: 1 });
const text = mostly(['a0', 'b1', 'c2', 'never', '', 'null'], fc.oneof(fc.constantFrom('é', 'a"b', 'a,b'), fc.string({ maxLength: 5 })));
const truth = mostly(['true', 'false', 'True', 'FALSE'], fc.constantFrom('tRue', 'yes', ''));
const time = mostly(['2026-02-01T10:15:00Z', '2026-02-01T11:59:59Z', '2026-02-02T00:00:00Z'],
  fc.constantFrom('2026-02-01T10:15:00.123Z', '2026-02-30T00:00:00Z', '2026-02-01T24:00:00Z', 'x'));
const row = fc.tuple(value, text, value, truth);

const csvLine = fc.record({ rows: fc.array(row, { minLength: 1, maxLength: 3 }), answer: value, time, end: mostly(['', '\n'], fc.constantFrom('\r\n', '\n\n')) })
  .map(({ rows, answer, end, ...rest }) => captureLine({
    input: rows.map((fields) => fields.join(',')).join('\n') + end, output: rows.map(() => answer).join('\n') + end, ...rest,
  }));

const scalar = fc.oneof({ arbitrary: number.map((n) => JSON.stringify(Number(n))), weight: 20 }, { arbitrary: fc.constantFrom('null', 'true', '"a0"', '"5"', '[1]', '1e400', '01'), weight: 1 });
const jsonLine = fc.record({ x: scalar, c: text.map((t) => JSON.stringify(t)), n: scalar, b: fc.constantFrom('true', 'false', 'null', '"true"'), shape: fc.nat(3), answer: number, time })
  .map(({ x, c, n, b, shape, answer, ...rest }) => captureLine({
    input: [`{"x":${x},"c":${c},"n":${n},"b":${b}}`, `[${x}, ${c}, ${n}, ${b}]`, `{"instances":[{"features":[${x},${c},${n},${b}]}]}`, `{"b":${b},"id":"u-1","x":${x}}`][shape]!,
    output: [answer, `{"predictions":[{"score":${answer}}]}`, `[${answer}]`, `{"label":"l","score":${answer}}`][shape]!, encoding: 'JSON', contentType: 'application/json', ...rest,
  }));

test('counts as the slow path does: csv', () => {
  let fast = 0;
  fc.assert(fc.property(fc.array(csvLine, { minLength: 2, maxLength: 25 }), (lines) => {
    const both = bothWays([captureLine({ input: '1,a0,2,true' }), ...lines].map((line) => Buffer.from(line)));
    fast += both.fast;
    return both.equal;
  }), { numRuns: 300 });
  expect(fast).toBeGreaterThan(500);
});

test('counts as the slow path does: json', () => {
  let fast = 0;
  fc.assert(fc.property(fc.array(jsonLine, { minLength: 2, maxLength: 25 }), (lines) => {
    const both = bothWays(lines.map((line) => Buffer.from(line)));
    fast += both.fast;
    return both.equal;
  }), { numRuns: 300 });
  expect(fast).toBeGreaterThan(200);
});

test('counts as the slow path does: lines with bytes changed, lost or added', () => {
  const mutation = fc.record({ at: fc.nat(), kind: fc.nat(2), byte: fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(...Buffer.from('"\\,{}0n:-.'))) });
  fc.assert(fc.property(fc.array(fc.tuple(fc.oneof(csvLine, jsonLine), fc.array(mutation, { maxLength: 3 })), { minLength: 2, maxLength: 20 }), (lines) => bothWays([
    captureLine({ input: '1,a0,2,true' }), captureLine({ input: '{"x":1,"c":"a0","n":2,"b":true}', encoding: 'JSON' }),
  ].map((line) => Buffer.from(line)).concat(lines.map(([line, mutations]) => mutations.reduce((bytes, { at, kind, byte }) => {
    const position = at % bytes.length;
    const rest = bytes.subarray(kind === 1 ? position : position + 1);
    return Buffer.concat([bytes.subarray(0, position), kind === 2 ? Buffer.alloc(0) : Buffer.of(byte), rest]);
  }, Buffer.from(line))))).equal), { numRuns: 400 });
});

test('numbers of many digits count as on the slow path where an ulp decides: at edges and turns of the rounding', () => {
  const { bins } = baseline.columns[0]!;
  const inner = bins.kind === 'ordinal' ? bins.edges : new Float64Array(0);
  const random = seededRandom(5);
  const texts: string[] = [];
  for (let i = 0; i < 20_000; i++) {
    const bin = 1 + Math.floor(random() * (inner.length - 1));
    const [low, high] = [inner[bin - 1]!, inner[bin]!];
    let number = low + (Math.floor(random() * 2 ** 20) + (i % 3 === 0 ? 0.5 : 0)) * ((high - low) / 2 ** 20);
    for (let ulps = Math.floor(random() * 3); ulps > 0; ulps--) number = nextTo(number);
    texts.push(`${number.toPrecision(17 + (i % 2))},a0,29`);
  }
  const lines = texts.map((values) => Buffer.from(captureLine({ input: `${values},true` })));
  expect(bothWays(lines)).toEqual({ equal: true, fast: texts.length - 1 });
});

test('numbers of many digits count as on the slow path where an ulp decides: at extremes', () => {
  const line = (n: string) => Buffer.from(captureLine({ input: `1,a0,${n},true` }));
  for (let i = 0; i < 200; i++) {
    const number = 5.5 + i / 100;
    const [lower, upper] = [number.toPrecision(18), nextTo(number).toPrecision(18)];
    expect(bothWays([line('28'), line(upper), line(lower)])).toEqual({ equal: true, fast: 2 });
    expect(bothWays([line('2'), line(lower), line(upper)])).toEqual({ equal: true, fast: 2 });
  }
});

test('probabilities with exponents, missing values and unseen texts do not leave the fast path', () => {
  const lines = Array.from({ length: 1500 }, (_, i) => captureLine({ input: ['', 'NA', '1.5e-7', '1e3'][i % 4] + `,new${i},${i},true`, output: `${(i + 1) / 7}e-05` }));
  expect(bothWays([captureLine({ input: '1,a0,2,true' }), ...lines].map((line) => Buffer.from(line)))).toEqual({ equal: true, fast: 1500 });
});

test('a plain text is told four characters at a time as one at a time', () => {
  fc.assert(fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.array(fc.tuple(fc.nat(3), fc.constantFrom(...Buffer.from(' !"#,+-[\\]~\x7f\x1f\x80'))), { maxLength: 4 }), (bytes, patches) => {
    patches.forEach(([at, byte]) => { bytes[at] = byte; });
    const plain = [...bytes].every((byte) => byte >= 0x20 && byte <= 0x7e && byte !== 0x22 && byte !== 0x5c && byte !== 0x2c);
    expect(plainText(new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true), 0x2c2c2c2c)).toBe(plain);
  }), { numRuns: 3000 });
});

test('ordinary lines all take the fast path, whatever their keys\' order and their format', () => {
  const lines = Array.from({ length: 2500 }, (_, i) => captureLine({ input: `${i / 7},a${i % 40},${i},${i % 2 === 0}\n`, output: `${i / 2500}\n` }));
  expect(bothWays(lines.map((line) => Buffer.from(line)))).toEqual({ equal: true, fast: 2499 });
  const reversed = lines.map((line) => {
    const { captureData, eventMetadata } = JSON.parse(line) as Record<string, object>;
    return JSON.stringify({ eventMetadata, captureData });
  });
  expect(bothWays(reversed.map((line) => Buffer.from(line))).fast).toBe(2499);
});

test('a line of a new kind is learned beside the others', () => {
  const kinds = [0, 1].map((kind) => (i: number) => captureLine({ input: kind === 0 ? `${i},a0,1,true` : `[${i},"a0",1,true]`, encoding: kind === 0 ? 'CSV' : 'JSON' }));
  const lines = Array.from({ length: 100 }, (_, i) => Buffer.from(kinds[i % 2]!(i)));
  expect(bothWays(lines)).toEqual({ equal: true, fast: 98 });
});

test('a fast way that counts wrongly is found out by the audit, and given up', () => {
  const { add } = Tally.prototype;
  jest.spyOn(Tally.prototype, 'add').mockImplementation(function wrong(this: Tally, line, columns, bytes) {
    add.call(this, line, columns - 1, bytes);
  });
  try {
    const counter = new LineCounter(new Accumulator(baseline), { layout: baseline });
    const line = Buffer.from(captureLine({ input: '1,a0,2,true' }));
    for (let i = 0; i < 20_000; i++) counter.count(line, 0, line.length);
    counter.finish();
    expect(counter.audit).toMatchObject({ mismatches: 1, lines: 20_000 });
    expect(counter.audit.fast).toBeLessThan(17_000);
  } finally {
    jest.restoreAllMocks();
  }
});
