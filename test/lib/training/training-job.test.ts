import { Lazy } from 'aws-cdk-lib';
import { hasArmProcessors } from '../../../lib/private/instance-architecture.contract';
import { trainingJobFaults } from '../../../lib/training/training-job';
import SAGEMAKER from '../../../twin/models/sagemaker.json';

const types = (shape: 'TrainingInstanceType' | 'ProcessingInstanceType' | 'TransformInstanceType') => SAGEMAKER.shapes[shape].enum.filter((type) => !hasArmProcessors(type));

const all = [...new Set([...types('TrainingInstanceType'), ...types('ProcessingInstanceType'), ...types('TransformInstanceType')])];

test('a type is refused if SageMaker has no transform jobs on it, by its API', () => {
  const refused = (instanceType: string) => trainingJobFaults({ instanceType }).some((fault) => fault.includes('runs no transform jobs'));
  expect(all.filter(refused)).toEqual(all.filter((type) => !types('TransformInstanceType').includes(type)));
});

test('and, for a project with metrics of its own, if it has no processing jobs', () => {
  const refused = (evaluationInstanceType: string) => trainingJobFaults({ evaluationInstanceType }, true).some((fault) => fault.includes('runs no processing jobs'));
  const transforms = types('TransformInstanceType');
  expect(transforms.filter(refused)).toEqual(transforms.filter((type) => !types('ProcessingInstanceType').includes(type)));
});

test('it is taken together with a type for the evaluations, which is judged in its place', () => {
  expect(trainingJobFaults({ instanceType: 'ml.p4d.24xlarge', evaluationInstanceType: 'ml.g5.xlarge' })).toEqual([]);
  expect(trainingJobFaults({ evaluationInstanceType: Lazy.string({ produce: () => 'ml.m5.large' }) })).toEqual([]);
  expect(trainingJobFaults({ evaluationInstanceType: 'ml.trn1.2xlarge' }, true)).toEqual([
    "training.evaluationInstanceType is 'ml.trn1.2xlarge', on which SageMaker runs no processing jobs, so no model could be evaluated; "
    + "give a training.evaluationInstanceType such as 'ml.m5.large', or 'ml.g5.xlarge' for models that need a GPU",
  ]);
  expect(trainingJobFaults({ evaluationInstanceType: 'ml.c7g.large' })).toEqual([expect.stringContaining("training.evaluationInstanceType is 'ml.c7g.large', whose processors are Arm")]);
});
