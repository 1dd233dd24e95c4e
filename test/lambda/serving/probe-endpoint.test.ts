import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CodePipelineClient } from '@aws-sdk/client-codepipeline';
import { S3Client } from '@aws-sdk/client-s3';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { ModelError, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { handler } from '../../../lambda/serving/probe-endpoint';
import { PACKAGE_METADATA } from '../../../lib/training/register-candidate.contract';
import { context, pipelineJob } from '../delivery/support';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

process.env.ARTIFACTS_BUCKET = 'artifacts';
const MINUTE = 60_000;
const PARAMETERS = { endpointName: 'flights', packageArn: 'package', bakeSeconds: 300, maximumLatencyMilliseconds: 5_000 };

afterEach(() => { jest.restoreAllMocks(); jest.useRealTimers(); });
beforeEach(() => { jest.useFakeTimers({ now: 0 }); });

interface Surroundings {
  /** What an endpoint answers to one row, or the error; called for every row. */
  readonly answer?: (row: string) => string | Error;
  readonly milliseconds?: number;
  readonly attempts?: number;
  /** Of alarms that are not OK; `undefined`: there is none of that name. */
  readonly states?: Readonly<Record<string, string | undefined>>;
  /** What serves; `undefined`: there is no endpoint. */
  readonly config?: string;
}

/** One look; what CodePipeline was told, and the rows that were asked. */
async function look(around: Surroundings, continuationToken?: string) {
  const { answer = () => '0.5', milliseconds = 20, attempts = 1, states = {} } = around;
  const config = 'config' in around ? around.config : 'flights-new';
  const rows: string[] = [];
  let report: any;
  jest.spyOn(SageMakerClient.prototype, 'send').mockImplementation(async (command: any) => {
    if (command.constructor.name !== 'DescribeEndpointCommand') return { CustomerMetadataProperties: { [PACKAGE_METADATA.probeUri]: 's3://artifacts/probe.csv' } } as never;
    if (config === undefined) throw Object.assign(new Error('Could not find endpoint "flights".'), { name: 'ValidationException' });
    return { EndpointConfigName: config } as never;
  });
  jest.spyOn(S3Client.prototype, 'send').mockImplementation(async () => ({ Body: { transformToByteArray: async () => Buffer.from('1,2\n3,4\n') } }) as never);
  jest.spyOn(CloudWatchClient.prototype, 'send').mockImplementation(async (command: any) => ({
    MetricAlarms: command.input.AlarmNames.filter((name: string) => !(name in states) || states[name] !== undefined)
      .map((AlarmName: string) => ({ AlarmName, StateValue: states[AlarmName] ?? 'OK', StateReason: '0.4 was greater than 0.05' })),
  }) as never);
  jest.spyOn(CodePipelineClient.prototype, 'send').mockImplementation(async (command: any) => { report = command.input; return {} as never; });
  jest.spyOn(SageMakerRuntimeClient.prototype, 'send').mockImplementation(async (command: any) => {
    const row = Buffer.from(command.input.Body).toString();
    rows.push(row);
    jest.setSystemTime(Date.now() + milliseconds);
    const given = answer(row);
    if (given instanceof Error) throw given;
    return { Body: Buffer.from(given), $metadata: { attempts } } as never;
  });
  const job = pipelineJob(PARAMETERS);
  if (continuationToken !== undefined) job['CodePipeline.job'].data.continuationToken = continuationToken;
  await handler(job, context);
  return { report, rows };
}

const failureOf = (report: any): string | undefined => report.failureDetails?.message;

test('asks every row once, bakes for as long as it is told, and succeeds', async () => {
  const first = await look({});
  expect(first.rows).toEqual(['1,2', '3,4']);
  jest.setSystemTime(4 * MINUTE);
  const second = await look({}, first.report.continuationToken);
  expect(second.rows).toEqual([]);
  jest.setSystemTime(6 * MINUTE);
  const { report } = await look({}, second.report.continuationToken);
  expect(report).toMatchObject({ executionDetails: { summary: 'endpoint flights answers, and no alarm of the release fired while it was watched' } });
  expect(report.continuationToken).toBeUndefined();
});

describe('a release fails', () => {
  test.each<[string, Surroundings, string]>([
    ['whose model answers with an error', { answer: () => new ModelError({ message: 'Received server error (500)', $metadata: { httpStatusCode: 424 } }) },
      'endpoint flights does not answer a probe: ModelError: Received server error (500); reject the package in the registry to release the one before it'],
    ['whose model answers no numbers', { answer: (row) => `sorry, ${row}` }, 'endpoint flights answered a probe with something other than numbers as CSV; reject the package in the registry to release the one before it'],
    ['that is slow', { milliseconds: 5_001 }, 'endpoint flights took 5001 ms for a probe, at most 5000 ms are allowed; reject the package in the registry to release the one before it'],
    ['whose own alarms fire', { states: { 'flights-new-errors': 'ALARM' } },
      'alarms of the release fired: flights-new-errors (0.4 was greater than 0.05); reject the package in the registry to release the one before it'],
    ['whose alarms are gone', { states: { 'flights-new-latency': undefined } },
      'there is no alarm flights-new-latency to watch the release by; start the release pipeline to make it again'],
    ['whose endpoint is gone', { config: undefined }, 'endpoint flights is gone; start the release pipeline to make it again'],
  ])('%s', async (_, around, reason) => {
    expect(failureOf((await look(around)).report)).toBe(reason);
  });
});

describe('a release does not fail', () => {
  const throttled = Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException', $metadata: { httpStatusCode: 400 } });

  test('by a probe that was throttled: all rows are asked again later', async () => {
    const first = await look({ answer: (row) => (row === '3,4' ? throttled : '0.5') });
    expect(failureOf(first.report)).toBeUndefined();
    const second = await look({}, first.report.continuationToken);
    expect(second.rows).toEqual(['1,2', '3,4']);
    expect(second.report.executionDetails.summary).toMatch(/^watched until /);
  });

  test('by alarms of the fleet before, or of the endpoint as a whole', async () => {
    const states = { 'flights-old-errors': 'ALARM', 'EndpointAlarmsModelErrors': 'ALARM', 'EndpointAlarmsCpu': 'ALARM' };
    expect(failureOf((await look({ states })).report)).toBeUndefined();
  });

  test('by the time that the retries of the SDK took', async () => {
    expect(failureOf((await look({ milliseconds: 6_000, attempts: 2 })).report)).toBeUndefined();
  });
});
