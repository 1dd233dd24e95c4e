import {
  FailureType, InvalidJobStateException, JobNotFoundException, PutJobFailureResultCommand, PutJobSuccessResultCommand, type CodePipelineClient,
} from '@aws-sdk/client-codepipeline';
import type { Logger } from '@aws-lambda-powertools/logger';
import type { CodePipelineEvent, Context } from 'aws-lambda';
import { JobFailure, pipelineJobHandler, type JobOutcome, type PipelineJob } from '../../../lambda/adapters/pipeline-job';

const MINUTE = 60_000;

interface Trial {
  readonly reports: unknown[];
  readonly logged: string;
}

interface Circumstances {
  readonly userParameters?: string;
  readonly continuationToken?: string;
  readonly remaining?: number;
  /** What a report is answered; `undefined` takes it. */
  readonly refuse?: (report: unknown) => Error | undefined;
}

/** One invocation, with what it reported and logged. */
async function run(work: (job: PipelineJob<unknown>) => Promise<JobOutcome<unknown>>, circumstances: Circumstances = {}): Promise<Trial> {
  const { userParameters = '{"stage":"Production"}', continuationToken, remaining = MINUTE, refuse } = circumstances;
  const reports: unknown[] = [];
  const lines: unknown[] = [];
  const log = (...entry: unknown[]) => { lines.push(entry); };
  const codepipeline = {
    send: async (command: PutJobSuccessResultCommand | PutJobFailureResultCommand) => {
      const report = { [command instanceof PutJobSuccessResultCommand ? 'success' : 'failure']: command.input };
      const refusal = refuse?.(report);
      if (refusal !== undefined) throw refusal;
      reports.push(report);
    },
  };
  const event = {
    'CodePipeline.job': {
      id: 'job-1', accountId: '123456789012',
      data: {
        actionConfiguration: { configuration: { FunctionName: 'deploy', UserParameters: userParameters } },
        inputArtifacts: [], outputArtifacts: [], continuationToken,
        artifactCredentials: { accessKeyId: 'AKIASECRET', secretAccessKey: 'hush', sessionToken: 'quiet' },
      },
    },
  } as unknown as CodePipelineEvent;
  const handler = pipelineJobHandler(codepipeline as unknown as CodePipelineClient, { info: log, warn: log, error: log } as unknown as Logger, work);
  await handler(event, { getRemainingTimeInMillis: () => remaining } as Context);
  return { reports, logged: JSON.stringify(lines) };
}

/** The token that the only report left. */
function tokenOf(reports: unknown[]): string {
  const [{ success }] = reports as [{ success: { continuationToken: string } }];
  return success.continuationToken;
}

/** What the look after that report is told. */
async function continuationAfter(reports: unknown[]): Promise<unknown> {
  let continuation: unknown;
  await run(async (job) => { ({ continuation } = job); return done; }, { continuationToken: tokenOf(reports) });
  return continuation;
}

const done: JobOutcome<never> = { status: 'succeeded', summary: 'served', outputs: { ConfigName: 'a' } };
const ended = (name: 'InvalidJobStateException' | 'JobNotFoundException') => (
  name === 'JobNotFoundException' ? new JobNotFoundException({ message: 'gone', $metadata: {} }) : new InvalidJobStateException({ message: 'over', $metadata: {} })
);

