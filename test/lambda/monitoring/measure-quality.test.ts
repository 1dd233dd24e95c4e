import * as s3Module from '@aws-sdk/client-s3';
import * as sagemakerModule from '@aws-sdk/client-sagemaker';
import { Logger } from '@aws-lambda-powertools/logger';
import { answerLines, labelLines, serializeBaseline } from '../../../lambda/core';
import type { handler } from '../../../lambda/monitoring/measure-quality';
import { joinWindows } from '../../../lambda/monitoring/quality/join-windows';
import { keepRows } from '../../../lambda/monitoring/quality/row-files';
import { openWindows } from '../../../lambda/monitoring/quality/windows';
import type { MeasureQualityResult, MeasurementRules } from '../../../lib/monitoring/quality-monitor.contract';
import { baselineOf } from '../core/support';
import { FakeWorld, packageArn } from './quality-support';

// A handler that is loaded anew asks the same clients, which the test answers.
jest.doMock('@aws-sdk/client-s3', () => s3Module);
jest.doMock('@aws-sdk/client-sagemaker', () => sagemakerModule);

const RULES: MeasurementRules = {
  task: 'binary-classification', metric: 'accuracy', windowHours: 1, labelDelayHours: 24, allowedDrop: 0.1, minimumLabels: 40, minimumCoverage: 0, threshold: 0.5, facets: [], favourableLabel: 1,
};

let world: FakeWorld;
beforeEach(() => { world = new FakeWorld(); });
afterEach(() => { jest.restoreAllMocks(); });

/** The handler as a fresh function has it. */
async function measure(at: string, rules: Partial<MeasurementRules> = {}): Promise<MeasureQualityResult> {
  Object.assign(process.env, {
    MONITOR_NAME: 'quality', ENDPOINT_NAME: 'flights', CAPTURE_BUCKET: 'captured', ARTIFACTS_BUCKET: 'artifacts', METRIC_NAMESPACE: 'CdkMlops', RULES: JSON.stringify({ ...RULES, ...rules }),
  });
  let fresh: typeof handler | undefined;
  jest.isolateModules(() => { fresh = require('../../../lambda/monitoring/measure-quality').handler; });
  world.calls = [];
  return fresh!({ scheduledAt: at }, {} as never);
}

const folder = (hour: string) => hour.replace(/[-T]/g, '/');
const capture = (hour: string, answers: Array<{ id: string; score: number; input?: string; minute?: number }>, name = 'a') => {
  world.put('captured', `capture/flights/main/${folder(hour)}/${name}.jsonl`, answers.map(({ id, score, input = 'BOS,5', minute = 1 }) => JSON.stringify({
    captureData: {
      endpointInput: { observedContentType: 'text/csv', mode: 'INPUT', data: input, encoding: 'CSV' },
      endpointOutput: { observedContentType: 'text/csv', mode: 'OUTPUT', data: `${score}\n`, encoding: 'CSV' },
    },
    eventMetadata: { eventId: `event of ${id}`, inferenceId: id, inferenceTime: `${hour}:${String(minute).padStart(2, '0')}:00Z` }, eventVersion: '0',
  })).join('\n'));
};
const label = (collected: string, labels: Record<string, number | string>, name = 'labels') => {
  world.put('captured', `ground-truth/flights/${folder(collected)}/${name}.jsonl`, Object.entries(labels).map(([id, data]) => (
    JSON.stringify({ groundTruthData: { data: String(data), encoding: 'CSV' }, eventMetadata: { eventId: id }, eventVersion: '0' }))).join('\n'));
};
const registered = (accuracy: number | undefined, version = 1) => {
  world.put('artifacts', `runs/${version}/evaluation.json`, JSON.stringify({ metrics: { ...(accuracy !== undefined && { accuracy: { value: accuracy, standard_deviation: 0.01 } }), auc: 0.7 }, rows: 1000 }));
};
/** So many answers of an hour, all saying yes, of which the first ones are right. */
const hourOfAnswers = (hour: string, count: number, right: number): Record<string, number> => {
  const ids = Array.from({ length: count }, (_, i) => `${hour} ${i}`);
  capture(hour, ids.map((id) => ({ id, score: 0.9 })));
  return Object.fromEntries(ids.map((id, i) => [id, Number(i < right)]));
};
const window = (start: string, version = 1) => world.json('artifacts', `monitoring/quality/quality/model-${version}/${start}.json`);
const latest = () => world.json('artifacts', 'monitoring/quality/quality/latest.json');
const windowsWritten = () => world.keys('PutObject', '/model-').map((key) => key.split('/').at(-1)!.replace('.json', ''));

