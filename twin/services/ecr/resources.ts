import { AwsError } from '../../service';
import type { ResourceHandle, ResourceProvider, ResourceRequest } from '../../service';
import { registryHost } from '../../jobs/registry';
import { removeImage } from './image-operations';
import { parseLifecyclePolicy } from './lifecycle';
import { parsePolicy } from './repository-operations';
import type { EcrState, Repository } from './state';

export function ecrResources(state: EcrState): Record<string, ResourceProvider> {
  return {
    'AWS::ECR::Repository': {
      properties: [
        'RepositoryName', 'ImageTagMutability', 'ImageTagMutabilityExclusionFilters', 'ImageScanningConfiguration', 'EncryptionConfiguration',
        'LifecyclePolicy', 'RepositoryPolicyText', 'EmptyOnDelete', 'Tags',
      ],
      createOnly: ['RepositoryName', 'EncryptionConfiguration'],
      attributes: ['Arn', 'RepositoryUri'],
      create: (request) => {
        const { EncryptionConfiguration: encryption, RepositoryName: name } = request.properties;
        const repository = state.add(name ?? request.generateName(256, true));
        if (encryption !== undefined) repository.encryption = { encryptionType: encryption.EncryptionType, ...(encryption.KmsKey !== undefined ? { kmsKey: encryption.KmsKey } : {}) };
        configure(repository, request);
        return handle(request, repository);
      },
      update: (request, existing) => {
        const repository = state.get(existing.physicalId);
        configure(repository, request);
        return handle(request, repository);
      },
      delete: (request, existing) => {
        const repository = state.find(existing.physicalId);
        if (repository === undefined) return;
        if (repository.images.size > 0 && request.properties.EmptyOnDelete !== true && request.properties.EmptyOnDelete !== 'true') {
          throw new AwsError('RepositoryNotEmptyException', `The repository with name '${repository.name}' in registry with id '${repository.registryId}' cannot be deleted because it still contains images`);
        }
        for (const image of [...repository.images.values()]) removeImage(request.world, repository, image);
        state.remove(repository, true);
      },
    },
  };
}

function configure(repository: Repository, { properties }: ResourceRequest): void {
  const lifecycle = properties.LifecyclePolicy?.LifecyclePolicyText as string | undefined;
  if (lifecycle !== undefined) parseLifecyclePolicy(lifecycle);
  repository.lifecycle = lifecycle;
  repository.mutability = properties.ImageTagMutability ?? 'MUTABLE';
  repository.exclusions = (properties.ImageTagMutabilityExclusionFilters ?? []).map((filter: Record<string, string>) => ({
    filterType: filter.ImageTagMutabilityExclusionFilterType, filter: filter.ImageTagMutabilityExclusionFilterValue,
  }));
  repository.scanOnPush = [true, 'true'].includes(properties.ImageScanningConfiguration?.ScanOnPush);
  repository.policy = properties.RepositoryPolicyText === undefined ? undefined : parsePolicy(properties.RepositoryPolicyText);
  repository.tags = Object.fromEntries((properties.Tags ?? []).map((tag: { Key: string; Value: string }) => [tag.Key, tag.Value]));
}

function handle({ world }: ResourceRequest, repository: Repository): ResourceHandle {
  return {
    physicalId: repository.name,
    attributes: { Arn: repository.arn, RepositoryUri: `${registryHost(world)}/${repository.name}` },
  };
}
