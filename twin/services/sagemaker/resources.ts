import { AwsError, ResourceProvider, ResourceRequest } from '../../service';
import { World } from '../../world';
import { Artifacts } from './artifacts';
import { createConfig, deleteConfig } from './hosting/endpoint-configs';
import { Endpoint } from './hosting/endpoint';
import { Endpoints } from './hosting/endpoints';
import { createModel, deleteModel } from './hosting/models';
import { HostingState } from './hosting/state';
import { nameOf } from './names';
import { RegistryState } from './registry/state';
import { TagStore } from './tags';

const POLL = 30_000;
const NAME_LENGTH = 63;

export function sageMakerResources(
  world: World, registry: RegistryState, hosting: HostingState, endpoints: Endpoints, tags: TagStore, artifacts: Artifacts,
): Record<string, ResourceProvider> {
  return {
    'AWS::SageMaker::ModelPackageGroup': groupProvider(registry, tags),
    'AWS::SageMaker::Model': {
      properties: ['ModelName', 'ExecutionRoleArn', 'PrimaryContainer', 'Containers', 'VpcConfig', 'EnableNetworkIsolation', 'Tags'],
      createOnly: ['ModelName', 'ExecutionRoleArn', 'PrimaryContainer', 'Containers', 'VpcConfig', 'EnableNetworkIsolation'],
      create: async ({ properties, generateName }) => {
        const { name, arn } = await createModel(world, hosting, registry, artifacts, { ...properties, ModelName: properties.ModelName ?? generateName(NAME_LENGTH) });
        tags.set(arn, properties.Tags);
        return { physicalId: arn, attributes: { ModelName: name } };
      },
      update: retag(tags),
      delete: (_request, { physicalId }) => {
        const model = hosting.models.find(nameOf(physicalId));
        if (model) deleteModel(world, hosting, tags, model);
      },
    },
    'AWS::SageMaker::EndpointConfig': {
      properties: ['EndpointConfigName', 'ProductionVariants', 'DataCaptureConfig', 'KmsKeyId', 'VpcConfig', 'EnableNetworkIsolation', 'ExecutionRoleArn', 'Tags'],
      createOnly: ['EndpointConfigName', 'ProductionVariants', 'DataCaptureConfig', 'KmsKeyId', 'VpcConfig', 'EnableNetworkIsolation', 'ExecutionRoleArn'],
      create: ({ properties, generateName }) => {
        const { name, arn } = createConfig(world, hosting, { ...properties, EndpointConfigName: properties.EndpointConfigName ?? generateName(NAME_LENGTH) });
        tags.set(arn, properties.Tags);
        return { physicalId: arn, attributes: { EndpointConfigName: name } };
      },
      update: retag(tags),
      delete: (_request, { physicalId }) => {
        const config = hosting.configs.find(nameOf(physicalId));
        if (config) deleteConfig(world, hosting, tags, config);
      },
    },
    'AWS::SageMaker::Endpoint': endpointProvider(world, hosting, endpoints, tags),
  };
}

function groupProvider(registry: RegistryState, tags: TagStore): ResourceProvider {
  const policyOf = ({ properties }: ResourceRequest): string | undefined => {
    const policy = properties.ModelPackageGroupPolicy;
    return policy === undefined || typeof policy === 'string' ? policy : JSON.stringify(policy);
  };
  return {
    properties: ['ModelPackageGroupName', 'ModelPackageGroupDescription', 'ModelPackageGroupPolicy', 'Tags'],
    createOnly: ['ModelPackageGroupName', 'ModelPackageGroupDescription'],
    create: (request) => {
      const { ModelPackageGroupName, ModelPackageGroupDescription, Tags } = request.properties;
      const group = registry.addGroup({ name: ModelPackageGroupName, description: ModelPackageGroupDescription, createdBy: {} });
      group.policy = policyOf(request);
      tags.set(group.arn, Tags);
      return {
        physicalId: group.arn,
        attributes: { ModelPackageGroupArn: group.arn, CreationTime: group.createdAt.toISOString(), ModelPackageGroupStatus: 'Completed' },
      };
    },
    update: (request, existing) => {
      registry.group(existing.physicalId).policy = policyOf(request);
      tags.set(existing.physicalId, request.properties.Tags);
      return existing;
    },
    delete: (_request, { physicalId }) => {
      const group = [...registry.groups.values()].find(({ arn }) => arn === physicalId);
      if (!group) return;
      registry.deleteGroup(group);
      tags.forget(group.arn);
    },
  };
}

/** CloudFormation waits for what it has begun, and looks only at the status. */
function endpointProvider(world: World, hosting: HostingState, endpoints: Endpoints, tags: TagStore): ResourceProvider {
  const settled = async (endpoint: Endpoint): Promise<void> => {
    while (['Creating', 'Updating', 'RollingBack', 'SystemUpdating'].includes(endpoint.status)) await world.clock.sleep(POLL, `cloudformation: ${endpoint.name}`);
    if (endpoint.status !== 'InService') throw new AwsError('NotStabilized', `Resource ${endpoint.arn} did not stabilize: ${endpoint.failureReason ?? endpoint.status}`);
  };
  return {
    properties: [
      'EndpointName', 'EndpointConfigName', 'DeploymentConfig', 'RetainAllVariantProperties', 'ExcludeRetainedVariantProperties', 'RetainDeploymentConfig', 'Tags',
    ],
    createOnly: ['EndpointName'],
    create: async ({ properties, generateName }) => {
      const endpoint = endpoints.create({
        EndpointName: properties.EndpointName ?? generateName(NAME_LENGTH), EndpointConfigName: properties.EndpointConfigName,
        DeploymentConfig: properties.DeploymentConfig, Tags: properties.Tags,
      });
      await settled(endpoint);
      return { physicalId: endpoint.arn, attributes: { EndpointName: endpoint.name } };
    },
    update: async ({ properties }, existing, previous) => {
      const endpoint = hosting.endpoints.get(nameOf(existing.physicalId));
      tags.set(endpoint.arn, properties.Tags);
      const { Tags: _now, ...wanted } = properties;
      const { Tags: _before, ...had } = previous;
      if (JSON.stringify(wanted) === JSON.stringify(had)) return existing;
      await settled(endpoints.update({ ...wanted, EndpointName: endpoint.name, EndpointConfigName: properties.EndpointConfigName }));
      return existing;
    },
    delete: async (_request, { physicalId }) => {
      const endpoint = hosting.endpoints.find(nameOf(physicalId));
      if (!endpoint) return;
      endpoints.delete(endpoint.name);
      while (hosting.endpoints.find(endpoint.name) === endpoint) await world.clock.sleep(POLL, `cloudformation: ${endpoint.name}`);
    },
  };
}

function retag(tags: TagStore): ResourceProvider['update'] {
  return (request, existing) => {
    tags.set(existing.physicalId, request.properties.Tags);
    return existing;
  };
}
