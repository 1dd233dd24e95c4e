/** Behaviour of Step Functions that its documentation leaves open; a test can play each answer. */
export class StepFunctionsConditions {
  /**
   * What `.sync` makes of a SageMaker job that ends as `Stopped`: a failed task, or a completed one whose result says `Stopped`,
   * as the SDK's waiter `TrainingJobCompletedOrStopped` has it.
   */
  stoppedJob: 'fails' | 'completes' = 'fails';
}
