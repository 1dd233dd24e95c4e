import fc from 'fast-check';
import {
  addWindowQuality, CapturedRecord, classifierFigures, FacetReader, JoinRow, labelLines, LabelJoin, labelRows, parseRecord, partitionOf, predictionRows, readRowFile,
  regressionFigures, RowFileWriter, rowsInFile, rowsOfLines, windowQuality,
} from '../../../../lambda/core';
import { captureLine, HOUR } from '../support';

const captured = (id: Partial<CapturedRecord>, output = '0.7', input = '1') => ({ ...parseRecord(captureLine({ input, output })) as CapturedRecord, ...id });
const truth = (eventId: string, data: string) => JSON.stringify({ groundTruthData: { data, encoding: 'CSV' }, eventMetadata: { eventId }, eventVersion: '0' });
const keys = (rows: readonly JoinRow[] | string) => (rows as readonly JoinRow[]).map(({ key }) => [...key].join());
const prediction = (id: string, score: number) => (predictionRows(captured({ eventId: id, inferenceId: undefined }, String(score))) as JoinRow[])[0]!;
const label = (id: string, value: number | boolean) => (labelRows(truth(id, String(value))) as JoinRow[])[0]!;

test('the inference id comes before the event id, and rows of one request have keys of their own', () => {
  expect(keys(predictionRows(captured({ eventId: 'e', inferenceId: 'i' })))).toEqual(keys(labelRows(truth('i', '1'))));
  expect(keys(predictionRows(captured({ eventId: 'e', inferenceId: undefined }, '0.1,0.2', '1\n2')))).toEqual(keys(labelRows(truth('e', '1\n0'))));
});

test.each([
  ['{', 'not-json'], ['null', 'not-a-capture-record'], ['{"groundTruthData":{"data":"1","encoding":"CSV"}}', 'not-a-capture-record'],
  [truth('e', 'late'), 'payload'], ['{"groundTruthData":{"data":"1","encoding":"XML"},"eventMetadata":{"eventId":"e"}}', 'encoding'],
])('ground truth %s is rejected as %s', (line, reason) => {
  expect(labelRows(line)).toBe(reason);
});

test('a label line of ten megabytes is rejected before its rows are made', () => {
  const before = process.memoryUsage().heapUsed;
  expect(labelRows(truth('e', '1\n'.repeat(3.3e6)))).toBe('too-many-values');
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(100e6);
  expect(labelRows(truth('e', '1\n'.repeat(100_000)))).toHaveLength(100_000);
});

test('a line that its reader fails on is rejected, and the rest counts', async () => {
  const rejected: unknown[] = [];
  async function* bytes() { yield Buffer.from('a\nb\nc\n'); }
  let rows = 0;
  for await (const found of rowsOfLines(bytes(), (line) => {
    if (line === 'b') throw new RangeError('Maximum call stack size exceeded');
    return { rows: [prediction(line, 1)], time: 0 };
  }, (...place) => { rejected.push(place); })) rows += found.length;
  expect(rejected).toEqual([['unreadable', 2]]);
  expect(rows).toBe(2);
});

test('the worked example of the service: recall 1, precision 1/3, accuracy 1/2', () => {
  const join = new LabelJoin(HOUR);
  [0.1, 0.8, 0.9, 0.7].forEach((score, i) => join.predict(prediction(`e${i}`, score), i));
  [0, 0, 0, 1].forEach((value, i) => join.label(label(`e${i}`, value), 0));
  expect(classifierFigures(windowQuality(join.rows(0), 4))).toMatchObject({ labelCoverage: 1, recall: 1, precision: 1 / 3, accuracy: 0.5, f1: 0.5 });
});

test('a late label changes the window of its prediction, and no other', () => {
  const join = new LabelJoin(HOUR);
  for (let hour = 0; hour < 5; hour++) join.predict(prediction(`e${hour}`, 0.5), hour * HOUR + 7);
  const figures = () => [0, 1, 2, 3, 4].map((hour) => windowQuality(join.rows(hour * HOUR), 1).labelled);
  join.label(label('e1', true), 10 * HOUR);
  expect(figures()).toEqual([0, 1, 0, 0, 0]);
  join.label(label('e3', false), 20 * HOUR);
  join.label(label('never asked', 1), 20 * HOUR);
  expect(figures()).toEqual([0, 1, 0, 1, 0]);
  expect(join.unmatched).toBe(1);
  expect([...join.rows(HOUR)]).toEqual([{ score: 0.5, label: 1 }]);
  expect(classifierFigures(windowQuality(join.rows(0), 1))).toBeUndefined();
});

test('of two labels the one collected later counts, whichever is read first', () => {
  for (const order of [[0, 1], [1, 0]]) {
    const join = new LabelJoin(HOUR);
    join.predict(prediction('e', 0.5), 7);
    for (const i of order) join.label(label('e', [1, 0][i]!), [10 * HOUR, 20 * HOUR][i]!);
    expect([...join.rows(0)]).toEqual([{ score: 0.5, label: 0 }]);
  }
});

