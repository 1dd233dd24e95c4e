import type { Operation } from '../../service';
import type { World } from '../../world';
import { ActionFailure } from './actions/provider';
import type { Jobs } from './jobs';

/** What a function that was handed a job may call. IAM knows no resource for these. */
export function jobOperations(world: World, jobs: Jobs): Readonly<Record<string, Operation>> {
  const authorize = (action: string) => () => [{ action: `codepipeline:${action}`, resource: '*' }];
  return {
    GetJobDetails: {
      authorize: authorize('GetJobDetails'),
      run: ({ jobId }) => {
        const { id, data, run, pipeline, execution } = jobs.get(jobId);
        return {
          jobDetails: {
            id, accountId: world.account,
            data: {
              ...data, actionTypeId: run.declaration.actionTypeId,
              pipelineContext: {
                pipelineName: pipeline.name, pipelineArn: pipeline.arn, pipelineExecutionId: execution.id,
                stage: { name: run.stageName }, action: { name: run.declaration.name, actionExecutionId: run.id },
              },
            },
          },
        };
      },
    },
    PutJobSuccessResult: {
      authorize: authorize('PutJobSuccessResult'),
      run: ({ jobId, continuationToken, executionDetails, outputVariables = {} }) => {
        jobs.report(jobId, {
          kind: 'success', continuationToken, outputVariables,
          summary: executionDetails?.summary, externalExecutionId: executionDetails?.externalExecutionId,
        });
        const { run } = jobs.get(jobId);
        run.percentComplete = executionDetails?.percentComplete ?? run.percentComplete;
        return {};
      },
    },
    PutJobFailureResult: {
      authorize: authorize('PutJobFailureResult'),
      run: ({ jobId, failureDetails: { type, message, externalExecutionId } }) => {
        jobs.report(jobId, { kind: 'failure', failure: new ActionFailure(type, message, externalExecutionId) });
        return {};
      },
    },
  };
}

/** What CodePipeline checks of a role without a call that anybody else sees. */
export function internalOperations(): Readonly<Record<string, Operation>> {
  return {
    /** A source action reaches its repository through a connection. Which prefix counts is told by the connection's ARN. */
    UseConnection: {
      authorize: ({ connectionArn, fullRepositoryId }) => {
        const prefix = connectionArn.split(':')[2];
        return [{
          action: `${prefix}:UseConnection`, resource: connectionArn,
          context: { [`${prefix}:FullRepositoryId`]: fullRepositoryId },
        }];
      },
      run: () => ({}),
    },
  };
}
