import { AwsError, Operation } from '../../../service';
import { World } from '../../../world';
import { Artifacts, ContainerSpec } from '../artifacts';
import { assumeRole, passRole } from '../jobs/execution-role';
import { list } from '../listing';
import { validation } from '../names';
import { RegistryState } from '../registry/state';
import { requestTags, taggingOnCreate, TagStore } from '../tags';
import { HostingState, Model } from './state';

/* eslint-disable @typescript-eslint/no-explicit-any -- inputs as the service's model has them */

export function modelOperations(world: World, state: HostingState, registry: RegistryState, tags: TagStore, artifacts: Artifacts): Record<string, Operation> {
  const { models } = state;
  const onModel = (action: string) => ({ ModelName }: { ModelName: string }) => [{ action: `sagemaker:${action}`, resource: models.arn(ModelName) }];
  return {
    CreateModel: {
      authorize: (input) => {
        const { PrimaryContainer, Containers } = input;
        const packages = containersOf(PrimaryContainer, Containers).flatMap(({ ModelPackageName }) => (ModelPackageName === undefined ? [] : [ModelPackageName]));
        return [
          { action: 'sagemaker:CreateModel', resource: models.arn(input.ModelName), context: { ...requestTags(input), ...networkContext(input) } },
          ...(input.ExecutionRoleArn === undefined ? [] : [passRole(input.ExecutionRoleArn)]),
          ...packages.map((resource: string) => ({ action: 'sagemaker:DescribeModelPackage', resource })),
          ...taggingOnCreate(input, models.arn(input.ModelName), 'CreateModel'),
        ];
      },
      run: async (input) => {
        const model = await createModel(world, state, registry, artifacts, input);
        tags.set(model.arn, input.Tags);
        return { ModelArn: model.arn };
      },
    },
    DescribeModel: {
      authorize: onModel('DescribeModel'),
      run: ({ ModelName }) => {
        const { name, arn, createdAt, settings } = models.get(ModelName);
        return { ...settings, ModelName: name, ModelArn: arn, CreationTime: createdAt, EnableNetworkIsolation: settings.EnableNetworkIsolation ?? false };
      },
    },
    DeleteModel: {
      authorize: onModel('DeleteModel'),
      run: ({ ModelName }) => deleteModel(world, state, tags, models.get(ModelName)),
    },
    ListModels: {
      authorize: () => [{ action: 'sagemaker:ListModels', resource: '*' }],
      run: (input) => {
        const { page, NextToken } = list(models.all(), input, { order: 'Descending' });
        return { Models: page.map(({ name, arn, createdAt }) => ({ ModelName: name, ModelArn: arn, CreationTime: createdAt })), NextToken };
      },
    },
  };
}

export async function createModel(world: World, state: HostingState, registry: RegistryState, artifacts: Artifacts, input: any): Promise<Model> {
  const { ModelName: name, ExecutionRoleArn: roleArn } = input;
  state.models.checkNew(name);
  const container = containerOf(registry, input);
  if (roleArn === undefined) throw validation('ExecutionRoleArn is required for a model whose image is in ECR.');
  const arn = state.models.arn(name);
  const problem = await artifacts.problemWith(container, await assumeRole(world, roleArn, arn));
  if (problem !== undefined) throw validation(problem);
  const { Tags: _, ...settings } = input;
  // Somebody else may have made it while image and artifact were looked at.
  state.models.checkNew(name);
  const model: Model = { name, arn, createdAt: world.clock.date(), roleArn, container, settings };
  state.models.add(model);
  world.publish({
    source: 'aws.sagemaker', 'detail-type': 'SageMaker Model State Change', resources: [arn],
    detail: { ModelName: name, ModelArn: arn, ExecutionRoleArn: roleArn, CreationTime: model.createdAt.getTime(), PrimaryContainer: settings.PrimaryContainer, Tags: {} },
  });
  return model;
}

/** Nothing keeps a model from being deleted under the endpoint that uses it. */
export function deleteModel(world: World, state: HostingState, tags: TagStore, { name, arn }: Model): void {
  state.models.delete(name);
  tags.forget(arn);
  world.publish({ source: 'aws.sagemaker', 'detail-type': 'SageMaker Model State Change', resources: [arn], detail: { ModelName: name, ModelArn: arn, Tags: {} } });
}

function containersOf(PrimaryContainer: any, Containers: any): any[] {
  return PrimaryContainer ? [PrimaryContainer] : Containers ?? [];
}

function containerOf(registry: RegistryState, { PrimaryContainer, Containers, InferenceExecutionConfig }: any): ContainerSpec {
  const containers = containersOf(PrimaryContainer, Containers);
  if (containers.length !== 1 || InferenceExecutionConfig) {
    throw new AwsError('NotImplemented', `the twin hosts models of one container; this one has ${containers.length}`, 501);
  }
  const [container] = containers;
  if (container.Mode === 'MultiModel') throw new AwsError('NotImplemented', 'the twin does not implement multi-model containers', 501);
  if (container.ModelPackageName === undefined) return container;
  const found = registry.package(container.ModelPackageName);
  if (found.status !== 'Completed') throw validation(`Model package ${found.arn} is in status ${found.status}; only a Completed model package can be deployed.`);
  if (found.approval !== undefined && found.approval !== 'Approved') {
    throw validation(`Model package ${found.arn} is not approved: its approval status is ${found.approval}.`);
  }
  const specified: any[] = found.description.InferenceSpecification?.Containers ?? [];
  if (specified.length !== 1) throw new AwsError('NotImplemented', `the twin hosts packages of one container; ${found.arn} has ${specified.length}`, 501);
  return { ...specified[0], Environment: { ...specified[0].Environment, ...container.Environment } };
}

function networkContext({ VpcConfig, EnableNetworkIsolation }: any): Record<string, string | string[]> {
  return {
    ...(VpcConfig && { 'sagemaker:VpcSubnets': VpcConfig.Subnets, 'sagemaker:VpcSecurityGroupIds': VpcConfig.SecurityGroupIds }),
    ...(EnableNetworkIsolation !== undefined && { 'sagemaker:NetworkIsolation': String(EnableNetworkIsolation) }),
  };
}