test('rows come back from their files as they were written, and a file that was cut off says so', () => {
  const writer = new RowFileWriter(3);
  const rows = ['a', 'b', 'c'].map((id, i) => ({ ...prediction(id, i - 0.25), facets: 2 ** 31 + i }));
  rows.forEach((row, i) => { expect(writer.isFull).toBe(false); writer.add(row, 1e12 + i); });
  expect(writer.isFull).toBe(true);
  const file = writer.take();
  expect([...readRowFile(file, 'here')]).toEqual(rows.map((row, i) => ({ ...row, time: 1e12 + i })));
  expect(rowsInFile(file.byteLength)).toBe(3);
  expect([...readRowFile(writer.take(), 'here')]).toEqual([]);
  expect(() => [...readRowFile(file.subarray(0, file.byteLength - 1), 's3://b/k')]).toThrow(/s3:\/\/b\/k.*delete it/);
});

test('lines are read over the bounds of chunks; what cannot be read is told by its offset, the rest counts', async () => {
  const good = [truth('a', '1'), truth('b', '1\n0')];
  const bytes = Buffer.from(`${good[0]}\nnonsense\n\n${good[1]}`);
  const read = async (size: number) => {
    const rejected: Array<[string, number]> = [];
    const rows: string[] = [];
    async function* chunks() { for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size); }
    for await (const found of rowsOfLines(chunks(), labelLines(7), (reason, offset) => { rejected.push([reason, offset]); })) {
      rows.push(...found.map(({ row, time }) => `${row.key.join()} ${row.value} ${time}`));
    }
    return { rejected, rows };
  };
  const whole = await read(bytes.length);
  expect(whole.rejected).toEqual([['not-json', good[0]!.length + 1]]);
  expect(whole.rows).toHaveLength(3);
  expect(await read(7)).toEqual(whole);
});

describe('facets', () => {
  const facets = new FacetReader([{ feature: 'age', above: 40 }, { feature: 'town', values: ['BOS', 'PHL'] }], ['age', 'town']);
  const groupsOf = (input: string) => [predictionRows(captured({ eventId: 'e' }, '0.1\n0.2', input), {}, facets)].flat().map((row) => {
    const bits = (row as JoinRow).facets!;
    return [bits & 3, (bits >> 2) & 3];
  });

  test('each row of a request has its groups; 1 is advantaged, 2 disadvantaged, 0 neither', () => {
    expect(groupsOf('41,BOS\n40,EWR')).toEqual([[2, 2], [1, 1]]);
    expect(groupsOf(',PHL\nold,')).toEqual([[0, 2], [0, 0]]);
  });

  test('a header line is no row', () => {
    expect(groupsOf('age,town\n41,BOS\n40,EWR')).toEqual([[2, 2], [1, 1]]);
  });

  test('a facet of an unknown feature names those there are', () => {
    expect(() => new FacetReader([{ feature: 'sex', values: ['f'] }], ['age', 'town'])).toThrow('the model has no feature \'sex\' to tell groups by, only age, town');
  });
});

test('any order and any number of partitions give the same figures', () => {
  const event = fc.record({ id: fc.integer({ min: 0, max: 40 }), score: fc.integer({ min: 0, max: 100 }), time: fc.integer({ min: 0, max: 3 * HOUR }) });
  const answer = fc.record({ id: fc.integer({ min: 0, max: 50 }), value: fc.integer({ min: 0, max: 1 }), at: fc.integer({ min: 0, max: 3 }) });
  fc.assert(fc.property(fc.uniqueArray(event, { selector: ({ id, time }) => `${id} ${time}`, maxLength: 60 }), fc.array(answer, { maxLength: 60 }), fc.integer({ min: 2, max: 5 }), (events, answers, partitions) => {
    const joined = (count: number, order: <T>(rows: T[]) => T[]) => {
      const joins = Array.from({ length: count }, () => new LabelJoin(HOUR));
      for (const { id, score, time } of order(events)) joins[partitionOf(prediction(`e${id}`, score / 100), count)]!.predict(prediction(`e${id}`, score / 100), time);
      for (const { id, value, at } of order(answers)) joins[partitionOf(label(`e${id}`, value), count)]!.label(label(`e${id}`, value), at);
      return [0, 1, 2].map((window) => joins.map((join) => windowQuality(join.rows(window * HOUR), join.predictions().get(window * HOUR) ?? 0)).reduce(addWindowQuality));
    };
    const counts = joined(1, (rows) => rows).map(({ predictions, labelled, positives, negatives, truePositives }) => ({ predictions, labelled, truePositives, positives: [...positives].join(), negatives: [...negatives].join() }));
    const others = joined(partitions, (rows) => [...rows].reverse()).map(({ predictions, labelled, positives, negatives, truePositives }) => ({ predictions, labelled, truePositives, positives: [...positives].join(), negatives: [...negatives].join() }));
    expect(others).toEqual(counts);
  }), { numRuns: 100 });
});

test('the table grows to its cap and says what to do beyond it', () => {
  const join = new LabelJoin(HOUR, 3000);
  for (let i = 0; i < 3000; i++) join.predict(prediction(`e${i}`, i), 0);
  for (let i = 0; i < 3000; i++) join.label(label(`e${i}`, i + 2), 0);
  expect(regressionFigures(windowQuality(join.rows(0), 3000))).toMatchObject({ mae: 2, mse: 4, labelCoverage: 1 });
  expect(() => join.predict(prediction('one more', 1), 0)).toThrow('a partition has more than 3000 predictions; join in more partitions');
});
