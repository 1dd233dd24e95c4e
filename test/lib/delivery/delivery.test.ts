import { readFileSync } from 'fs';
import { join } from 'path';
import { Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ApprovalPolicy, CandidateApproval, Hosting, MlopsStack, ModelRegistry, QualityGate, ReleasePipeline } from '../../../lib';
import type { ReleaseDescriptor } from '../../../lib/serving/release-descriptor.contract';
import { SMALLEST, loopTemplate, outline, resource, resources, templateOf, testApp } from '../fixtures';

const template = loopTemplate();
const pipeline = (name: string, of = template) => resource(of, 'AWS::CodePipeline::Pipeline', `Loop${name}Pipeline`).Properties;
const stage = (properties: Record<string, any>, name: string) => properties.Stages.find((each: any) => each.Name === name);

test.each(['Training', 'Release'])('the %s pipeline queues its runs, and a changed source starts one', (name) => {
  expect(pipeline(name)).toMatchObject({ PipelineType: 'V2', ExecutionMode: 'QUEUED', RestartExecutionOnUpdate: true });
});

describe('the training pipeline', () => {
  test('trains the image by digest, on the window and for the reason given', () => {
    const { StateMachineArn, InputType, Input } = stage(pipeline('Training'), 'Train').Actions[0].Configuration;
    expect(StateMachineArn).toEqual({ Ref: expect.stringMatching(/^LoopTraining[0-9A-F]{8}$/) });
    expect(InputType).toBe('Literal');
    expect(Input.length).toBeLessThanOrEqual(1000);
    expect(JSON.parse(Input)).toMatchObject({ imageUri: '#{Build.IMAGE_URI}', trainingWindow: '#{variables.TrainingWindow}', trigger: '#{variables.Trigger}' });
    expect(stage(pipeline('Training'), 'Build').Actions[0].Namespace).toBe('Build');
  });

  test.each([
    ['flights/', ['flights/_SUCCESS', { wildcard: 'flights/*/_SUCCESS' }]],
    [undefined, ['_SUCCESS', { wildcard: '*/_SUCCESS' }]],
    ['100*\\2/', ['100*\\2/_SUCCESS', { wildcard: '100\\*\\\\2/*/_SUCCESS' }]],
  ])('starts once per complete batch under %s', (prefix, key) => {
    const { Properties } = resource(loopTemplate({ dataset: { ...SMALLEST.dataset, prefix } }), 'AWS::Events::Rule', 'LoopTrainingPipelineNewData');
    expect(Properties.EventPattern).toMatchObject({ 'source': ['aws.s3'], 'detail-type': ['Object Created'], 'detail': { object: { key } } });
    expect(Properties.Targets).toHaveLength(1);
    expect(Properties.Targets[0].DeadLetterConfig).toBeDefined();
  });
});

describe('the release pipeline', () => {
  test('selects first; every stage after it is skipped without a package, before anybody is asked', () => {
    const staged = pipeline('Release', loopTemplate({ stagesBeforeProduction: [{ name: 'Staging', manualApproval: true }], approveProduction: true }));
    expect(staged.Stages.map((each: any) => each.Name)).toEqual(['Source', 'Select', 'Staging', 'Production']);
    for (const name of ['Staging', 'Production']) {
      const [condition] = stage(staged, name).BeforeEntry.Conditions;
      expect(condition.Result).toBe('SKIP');
      expect(condition.Rules[0]).toMatchObject({
        RuleTypeId: { Category: 'Rule', Provider: 'VariableCheck' }, Configuration: { Variable: '#{Select.PackageArn}', Operator: 'NE', Value: 'none' },
      });
      const actions = stage(staged, name).Actions.map(({ Name, RunOrder, ActionTypeId }: any) => [RunOrder, Name, ActionTypeId.Provider]);
      expect(actions.sort()).toEqual([[1, 'Approve', 'Manual'], [2, 'Deploy', 'Lambda'], [3, 'Probe', 'Lambda']]);
    }
  });

  test('releases without a person by default, once the package is approved', () => {
    expect(stage(pipeline('Release'), 'Production').Actions.map(({ Name }: any) => Name)).toEqual(['Deploy', 'Probe']);
  });

  test('parameters of actions fit into their thousand characters, and the descriptor goes to the deploy action', () => {
    const [deploy, probe] = stage(pipeline('Release'), 'Production').Actions;
    for (const action of [deploy, probe]) expect(action.Configuration.UserParameters.length).toBeLessThan(700);
    expect(JSON.parse(deploy.Configuration.UserParameters)).toMatchObject({ stage: 'Production', packageArn: '#{Select.PackageArn}' });
    expect(deploy.InputArtifacts).toEqual([{ Name: 'Descriptor' }]);
    expect(probe).not.toHaveProperty('InputArtifacts');
  });

  test('what a release does is an asset, without tokens, and changes with its settings', () => {
    const descriptor = (instanceCount: number) => {
      const app = testApp();
      const stack = new MlopsStack(app, 'Mlops', { ...SMALLEST, hosting: Hosting.realTime({ instanceCount }) });
      const key: string = stage(pipeline('Release', Template.fromStack(stack)), 'Source').Actions[0].Configuration.S3ObjectKey;
      const text = readFileSync(join(app.outdir, `asset.${key.replace('.zip', '')}`, 'release.json'), 'utf8');
      expect(text).not.toContain('Token');
      return { key, content: JSON.parse(text) as ReleaseDescriptor };
    };
    const [one, two] = [descriptor(1), descriptor(2)];
    expect(one.content.stages).toHaveLength(1);
    expect(one.content.stages[0]).toMatchObject({ name: 'Production', hosting: { instanceType: 'ml.m5.large', instanceCount: 1, autoscaling: null } });
    expect(two.content.stages[0]!.rollout.kind).toBe('canary');
    expect(two.key).not.toBe(one.key);
  });

  test('starts on an approval and on a rejection of a complete package of its group', () => {
    const { EventPattern } = resource(template, 'AWS::Events::Rule', 'LoopReleasePipelineApprovals').Properties;
    expect(EventPattern).toMatchObject({
      'source': ['aws.sagemaker'],
      'detail-type': ['SageMaker Model Package State Change'],
      'detail': { ModelPackageStatus: ['Completed', 'Failed'], ModelApprovalStatus: ['Approved', 'Rejected'], ModelPackageGroupName: [expect.anything()] },
    });
  });

  test('knows where each stage records its rollbacks; only who releases or approves may write there', () => {
    const staged = loopTemplate({ endpointName: 'flights', stagesBeforeProduction: [{ name: 'Staging' }] });
    const records = (id: string, name: string) => JSON.stringify(resource(staged, 'AWS::Lambda::Function', id).Properties.Environment.Variables[name]).match(/state\/[^/]+\/rolled-back\.json/g);
    const [staging] = records('LoopStagingEndpointDeploy', 'ROLLBACK_RECORD')!;
    expect(records('LoopEndpointDeploy', 'ROLLBACK_RECORD')).toEqual(['state/flights/rolled-back.json']);
    for (const id of ['LoopReleasePipelineSelect', 'LoopReleasePipelineStart']) expect(records(id, 'ROLLBACK_RECORDS')).toEqual([staging, 'state/flights/rolled-back.json']);
    const statements = (role: any): object[] => (role.Properties.Policies ?? []).flatMap(({ PolicyDocument }: any) => PolicyDocument.Statement);
    const writers = Object.entries(resources(staged, 'AWS::IAM::Role'))
      .filter(([, role]) => statements(role).map((statement) => JSON.stringify(statement)).some((text) => text.includes('s3:PutObject') && text.includes('state/flights/rolled-back.json')))
      .map(([id]) => id.replace(/[0-9A-F]{8}$/, ''));
    expect(writers.sort()).toEqual(['LoopEndpointDeployRole', 'LoopReleasePipelineStartRole']);
  });

  test('decides on the production endpoint, the last of the stages', () => {
    const staged = loopTemplate({ endpointName: 'flights', stagesBeforeProduction: [{ name: 'Staging' }] });
    expect(resource(staged, 'AWS::Lambda::Function', 'LoopReleasePipelineStart').Properties.Environment.Variables.ENDPOINT_NAME).toBe('flights');
    expect(Object.keys(resources(staged, 'AWS::IAM::Role')).filter((id) => id.includes('ExecutionRole'))).toHaveLength(2);
  });
});