const [ONE, TWO, THREE] = ['2001-02-01T01', '2001-02-01T02', '2001-02-01T03'];

test('never labelled answers are insufficient, at every look, and no figure says otherwise', async () => {
  registered(0.9);
  hourOfAnswers(ONE, 100, 0);
  for (const at of ['2001-02-01T02:25:00Z', '2001-02-01T12:25:00Z']) {
    expect((await measure(at)).state).toBe('insufficient');
    expect(world.metrics.at(-1)).toEqual(expect.objectContaining({ ScansCompleted: 1, QualityInsufficient: 1 }));
    expect(world.metrics.at(-1)).not.toHaveProperty('QualityDrift');
    expect(world.metrics.at(-1)).not.toHaveProperty('Accuracy');
  }
  expect(window(ONE)).toMatchObject({ state: 'insufficient', predictions: 100, labelled: 0 });
});

test('labels give figures; a drop that is more than allowed, and more than chance, is degraded', async () => {
  registered(0.9);
  const labels = { ...hourOfAnswers(ONE, 200, 180), ...hourOfAnswers(TWO, 200, 100) };
  label(THREE, labels);
  expect((await measure('2001-02-01T02:25:00Z')).state).toBe('insufficient');
  const { state } = await measure('2001-02-01T03:25:00Z');
  expect(window(ONE)).toMatchObject({ state: 'ok', figures: { accuracy: 0.9, labelCoverage: 1 }, packageArn: packageArn(1) });
  expect(window(TWO)).toMatchObject({ state: 'degraded', figures: { accuracy: 0.5 }, registered: 0.9 });
  // The newest window that has labels is the one that is judged.
  expect([state, latest().window]).toEqual(['degraded', `${TWO}:00:00.000Z`]);
  const { QualityDrift, ...figures } = world.metrics.at(-1)!;
  expect(QualityDrift).toBeGreaterThan(2.5);
  expect(QualityDrift).toBeLessThan(4);
  expect(figures).toMatchObject({ Accuracy: 0.5, Recall: 1, Precision: 0.5, LabelCoverage: 1, QualityInsufficient: 0 });
});

test('a newer window that cannot be judged yet hides none that is degraded', async () => {
  registered(0.9);
  // Of the newer one so few are labelled that chance may explain the drop.
  label(THREE, { ...hourOfAnswers(ONE, 200, 100), ...Object.fromEntries(Object.entries(hourOfAnswers(TWO, 200, 33)).slice(0, 42)) });
  const { state } = await measure('2001-02-01T03:25:00Z');
  expect(window(TWO)).toMatchObject({ state: 'insufficient', labelled: 42, reason: expect.stringContaining('cannot tell') });
  expect([state, latest().window]).toEqual(['degraded', `${ONE}:00:00.000Z`]);
  expect(world.metrics.at(-1)).toMatchObject({ Accuracy: 0.5, QualityInsufficient: 0, QualityDrift: expect.any(Number) });
});

test('a number too large to be squared is neither fine nor the end of all metrics', async () => {
  registered(undefined);
  const ids = Array.from({ length: 100 }, (_, i) => `n${i}`);
  world.put('artifacts', 'runs/1/evaluation.json', JSON.stringify({ metrics: { rmse: { value: 1 } }, rows: 1000 }));
  capture(ONE, ids.map((id) => ({ id, score: 1 })));
  label(TWO, Object.fromEntries(ids.map((id, i) => [id, i === 7 ? '1e200' : 1])));
  expect((await measure('2001-02-01T03:25:00Z', { task: 'regression', metric: 'rmse' })).state).toBe('insufficient');
  expect(latest().reason).toMatch(/rmse cannot be computed: an answer or a label is so large/);
  expect(world.metrics.at(-1)).toMatchObject({ ScansCompleted: 1, QualityInsufficient: 1 });
  for (const value of Object.values(world.metrics.at(-1)!)) expect(Number.isFinite(value)).toBe(true);
});

