type State = Record<string, unknown>;

/** Where every task goes that has failed for good. */
export const FAILED = 'Failed';

export function caught(next = FAILED): State {
  return { Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: next }] };
}

/**
 * How a workflow fails: with a sentence for the reader of the pipeline. Left alone, the cause would be the stack trace of a
 * handler, or all that SageMaker knows of a job, with the reason somewhere inside.
 */
export function failureStates(): Record<string, State> {
  return {
    // Of those two the cause is JSON; what Step Functions itself says, of a time-out for example, is a sentence already.
    [FAILED]: { Type: 'Choice', Choices: [{ Variable: '$.failure.Cause', StringMatches: '{*', Next: 'ReadCause' }], Default: 'Untold' },
    ReadCause: { Type: 'Pass', Parameters: { 'detail.$': 'States.StringToJson($.failure.Cause)' }, ResultPath: '$.cause', Next: 'WhatFailed' },
    WhatFailed: {
      Type: 'Choice',
      Choices: [
        { ...has('errorMessage'), Next: 'HandlerFailed' },
        // The container's own words come before SageMaker's, which would be "see job logs".
        { ...has('ExitMessage'), Next: 'EvaluationSaid' },
        { And: [has('TrainingJobName'), has('FailureReason')], Next: 'TrainingFailed' },
        { And: [has('TransformJobName'), has('FailureReason')], Next: 'ScoringFailed' },
        { And: [has('ProcessingJobName'), has('FailureReason')], Next: 'EvaluationFailed' },
        { ...has('TrainingJobName'), Next: 'TrainingEnded' },
        { ...has('TransformJobName'), Next: 'ScoringEnded' },
        { ...has('ProcessingJobName'), Next: 'EvaluationEnded' },
      ],
      Default: 'Untold',
    },
    HandlerFailed: fail('$.cause.detail.errorMessage'),
    TrainingFailed: because(
      'training job {} failed: {}; the image must be built for linux/amd64 and know the command `train`; the log of the job is in /aws/sagemaker/TrainingJobs, in a stream that begins with its name',
      'TrainingJobName', 'FailureReason',
    ),
    TrainingEnded: because(
      'training job {} did not complete: {}; if it was Stopped, start the pipeline again; for MaxWaitTimeExceeded wait longer for capacity or train on demand; for MaxRuntimeExceeded allow it more time',
      'TrainingJobName', 'SecondaryStatus',
    ),
    ScoringFailed: because(
      'the model could not answer the hold-out and the training rows (transform job {}): {}; `serve` must answer each line of a request with one line; the log of the job is in /aws/sagemaker/TransformJobs, in streams that begin with its name',
      'TransformJobName', 'FailureReason',
    ),
    ScoringEnded: because(
      'transform job {} did not complete: {}; if nobody stopped it, the model took too long to answer; start the pipeline again', 'TransformJobName', 'TransformJobStatus',
    ),
    EvaluationSaid: because(
      'evaluation job {} failed: {}; the log of the job is in /aws/sagemaker/ProcessingJobs, in a stream that begins with its name', 'ProcessingJobName', 'ExitMessage',
    ),
    EvaluationFailed: because(
      'evaluation job {} failed: {}; the image must be built for linux/amd64 and know the command `evaluate`; the log of the job is in /aws/sagemaker/ProcessingJobs, in a stream that begins with its name',
      'ProcessingJobName', 'FailureReason',
    ),
    EvaluationEnded: because(
      'evaluation job {} did not complete: {}; if nobody stopped it, it ran longer than {} seconds; start the pipeline again',
      'ProcessingJobName', 'ProcessingJobStatus', 'StoppingCondition.MaxRuntimeInSeconds',
    ),
    Told: fail('$.reason.sentence'),
    Untold: fail('$.failure.Cause'),
  };
}

function has(field: string): State {
  return { Variable: `$.cause.detail.${field}`, IsPresent: true };
}

/** Makes a sentence of what is known of the job. */
function because(template: string, ...fields: string[]): State {
  const values = fields.map((field) => `$.cause.detail.${field}`).join(', ');
  return { Type: 'Pass', Parameters: { 'sentence.$': `States.Format('${template}', ${values})` }, ResultPath: '$.reason', Next: 'Told' };
}

function fail(causePath: string): State {
  return { Type: 'Fail', ErrorPath: '$.failure.Error', CausePath: causePath };
}
