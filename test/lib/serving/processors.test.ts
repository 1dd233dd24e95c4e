import { readFileSync } from 'fs';
import { join } from 'path';
import { Lazy, type Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { InstanceArchitecture } from 'aws-cdk-lib/aws-ec2';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { Hosting, MlopsStack, ModelEndpoint, ModelProject, type IModelImage } from '../../../lib';
import { Models } from '../../../twin/http';
import { ROOT, SMALLEST, loopTemplate, surroundings, templateOf, testApp } from '../fixtures';

const IMPORTED = `123456789012.dkr.ecr.eu-west-1.amazonaws.com/model@sha256:${'0'.repeat(64)}`;
const on = (instanceType: string) => templateOf((stack) => { new ModelEndpoint(stack, 'Endpoint', { ...surroundings(stack), hosting: Hosting.realTime({ instanceType }) }); });

describe('an image that is built here, for x86', () => {
  test.each(['ml.c6g.large', 'ml.m6gd.xlarge', 'ml.c6gn.large', 'ml.c7g.large', 'ml.m7g.large', 'ml.r8g.large', 'ml.p6e-gb200.36xlarge'])('is not hosted on %s', (instanceType) => {
    expect(() => on(instanceType)).toThrow(`hosting.instanceType is '${instanceType}', whose processors are arm64, but the image is built for x86_64 and could not even answer a ping; `
      + "choose an instance type with x86_64 processors, such as 'ml.m5.large'");
  });

  test.each(['ml.c6i.large', 'ml.g4dn.xlarge', 'ml.g5.xlarge', 'ml.g6e.xlarge', 'ml.p4d.24xlarge', 'ml.inf2.xlarge'])('is hosted on %s', (instanceType) => {
    expect(() => on(instanceType)).not.toThrow();
  });

  test('is not hosted on Arm in a stage before production either', () => {
    expect(() => loopTemplate({ stagesBeforeProduction: [{ name: 'Staging', hosting: Hosting.realTime({ instanceType: 'ml.c7g.large' }) }] })).toThrow(/whose processors are arm64/);
  });

  test('is hosted on the type that the README suggests', () => {
    const [, instanceType] = /-c instanceType=(\S+)/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8'))!;
    const { enum: known } = Models.load().operation('sagemaker', 'CreateEndpointConfig')!.service.shape('ProductionVariantInstanceType') as { enum?: string[] };
    expect(known).toContain(instanceType);
    expect(() => on(instanceType!)).not.toThrow();
  });
});

describe('an image from elsewhere', () => {
  test('may be built for Arm: a warning, no refusal', () => {
    const stack = new MlopsStack(testApp(), 'Mlops', { ...SMALLEST, project: ModelProject.fromImage(IMPORTED), hosting: Hosting.realTime({ instanceType: 'ml.c7g.large' }) });
    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp("'ml.c7g.large', whose processors are Arm.*never answers a ping"));
    expect(() => Template.fromStack(stack)).not.toThrow();
  });

  test.each([
    ['Arm, on Arm', InstanceArchitecture.ARM_64, 'ml.c7g.large', undefined],
    ['Arm, on x86', InstanceArchitecture.ARM_64, 'ml.m5.large', /whose processors are x86_64, but the image is built for arm64/],
    ['unknown processors, on x86', undefined, 'ml.m5.large', undefined],
  ])('that is for %s', (_, architecture, instanceType, refusal) => {
    const make = (stack: Stack) => {
      const around = surroundings(stack);
      const image: IModelImage = Object.assign(new Construct(stack, 'Foreign'), {
        project: around.image.project, imageUri: IMPORTED, architecture, grantPull: (grantee: IGrantable) => around.image.grantPull(grantee),
        grantRegister: (grantee: IGrantable) => around.image.grantRegister(grantee),
      });
      new ModelEndpoint(stack, 'Endpoint', { ...around, image, hosting: Hosting.realTime({ instanceType }) });
    };
    if (refusal === undefined) expect(() => templateOf(make)).not.toThrow();
    else expect(() => templateOf(make)).toThrow(refusal);
  });
});

test('training and evaluation are refused on Arm wherever the image comes from; a token is not judged', () => {
  for (const [project, instanceType] of [[SMALLEST.project, 'ml.c6g.large'], [ModelProject.fromImage(IMPORTED), 'ml.p6e-gb200.36xlarge']] as const) {
    expect(() => loopTemplate({ project, training: { instanceType } }))
      .toThrow(`training.instanceType is '${instanceType}', whose processors are Arm; SageMaker trains and evaluates on x86, so choose an x86 type such as 'ml.m5.large'`);
  }
  expect(() => loopTemplate({ training: { instanceType: Lazy.string({ produce: () => 'ml.m5.large' }) } })).not.toThrow();
});
