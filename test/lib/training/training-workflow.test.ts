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
const CUSTOM = QualityGate.atLeast('auc', 0.58, { customMetrics: ['profit'] });
const custom = statesOf(workflow({ gate: CUSTOM }));

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

test.each(['Train', 'TrainOnDemand', 'ScoreCandidate', 'ScoreChampion', 'EvaluateCandidate'])('%s counts only if the job completed, whatever Step Functions makes of a stopped one', (job) => {
  const { ResultPath, Next, Catch } = custom[job];
  const { Type, Choices: [completed, ...others], Default } = custom[Next];
  expect({ Type, others }).toEqual({ Type: 'Choice', others: [] });
  expect(completed).toMatchObject({ Variable: `${ResultPath}.${job.startsWith('Train') ? 'Training' : job.startsWith('Score') ? 'Transform' : 'Processing'}JobStatus`, StringEquals: 'Completed' });
  // A stopped job goes on where a failed one does, and looks like one.
  expect(custom[Default]).toEqual({
    Type: 'Pass', Parameters: { 'Error': 'States.TaskFailed', 'Cause.$': `States.JsonToString(${ResultPath})` }, ResultPath: Catch[0].ResultPath, Next: Catch[0].Next,
  });
});

test('models are evaluated where they are trained, or on a type of its own', () => {
  const typesOf = ({ Train, ScoreCandidate, ScoreChampion, EvaluateCandidate }: Record<string, any>) => [
    Train.Parameters.ResourceConfig.InstanceType, ...[ScoreCandidate, ScoreChampion].map(({ Parameters }) => Parameters.TransformResources.InstanceType),
    EvaluateCandidate.Parameters.ProcessingResources.ClusterConfig.InstanceType,
  ];
  expect(typesOf(custom)).toEqual(['ml.m5.large', 'ml.m5.large', 'ml.m5.large', 'ml.m5.large']);
  expect(typesOf(statesOf(workflow({ gate: CUSTOM, job: { instanceType: 'ml.p4d.24xlarge', evaluationInstanceType: 'ml.g4dn.xlarge' } }))))
    .toEqual(['ml.p4d.24xlarge', 'ml.g4dn.xlarge', 'ml.g4dn.xlarge', 'ml.g4dn.xlarge']);
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

test('candidate and champion answer the same hold-out, each by its own image, as they would serve', () => {
  const containers = ['Candidate', 'Champion'].map((name) => states[`CreateScore${name}Model`].Parameters);
  expect(containers.map(({ PrimaryContainer }) => PrimaryContainer)).toEqual([
    { 'Image.$': '$.imageUri', 'ModelDataUrl.$': '$.training.ModelArtifacts.S3ModelArtifacts' },
    { 'Image.$': '$.dataset.champion.imageUri', 'ModelDataUrl.$': '$.dataset.champion.modelDataUrl' },
  ]);
  expect(containers.map(({ EnableNetworkIsolation }) => EnableNetworkIsolation)).toEqual([true, true]);
  const asked = ['ScoreCandidate', 'ScoreChampion'].map((name) => states[name].Parameters.TransformInput.DataSource.S3DataSource['S3Uri.$']);
  expect(asked).toEqual(['$.dataset.requests.candidate', '$.dataset.requests.champion']);
});

test('a model that was made for a job is deleted however the job ends', () => {
  for (const name of ['Candidate', 'Champion']) {
    const { ScoreStatus, ScoreStopped } = { ScoreStatus: states[`Score${name}Status`], ScoreStopped: states[`Score${name}Stopped`] };
    for (const next of [ScoreStatus.Choices[0].Next, ScoreStopped.Next, states[`Score${name}`].Catch[0].Next]) {
      expect(states[next].Resource).toMatch(/aws-sdk:sagemaker:deleteModel$/);
    }
  }
});

test('no job is given the labels of the hold-out, and `evaluate` runs only for metrics of the project\'s own', () => {
  expect(JSON.stringify(custom)).not.toMatch(/holdout/i);
  expect(states).not.toHaveProperty('EvaluateCandidate');
  expect(custom.EvaluateCandidate.Parameters.ProcessingInputs.map(({ S3Input }: any) => [S3Input['S3Uri.$'], S3Input.LocalPath])).toEqual([
    ['$.training.ModelArtifacts.S3ModelArtifacts', '/opt/ml/processing/model'], ['$.dataset.trainUri', '/opt/ml/processing/test'],
  ]);
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
  expect(custom.EvaluateCandidate.Parameters.Environment).toEqual({ LABEL_COLUMN: 'late' });
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
