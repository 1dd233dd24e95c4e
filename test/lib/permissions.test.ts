import { ApprovalPolicy, Hosting, QualityGate } from '../../lib';
import { list, loopTemplate, resources, statementsOf, type Resource, type Statement } from './fixtures';

const template = loopTemplate({ approval: ApprovalPolicy.automatic() });
const roles = resources(template, 'AWS::IAM::Role');

/** Logical id without the loop's prefix and the hash. */
const nameOf = (id: string) => id.replace(/^Loop/, '').replace(/[0-9A-F]{8}$/, '');
const allows = (role: Resource, action: string) => statementsOf(role).filter((statement) => list(statement.Action).includes(action));
const role = (name: string) => Object.entries(roles).find(([id]) => nameOf(id) === name)![1];

/** Actions for which AWS accepts no resource, or none that is known, and what limits them instead. */
const ON_EVERYTHING: Record<string, string> = {
  'cloudwatch:PutMetricData': 'limited to namespaces by a condition',
  'codepipeline:PutJobFailureResult': 'a job is known only when it is given; its id is the secret',
  'codepipeline:PutJobSuccessResult': 'as above',
  'ecr:GetAuthorizationToken': 'a token gives what the role may do, no more',
  'sagemaker:ListEndpointConfigs': 'names only',
  'sagemaker:ListModels': 'names only',
  'sagemaker:ListProcessingJobs': 'names and states only',
  'sagemaker:ListTrainingJobs': 'names and states only',
  'sagemaker:ListTransformJobs': 'names and states only',
};

test('only actions that know no resource are allowed on everything', () => {
  const found = Object.values(roles).flatMap(statementsOf)
    .filter((statement) => list(statement.Resource).includes('*'))
    .flatMap((statement) => list(statement.Action));
  expect([...new Set(found)].sort()).toEqual(Object.keys(ON_EVERYTHING));
});

test('no statement allows a family of actions', () => {
  const families = Object.values(roles).flatMap(statementsOf).flatMap((statement) => list(statement.Action)).filter((action) => action.includes('*'));
  expect(families).toEqual([]);
});

test('metrics can be put into named namespaces only', () => {
  for (const statement of Object.values(roles).flatMap((each) => allows(each, 'cloudwatch:PutMetricData'))) {
    expect(statement.Condition).toEqual({ StringEquals: { 'cloudwatch:namespace': expect.anything() } });
  }
});

test('a role is handed on to SageMaker only', () => {
  const passing = Object.entries(roles).flatMap(([id, each]) => allows(each, 'iam:PassRole').map((statement) => ({ id: nameOf(id), statement })));
  expect(passing.map(({ id }) => id).sort()).toEqual(['EndpointDeployRole', 'TrainingWorkflowRole']);
  for (const { statement } of passing) {
    expect(statement.Condition).toEqual({ StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } });
    for (const passed of list(statement.Resource as never)) expect(passed).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^Loop(EndpointExecutionRole|TrainingTrainingRole|TrainingScoringRole)/), 'Arn'] });
  }
});

test('one role may set a package to Approved, and nothing else about it; who registers may only register as pending', () => {
  const changing = Object.entries(roles).filter(([, each]) => allows(each, 'sagemaker:UpdateModelPackage').length > 0).map(([id]) => nameOf(id));
  expect(changing).toEqual(['ApprovalApproveRole']);
  expect(allows(role('ApprovalApproveRole'), 'sagemaker:UpdateModelPackage')[0]!.Condition).toEqual({ StringEquals: { 'sagemaker:ModelApprovalStatus': 'Approved' } });

  const registering = Object.entries(roles).filter(([, each]) => allows(each, 'sagemaker:CreateModelPackage').length > 0).map(([id]) => nameOf(id));
  expect(registering).toEqual(['TrainingRegisterCandidateRole']);
  expect(allows(role('TrainingRegisterCandidateRole'), 'sagemaker:CreateModelPackage')[0]!.Condition)
    .toEqual({ StringEquals: { 'sagemaker:ModelApprovalStatus': 'PendingManualApproval' } });
});

