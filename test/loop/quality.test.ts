import { featuresLine, type Flight } from '../../bin/story/flights';
import { shortLoopAssembly } from './support/assembly';
import { COAST, flightsDuring } from './support/airline';
import { HOUR, Loop } from './support/loop';
import { approveAndRelease } from './support/steps/release';
import { destroyed } from './support/steps/destroyed';
import { newCandidate } from './support/steps/training';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

const ANSWERS_PER_HOUR = 240;
const REQUESTS_PER_HOUR = 4;
const MINUTES = 60_000;

interface Asked {
  readonly flight: Flight;
  readonly score: number;
}

describe('labels that come after the answers', () => {
  const assembly = shortLoopAssembly({
    quality: 'classification', qualityWindow: 'PT1H', labelDelay: 'PT24H', allowedDrop: '0.2', minimumLabels: '40',
    biasFeature: 'origin', biasValues: 'LGA', biasLimits: 'DPPL:0.1', favourableLabel: '0',
  });
  let loop: Loop;
  let outputs: Record<string, string>;
  /** What was answered, by the inference id of the request. */
  const answered = new Map<string, Asked[]>();

  beforeAll(async () => {
    loop = await Loop.deploy(assembly.directory);
    const { Stacks: [{ Outputs }] } = await loop.call('cloudformation', 'DescribeStacks', { StackName: loop.stackName });
    outputs = Object.fromEntries(Outputs.map(({ OutputKey, OutputValue }: any) => [OutputKey, OutputValue]));
    await loop.handInDays(7);
    await loop.markComplete();
    await approveAndRelease(loop, await newCandidate(loop, 0, 16 * 60));
    await loop.twin.clock.advanceTo(nextHour());
  }, 180_000);

  afterAll(async () => {
    await loop?.twin.stop();
    assembly.remove();
  });

  const nextHour = () => Math.floor(loop.now / HOUR) * HOUR + HOUR;
  const hourOf = (time: number) => new Date(time).toISOString().slice(0, 13);

  /** An hour of requests of many rows each, under ids that end with the hour; gives the hour. */
  async function ask(): Promise<string> {
    const hour = hourOf(loop.now);
    const flights = flightsDuring(loop.now, loop.now + HOUR, COAST, ANSWERS_PER_HOUR);
    const rows = ANSWERS_PER_HOUR / REQUESTS_PER_HOUR;
    for (let request = 0; request < REQUESTS_PER_HOUR; request++) {
      const asked = flights.slice(request * rows, (request + 1) * rows);
      const InferenceId = `${request} of ${hour}`;
      const { Body } = await loop.call('sagemaker', 'InvokeEndpoint', {
        EndpointName: loop.names.endpoint, ContentType: 'text/csv', Accept: 'text/csv', InferenceId, Body: Buffer.from(asked.map(featuresLine).join('\n')),
      });
      const scores = Buffer.from(Body).toString('utf8').trim().split('\n').map(Number);
      answered.set(InferenceId, asked.map((flight, i) => ({ flight, score: scores[i]! })));
      await loop.advance(1);
    }
    await loop.twin.clock.advanceTo(nextHour());
    return hour;
  }

  const ofHour = (hour: string) => [...answered].filter(([id]) => id.endsWith(hour));

  /** Uploads the labels of an hour now, as they became known. */
  async function label(hour: string, labelOf: (flight: Flight) => boolean = ({ late }) => late): Promise<void> {
    const [, bucket, prefix] = /^s3:\/\/([^/]+)\/(.*)$/.exec(outputs.GroundTruthUri!)!;
    const lines = ofHour(hour).map(([eventId, asked]) => JSON.stringify({
      groundTruthData: { data: asked.map(({ flight }) => Number(labelOf(flight))).join('\n'), encoding: 'CSV' }, eventMetadata: { eventId }, eventVersion: '0',
    }));
    await loop.account.upload(bucket!, `${prefix}${hourOf(loop.now).replace(/[-T]/g, '/')}/${hour}.jsonl`, lines.join('\n'));
  }

  /** Past the measurement of this hour. */
  async function measured(): Promise<void> {
    await loop.twin.clock.advanceTo(Math.floor(loop.now / HOUR) * HOUR + 30 * MINUTES);
  }

  const folder = () => `monitoring/${outputs.QualityMonitorName}/quality/`;
  const read = (key: string) => loop.account.readJson(loop.names.artifactsBucket, key);
  const latest = () => read(`${folder()}latest.json`);
  async function windowKey(hour: string): Promise<string> {
    return (await loop.account.keys(loop.names.artifactsBucket, folder())).find((key) => key.endsWith(`/${hour}.json`))!;
  }
  const window = async (hour: string) => read(await windowKey(hour));
  async function written(hour: string): Promise<number> {
    const { LastModified } = await loop.call('s3', 'HeadObject', { Bucket: loop.names.artifactsBucket, Key: await windowKey(hour) });
    return LastModified.getTime();
  }
  async function figures(name: string): Promise<number[]> {
    const { Datapoints } = await loop.call('monitoring', 'GetMetricStatistics', {
      Namespace: 'CdkMlops', MetricName: name, Statistics: ['Maximum'], Period: 3600, StartTime: new Date(loop.now - 10 * HOUR), EndTime: new Date(loop.now),
      Dimensions: [{ Name: 'Endpoint', Value: loop.names.endpoint }, { Name: 'Monitor', Value: outputs.QualityMonitorName }],
    });
    return Datapoints.map(({ Maximum }: any) => Maximum);
  }

  /** The chance that a late flight is ranked above one on time, pair by pair; and the share of right answers. */
  function independently(hour: string): { auc: number; accuracy: number } {
    const asked = ofHour(hour).flatMap(([, each]) => each);
    const [late, punctual] = [asked.filter(({ flight }) => flight.late), asked.filter(({ flight }) => !flight.late)];
    let above = 0;
    for (const one of late) for (const other of punctual) above += one.score > other.score ? 1 : one.score === other.score ? 0.5 : 0;
    return { auc: above / (late.length * punctual.length), accuracy: asked.filter(({ flight, score }) => (score >= 0.5) === flight.late).length / asked.length };
  }

  const hours: string[] = [];

  test('while nothing is labelled, quality is not known, and nobody says that it is fine', async () => {
    for (let hour = 0; hour < 2; hour++) {
      hours.push(await ask());
      await measured();
      expect(await latest()).toMatchObject({ state: 'insufficient', reason: expect.stringMatching(/^0 of 240 answers are labelled/) });
      await loop.twin.clock.advanceTo(nextHour());
    }
    expect(await figures('QualityDrift')).toEqual([]);
    expect(await figures('QualityInsufficient')).toEqual(expect.arrayContaining([1]));
    expect(await loop.account.alarmState(outputs.QualityAlarmName!)).toBe('INSUFFICIENT_DATA');
  }, 60_000);

  test('groups are compared all the same, and their alarm rings', async () => {
    const { bias: [{ tally, measures }] } = await window(hours[1]!);
    const share = (isLga: boolean) => {
      const group = ofHour(hours[1]!).flatMap(([, each]) => each).filter(({ flight }) => (flight.origin === 'LGA') === isLga);
      return { answers: group.length, punctual: group.filter(({ score }) => score < 0.5).length / group.length };
    };
    expect([tally.advantaged.answers, tally.disadvantaged.answers]).toEqual([share(false).answers, share(true).answers]);
    expect(measures.DPPL).toBeCloseTo(share(false).punctual - share(true).punctual, 10);
    const [newest] = (await figures('BiasExceeded')).slice(-1);
    expect(newest).toBeCloseTo(measures.DPPL / 0.1, 6);
    const bias = (await loop.account.alarms()).filter(({ AlarmName }) => /QualityBias/.test(AlarmName));
    expect(bias.map(({ StateValue }) => StateValue)).toEqual(['ALARM']);
  });

  test('late labels measure the window of their answers, and no other', async () => {
    const before = await written(hours[1]!);
    await label(hours[0]!);
    await measured();
    const one = await window(hours[0]!);
    const { auc, accuracy } = independently(hours[0]!);
    expect(one).toMatchObject({ state: 'ok', labelled: 240, predictions: 240, figures: { labelCoverage: 1 } });
    expect(one.figures.accuracy).toBeCloseTo(accuracy, 10);
    expect(one.figures.auc.lower).toBeLessThanOrEqual(auc);
    expect(one.figures.auc.upper).toBeGreaterThanOrEqual(auc);
    expect(one.bounds.value).toBeCloseTo(auc, 2);
    expect(await window(hours[1]!)).toMatchObject({ state: 'insufficient', labelled: 0 });
    expect(await written(hours[1]!)).toBe(before);
    expect(await latest()).toMatchObject({ state: 'ok', window: `${hours[0]}:00:00.000Z`, labels: { read: 240, withoutAnswer: 0, rejectedLines: 0 } });
    expect((await figures('QualityDrift')).at(-1)).toBe(0);
    await loop.twin.clock.advanceTo(nextHour());
  }, 60_000);

  test('labels that prove the answers wrong ring the alarm', async () => {
    const since = loop.now;
    for (let hour = 0; hour < 3; hour++) {
      const asked = await ask();
      await label(asked, ({ late }) => !late);
      await measured();
      expect(await window(asked)).toMatchObject({ state: 'degraded' });
      await loop.twin.clock.advanceTo(nextHour());
    }
    expect(await loop.account.alarmState(outputs.QualityAlarmName!)).toBe('ALARM');
    expect(loop.mails(since).map(({ text }) => text)).toEqual(expect.arrayContaining([expect.stringContaining(`ALARM: "${outputs.QualityAlarmName}"`)]));
  }, 60_000);

  test('what is joined lies with captured traffic, under the key, and holds no id', async () => {
    const [, bucket] = /^s3:\/\/([^/]+)\//.exec(outputs.GroundTruthUri!)!;
    const keys = await loop.account.keys(bucket!, 'ground-truth');
    expect(keys.filter((key) => key.startsWith('ground-truth-join/')).length).toBeGreaterThan(5);
    for (const Key of keys) expect(await loop.call('s3', 'HeadObject', { Bucket: bucket, Key })).toMatchObject({ ServerSideEncryption: 'aws:kms' });
    for (const key of keys.filter((each) => each.startsWith('ground-truth-join/'))) {
      const { Body } = await loop.call('s3', 'GetObject', { Bucket: bucket, Key: key });
      expect(Buffer.from(Body).includes(hours[0]!)).toBe(false);
    }
  });

  test('nothing was refused or failed on the way, and nothing is left at the end', async () => {
    const beating = (await loop.account.alarms()).filter(({ AlarmName }) => /QualityHeartbeat/.test(AlarmName));
    expect(beating.map(({ StateValue }) => StateValue)).toEqual(['OK']);
    const refused = loop.twin.record.filter(({ error }) => /AccessDenied/.test(error ?? ''));
    expect(refused).toEqual([]);
    await destroyed(loop);
  }, 60_000);
});
