import { AwsError } from '../../service';
import type { Operation, PolicyDocument } from '../../service';
import { registryHost } from '../../jobs/registry';
import type { World } from '../../world';
import { onRepository } from './authorization';
import { page } from './image-operations';
import { parseLifecyclePolicy } from './lifecycle';
import type { EcrState, Repository } from './state';

export function repositoryOperations(state: EcrState): Record<string, Operation> {
  const of = (input: { repositoryName: string; registryId?: string }) => state.get(input.repositoryName, input.registryId);
  const authorize = (action: string) => onRepository(state, action);
  const naming = (repository: Repository) => ({ registryId: repository.registryId, repositoryName: repository.name });
  return {
    CreateRepository: {
      authorize: (input, call) => [
        ...authorize('CreateRepository')(input, call),
        ...(input.tags?.length > 0 ? authorize('TagResource')(input, call) : []),
      ],
      run: (input, { world }) => {
        const repository = state.add(input.repositoryName, input.registryId);
        repository.mutability = input.imageTagMutability ?? 'MUTABLE';
        repository.exclusions = input.imageTagMutabilityExclusionFilters ?? [];
        repository.scanOnPush = input.imageScanningConfiguration?.scanOnPush ?? false;
        repository.encryption = input.encryptionConfiguration ?? repository.encryption;
        repository.tags = Object.fromEntries((input.tags ?? []).map((tag: { Key: string; Value: string }) => [tag.Key, tag.Value]));
        return { repository: described(world, repository) };
      },
    },
    DeleteRepository: {
      authorize: authorize('DeleteRepository'),
      run: (input, { world }) => {
        const repository = of(input);
        state.remove(repository, input.force === true);
        return { repository: described(world, repository) };
      },
    },
    DescribeRepositories: {
      authorize: (input, call) => (input.repositoryNames === undefined
        ? [{ action: 'ecr:DescribeRepositories', resource: call.world.arn('ecr', 'repository/*') }]
        : (input.repositoryNames as string[]).flatMap((repositoryName) => authorize('DescribeRepositories')({ repositoryName, registryId: input.registryId }, call))),
      run: (input, { world }) => {
        const names = input.repositoryNames as string[] | undefined;
        const found = names === undefined ? state.all(input.registryId) : names.map((name) => state.get(name, input.registryId));
        return page('repositories', found.map((repository) => described(world, repository)), input);
      },
    },
    SetRepositoryPolicy: {
      authorize: authorize('SetRepositoryPolicy'),
      run: (input) => {
        const repository = of(input);
        repository.policy = parsePolicy(input.policyText);
        return { ...naming(repository), policyText: input.policyText };
      },
    },
    GetRepositoryPolicy: {
      authorize: authorize('GetRepositoryPolicy'),
      run: (input) => {
        const repository = of(input);
        return { ...naming(repository), policyText: JSON.stringify(existingPolicy(repository)) };
      },
    },
    DeleteRepositoryPolicy: {
      authorize: authorize('DeleteRepositoryPolicy'),
      run: (input) => {
        const repository = of(input);
        const policyText = JSON.stringify(existingPolicy(repository));
        repository.policy = undefined;
        return { ...naming(repository), policyText };
      },
    },
    PutLifecyclePolicy: {
      authorize: authorize('PutLifecyclePolicy'),
      run: (input) => {
        const repository = of(input);
        parseLifecyclePolicy(input.lifecyclePolicyText);
        repository.lifecycle = input.lifecyclePolicyText;
        return { ...naming(repository), lifecyclePolicyText: input.lifecyclePolicyText };
      },
    },
    GetLifecyclePolicy: {
      authorize: authorize('GetLifecyclePolicy'),
      run: (input) => {
        const repository = of(input);
        if (repository.lifecycle === undefined) throw new AwsError('LifecyclePolicyNotFoundException', `Lifecycle policy does not exist for the repository with name '${repository.name}' in the registry with id '${repository.registryId}'`);
        return {
          ...naming(repository), lifecyclePolicyText: repository.lifecycle,
          ...(repository.lifecycleEvaluatedAt !== undefined ? { lastEvaluatedAt: new Date(repository.lifecycleEvaluatedAt) } : {}),
        };
      },
    },
    PutImageTagMutability: {
      authorize: authorize('PutImageTagMutability'),
      run: (input) => {
        const repository = of(input);
        repository.mutability = input.imageTagMutability;
        repository.exclusions = input.imageTagMutabilityExclusionFilters ?? [];
        return { ...naming(repository), imageTagMutability: repository.mutability };
      },
    },
    ...tagOperations(state),
  };
}

function tagOperations(state: EcrState): Record<string, Operation> {
  const byArn = (arn: string): Repository => {
    const [, , , , registryId, resource = ''] = arn.split(':');
    return state.get(resource.replace(/^repository\//, ''), registryId);
  };
  const authorize = (action: string) => (input: { resourceArn: string }) => [{ action: `ecr:${action}`, resource: input.resourceArn }];
  return {
    ListTagsForResource: {
      authorize: authorize('ListTagsForResource'),
      run: (input) => ({ tags: Object.entries(byArn(input.resourceArn).tags).map(([Key, Value]) => ({ Key, Value })) }),
    },
    TagResource: {
      authorize: authorize('TagResource'),
      run: (input) => { for (const { Key, Value } of input.tags) byArn(input.resourceArn).tags[Key] = Value; },
    },
    UntagResource: {
      authorize: authorize('UntagResource'),
      run: (input) => { for (const key of input.tagKeys) delete byArn(input.resourceArn).tags[key]; },
    },
  };
}

export function parsePolicy(text: string | PolicyDocument): PolicyDocument {
  if (typeof text !== 'string') return text;
  try {
    return JSON.parse(text) as PolicyDocument;
  } catch {
    throw new AwsError('InvalidParameterException', 'Invalid parameter at \'PolicyText\' failed to satisfy constraint: \'Invalid repository policy provided\'');
  }
}

function existingPolicy(repository: Repository): PolicyDocument {
  if (repository.policy === undefined) throw new AwsError('RepositoryPolicyNotFoundException', `Repository policy does not exist for the repository with name '${repository.name}' in the registry with id '${repository.registryId}'`);
  return repository.policy;
}

function described(world: World, repository: Repository) {
  return {
    repositoryArn: repository.arn, registryId: repository.registryId, repositoryName: repository.name,
    repositoryUri: `${registryHost(world, repository.registryId)}/${repository.name}`, createdAt: new Date(repository.createdAt),
    imageTagMutability: repository.mutability,
    ...(repository.exclusions.length > 0 ? { imageTagMutabilityExclusionFilters: repository.exclusions } : {}),
    imageScanningConfiguration: { scanOnPush: repository.scanOnPush }, encryptionConfiguration: repository.encryption,
  };
}
