import { deployedOf, type Run } from '../run';
import { completed } from '../registry';
import { stackResource } from '../stack-resources';
import { callAsRole, callOnce, type Outcome, type Statement } from './as-role';
import { ProbeStack } from './probe-stack';
import type { Answer, Question } from './question';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

/** Packages are registered, and one of them is reviewed, by roles that may do that and nothing else. */
interface Registration {
  readonly create: Answer;
  readonly review: Answer;
}

const registrations = new WeakMap<Run, Promise<Registration>>();

function registration(run: Run): Promise<Registration> {
  if (!registrations.has(run)) registrations.set(run, registerAsRoles(run));
  return registrations.get(run)!;
}

export const createModelPackageCaller: Question = { name: 'create-model-package-caller', changes: 'nothing', ask: async (run) => (await registration(run)).create };

export const approvalChecksImage: Question = { name: 'approval-checks-image', changes: 'nothing', ask: async (run) => (await registration(run)).review };

async function registerAsRoles(run: Run): Promise<Registration> {
  const { cloud, names } = run;
  const group = `${names.probe}-registry`;
  const { ModelPackageGroupArn } = await cloud.call('sagemaker', 'CreateModelPackageGroup', { ModelPackageGroupName: group, Tags: names.tags });
  const packages = ModelPackageGroupArn.replace(':model-package-group/', ':model-package/').concat('/*');
  const { artifactsBucket, repositoryArn, keyArn } = await places(run);
  const base: Statement = { Action: 'sagemaker:CreateModelPackage', Resource: [packages, ModelPackageGroupArn] };
  const rights: Record<string, Statement[]> = {
    Alone: [base],
    Image: [base, { Action: ['ecr:BatchGetImage', 'ecr:DescribeImages'], Resource: repositoryArn }],
    Artifact: [base, { Action: 's3:GetObject', Resource: `arn:${ModelPackageGroupArn.split(':')[1]}:s3:::${artifactsBucket}/models/*` }, { Action: 'kms:Decrypt', Resource: keyArn }],
    Both: [],
  };
  rights.Both = [...rights.Image!, ...rights.Artifact!.slice(1)];
  const create = { ModelPackageGroupName: group, 'InferenceSpecification.$': '$.specification', ModelApprovalStatus: 'PendingManualApproval' };
  const stack = new ProbeStack(run, 'registry');
  await stack.create({
    ...Object.assign({}, ...Object.entries(rights).map(([id, statements]) => callAsRole(id, 'arn:aws:states:::aws-sdk:sagemaker:createModelPackage', statements, create))),
    ...callAsRole('Review', 'arn:aws:states:::aws-sdk:sagemaker:updateModelPackage', [{ Action: 'sagemaker:UpdateModelPackage', Resource: packages }],
      { 'ModelPackageArn.$': '$.package', ModelApprovalStatus: 'Rejected', ApprovalDescription: 'a question of acceptance' }),
  });
  const { InferenceSpecification } = await cloud.call('sagemaker', 'DescribeModelPackage', { ModelPackageName: run.seen.retrainedPackage });
  const outcomes: Record<string, Outcome> = {};
  for (const id of Object.keys(rights)) outcomes[id] = await callOnce(run, stack, id, { specification: specification(InferenceSpecification) });
  const made = Object.values(outcomes).find(({ output }) => output !== undefined)?.output;
  const review = made === undefined ? undefined : await reviewOnce(run, stack, JSON.parse(made).ModelPackageArn);
  await stack.delete();
  const needed = outcomes.Alone!.error === undefined ? 'nothing but sagemaker:CreateModelPackage is asked of the caller'
    : outcomes.Image!.error === undefined ? 'the caller needs the image\'s permissions, not the artifact\'s'
      : outcomes.Artifact!.error === undefined ? 'the caller needs the artifact\'s permissions, not the image\'s'
        : outcomes.Both!.error === undefined ? 'the caller needs the permissions of image and artifact' : 'even with all of the permissions the caller is refused';
  return {
    create: { answer: needed, evidence: Object.entries(outcomes).map(([id, outcome]) => `${id}: ${described(outcome)}`).join('; ') },
    review: review === undefined ? { answer: 'not answered', evidence: 'no package could be registered' } : {
      answer: review.error === undefined ? 'a change of the approval status asks for sagemaker:UpdateModelPackage only' : 'a change of the approval status asks for more', evidence: described(review),
    },
  };
}

async function reviewOnce(run: Run, stack: ProbeStack, packageArn: string): Promise<Outcome> {
  await completed(run, packageArn);
  return callOnce(run, stack, 'Review', { package: packageArn });
}

function described({ error, cause }: Outcome): string {
  return error === undefined ? 'done' : `${error}: ${cause?.slice(0, 250)}`;
}

/** Containers as they are given, without what SageMaker adds when it describes them. */
function specification({ Containers, SupportedContentTypes, SupportedResponseMIMETypes }: any): object {
  return { Containers: Containers.map(({ Image, ModelDataUrl }: any) => ({ Image, ModelDataUrl })), SupportedContentTypes, SupportedResponseMIMETypes };
}

async function places(run: Run): Promise<{ artifactsBucket: string; repositoryArn: string; keyArn: string }> {
  const { cloud } = run;
  const repositoryName = await stackResource(run, 'AWS::ECR::Repository', 'Image');
  const { repositories: [{ repositoryArn }] } = await cloud.call('ecr', 'DescribeRepositories', { repositoryNames: [repositoryName] });
  const { KeyMetadata: { Arn } } = await cloud.call('kms', 'DescribeKey', { KeyId: await stackResource(run, 'AWS::KMS::Key', 'LoopKey') });
  return { artifactsBucket: deployedOf(run).artifactsBucket, repositoryArn, keyArn: Arn };
}
