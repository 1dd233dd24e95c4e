import { Duration, Lazy } from 'aws-cdk-lib';
import { MlopsStack, TrainingCapacity, TrainingWorkflow, type TrainingJobOptions } from '../../lib';
import { Dataset, QualityGate } from '../../lib';
import { SMALLEST, definitionOf, loopTemplate, resource, resources, surroundings, templateOf, testApp } from './fixtures';

type State = { Type: string; Resource: string; TimeoutSeconds?: number; ItemProcessor?: { States: Record<string, State> } };

describe('a state that runs a function', () => {
  const template = loopTemplate();
  const timeouts = new Map(Object.entries(resources(template, 'AWS::Lambda::Function')).map(([id, { Properties }]) => [id.replace(/[0-9A-F]{8}$/, ''), Properties.Timeout as number]));
  const tasksOf = (states: Record<string, State>): Array<[string, State]> => Object.entries(states)
    .flatMap(([name, state]) => [[name, state] as [string, State], ...(state.ItemProcessor ? tasksOf(state.ItemProcessor.States) : [])]);
  const tasks = Object.values(resources(template, 'AWS::StepFunctions::StateMachine')).flatMap((machine) => tasksOf(definitionOf(machine).States))
    .flatMap(([name, { Resource: run, TimeoutSeconds }]) => {
      const limit = timeouts.get(/^<(\w+)>$/.exec(run ?? '')?.[1] ?? '');
      return limit === undefined ? [] : [[name, { limit, TimeoutSeconds: TimeoutSeconds! }] as const];
    });

  test('is found in all three workflows', () => {
    expect(tasks.map(([name]) => name)).toEqual(expect.arrayContaining(['ResolveDataset', 'ScanShard', 'Retire']));
  });

  /* The function's own time-out is retried; the state's, which would come first if they were equal, is not. */
  test.each(tasks)('waits longer than the function may run: %s', (_, { limit, TimeoutSeconds }) => {
    expect(TimeoutSeconds).toBeGreaterThan(limit);
  });
});

/* CodePipeline ends a Step Functions action after 7 days: https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html */
describe('a training run that CodePipeline would end', () => {
  const { spot, onDemand } = TrainingCapacity;
  const stack = (training: TrainingJobOptions) => () => new MlopsStack(testApp(), 'Mlops', { ...SMALLEST, training });

  test.each<[string, TrainingJobOptions]>([
    ['three days, with twice as long for spot capacity and a second run', { maximumRuntime: Duration.days(3) }],
    ['seven days on demand', { maximumRuntime: Duration.days(7), capacity: onDemand() }],
    ['an hour, and a week for spot capacity', { maximumRuntime: Duration.hours(1), capacity: spot({ maximumWait: Duration.days(7), retryOnDemand: false }) }],
    ['SageMaker\'s maximum', { maximumRuntime: Duration.days(28), capacity: onDemand() }],
  ])('is refused: %s', (_, training) => {
    expect(stack(training)).toThrow(/a training run may take \d+ days .* but CodePipeline ends it after 7 days; lower training\.maximumRuntime or maximumWait, or leave out retryOnDemand or spot capacity/);
  });

  test.each<[string, TrainingJobOptions]>([
    ['two days, with twice as long for spot capacity and a second run', { maximumRuntime: Duration.days(2) }],
    ['six days on demand', { maximumRuntime: Duration.days(6), capacity: onDemand() }],
    ['six days for spot capacity', { maximumRuntime: Duration.days(3), capacity: spot({ maximumWait: Duration.days(6), retryOnDemand: false }) }],
    ['a token', { maximumRuntime: Duration.seconds(Lazy.number({ produce: () => 3600 })), capacity: onDemand() }],
    ['a token for the wait', { capacity: spot({ maximumWait: Duration.seconds(Lazy.number({ produce: () => 36_000 })) }) }],
  ])('is none: %s', (_, training) => {
    expect(stack(training)).not.toThrow();
  });

  const workflow = (job: TrainingJobOptions) => templateOf((scope) => {
    const around = surroundings(scope);
    new TrainingWorkflow(scope, 'Training', {
      ...around, dataset: Dataset.fromBucket(around.buckets.datasets, SMALLEST.dataset), gate: QualityGate.atLeast('auc', 0.58), championEndpointName: 'flights', job,
    });
  });
  const statesOf = (job: TrainingJobOptions) => definitionOf(resource(workflow(job), 'AWS::StepFunctions::StateMachine', 'Training')).States;

  test('is a workflow\'s right where no pipeline runs it', () => {
    expect(() => workflow({ maximumRuntime: Duration.days(28), capacity: onDemand() })).not.toThrow();
  });

  test('a token\'s job is waited for as long as SageMaker may take', () => {
    const { Train } = statesOf({ maximumRuntime: Duration.seconds(Lazy.number({ produce: () => 3600 })), capacity: onDemand() });
    expect(Train.Parameters.StoppingCondition).toEqual({ MaxRuntimeInSeconds: 3600 });
    expect(Train.TimeoutSeconds).toBeGreaterThan(28 * 24 * 3600);
  });

  test('twice a token is no default', () => {
    expect(() => statesOf({ maximumRuntime: Duration.seconds(Lazy.number({ produce: () => 3600 })) }))
      .toThrow('training.maximumRuntime is a token, so twice of it cannot be the default of maximumWait; give TrainingCapacity.spot({ maximumWait })');
  });
});
