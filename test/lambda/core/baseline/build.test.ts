import { addPredictionBaseline, Baseline, buildBaseline, csvRows, featuresOf, parseBaseline, predictionOf, serializeBaseline } from '../../../../lambda/core';
import { seededRandom } from '../../../../lambda/core/random';
import { isSingleton } from '../../../../lambda/core/statistics/bins';
import { baselineOf, HOUR, normals, textObject } from '../support';

/** Thirty days of rows: `hour` has a daily rhythm, `x` has none. */
function rhythmical(days = 30, perHour = 20): string {
  const normal = normals(1);
  const lines = ['time,hour,x,late'];
  for (let hour = 0; hour < days * 24; hour++) {
    const time = new Date(Date.UTC(2026, 0, 1) + hour * HOUR).toISOString();
    for (let i = 0; i < perHour; i++) lines.push(`${time},${hour % 24},${normal().toFixed(4)},${i % 5 === 0 ? 1 : 0}`);
  }
  return lines.join('\n');
}

describe('types', () => {
  const column = async (values: string[]) => featuresOf(await baselineOf(['v,w', ...values.map((value) => `${value},1`)].join('\n')))[0]!;

  test.each([
    ['integer', ['1', '2', '-3', '', 'NA']],
    ['numeric', ['1', '2.5', '1e3', 'null']],
    ['boolean', ['true', 'False', 'TRUE', '']],
    ['categorical', ['red', 'blue', 'red', '']],
    ['categorical', ['1', 'two', '3']],
  ])('%s', async (type, values) => {
    expect((await column(values)).type).toBe(type);
  });

  test('"NA" is a value among texts and none among numbers', async () => {
    expect(await column(['NA', 'DE', 'FR'])).toMatchObject({ missing: 0, bins: { values: ['DE', 'FR', 'NA'] } });
    expect(await column(['NA', '1', '2'])).toMatchObject({ missing: 1, present: 2 });
  });

  test('a text of a thousand different values is followed by its frequent values only', async () => {
    const values = Array.from({ length: 5000 }, (_, i) => (i % 2 === 0 ? 'common' : `id-${i}`));
    const text = await column(values);
    expect(text.type).toBe('string');
    expect(text.bins).toMatchObject({ values: ['common'] });
    expect([...text.counts]).toEqual([2500, 2500]);
  });

  test('a few texts among many numbers are invalid values', async () => {
    expect(await column([...Array.from({ length: 999 }, (_, i) => String(i)), 'oops'])).toMatchObject({ type: 'integer', invalid: 1, present: 999 });
  });
});

describe('bins', () => {
  test('cover every value, in exact quantiles, with a bin of its own for a frequent value', async () => {
    const random = seededRandom(5);
    const values = Array.from({ length: 20_000 }, () => (random() < 0.4 ? 0 : -Math.log(random())));
    const [column] = featuresOf(await baselineOf(['v', ...values].join('\n')));
    const { edges } = column!.bins as { edges: Float64Array };
    expect(column!.counts.reduce((a, b) => a + b)).toBe(20_000);
    const zero = edges.indexOf(0);
    expect(isSingleton(edges, zero)).toBe(true);
    expect(column!.counts[zero]).toBe(values.filter((value) => value === 0).length);
    expect(Math.max(...column!.counts.map((count, bin) => (bin === zero ? 0 : count)))).toBeLessThanOrEqual(20_000 / 128 + 1);
    expect(column!.groupCount).toBeGreaterThanOrEqual(10);
    expect(column!.groupCount).toBeLessThanOrEqual(20);
  });

  test('reach beyond what was seen', async () => {
    const [column] = featuresOf(await baselineOf(['v', ...Array.from({ length: 1000 }, (_, i) => i)].join('\n')));
    const { edges } = column!.bins as { edges: Float64Array };
    expect(edges[0]).toBeLessThan(-100_000);
    expect(edges[edges.length - 1]).toBeGreaterThan(100_000);
  });

  test.each([['a constant', '7'], ['nothing but gaps', '']])('stand for %s', async (_, value) => {
    const [column] = featuresOf(await baselineOf(['v,w', ...Array.from({ length: 50 }, () => `${value},1`)].join('\n')));
    expect(column!.present + column!.missing).toBe(50);
  });
});

describe('learned null', () => {
  let baseline: Baseline;
  beforeAll(async () => {
    baseline = await baselineOf(rhythmical(), { label: 'late', time: 'time' });
  });

  test('a feature without rhythm shows nothing but the noise of small samples', () => {
    const { atRows, correlation } = featuresOf(baseline).find(({ name }) => name === 'x')!.learnedNull!;
    expect(atRows.map(({ rows }) => rows)).toEqual([256, 362]);
    expect(atRows[1]!.ks.mean).toBeLessThan(0.06);
    expect(correlation).toBeLessThan(0.01);
  });

  test('an hour is constant within an hour and complete within a day', () => {
    const { atRows, correlation } = featuresOf(baseline).find(({ name }) => name === 'hour')!.learnedNull!;
    expect(correlation).toBeGreaterThan(1);
    expect(atRows[1]!.psi.maximum).toBeLessThan(0.1);
  });

  test('is not learned without event times, or from too short a time', async () => {
    expect(featuresOf(await baselineOf('x\n1\n2\n'))[0]!.learnedNull).toBeUndefined();
    expect(featuresOf(await baselineOf(rhythmical(3), { label: 'late', time: 'time' }))[0]!.learnedNull).toBeUndefined();
  });
});