test('without automatic approval nobody in the stack can approve', () => {
  const manual = Object.values(resources(loopTemplate(), 'AWS::IAM::Role'));
  expect(manual.flatMap((each) => allows(each, 'sagemaker:UpdateModelPackage'))).toEqual([]);
});

test('a training container reaches neither the registry, nor captured traffic, nor the state of retraining', () => {
  const statements = ['TrainingTrainingRole', 'TrainingScoringRole'].flatMap((name) => statementsOf(role(name)));
  expect(statements.flatMap((statement) => list(statement.Action)).filter((action) => action.startsWith('sagemaker:'))).toEqual([]);
  const reached = JSON.stringify(statements.filter((statement) => list(statement.Action).some((action) => action.startsWith('s3:'))));
  expect(reached).toContain('/rows/train/');
  expect(reached).not.toMatch(/Captured|Datasets|PipelineArtifacts|state\/|monitoring\/|holdout|runs\/(?!\*\/model)/);
});

test('who may start a service role is named with the account', () => {
  for (const [id, each] of Object.entries(roles)) {
    const statements: any[] = each.Properties.AssumeRolePolicyDocument.Statement;
    expect(statements).toHaveLength(1);
    const { Principal, Condition } = statements[0];
    // Lambda names no source when it takes a role on.
    if (Principal.Service === 'lambda.amazonaws.com') expect(Condition).toBeUndefined();
    else expect({ id, account: Condition?.StringEquals?.['aws:SourceAccount'] }).toEqual({ id, account: { Ref: 'AWS::AccountId' } });
  }
});

/** What each role may do, in lines. */
function permissionsOf(all: Record<string, Resource>): Record<string, string[]> {
  const readable = (value: unknown): string => JSON.stringify(value)
    .replace(/\{"Fn::Join":\["",\[(.*?)\]\]\}/g, (_, parts: string) => parts.replace(/","|",|,"|^"|"$/g, ''))
    .replace(/\{"Fn::GetAtt":\["([A-Za-z]+?)[0-9A-F]{8}","Arn"\]\}/g, '<$1>')
    .replace(/\{"Ref":"([A-Za-z:]+?)(?:[0-9A-F]{8})?"\}/g, '<$1>')
    .replace(/[0-9a-f]{64}/g, 'HASH');
  const line = (statement: Statement) =>
    `${list(statement.Action).join(' ')} on ${readable(statement.Resource)}${statement.Condition ? ` if ${readable(statement.Condition)}` : ''}`;
  return Object.fromEntries(Object.entries(all).map(([id, each]) => [nameOf(id), statementsOf(each).map(line)]));
}

test('permissions of every role, to be read whenever they change', () => {
  expect(permissionsOf(roles)).toMatchSnapshot();
});

test('permissions of what is asked for besides', () => {
  const besides = resources(loopTemplate({ quality: {} }), 'AWS::IAM::Role');
  expect(permissionsOf(Object.fromEntries(Object.entries(besides).filter(([id]) => !(id in roles))))).toMatchSnapshot();
});