test('a late label changes its own window, and nothing is read or written twice', async () => {
  registered(0.9);
  const [one, two] = [hourOfAnswers(ONE, 100, 90), hourOfAnswers(TWO, 100, 90)];
  label(THREE, two);
  expect((await measure('2001-02-01T03:25:00Z')).measured).toEqual([ONE, TWO]);
  expect((await measure('2001-02-01T04:25:00Z')).measured).toEqual([]);
  expect(world.keys('GetObject', 'capture/')).toEqual([]);
  const { [`${ONE} 0`]: _, ...most } = one;
  label('2001-02-01T09', most);
  expect((await measure('2001-02-01T09:25:00Z')).measured).toContain(ONE);
  expect(windowsWritten()).not.toContain(TWO);
  expect(window(ONE)).toMatchObject({ state: 'ok', labelled: 99 });
  expect(world.keys('GetObject', 'capture/')).toEqual([]);
  expect(world.keys('GetObject', 'ground-truth/')).toHaveLength(1);
  // Again without anything new: only the note of the last look is written.
  expect((await measure('2001-02-01T09:25:00Z')).measured).toEqual([]);
  expect(world.keys('PutObject')).toEqual(['monitoring/quality/quality/latest.json']);
});

test('a file of captured traffic that comes late is counted in, and no answer twice', async () => {
  registered(0.9);
  const labels = hourOfAnswers(ONE, 50, 45);
  label(THREE, labels);
  await measure('2001-02-01T02:25:00Z');
  capture(ONE, [{ id: 'late', score: 0.9 }, { id: `${ONE} 0`, score: 0.1, minute: 59 }], 'b');
  await measure('2001-02-01T03:25:00Z');
  // Of two answers under one id the earlier one counts.
  expect(window(ONE)).toMatchObject({ predictions: 51, labelled: 50, figures: { accuracy: 0.9 } });
});

test('a corrected label takes the place of the one before; one that comes after the delay changes nothing', async () => {
  registered(0.9);
  label(TWO, hourOfAnswers(ONE, 50, 50));
  await measure('2001-02-01T03:25:00Z');
  label(THREE, { [`${ONE} 0`]: 0 });
  await measure('2001-02-01T04:25:00Z');
  expect(window(ONE).figures.accuracy).toBeCloseTo(0.98);
  label('2001-02-02T05', { [`${ONE} 1`]: 0 });
  await measure('2001-02-02T05:25:00Z');
  expect(window(ONE).figures.accuracy).toBeCloseTo(0.98);
});

test('a file of labels that is written anew under its name is read anew', async () => {
  registered(0.9);
  const labels = hourOfAnswers(ONE, 50, 50);
  label(TWO, labels);
  await measure('2001-02-01T03:25:00Z');
  label(TWO, { ...labels, [`${ONE} 0`]: 0 });
  await measure('2001-02-01T04:25:00Z');
  expect(window(ONE).figures.accuracy).toBeCloseTo(0.98);
});

test('answers before a release are another model\'s', async () => {
  registered(0.9, 1);
  registered(0.6, 2);
  const ids = Array.from({ length: 100 }, (_, i) => `r${i}`);
  capture(ONE, ids.map((id, i) => ({ id, score: 0.9, minute: i < 60 ? 1 : 40 })));
  label(TWO, Object.fromEntries(ids.map((id, i) => [id, Number(i >= 60)])));
  await measure('2001-02-01T02:25:00Z');
  expect(window(ONE, 1)).toMatchObject({ state: 'degraded', predictions: 100 });
  world.live = { version: 2, since: new Date('2001-02-01T01:30:00Z') };
  await measure('2001-02-01T03:25:00Z');
  expect(window(ONE, 2)).toMatchObject({ state: 'ok', predictions: 40, figures: { accuracy: 1 }, packageArn: packageArn(2) });
  // What the model before was like stays on record.
  expect(window(ONE, 1)).toMatchObject({ state: 'degraded', packageArn: packageArn(1) });
});

test('labels that cannot be read, or that belong to no answer, are counted and named', async () => {
  registered(0.9);
  label(TWO, { ...hourOfAnswers(ONE, 50, 45), 'nobody asked': 1, 'unclear': 'perhaps' });
  await measure('2001-02-01T03:25:00Z');
  expect(latest()).toMatchObject({ labels: { read: 51, withoutAnswer: 1, rejectedLines: 1 }, answers: { read: 50, rejectedLines: 0 } });
});

test('a model registered without the metric is measured, but not judged', async () => {
  registered(undefined);
  label(TWO, hourOfAnswers(ONE, 50, 45));
  expect((await measure('2001-02-01T03:25:00Z')).state).toBe('insufficient');
  expect(latest().reason).toMatch(/registered without accuracy/);
  expect(world.metrics.at(-1)).toMatchObject({ Accuracy: 0.9, QualityInsufficient: 1 });
});

test('without an endpoint the monitor is alive and says why it measures nothing', async () => {
  world.live = undefined;
  expect((await measure('2001-02-01T03:25:00Z')).state).toBe('insufficient');
  expect(world.metrics).toEqual([{ ScansCompleted: 1, QualityInsufficient: 1 }]);
  expect(latest().reason).toMatch(/does not serve a registered model yet/);
});

