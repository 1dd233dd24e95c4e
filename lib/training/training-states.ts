import { Duration } from 'aws-cdk-lib';
import { HandlerTask, LAMBDA_ERRORS, TRANSIENT_ERRORS } from '../private/handler-task';
import { FAILED, caught, failureStates } from './failure-states';
import { JobStatesOptions, evaluate, score, train } from './job-states';

/** What the definition of the workflow names; all of it may be tokens. */
export interface TrainingStatesOptions extends JobStatesOptions {
  /** Whether the project's own metrics are asked for. */
  readonly customMetrics: boolean;
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
  const judged = options.customMetrics ? 'EvaluateCandidate' : 'JudgeCandidate';
  return {
    Comment: 'from data to a registered candidate',
    StartAt: 'ResolveDataset',
    States: {
      ResolveDataset: handler(handlers.resolve, 'dataset', 'HasData', {
        'execution.$': '$$.Execution.Name',
        'trainingWindow.$': '$.trainingWindow',
      }),
      HasData: {
        Type: 'Choice',
        Choices: [{ Variable: '$.dataset.status', StringEquals: 'empty', Next: 'NothingToTrain' }],
        Default: 'ProfileData',
      },
      NothingToTrain: { Type: 'Succeed', Comment: 'there is no data yet' },
      ProfileData: handler(handlers.profile, 'profile', 'Train', {
        'run.$': '$.dataset.run',
        'trainUri.$': '$.dataset.trainUri',
      }),

      ...train(options, {
        id: 'Train', name: '$.dataset.jobs.training', spot: job.spot, next: SCORE_CANDIDATE, otherwise: job.spot?.retryOnDemand ? 'LackedCapacity' : FAILED,
      }),
      ...(job.spot?.retryOnDemand ? onDemandRetry(options) : {}),

      ...score(options, {
        id: 'ScoreCandidate',
        name: '$.dataset.jobs.candidate',
        image: '$.imageUri',
        model: '$.training.ModelArtifacts.S3ModelArtifacts',
        // The hold-out, and the training rows: what it answers to these, and when, is what its answers in production are compared with.
        requests: '$.dataset.requests.candidate',
        answers: '$.dataset.output.candidate',
        next: 'HasChampion',
        otherwise: FAILED,
      }),
      HasChampion: {
        Type: 'Choice',
        Choices: [{ Variable: '$.dataset.hasChampion', BooleanEquals: true, Next: 'CreateScoreChampionModel' }],
        Default: 'NoChampion',
      },
      NoChampion: champion({ status: 'none' }, judged),
      ...score(options, {
        id: 'ScoreChampion',
        name: '$.dataset.jobs.champion',
        image: '$.dataset.champion.imageUri',
        model: '$.dataset.champion.modelDataUrl',
        requests: '$.dataset.requests.champion',
        answers: '$.dataset.output.champion',
        next: 'ChampionScored',
        otherwise: 'WhoseFault',
      }),
      ChampionScored: champion({ status: 'scored' }, judged),
      WhoseFault: {
        Type: 'Choice',
        Comment: 'a champion that cannot answer must not keep every candidate out; a lack of capacity is no reason to judge without it',
        Choices: [{ Or: CHAMPION_FAULTS.map((text) => ({ Variable: '$.failure.Cause', StringMatches: text })), Next: 'ChampionUnscored' }],
        Default: FAILED,
      },
      ChampionUnscored: champion({ 'status': 'failed', 'cause.$': '$.failure.Cause' }, judged),

      ...(options.customMetrics ? evaluate(options, {
        id: 'EvaluateCandidate',
        name: '$.dataset.jobs.evaluation',
        image: '$.imageUri',
        model: '$.training.ModelArtifacts.S3ModelArtifacts',
        rows: '$.dataset.trainUri',
        output: '$.dataset.output.evaluation',
        next: 'JudgeCandidate',
        otherwise: FAILED,
      }) : {}),

      JudgeCandidate: handler(handlers.judge, 'judgement', 'Verdict', {
        'run.$': '$.dataset.run',
        'champion.$': '$.dataset.champion',
        'championScore.$': '$.championScore',
        'notes.$': '$.dataset.notes',
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
          'run.$': '$.dataset.run',
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
          'metric.$': '$.judgement.metric',
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
    ...train(options, { id: ON_DEMAND, name: '$.dataset.jobs.trainingOnDemand', next: SCORE_CANDIDATE, otherwise: FAILED }),
  };
}

const ON_DEMAND = 'TrainOnDemand';
const SCORE_CANDIDATE = 'CreateScoreCandidateModel';

/** In what SageMaker says of a model that it cannot create, or of a transform job that failed by its model. */
const CHAMPION_FAULTS = ['*AlgorithmError*', '*ClientError*', '*not found*', '*ould not find*', '*annot find*'];

/** What is known of the champion's answers, for the judge. */
function champion(parameters: Record<string, string>, next: string): State {
  return { Type: 'Pass', Parameters: parameters, ResultPath: '$.championScore', Next: next };
}

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