describe('automatic approval', () => {
  const approval = (policy: ApprovalPolicy) => loopTemplate({ approval: policy });

  test('is off by default', () => {
    expect(Object.keys(resources(template, 'AWS::Events::Rule')).filter((id) => id.includes('Candidates'))).toEqual([]);
  });

  test('hears of candidates that wait, and knows its score', () => {
    const automatic = approval(ApprovalPolicy.automatic({ minimumScore: 0 }));
    expect(resource(automatic, 'AWS::Events::Rule', 'LoopApprovalCandidates').Properties.EventPattern.detail.ModelApprovalStatus).toEqual(['PendingManualApproval']);
    // An explicit zero is a value.
    expect(resource(automatic, 'AWS::Lambda::Function', 'LoopApprovalApprove').Properties.Environment.Variables).toMatchObject({ MINIMUM_SCORE: '0', DIRECTION: 'maximize' });
  });

  test('works on its own in somebody\'s stack', () => {
    const alone = templateOf((stack) => {
      new CandidateApproval(stack, 'Approval', { registry: new ModelRegistry(stack, 'Registry'), gate: QualityGate.atMost('rmse', 12) });
    });
    expect(resource(alone, 'AWS::Lambda::Function', 'ApprovalApprove').Properties.Environment.Variables).toMatchObject({ DIRECTION: 'minimize' });
    expect(outline(alone)).toMatchSnapshot();
  });
});

test('the topic is notified of failed runs, in a sentence with a runbook', () => {
  const runbook = readFileSync(join(__dirname, '../../../docs/runbook.md'), 'utf8');
  for (const name of ['Training', 'Release']) {
    const { EventPattern, Targets } = resource(template, 'AWS::Events::Rule', `Loop${name}PipelineFailed`).Properties;
    expect(EventPattern.detail).toEqual({ pipeline: [{ Ref: expect.stringMatching(`^Loop${name}Pipeline`) }], state: ['FAILED'] });
    expect(Targets[0].Arn).toEqual({ Ref: expect.stringMatching(/^LoopAlarms/) });
    const [, anchor] = /#([a-z-]+)"/.exec(Targets[0].InputTransformer.InputTemplate)!;
    expect(runbook).toContain(`<a id="${anchor}"></a>`);
  }
});

test('watching for a day is refused: CodePipeline gives a Lambda action no longer', () => {
  expect(() => {
    const stack = new Stack(testApp(), 'Test');
    const { loop } = new MlopsStack(testApp(), 'Mlops', SMALLEST);
    new ReleasePipeline(stack, 'Release', { registry: loop.registry, buckets: loop.buckets, stages: [{ name: 'Production', endpoint: loop.endpoint, watch: Duration.days(1) }] });
  }).toThrow(/watch of stage 'Production' is 1 day; give 0 seconds to 12 hours/);
});