describe('documents', () => {
  test('say the same after writing and reading', async () => {
    const baseline = await baselineOf(rhythmical(5), { label: 'late', time: 'time' });
    const { statistics, hash } = serializeBaseline(baseline);
    expect(hash).toBe(baseline.hash);
    expect(parseBaseline(statistics)).toEqual(baseline);
  });

  test('hold what Model Monitor expects', async () => {
    const { statistics, constraints } = serializeBaseline(await baselineOf(['x,c', ...Array.from({ length: 100 }, (_, i) => `${i},${i % 2 ? 'a' : 'b'}`)].join('\n')));
    const [x, c] = (JSON.parse(statistics) as { features: Array<Record<string, any>> }).features;
    expect(x).toMatchObject({ name: 'x', inferred_type: 'Integral', numerical_statistics: { common: { num_present: 100, num_missing: 0 }, mean: 49.5, sum: 4950, min: 0, max: 99 } });
    const { kll } = x!.numerical_statistics.distribution as { kll: { buckets: Array<{ count: number }>; sketch: { data: number[][] } } };
    expect(kll.buckets.map(({ count }) => count)).toEqual(Array.from({ length: 10 }, () => 10));
    expect(kll.sketch.data[0]).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(c).toMatchObject({ inferred_type: 'String', string_statistics: { distinct_count: 2, distribution: { categorical: { buckets: [{ value: 'a', count: 50 }, { value: 'b', count: 50 }] } } } });
    expect(JSON.parse(constraints)).toMatchObject({
      features: [{ name: 'x', completeness: 1, num_constraints: { is_non_negative: true } }, { name: 'c', string_constraints: { domains: ['a', 'b'] } }],
    });
  });

  test('changed by hand are refused', async () => {
    const { statistics } = serializeBaseline(await baselineOf('x\n1\n2\n'));
    expect(() => parseBaseline(statistics.replace('"missing":0', '"missing":1'))).toThrow(/was changed by hand or damaged, build it again/);
    expect(() => parseBaseline('{}')).toThrow(/no cdk_mlops block/);
    expect(() => parseBaseline('{')).toThrow(/not JSON/);
  });

  test('the same data have the same identity, however they are cut into objects and chunks', async () => {
    const rows = Array.from({ length: 500 }, (_, i) => `${i % 17},${i % 3 ? 'a' : 'b'}`);
    const whole = await buildBaseline({ sources: [csvRows(textObject('1', ['x,c', ...rows].join('\n')))] });
    const parts = await buildBaseline({
      sources: [rows.slice(0, 200), rows.slice(200)].map((part, i) => csvRows(textObject(String(i), ['x,c', ...part].join('\n'), 11))),
    });
    expect(parts.baseline.hash).toBe(whole.baseline.hash);
  });
});

describe('a dataset that cannot be used', () => {
  const build = (objects: string[], options = {}) =>
    buildBaseline({ sources: objects.map((text, i) => csvRows(textObject(`part-${i}.csv`, text))), ...options });

  test.each([
    ['missing-column', ['a,b\n1,2\n'], { label: 'late' }, 'there is no label column late; the header names a, b'],
    ['missing-column', ['a,b\n1,2\n'], { features: ['a', 'z'] }, 'no feature column z'],
    ['no-rows', ['a,b\n'], {}, 'no rows below the header'],
    ['no-sources', [], {}, 'give at least one'],
    ['no-features', ['late\n1\n'], { label: 'late' }, 'no column is left as a feature'],
    ['header-mismatch', ['a,b\n1,2\n', 'b,a\n1,2\n'], {}, 'the columns differ from those of part-0.csv'],
    ['bad-time', ['t,b\n2026-01-01,2\nyesterday,2\n'], { time: 't' }, 'part-0.csv, line 3: column t holds no time'],
  ])('%s', async (code, objects, options, message) => {
    const error = await build(objects, options).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code });
    expect((error as Error).message).toContain(message);
  });

  test('an object without rows beside one with rows is read past', async () => {
    expect((await build(['a,b\n', 'a,b\n1,2\n'])).baseline.rows).toBe(1);
  });
});

test('predictions on a hold-out replace the provisional ones and change the identity', async () => {
  const baseline = await baselineOf('x\n1\n2\n');
  expect(predictionOf(baseline).provisional).toBe(true);
  const scores = csvRows(textObject('scores.csv', ['score', ...Array.from({ length: 200 }, (_, i) => i / 200)].join('\n')));
  const complete = await addPredictionBaseline(baseline, { sources: [scores], column: 'score' });
  expect(predictionOf(complete)).toMatchObject({ name: 'prediction', present: 200 });
  expect(predictionOf(complete).provisional).toBeUndefined();
  expect(complete.hash).not.toBe(baseline.hash);
  expect(parseBaseline(serializeBaseline(complete).statistics)).toEqual(complete);
});

test('a profile counts what a quality gate asks for', async () => {
  const { profile } = await buildBaseline({
    sources: [csvRows(textObject('d', 't,x,k,late\n2026-01-01,1,7,0\n2026-01-02,,7,1\n2026-01-03,3,7,0\n2026-01-04,4,7,\n'))], label: 'late', time: 't',
  });
  expect(profile).toEqual({
    rows: 4,
    features: [{ name: 'x', type: 'integer', missingShare: 0.25, constant: false }, { name: 'k', type: 'integer', missingShare: 0, constant: true }],
    label: { name: 'late', missing: 1, classes: 2, smallestClassShare: 1 / 3 },
    firstTime: '2026-01-01T00:00:00.000Z',
    lastTime: '2026-01-04T00:00:00.000Z',
  });
});
