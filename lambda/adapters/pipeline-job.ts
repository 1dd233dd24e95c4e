import {
  CodePipelineClient, FailureType, InvalidJobStateException, JobNotFoundException, PutJobFailureResultCommand, PutJobSuccessResultCommand,
} from '@aws-sdk/client-codepipeline';
import { S3Client } from '@aws-sdk/client-s3';
import type { Logger } from '@aws-lambda-powertools/logger';
import type { CodePipelineEvent, Context } from 'aws-lambda';
import { printable } from '../core';
import type { Handler } from './lazy-handler';
import { readBytes } from './objects';
import { isTransient } from './transient';

/** One look at a job of CodePipeline's Lambda invoke action. The event itself holds credentials: it is never logged. */
export interface PipelineJob<C> {
  /** The action's UserParameters, parsed; the caller says what they are. */
  readonly parameters: unknown;
  /** What the last look left for this one. */
  readonly continuation: C | undefined;
  /** Bytes of the action's only input artifact, read with the job's own credentials. */
  inputArtifact(): Promise<Uint8Array>;
}

export type JobOutcome<C> =
  | { readonly status: 'succeeded'; readonly summary: string; readonly outputs?: Record<string, string> }
  /** Look again later, with this token; CodePipeline allows 24 hours in all. */
  | { readonly status: 'in-progress'; readonly summary: string; readonly continuation: C };

/** A reason to fail the action that its reader can act on. */
export class JobFailure extends Error {
  override readonly name = 'JobFailure';
  constructor(message: string, readonly type: FailureType = FailureType.JobFailed) {
    super(message);
  }
}

/** What one look leaves for the next, as CodePipeline's continuation token. */
interface Token<C> {
  readonly work?: C;
  /** Since when AWS has given no answer, milliseconds since the epoch; not there if the last look had its answers. */
  readonly silentSince?: number;
}

/** The function's own time is over before its work was done. */
class OutOfTime extends Error {
  override readonly message = 'the function ran out of time before its work was done';
}

/** Time kept for the report itself, milliseconds. */
const REPORT_RESERVE = 5_000;
/** How long AWS may stay without an answer, look after look, before the action fails, minutes. */
const PATIENCE = 30;

/**
 * Runs `work` for a job and reports in every path: success, progress and failure. A look to which AWS gives no answer,
 * after the SDK's own retries, or none in the function's time, is taken again later, for up to 30 minutes on end; so
 * every look must be fit to be repeated. Only a report that AWS does not take is thrown: Lambda then runs the look again.
 */
export function pipelineJobHandler<C>(
  codepipeline: CodePipelineClient, logger: Logger, work: (job: PipelineJob<C>) => Promise<JobOutcome<C>>,
): Handler<CodePipelineEvent, void> {
  return async (event, context) => {
    const job = event['CodePipeline.job'];
    try {
      const outcome = await look(job, context, work);
      logger.info(outcome.summary, { status: outcome.status });
      await report(logger, () => codepipeline.send(new PutJobSuccessResultCommand({
        jobId: job.id,
        executionDetails: { summary: printable(outcome.summary).slice(0, 2048) },
        ...(outcome.status === 'in-progress'
          ? { continuationToken: JSON.stringify(outcome.continuation) }
          : { outputVariables: outcome.outputs }),
      })));
    } catch (error) {
      if (isTransient(error)) throw error;
      const message = printable((error instanceof Error ? error.message : String(error)) || 'failed without a message');
      logger.error(message, { error: error instanceof Error ? error.name : 'unknown' });
      await report(logger, () => codepipeline.send(new PutJobFailureResultCommand({
        jobId: job.id,
        failureDetails: { type: error instanceof JobFailure ? error.type : FailureType.JobFailed, message: message.slice(0, 5000) },
      })));
    }
  };
}

/** One look, or word that AWS did not answer it. Never throws a transient error. */
async function look<C>(
  job: CodePipelineEvent['CodePipeline.job'], context: Context, work: (job: PipelineJob<C>) => Promise<JobOutcome<C>>,
): Promise<JobOutcome<Token<C>>> {
  const token = readToken<C>(job);
  try {
    const outcome = await inTime(work(read(job, token.work)), context);
    return outcome.status === 'in-progress' ? { ...outcome, continuation: { work: outcome.continuation } } : outcome;
  } catch (error) {
    if (!isTransient(error) && !(error instanceof OutOfTime)) throw error;
    const now = Date.now();
    const silentSince = token.silentSince ?? now;
    if (now - silentSince >= PATIENCE * 60_000) {
      throw new JobFailure(`no look was answered for ${PATIENCE} minutes (${error.message}); see the AWS Health Dashboard and the quotas of API calls, then retry the stage`);
    }
    return { status: 'in-progress', summary: `AWS gave no answer (${error.message}), so another look is taken`, continuation: { ...token, silentSince } };
  }
}

async function inTime<T>(work: Promise<T>, context: Context): Promise<T> {
  let deadline: NodeJS.Timeout | undefined;
  const timeOut = new Promise<never>((_, reject) => {
    deadline = setTimeout(() => { reject(new OutOfTime()); }, Math.max(0, context.getRemainingTimeInMillis() - REPORT_RESERVE));
  });
  return Promise.race([work, timeOut]).finally(() => { clearTimeout(deadline); });
}

function readToken<C>({ data: { continuationToken } }: CodePipelineEvent['CodePipeline.job']): Token<C> {
  return continuationToken ? JSON.parse(continuationToken) as Token<C> : {};
}

function read<C>({ data }: CodePipelineEvent['CodePipeline.job'], continuation: C | undefined): PipelineJob<C> {
  return {
    parameters: parseParameters(data.actionConfiguration.configuration.UserParameters),
    continuation,
    inputArtifact: async () => {
      const artifact = data.inputArtifacts[0];
      if (artifact === undefined) throw new JobFailure('the action has no input artifact; deploy the stack again to restore it', FailureType.ConfigurationError);
      const { bucketName, objectKey } = artifact.location.s3Location;
      return readBytes(new S3Client({ credentials: data.artifactCredentials }), { bucket: bucketName, key: objectKey });
    },
  };
}

function parseParameters(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    throw new JobFailure(`UserParameters of the action are not JSON; deploy the stack again to restore them`, FailureType.ConfigurationError);
  }
}

/** A duplicate of a job that has ended meanwhile has nobody left to report to. */
async function report(logger: Logger, send: () => Promise<unknown>): Promise<void> {
  try {
    await send();
  } catch (error) {
    if (error instanceof InvalidJobStateException || error instanceof JobNotFoundException) {
      logger.warn('the job had already ended; nothing to report', { error: error.name });
      return;
    }
    throw error;
  }
}
