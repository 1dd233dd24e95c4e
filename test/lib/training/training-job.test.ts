import { Lazy } from 'aws-cdk-lib';
import { hasArmProcessors } from '../../../lib/private/instance-architecture.contract';
import { trainingJobFaults } from '../../../lib/training/training-job';
import SAGEMAKER from '../../../twin/models/sagemaker.json';

const types = (shape: 'TrainingInstanceType' | 'ProcessingInstanceType') => SAGEMAKER.shapes[shape].enum.filter((type) => !hasArmProcessors(type));

test('a type is refused if SageMaker trains on it but evaluates on another only, by its API', () => {
  const refused = (instanceType: string) => trainingJobFaults({ instanceType }).some((fault) => fault.includes('runs no processing jobs'));
  const processing = new Set(types('ProcessingInstanceType'));
  expect(types('TrainingInstanceType').filter(refused)).toEqual(types('TrainingInstanceType').filter((type) => !processing.has(type)));
  expect([...processing].filter(refused)).toEqual([]);
});

test('it is taken together with a type for the evaluations, which is judged in its place', () => {
  expect(trainingJobFaults({ instanceType: 'ml.p4d.24xlarge', evaluationInstanceType: 'ml.g5.xlarge' })).toEqual([]);
  expect(trainingJobFaults({ evaluationInstanceType: Lazy.string({ produce: () => 'ml.m5.large' }) })).toEqual([]);
  expect(trainingJobFaults({ evaluationInstanceType: 'ml.trn1.2xlarge' })).toEqual([
    "training.evaluationInstanceType is 'ml.trn1.2xlarge', on which SageMaker runs no processing jobs, so no model could be evaluated; "
    + "give a training.evaluationInstanceType such as 'ml.m5.large', or 'ml.g5.xlarge' for models that need a GPU",
  ]);
  expect(trainingJobFaults({ evaluationInstanceType: 'ml.c7g.large' })).toEqual([expect.stringContaining("training.evaluationInstanceType is 'ml.c7g.large', whose processors are Arm")]);
});