describe('reports', () => {
  test('success with its outputs', async () => {
    const { reports } = await run(async () => done);
    expect(reports).toEqual([{ success: { jobId: 'job-1', executionDetails: { summary: 'served' }, outputVariables: { ConfigName: 'a' } } }]);
  });

  test('progress with a token for the next look, and no outputs, which CodePipeline would refuse', async () => {
    const { reports } = await run(async () => ({ status: 'in-progress', summary: 'moving', continuation: { looks: 1 } }));
    expect(reports).toEqual([{ success: { jobId: 'job-1', executionDetails: { summary: 'moving' }, continuationToken: expect.any(String) } }]);
    expect(await continuationAfter(reports)).toEqual({ looks: 1 });
  });

  test.each<[string, unknown, FailureType, string]>([
    ['a failure with its kind', new JobFailure('set it right', FailureType.ConfigurationError), 'ConfigurationError', 'set it right'],
    ['a failure of the job', new JobFailure('mend the model'), 'JobFailed', 'mend the model'],
    ['any error', new TypeError('of its own'), 'JobFailed', 'of its own'],
    ['what is thrown and no error', 'a text', 'JobFailed', 'a text'],
    ['an error without words, since an empty message is refused', new Error(''), 'JobFailed', 'failed without a message'],
  ])('%s', async (_, thrown, type, message) => {
    const { reports } = await run(async () => { throw thrown; });
    expect(reports).toEqual([{ failure: { jobId: 'job-1', failureDetails: { type, message } } }]);
  });

  test('no more than CodePipeline takes', async () => {
    const [failed] = (await run(async () => { throw new Error('x'.repeat(6000)); })).reports as [{ failure: { failureDetails: { message: string } } }];
    expect(failed.failure.failureDetails.message).toHaveLength(5000);
    const [succeeded] = (await run(async () => ({ ...done, summary: 'x'.repeat(6000) }))).reports as [{ success: { executionDetails: { summary: string } } }];
    expect(succeeded.success.executionDetails.summary).toHaveLength(2048);
  });

  test('another look, a little before the function runs out of time', async () => {
    jest.useFakeTimers();
    try {
      let reports: unknown[] | undefined;
      const trial = run(() => new Promise(() => { /* never ends */ }), { remaining: MINUTE }).then((ran) => { reports = ran.reports; });
      await jest.advanceTimersByTimeAsync(MINUTE - 5_001);
      expect(reports).toBeUndefined();
      await jest.advanceTimersByTimeAsync(1);
      await trial;
      expect(reports).toMatchObject([{ success: { executionDetails: { summary: expect.stringContaining('the function ran out of time before its work was done') }, continuationToken: expect.any(String) } }]);
    } finally {
      jest.useRealTimers();
    }
  });

  test('nothing twice, when the work ends after its time', async () => {
    let end: (outcome: JobOutcome<unknown>) => void = () => undefined;
    const { reports } = await run(() => new Promise((resolve) => { end = resolve; }), { remaining: 0 });
    end(done);
    await new Promise(setImmediate);
    expect(reports).toHaveLength(1);
  });
});

describe('AWS that does not answer', () => {
  afterEach(() => { jest.useRealTimers(); });
  const silent = (more: object) => async () => { throw Object.assign(new Error('Rate exceeded'), more); };
  const throttled = silent({ name: 'ThrottlingException', $metadata: { httpStatusCode: 400 } });

  test.each<[string, object]>([
    ['throttles', { name: 'ThrottlingException', $metadata: { httpStatusCode: 400 } }],
    ['throttles by its status', { name: 'ModelNotReadyException', $metadata: { httpStatusCode: 429 } }],
    ['fails', { name: 'InternalFailure', $metadata: { httpStatusCode: 500 } }],
    ['is not there', { name: 'ServiceUnavailable', $metadata: { httpStatusCode: 503 } }],
    ['breaks the connection', { name: 'TimeoutError', code: 'ECONNRESET', $metadata: { attempts: 3 } }],
    ['cannot be found', { code: 'ENOTFOUND', $metadata: { attempts: 3 } }],
  ])('and %s is asked again, with what was known kept', async (_, error) => {
    const { reports } = await run(async () => ({ status: 'in-progress', summary: 'moving', continuation: { looks: 3 } }));
    const next = await run(silent(error), { continuationToken: tokenOf(reports) });
    expect(next.reports).toMatchObject([{ success: { executionDetails: { summary: 'AWS gave no answer (Rate exceeded), so another look is taken' } } }]);
    expect(await continuationAfter(next.reports)).toEqual({ looks: 3 });
  });

  test.each<[string, object]>([
    ['an answer of the model', { name: 'ModelError', $metadata: { httpStatusCode: 424 } }],
    ['a refusal', { name: 'ResourceLimitExceeded', $metadata: { httpStatusCode: 400 } }],
    ['a permission that is missing', { name: 'AccessDeniedException', $metadata: { httpStatusCode: 403 } }],
  ])('is told apart from %s', async (_, error) => {
    const { reports } = await run(silent(error));
    expect(reports).toEqual([{ failure: { jobId: 'job-1', failureDetails: { type: 'JobFailed', message: 'Rate exceeded' } } }]);
  });

  test('fails the action after half an hour on end, with what to do', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'setTimeout', 'clearTimeout'], now: 0 });
    let { reports } = await run(throttled);
    for (const minute of [10, 20, 29.9]) {
      jest.setSystemTime(minute * MINUTE);
      ({ reports } = await run(throttled, { continuationToken: tokenOf(reports) }));
    }
    jest.setSystemTime(30 * MINUTE);
    const last = await run(throttled, { continuationToken: tokenOf(reports) });
    expect(last.reports).toEqual([{ failure: { jobId: 'job-1', failureDetails: {
      type: 'JobFailed', message: 'no look was answered for 30 minutes (Rate exceeded); see the AWS Health Dashboard and the quotas of API calls, then retry the stage',
    } } }]);
  });

  test('is waited for anew after each look that was answered', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'setTimeout', 'clearTimeout'], now: 0 });
    const first = await run(throttled);
    jest.setSystemTime(20 * MINUTE);
    const answered = await run(async () => ({ status: 'in-progress', summary: 'moving', continuation: {} }), { continuationToken: tokenOf(first.reports) });
    jest.setSystemTime(40 * MINUTE);
    expect((await run(throttled, { continuationToken: tokenOf(answered.reports) })).reports).toMatchObject([{ success: { continuationToken: expect.any(String) } }]);
  });

  test('to a report leaves the look to be repeated by Lambda; it is no failure of the job', async () => {
    const lost = Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
    const failures: unknown[] = [];
    await expect(run(async () => done, { refuse: (report) => { if ('failure' in (report as object)) failures.push(report); return lost; } })).rejects.toBe(lost);
    expect(failures).toEqual([]);
  });
});