test.each([
  ['before the last part of an hour\'s rows is there', /ground-truth-join.*-last/], ['between two windows', new RegExp(`model-1/${TWO}`)], ['before it could tell', /latest/],
])('a turn that broke off %s is made up for by the next', async (_, failing) => {
  registered(0.9);
  label(THREE, { ...hourOfAnswers(ONE, 300, 270), ...hourOfAnswers(TWO, 300, 270) });
  world.failing = failing;
  await expect(measure('2001-02-01T03:25:00Z')).rejects.toThrow('slow down');
  // Silence is what the heartbeat hears.
  expect(world.metrics).toEqual([]);
  world.failing = undefined;
  expect((await measure('2001-02-01T03:25:00Z')).state).toBe('ok');
  for (const start of [ONE, TWO]) expect(window(start)).toMatchObject({ predictions: 300, labelled: 300, figures: { accuracy: 0.9 } });
});

test('an event without a time is refused, and nothing is reported', async () => {
  await expect(measure('now')).rejects.toThrow('the event\'s scheduledAt is "now"; give the time of the measurement, ISO 8601');
  expect(world.metrics).toEqual([]);
});

test('a regression is held against its error', async () => {
  world.put('artifacts', 'runs/1/evaluation.json', JSON.stringify({ metrics: { rmse: { value: 1, standard_deviation: 0.01 } }, rows: 1000 }));
  const ids = Array.from({ length: 100 }, (_, i) => `r${i}`);
  capture(ONE, ids.map((id, i) => ({ id, score: i })));
  label(TWO, Object.fromEntries(ids.map((id, i) => [id, i + (i % 2 ? 1.5 : -1.5)])));
  expect((await measure('2001-02-01T03:25:00Z', { task: 'regression', metric: 'rmse', allowedDrop: 0.2 })).state).toBe('degraded');
  expect(world.metrics.at(-1)).toMatchObject({ RootMeanSquareError: 1.5, MeanAbsoluteError: 1.5, QualityDrift: expect.closeTo(2.4, 1) });
  expect(world.metrics.at(-1)).not.toHaveProperty('Accuracy');
});

describe('groups', () => {
  const facets = [{ feature: 'origin', values: ['BOS'], limits: { DPPL: 0.1, AD: 0.2 } }];
  const statistics = async () => serializeBaseline(await baselineOf('origin,distance\nBOS,1\nPHL,2\nBOS,3\nPHL,4\n')).statistics;
  /** Of those from PHL all get a yes, of those from BOS every other. */
  const answers = Array.from({ length: 100 }, (_, i) => ({ id: `g${i}`, score: i < 50 || i % 2 === 0 ? 0.9 : 0.1, input: `${i < 50 ? 'PHL' : 'BOS'},5` }));

  test('are compared by their answers before there are labels, and by the model\'s errors once there are', async () => {
    registered(0.9);
    world.put('artifacts', 'runs/1/statistics.json', await statistics());
    capture(ONE, answers);
    await measure('2001-02-01T02:25:00Z', { facets: [{ ...facets[0]!, limits: { DPPL: 0.1 } }] });
    expect(world.metrics.at(-1)).toMatchObject({ BiasExceeded: expect.closeTo(5), QualityInsufficient: 1 });
    // A limit on errors is not known until there are labels, and said so.
    await measure('2001-02-01T02:25:00Z', { facets: [{ ...facets[0]!, limits: { AD: 0.2 } }] });
    expect(world.metrics.at(-1)).not.toHaveProperty('BiasExceeded');
    expect(latest().bias).toEqual({ untold: [{ feature: 'origin', measure: 'AD' }] });
    label(TWO, Object.fromEntries(answers.map(({ id }) => [id, 1])));
    await measure('2001-02-01T03:25:00Z', { facets });
    const [bias] = window(ONE).bias;
    expect(bias.measures).toMatchObject({ DPPL: expect.closeTo(0.5), AD: expect.closeTo(0.5), CI: 0, DI: expect.closeTo(0.5) });
    expect(world.metrics.at(-1)).toMatchObject({ BiasExceeded: expect.closeTo(5) });
  });

  test('of which one is always too small hide no others', async () => {
    registered(0.9);
    world.put('artifacts', 'runs/1/statistics.json', await statistics());
    capture(ONE, answers);
    await measure('2001-02-01T02:25:00Z', { facets: [{ ...facets[0]!, limits: { DPPL: 0.1 } }, { feature: 'distance', values: ['9'], limits: { DPPL: 0.1 } }] });
    expect(world.metrics.at(-1)).toMatchObject({ BiasExceeded: expect.closeTo(5) });
    expect(latest().bias).toEqual({
      worst: { window: `${ONE}:00:00.000Z`, feature: 'origin', measure: 'DPPL', multiple: expect.closeTo(5) }, untold: [{ feature: 'distance', measure: 'DPPL' }],
    });
  });

  test('told by a feature the model has not, stop the monitor with a word about it', async () => {
    registered(0.9);
    world.put('artifacts', 'runs/1/statistics.json', await statistics());
    capture(ONE, answers);
    await expect(measure('2001-02-01T02:25:00Z', { facets: [{ ...facets[0]!, feature: 'sex' }] })).rejects.toThrow('the model has no feature \'sex\' to tell groups by, only origin, distance');
  });
});

