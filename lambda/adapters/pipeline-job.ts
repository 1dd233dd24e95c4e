import {
  CodePipelineClient, FailureType, InvalidJobStateException, JobNotFoundException, PutJobFailureResultCommand, PutJobSuccessResultCommand,
} from '@aws-sdk/client-codepipeline';
import { S3Client } from '@aws-sdk/client-s3';
import type { Logger } from '@aws-lambda-powertools/logger';
import type { CodePipelineEvent } from 'aws-lambda';
import type { Handler } from './lazy-handler';
import { readBytes } from './objects';

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

/** Time kept for the report itself, milliseconds. */
const REPORT_RESERVE = 5_000;

/**
 * Runs `work` for a job and reports in every path: success, progress, failure, and running out of time. CodePipeline
 * invokes asynchronously, so an error must not be thrown on: Lambda would run the job again.
 */
export function pipelineJobHandler<C>(
  codepipeline: CodePipelineClient, logger: Logger, work: (job: PipelineJob<C>) => Promise<JobOutcome<C>>,
): Handler<CodePipelineEvent, void> {
  return async (event, context) => {
    const job = event['CodePipeline.job'];
    let deadline: NodeJS.Timeout | undefined;
    try {
      const timeOut = new Promise<never>((_, reject) => {
        deadline = setTimeout(() => {
          reject(new JobFailure('the function ran out of time before its work was done; retry the stage'));
        }, Math.max(0, context.getRemainingTimeInMillis() - REPORT_RESERVE));
      });
      const outcome = await Promise.race([work(read<C>(job)), timeOut]);
      logger.info(outcome.summary, { status: outcome.status });
      await report(logger, () => codepipeline.send(new PutJobSuccessResultCommand({
        jobId: job.id,
        executionDetails: { summary: outcome.summary.slice(0, 2048) },
        ...(outcome.status === 'in-progress'
          ? { continuationToken: JSON.stringify(outcome.continuation) }
          : { outputVariables: outcome.outputs }),
      })));
    } catch (error) {
      const message = (error instanceof Error ? error.message : String(error)) || 'failed without a message';
      logger.error(message, { error: error instanceof Error ? error.name : 'unknown' });
      await report(logger, () => codepipeline.send(new PutJobFailureResultCommand({
        jobId: job.id,
        failureDetails: { type: error instanceof JobFailure ? error.type : FailureType.JobFailed, message: message.slice(0, 5000) },
      })));
    } finally {
      clearTimeout(deadline);
    }
  };
}

function read<C>(job: CodePipelineEvent['CodePipeline.job']): PipelineJob<C> {
  const { data } = job;
  const text = data.actionConfiguration.configuration.UserParameters;
  return {
    parameters: parseParameters(text),
    continuation: data.continuationToken ? JSON.parse(data.continuationToken) as C : undefined,
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