describe('a report that is not taken', () => {
  test.each(['InvalidJobStateException', 'JobNotFoundException'] as const)('of a job that has ended (%s) has nobody left to go to', async (name) => {
    const trial = await run(async () => done, { refuse: () => ended(name) });
    expect(trial.reports).toEqual([]);
    expect(trial.logged).toContain('nothing to report');
  });

  test('as a success is reported as a failure', async () => {
    const { reports } = await run(async () => done, { refuse: (report) => ('success' in (report as object) ? new Error('summary is too odd') : undefined) });
    expect(reports).toEqual([{ failure: { jobId: 'job-1', failureDetails: { type: 'JobFailed', message: 'summary is too odd' } } }]);
  });

  test('in any way is thrown, so that the failed function is seen', async () => {
    await expect(run(async () => done, { refuse: () => new Error('no way out') })).rejects.toThrow('no way out');
  });
});

describe('a job', () => {
  test('has its parameters, and the token of the look before', async () => {
    let seen: PipelineJob<unknown> | undefined;
    const { reports } = await run(async () => ({ status: 'in-progress', summary: 'moving', continuation: { looks: 3 } }));
    await run(async (job) => { seen = job; return done; }, { continuationToken: tokenOf(reports) });
    expect(seen).toMatchObject({ parameters: { stage: 'Production' }, continuation: { looks: 3 } });
  });

  test('begins without a token', async () => {
    let seen: PipelineJob<unknown> | undefined;
    await run(async (job) => { seen = job; return done; });
    expect(seen!.continuation).toBeUndefined();
  });

  test.each(['', 'stage=Production'])('whose parameters are %j is misconfigured', async (userParameters) => {
    const { reports } = await run(async () => done, { userParameters });
    expect(reports).toEqual([{ failure: { jobId: 'job-1', failureDetails: { type: 'ConfigurationError', message: 'UserParameters of the action are not JSON; deploy the stack again to restore them' } } }]);
  });

  test('whose artifact is missing is misconfigured', async () => {
    const { reports } = await run(async (job) => { await job.inputArtifact(); return done; });
    expect(reports).toEqual([{ failure: { jobId: 'job-1', failureDetails: { type: 'ConfigurationError', message: expect.stringMatching(/no input artifact; deploy the stack again/) } } }]);
  });

  test('leaves its credentials in no log', async () => {
    const trials = [await run(async () => done), await run(async () => { throw new Error('no'); }), await run(async () => done, { refuse: () => ended('JobNotFoundException') })];
    for (const { logged } of trials) expect(logged).not.toMatch(/AKIASECRET|hush|quiet/);
  });
});

test('what a stranger wrote reaches neither terminal nor console as it is, in summaries and failures alike', async () => {
  const attack = 'red \u001b[31m, back \u0008, reversed \u202e, hidden \u200b, a second\nline';
  const shown = 'red \\u001b[31m, back \\u0008, reversed \\u202e, hidden \\u200b, a second\\u000aline';
  const failed = await run(async () => { throw new JobFailure(attack); });
  expect(failed.reports).toMatchObject([{ failure: { failureDetails: { message: shown } } }]);
  const done = await run(async () => ({ status: 'succeeded', summary: attack }));
  expect(done.reports).toMatchObject([{ success: { executionDetails: { summary: shown } } }]);
});
