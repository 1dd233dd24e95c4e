import { Duration, type Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Dataset, QualityGate, TrainingCapacity, TrainingWorkflow, type TrainingWorkflowProps } from '../../../lib';
import { definitionOf, outline, resource, surroundings, templateOf } from '../fixtures';

function workflow(props: Partial<TrainingWorkflowProps> | ((stack: Stack) => Partial<TrainingWorkflowProps>) = {}) {
  return templateOf((stack) => {
    const around = surroundings(stack);
    new TrainingWorkflow(stack, 'Training', {
      ...around, dataset: Dataset.fromBucket(around.buckets.datasets, { labelColumn: 'late', timeColumn: 'time', prefix: 'flights/' }),
      gate: QualityGate.atLeast('auc', 0.58), championEndpointName: 'flights', ...(typeof props === 'function' ? props(stack) : props),
    });
  });
}
const statesOf = (template: ReturnType<typeof workflow>) => definitionOf(resource(template, 'AWS::StepFunctions::StateMachine', 'Training')).States;

const template = workflow();
const states = statesOf(template);

test('no data is an ordinary end; a candidate that is not better, too; one below the threshold is not', () => {
  expect(states.HasData.Choices).toEqual([{ Variable: '$.dataset.status', StringEquals: 'empty', Next: 'NothingToTrain' }]);
  expect(states.NothingToTrain.Type).toBe('Succeed');
  expect(states.ChampionKept.Type).toBe('Succeed');
  expect(states.Verdict.Default).toBe('BelowThreshold');
  expect(states.BelowThreshold).toEqual({ Type: 'Fail', Error: 'BelowThreshold', CausePath: '$.judgement.reason' });
});

test('training is on spot capacity by default, goes on from checkpoints, and its wait has an end', () => {
  expect(states.Train.Parameters).toMatchObject({
    EnableManagedSpotTraining: true,
    CheckpointConfig: { 'S3Uri.$': '$.dataset.output.checkpoints' },
    StoppingCondition: { MaxRuntimeInSeconds: 4 * 3600, MaxWaitTimeInSeconds: 8 * 3600 },
    EnableNetworkIsolation: true,
  });
});

test('a job without capacity is run once on demand under another name; one that failed is not run again', () => {
  expect(states.LackedCapacity.Default).toBe('Failed');
  const { Parameters } = states.TrainOnDemand;
  expect(Parameters).not.toHaveProperty('EnableManagedSpotTraining');
  expect(Parameters.StoppingCondition).toEqual({ MaxRuntimeInSeconds: 4 * 3600 });
  expect(Parameters['TrainingJobName.$']).not.toEqual(states.Train.Parameters['TrainingJobName.$']);
});

test.each(['Train', 'TrainOnDemand', 'EvaluateCandidate', 'EvaluateChampion'])('%s counts only if the job completed, whatever Step Functions makes of a stopped one', (job) => {
  const { ResultPath, Next, Catch } = states[job];
  const { Type, Choices: [completed, ...others], Default } = states[Next];
  expect({ Type, others }).toEqual({ Type: 'Choice', others: [] });
  expect(completed).toMatchObject({ Variable: `${ResultPath}.${job.startsWith('Train') ? 'Training' : 'Processing'}JobStatus`, StringEquals: 'Completed' });
  // A stopped job goes on where a failed one does, and looks like one.
  expect(states[Default]).toEqual({
    Type: 'Pass', Parameters: { 'Error': 'States.TaskFailed', 'Cause.$': `States.JsonToString(${ResultPath})` }, ResultPath: Catch[0].ResultPath, Next: Catch[0].Next,
  });
});

test('models are evaluated where they are trained, or on a type of its own', () => {
  const typeOf = (state: { Parameters: Record<string, any> }) => state.Parameters.ProcessingResources.ClusterConfig.InstanceType;
  expect(typeOf(states.EvaluateCandidate)).toBe(states.Train.Parameters.ResourceConfig.InstanceType);
  const { Train, EvaluateCandidate, EvaluateChampion } = statesOf(workflow({ job: { instanceType: 'ml.p4d.24xlarge', evaluationInstanceType: 'ml.g4dn.xlarge' } }));
  expect([Train.Parameters.ResourceConfig.InstanceType, typeOf(EvaluateCandidate), typeOf(EvaluateChampion)]).toEqual(['ml.p4d.24xlarge', 'ml.g4dn.xlarge', 'ml.g4dn.xlarge']);
});

test('a handler that was killed, or that AWS did not answer, is run again; one that refuses the data is not', () => {
  for (const name of ['ResolveDataset', 'ProfileData', 'JudgeCandidate', 'RegisterCandidate']) {
    const retried = states[name].Retry.flatMap(({ ErrorEquals }: { ErrorEquals: string[] }) => ErrorEquals);
    expect(retried).toEqual(expect.arrayContaining(['Lambda.ServiceException', 'Runtime.ExitError', 'Sandbox.Timedout', 'TransientError']));
    for (const refusal of ['States.ALL', 'States.TaskFailed', 'DataQualityError', 'DatasetError', 'Error']) expect(retried).not.toContain(refusal);
  }
});