test('of an hour kept in several files none may be missing', async () => {
  label(TWO, Object.fromEntries(Array.from({ length: 25 }, (_, i) => [`p${i}`, i % 2])));
  const options = { s3: new s3Module.S3Client(), bucket: 'captured', layout: undefined, logger: new Logger(), source: 'ground-truth/flights/', folder: 'l/', rowsOf: () => labelLines(0), rowsPerFile: 10 };
  const first = await keepRows(options, [TWO]);
  expect([first.rows, first.keys.length]).toEqual([25, 3]);
  world.calls = [];
  expect(await keepRows(options, [TWO])).toEqual(first);
  expect(world.keys('GetObject')).toEqual([]);
  world.objects.delete(`captured/${first.keys[1]}`);
  expect(await keepRows(options, [TWO])).toEqual(first);
  expect(world.keys('GetObject')).toHaveLength(1);
});

test('in parts or at once, the same windows come out', async () => {
  const ids = Array.from({ length: 500 }, (_, i) => `p${i}`);
  capture(ONE, ids.map((id, i) => ({ id, score: (i % 10) / 10 })));
  label(TWO, Object.fromEntries(ids.map((id, i) => [id, i % 2])));
  const s3 = new s3Module.S3Client();
  const own = { s3, bucket: 'captured', layout: undefined, logger: new Logger() };
  const windows = openWindows(Date.parse('2001-02-01T03:25:00Z'), 0, { windowHours: 1, labelDelayHours: 24 });
  const answers = await keepRows({ ...own, source: 'capture/flights/main/', folder: 'a/', rowsOf: () => answerLines() }, windows.answerHours);
  const labels = await keepRows({ ...own, source: 'ground-truth/flights/', folder: 'l/', rowsOf: () => labelLines(0) }, windows.labelHours);
  const joined = (atOnce: number) => joinWindows({ s3, bucket: 'captured', answers, labels, windows, since: 0, facets: 0, threshold: 0.5 }, atOnce);
  const [whole, parts] = [await joined(1e6), await joined(60)];
  const shown = ({ counts }: typeof whole) => [...counts].map(([start, { quality: { scores: _, regression: __, ...counted } }]) => [start, counted]);
  expect(shown(parts)).toEqual(shown(whole));
  expect(parts.counts.get(Date.parse('2001-02-01T01:00:00Z'))!.quality.labelled).toBe(500);
});

describe('open windows', () => {
  const rules = { windowHours: 6, labelDelayHours: 24 };
  const starts = (now: string, since: string, own = rules) => openWindows(Date.parse(now), Date.parse(since), own).starts.map((start) => new Date(start).toISOString().slice(0, 13));

  test('have ended, still take labels, and hold answers of the model', () => {
    expect(starts('2001-02-03T12:25:00Z', '2001-01-01T00:00:00Z')).toEqual(['2001-02-02T12', '2001-02-02T18', '2001-02-03T00', '2001-02-03T06']);
    expect(starts('2001-02-03T12:25:00Z', '2001-02-03T07:00:00Z')).toEqual(['2001-02-03T06']);
    expect(starts('2001-02-03T12:25:00Z', '2001-02-03T12:01:00Z')).toEqual([]);
  });

  test('labels of the running hour count, answers of the running window do not', () => {
    const open = openWindows(Date.parse('2001-02-03T13:25:00Z'), Date.parse('2001-02-03T07:00:00Z'), rules);
    expect([open.answerHours[0], open.answerHours.at(-1)]).toEqual(['2001-02-03T06', '2001-02-03T11']);
    expect([open.labelHours[0], open.labelHours.at(-1)]).toEqual(['2001-02-03T06', '2001-02-03T13']);
    expect(openWindows(0, 1, rules)).toMatchObject({ answerHours: [], labelHours: [] });
  });
});
