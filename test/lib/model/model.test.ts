import { mkdtempSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { MlopsLoop, MlopsStack, ModelProject, QualityGate } from '../../../lib';
import { SMALLEST, loopTemplate, outline, resource, resources, statementsOf, surroundings, templateOf, testApp } from '../fixtures';

const alone = templateOf((stack) => { surroundings(stack); });
const trainingPipeline = (template: Template) => resource(template, 'AWS::CodePipeline::Pipeline', 'LoopTrainingPipeline').Properties;

describe('the image', () => {
  test('tags cannot be moved, pushes are scanned, and only leftovers without a tag expire', () => {
    const { ImageTagMutability, ImageScanningConfiguration, LifecyclePolicy } = resource(alone, 'AWS::ECR::Repository', 'Image').Properties;
    expect(ImageTagMutability).toBe('IMMUTABLE');
    expect(ImageScanningConfiguration).toEqual({ ScanOnPush: true });
    const { rules } = JSON.parse(LifecyclePolicy.LifecyclePolicyText);
    expect(rules.map((rule: any) => rule.selection.tagStatus)).toEqual(['untagged']);
  });

  test('the build tests the project, pushes under a tag of its own, and hands on the digest', () => {
    const spec = JSON.parse(resource(alone, 'AWS::CodeBuild::Project', 'ImageBuild').Properties.Source.BuildSpec);
    expect(spec.env['exported-variables']).toEqual(['IMAGE_URI']);
    expect(spec.phases.pre_build.commands.join('\n')).toMatch(/no Dockerfile(.|\n)*unittest/);
    expect(spec.phases.build.commands.join('\n')).toMatch(/CODEBUILD_BUILD_ID(.|\n)*docker build(.|\n)*docker push(.|\n)*describe-images(.|\n)*RepoDigests/);
  });

  test('tests of the project can be chosen', () => {
    const template = loopTemplate({ project: ModelProject.fromDirectory(join(__dirname, '../../../examples/flight-delay'), { testCommands: ['make test'] }) });
    const spec = JSON.parse(resource(template, 'AWS::CodeBuild::Project', 'LoopImageBuild').Properties.Source.BuildSpec);
    expect(spec.phases.pre_build.commands).toContain('make test');
    expect(spec.phases.pre_build.commands.join()).not.toContain('unittest');
  });
});

describe('images of before', () => {
  const pulledFrom = (template: Template, role: string) => statementsOf(resource(template, 'AWS::IAM::Role', role))
    .filter(({ Action }) => Action.includes('ecr:GetDownloadUrlForLayer')).flatMap(({ Resource }) => Resource).map((arn) => JSON.stringify(arn));

  test.each([
    ['a built image', SMALLEST.project, 1],
    ['an image from elsewhere', ModelProject.fromImage(`123456789012.dkr.ecr.eu-west-1.amazonaws.com/model@sha256:${'0'.repeat(64)}`), 0],
  ])('can be pulled beside %s, by whoever pulls', (_, project, repositories) => {
    const template = templateOf((stack) => {
      new MlopsLoop(stack, 'Loop', { ...SMALLEST, project, additionalPullRepositories: [Repository.fromRepositoryName(stack, 'Former', 'former')], stagesBeforeProduction: [{ name: 'Staging' }] });
    });
    template.resourceCountIs('AWS::ECR::Repository', repositories);
    for (const role of ['LoopTrainingTrainingRole', 'LoopTrainingScoringRole', 'LoopEndpointExecutionRole', 'LoopStagingEndpointExecutionRole']) {
      const arns = pulledFrom(template, role);
      expect(arns).toHaveLength(2);
      expect(arns).toContainEqual(expect.stringContaining(':repository/former'));
    }
  });

  test('outlive a repository that is replaced, even in a stack that leaves nothing', () => {
    for (const [removalPolicy, DeletionPolicy] of [[RemovalPolicy.DESTROY, 'Delete'], [RemovalPolicy.RETAIN, 'Retain']] as const) {
      expect(resource(loopTemplate({ removalPolicy }), 'AWS::ECR::Repository', 'LoopImage')).toMatchObject({ DeletionPolicy, UpdateReplacePolicy: 'Retain' });
    }
  });

  test('a stack of one\'s own with the loop in it has the same resources as MlopsStack, as docs/moving.md says', () => {
    const own = new Stack(testApp(), 'Mlops');
    new MlopsLoop(own, 'Loop', SMALLEST);
    expect(Object.keys(Template.fromStack(own).toJSON().Resources)).toEqual(Object.keys(loopTemplate().toJSON().Resources));
  });
});

describe('the registry', () => {
  test('its name carries a part of the stack\'s id, so that a retained group never meets its successor', () => {
    const { ModelPackageGroupName } = resource(alone, 'AWS::SageMaker::ModelPackageGroup', 'Registry').Properties;
    expect(JSON.stringify(ModelPackageGroupName)).toContain('AWS::StackId');
  });
});

describe('where code comes from', () => {
  test('a directory is an asset whose hash starts a run, and stands in the lineage', () => {
    const template = loopTemplate();
    const { Stages, RestartExecutionOnUpdate } = trainingPipeline(template);
    const { S3ObjectKey, PollForSourceChanges } = Stages[0].Actions[0].Configuration;
    const [, hash] = /^([0-9a-f]{64})\.zip$/.exec(S3ObjectKey)!;
    expect(RestartExecutionOnUpdate).toBe(true);
    expect(PollForSourceChanges).toBe(false);
    expect(JSON.parse(Stages[2].Actions[0].Configuration.Input).codeRevision).toBe(hash);
  });

  test('a bucket tells of new versions by an event of its own', () => {
    const template = templateOfLoop((scope) => ModelProject.fromBucket(Bucket.fromBucketName(scope, 'Code', 'company-code'), 'model.zip'));
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { 'source': ['aws.s3'], 'detail-type': ['Object Created'], 'detail': { bucket: { name: ['company-code'] }, object: { key: ['model.zip'] } } },
    });
    expect(JSON.parse(trainingPipeline(template).Stages[2].Actions[0].Configuration.Input).codeRevision).toBe('#{Source.VersionId}');
  });

  test('a connection may be used for its repository only', () => {
    const arn = 'arn:aws:codeconnections:eu-west-1:123456789012:connection/1';
    const template = loopTemplate({ project: ModelProject.fromConnection(arn, { owner: 'company', repository: 'model' }) });
    expect(trainingPipeline(template).Stages[0].Actions[0]).toMatchObject({
      ActionTypeId: { Provider: 'CodeStarSourceConnection' }, Configuration: { ConnectionArn: arn, FullRepositoryId: 'company/model', BranchName: 'main' },
    });
    const [statement] = statementsOf(resource(template, 'AWS::IAM::Role', 'LoopTrainingPipelineRole')).filter(({ Action }) => Action.includes('codeconnections:UseConnection'));
    expect(statement).toMatchObject({ Resource: arn, Condition: { StringEqualsIfExists: { 'codestar-connections:FullRepositoryId': 'company/model' } } });
  });

  test('an image that exists is not built, and pulled from where it is', () => {
    const uri = `763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch@sha256:${'0'.repeat(64)}`;
    const template = loopTemplate({ project: ModelProject.fromImage(uri) });
    template.resourceCountIs('AWS::CodeBuild::Project', 0);
    template.resourceCountIs('AWS::ECR::Repository', 0);
    const { Stages } = trainingPipeline(template);
    expect(Stages.map(({ Name }: any) => Name)).toEqual(['Source', 'Train']);
    expect(JSON.parse(Stages[1].Actions[0].Configuration.Input)).toMatchObject({ imageUri: uri, codeRevision: uri });
    for (const role of ['LoopTrainingTrainingRole', 'LoopTrainingScoringRole', 'LoopEndpointExecutionRole']) {
      const pulls = statementsOf(resource(template, 'AWS::IAM::Role', role)).filter(({ Action }) => Action.includes('ecr:BatchGetImage'));
      expect(JSON.stringify(pulls.map(({ Resource }) => Resource))).toContain(':ecr:eu-west-1:763104351884:repository/pytorch');
    }
  });

  test('an image by its tag is warned of, one that is no address refused', () => {
    const stack = new MlopsStack(testApp(), 'Mlops', { ...SMALLEST, project: ModelProject.fromImage('123456789012.dkr.ecr.eu-west-1.amazonaws.com/model:latest') });
    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('named by its tag \'latest\', which can be moved'));
    expect(() => loopTemplate({ project: ModelProject.fromImage('model:latest') })).toThrow(/the image is 'model:latest'; give the address of an image in ECR/);
  });

  test.each([
    ['a folder that is not there', () => ModelProject.fromDirectory('/nowhere'), /no model project at '\/nowhere'; give the path/],
    ['a folder without a Dockerfile', () => ModelProject.fromDirectory(mkdtempSync(join(tmpdir(), 'project-'))), /has no Dockerfile/],
  ])('%s is refused', (_, project, message) => {
    expect(() => loopTemplate({ project: project() })).toThrow(message);
  });

  test('a key that is no zip file is refused', () => {
    expect(() => templateOfLoop((scope) => ModelProject.fromBucket(Bucket.fromBucketName(scope, 'Code', 'company-code'), 'model.tar'))).toThrow(/end it with '.zip'/);
  });
});

function templateOfLoop(project: (scope: Construct) => ModelProject): Template {
  return templateOf((stack) => {
    new MlopsLoop(stack, 'Loop', { project: project(stack), dataset: { labelColumn: 'late', timeColumn: 'time' }, gate: QualityGate.atLeast('auc', 0.5) });
  });
}

test('logs of the build have an end', () => {
  expect(Object.values(resources(alone, 'AWS::Logs::LogGroup')).map(({ Properties }) => Properties.RetentionInDays)).toEqual([90]);
  alone.hasResourceProperties('AWS::CodeBuild::Project', { Environment: Match.objectLike({ PrivilegedMode: true }) });
});

test('outline', () => { expect(outline(alone)).toMatchSnapshot(); });