test('whatever fails for good ends in a failure that carries its reason', () => {
  for (const [name, state] of Object.entries<any>(states)) if (state.Type === 'Task') expect({ name, caught: state.Catch?.[0].ErrorEquals }).toEqual({ name, caught: ['States.ALL'] });
  // Every way that begins where the tasks are caught ends in a Fail with a cause.
  const ends = new Set<string>();
  const follow = (name: string, seen: readonly string[] = []): void => {
    const state = states[name];
    expect({ name, known: state !== undefined, again: seen.includes(name) }).toEqual({ name, known: true, again: false });
    const next: string[] = [state.Next, state.Default, ...(state.Choices ?? []).map((choice: any) => choice.Next)].filter(Boolean);
    if (next.length === 0) ends.add(name);
    for (const each of next) follow(each, [...seen, name]);
  };
  follow('Failed');
  expect(ends.size).toBeGreaterThan(0);
  for (const name of ends) expect(states[name]).toMatchObject({ Type: 'Fail', CausePath: expect.stringMatching(/^\$\./) });
});

test('on-demand training neither waits nor is repeated', () => {
  const onDemand = statesOf(workflow({ job: { capacity: TrainingCapacity.onDemand() } }));
  expect(onDemand.Train.Parameters.StoppingCondition).toEqual({ MaxRuntimeInSeconds: 4 * 3600 });
  expect(onDemand).not.toHaveProperty('TrainOnDemand');
  expect(onDemand.Train.Catch[0].Next).toBe('Failed');
});

test('candidate and champion are scored on the same hold-out, each by its own image', () => {
  const inputs = (name: string) => states[name].Parameters.ProcessingInputs.map((input: any) => [input.S3Input['S3Uri.$'], input.S3Input.LocalPath]);
  expect(inputs('EvaluateCandidate')).toEqual([
    ['$.training.ModelArtifacts.S3ModelArtifacts', '/opt/ml/processing/model'], ['$.dataset.holdoutUri', '/opt/ml/processing/test'],
    ['$.dataset.trainUri', '/opt/ml/processing/reference'],
  ]);
  expect(inputs('EvaluateChampion')).toEqual([['$.dataset.champion.modelDataUrl', '/opt/ml/processing/model'], ['$.dataset.holdoutUri', '/opt/ml/processing/test']]);
  expect(states.EvaluateCandidate.Parameters.AppSpecification).toEqual({ 'ImageUri.$': '$.imageUri', 'ContainerArguments': ['evaluate'] });
  expect(states.EvaluateChampion.Parameters.AppSpecification).toEqual({ 'ImageUri.$': '$.dataset.champion.imageUri', 'ContainerArguments': ['evaluate'] });
});

test('every task has an end, and every state is reached', () => {
  for (const [name, state] of Object.entries<any>(states)) if (state.Type === 'Task') expect({ name, seconds: state.TimeoutSeconds }).toEqual({ name, seconds: expect.any(Number) });
  const named = new Set(JSON.stringify(states).match(/"(?:Next|Default)":"\w+"/g)!.map((text) => text.split('"')[3]));
  expect(Object.keys(states).filter((name) => name !== 'ResolveDataset' && !named.has(name))).toEqual([]);
});

test('hyperparameters are the project\'s own, the columns go by environment', () => {
  const own = statesOf(workflow({ job: { hyperparameters: { l2: '0.1' }, maximumRuntime: Duration.hours(1) } }));
  expect(own.Train.Parameters.HyperParameters).toEqual({ l2: '0.1' });
  expect(own.Train.Parameters.Environment).toEqual({ LABEL_COLUMN: 'late' });
  expect(own.EvaluateCandidate.Parameters.Environment).toEqual({ LABEL_COLUMN: 'late', TIME_COLUMN: 'time' });
  expect(own.EvaluateChampion.Parameters.Environment).toEqual({ LABEL_COLUMN: 'late' });
});

test('a key covers volumes and outputs, but not the disk of an instance that has its own', () => {
  const withKey = (instanceType: string) => statesOf(workflow((stack) => ({ encryptionKey: new Key(stack, 'Key'), job: { instanceType } }))).Train.Parameters;
  expect(withKey('ml.m5.large')).toMatchObject({ OutputDataConfig: { KmsKeyId: '<Key>' }, ResourceConfig: { VolumeKmsKeyId: '<Key>' } });
  expect(withKey('ml.g5.xlarge').ResourceConfig).not.toHaveProperty('VolumeKmsKeyId');
  expect(withKey('ml.m5d.large').ResourceConfig).not.toHaveProperty('VolumeKmsKeyId');
});

test.each([
  ['an instance type', { instanceType: 't2' }, /training.instanceType is 't2'/],
  ['half a gibibyte', { volumeSizeGib: 0.5 }, /volumeSizeGib is 0.5; give a whole number from 1 to 16384/],
  ['a run of a year', { maximumRuntime: Duration.days(365) }, /maximumRuntime is 365 days; give 1 minute to 28 days/],
  ['a value too long', { hyperparameters: { seed: '1'.repeat(300) } }, /'seed' is too long/],
])('%s is refused', (_, job, message) => {
  expect(() => workflow({ job })).toThrow(message);
});

test('outline', () => { expect(outline(template)).toMatchSnapshot(); });