test('who measures quality reads labels and traffic, and writes neither', () => {
  const [, measure] = Object.entries(resources(loopTemplate({ quality: {} }), 'AWS::IAM::Role')).find(([id]) => nameOf(id) === 'QualityMeasureRole')!;
  const written = JSON.stringify(allows(measure, 's3:PutObject').map(({ Resource }) => Resource));
  expect(written).toMatch(/ground-truth-join\//);
  expect(written).not.toMatch(/"\/(capture|ground-truth)\//);
});

test('the key for volumes may be lent by caller and execution role, through SageMaker only, and only where instances take it', () => {
  const lending = (props: Parameters<typeof loopTemplate>[0]) => Object.entries(resources(loopTemplate(props), 'AWS::IAM::Role'))
    .flatMap(([id, each]) => allows(each, 'kms:CreateGrant').map((statement) => [nameOf(id), statement] as const));
  const found = lending({});
  expect(found.map(([name]) => name).sort()).toEqual(['EndpointDeployRole', 'EndpointExecutionRole', 'TrainingScoringRole', 'TrainingTrainingRole', 'TrainingWorkflowRole']);
  for (const [, statement] of found) {
    expect(statement).toEqual({
      Effect: 'Allow', Action: ['kms:CreateGrant', 'kms:DescribeKey'], Resource: { 'Fn::GetAtt': [expect.stringMatching(/^LoopKey/), 'Arn'] },
      Condition: { StringEquals: { 'kms:ViaService': { 'Fn::Join': ['', ['sagemaker.', { Ref: 'AWS::Region' }, '.amazonaws.com']] } } },
    });
  }
  const custom = lending({ gate: QualityGate.atLeast('auc', 0.6, { customMetrics: ['profit'] }) });
  expect(custom.filter(([, { Action }]) => list(Action).includes('kms:Decrypt')).map(([name]) => name)).toEqual(['TrainingWorkflowRole']);
  const withLocalDisks = lending({ hosting: Hosting.realTime({ instanceType: 'ml.g5.xlarge' }), training: { instanceType: 'ml.m5d.large' } });
  expect(withLocalDisks).toEqual([]);
});

test('an endpoint writes its logs even if SageMaker asks for the group where it exists, and the group is deleted after the role', () => {
  const logs = allows(role('EndpointExecutionRole'), 'logs:CreateLogGroup');
  expect(logs.map(({ Resource }) => Resource)).toEqual([{ 'Fn::GetAtt': [expect.stringMatching(/^LoopEndpointLogs/), 'Arn'] }]);
});

test('only the judge reads the labels of the hold-out, and only he and the registrar the answers', () => {
  const readers = (part: string) => Object.entries(roles)
    .filter(([, each]) => allows(each, 's3:GetObject').some(({ Resource }) => JSON.stringify(Resource).includes(part))).map(([id]) => nameOf(id)).sort();
  expect(readers('rows/holdout/')).toEqual(['TrainingJudgeCandidateRole']);
  expect(readers('rows/answers/')).toEqual(['TrainingJudgeCandidateRole', 'TrainingRegisterCandidateRole']);
  const writers = (part: string) => Object.entries(roles)
    .filter(([, each]) => allows(each, 's3:PutObject').some(({ Resource }) => JSON.stringify(Resource).includes(part))).map(([id]) => nameOf(id)).sort();
  expect(writers('rows/answers/')).toEqual(['TrainingScoringRole']);
});

test('an endpoint gives no right on the releases of another whose name begins with its own', () => {
  const named = resources(loopTemplate({ endpointName: 'flights', stagesBeforeProduction: [{ name: 'Staging' }] }), 'AWS::IAM::Role');
  const policies = resources(loopTemplate({ endpointName: 'flights' }), 'AWS::IAM::Policy');
  const patterns = JSON.stringify([named, policies]).match(/(?:model|endpoint-config|endpoint|alarm)[/:]flights[^"]*/g)!.map((resource) => resource.replace(/^[a-z-]+[/:]/, ''));
  expect(patterns).toContain('flights-??????????');
  const matches = (pattern: string, name: string) => new RegExp(`^${pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')}$`).test(name);
  for (const name of ['flights-b', 'flights-b-0123456789', 'flights-b-0123456789-errors', 'flights-2-abcdefabcd-latency', 'flights-0123456789-0123456789', 'flights-0123456789-0123456789-errors']) {
    expect({ name, by: patterns.filter((pattern) => matches(pattern, name)) }).toEqual({ name, by: [] });
  }
  for (const name of ['flights', 'flights-0123456789', 'flights-0123456789-errors', 'flights-0123456789-latency']) expect(patterns.some((pattern) => matches(pattern, name))).toBe(true);
});
