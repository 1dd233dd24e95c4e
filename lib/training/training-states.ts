import { Duration } from 'aws-cdk-lib';
import { HandlerTask, LAMBDA_ERRORS, TRANSIENT_ERRORS } from '../private/handler-task';
import { FAILED, caught, failureStates } from './failure-states';
import { JobStatesOptions, evaluate, train } from './job-states';

/** What the definition of the workflow names; all of it may be tokens. */
export interface TrainingStatesOptions extends JobStatesOptions {
  readonly handlers: { readonly resolve: HandlerTask; readonly profile: HandlerTask; readonly judge: HandlerTask; readonly register: HandlerTask };
}

type State = Record<string, unknown>;

/**
 * Time after which a run has ended: all tasks, each with its whole time-out, one after the other. What handlers' retries add
 * is left out. Undefined if a limit is a token.
 */
export function longestRun(options: TrainingStatesOptions): Duration | undefined {
  const { job } = options;
  if (job.maximumRuntime.isUnresolved() || job.spot?.maximumWait.isUnresolved()) return undefined;
  const states = Object.values(trainingStates(options).States as Record<string, { readonly TimeoutSeconds?: number }>);
  return Duration.seconds(states.reduce((sum, { TimeoutSeconds = 0 }) => sum + TimeoutSeconds, 0));
}

/** The workflow in the States Language; paths are JSONPath. Its input is the training pipeline's. */
export function trainingStates(options: TrainingStatesOptions): Record<string, unknown> {
  const { handlers, job } = options;
  return {
    Comment: 'from data to a registered candidate',
    StartAt: 'ResolveDataset',
    States: {
      ResolveDataset: handler(handlers.resolve, 'dataset', 'HasData', {
        'run.$': '$$.Execution.Name',
        'trainingWindow.$': '$.trainingWindow',
      }),
      HasData: {
        Type: 'Choice',
        Choices: [{ Variable: '$.dataset.status', StringEquals: 'empty', Next: 'NothingToTrain' }],
        Default: 'ProfileData',
      },
      NothingToTrain: { Type: 'Succeed', Comment: 'there is no data yet' },
      ProfileData: handler(handlers.profile, 'profile', 'Train', {
        'run.$': '$$.Execution.Name',
        'trainUri.$': '$.dataset.trainUri',
      }),

      ...train(options, {
        id: 'Train', name: '$.dataset.jobs.training', spot: job.spot, next: 'EvaluateCandidate', otherwise: job.spot?.retryOnDemand ? 'LackedCapacity' : FAILED,
      }),
      ...(job.spot?.retryOnDemand ? onDemandRetry(options) : {}),

      ...evaluate(options, {
        id: 'EvaluateCandidate',
        name: '$.dataset.jobs.candidate',
        image: '$.imageUri',
        model: '$.training.ModelArtifacts.S3ModelArtifacts',
        output: '$.dataset.output.candidate',
        // What it answers on the training rows, and when, is what its answers in production are compared with.
        reference: '$.dataset.trainUri',
        next: 'HasChampion',
        otherwise: FAILED,
      }),
      HasChampion: {
        Type: 'Choice',
        Choices: [{ Variable: '$.dataset.hasChampion', BooleanEquals: true, Next: 'EvaluateChampion' }],
        Default: 'JudgeCandidate',
      },
      ...evaluate(options, {
        id: 'EvaluateChampion',
        name: '$.dataset.jobs.champion',
        image: '$.dataset.champion.imageUri',
        model: '$.dataset.champion.modelDataUrl',
        output: '$.dataset.output.champion',
        next: 'JudgeCandidate',
        otherwise: FAILED,
      }),

      JudgeCandidate: handler(handlers.judge, 'judgement', 'Verdict', {
        'run.$': '$$.Execution.Name',
        'hasChampion.$': '$.dataset.hasChampion',
      }),
      Verdict: {
        Type: 'Choice',
        Choices: [
          { Variable: '$.judgement.verdict', StringEquals: 'accepted', Next: 'RegisterCandidate' },
          { Variable: '$.judgement.verdict', StringEquals: 'champion-kept', Next: 'ChampionKept' },
        ],
        Default: 'BelowThreshold',
      },
      ChampionKept: { Type: 'Succeed', Comment: 'the champion is as good; nothing to register' },
      BelowThreshold: { Type: 'Fail', Error: 'BelowThreshold', CausePath: '$.judgement.reason' },

      RegisterCandidate: {
        ...handler(handlers.register, undefined, undefined, {
          'run.$': '$$.Execution.Name',
          'imageUri.$': '$.imageUri',
          'modelDataUrl.$': '$.training.ModelArtifacts.S3ModelArtifacts',
          'codeRevision.$': '$.codeRevision',
          'fingerprint.$': '$.dataset.fingerprint',
          'trainedFrom.$': '$.dataset.trainedFrom',
          'trainedUntil.$': '$.dataset.trainedUntil',
          'statisticsUri.$': '$.profile.statisticsUri',
          'constraintsUri.$': '$.profile.constraintsUri',
          'probeUri.$': '$.profile.probeUri',
          'candidateValue.$': '$.judgement.candidateValue',
          'reason.$': '$.judgement.reason',
        }),
        End: true,
      },

      ...failureStates(),
    },
  };
}

/** Only a job that lacked capacity is run again; one whose code failed would fail again at a higher price. */
function onDemandRetry(options: TrainingStatesOptions): Record<string, State> {
  const matches = (field: 'Error' | 'Cause', text: string) => ({ Variable: `$.failure.${field}`, StringMatches: text });
  return {
    LackedCapacity: {
      Type: 'Choice',
      Choices: [
        // Not created: the service's code is in the error's name, or only its message is known.
        { ...matches('Error', '*ResourceLimitExceeded*'), Next: ON_DEMAND },
        { And: [matches('Error', 'SageMaker.*'), { Or: [matches('Cause', '*service limit*'), matches('Cause', '*ResourceLimitExceeded*')] }], Next: ON_DEMAND },
        // Created: the cause describes the job.
        { ...matches('Cause', '*MaxWaitTimeExceeded*'), Next: ON_DEMAND },
        { ...matches('Cause', '*CapacityError*'), Next: ON_DEMAND },
      ],
      Default: FAILED,
    },
    ...train(options, { id: ON_DEMAND, name: '$.dataset.jobs.trainingOnDemand', next: 'EvaluateCandidate', otherwise: FAILED }),
  };
}

const ON_DEMAND = 'TrainOnDemand';

const LAMBDA_RETRY = { ErrorEquals: LAMBDA_ERRORS, IntervalSeconds: 2, MaxAttempts: 6, BackoffRate: 2 };

/** What a handler finds wrong with data or model comes under other names and stops the run at once. */
const HANDLER_RETRY = { ErrorEquals: TRANSIENT_ERRORS, IntervalSeconds: 20, MaxAttempts: 3, BackoffRate: 3 };

function handler(task: HandlerTask, result: string | undefined, next: string | undefined, parameters: Record<string, string>): State {
  return {
    Type: 'Task',
    ...task,
    Parameters: parameters,
    ...(result === undefined ? {} : { ResultPath: `$.${result}` }),
    Retry: [LAMBDA_RETRY, HANDLER_RETRY],
    ...caught(),
    ...(next === undefined ? {} : { Next: next }),
  };
}
