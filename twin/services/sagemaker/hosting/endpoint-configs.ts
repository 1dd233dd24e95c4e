import { AwsError, Operation } from '../../../service';
import { World } from '../../../world';
import { list } from '../listing';
import { validation } from '../names';
import { requestTags, taggingOnCreate, TagStore } from '../tags';
import { volumeKeyNeeds } from '../volume-key';
import { EndpointConfig, HostingState } from './state';

/* eslint-disable @typescript-eslint/no-explicit-any -- inputs as the service's model has them */

/** Kinds of hosting that the twin does not have, by the property that asks for them. */
const VARIANT_KINDS = ['ServerlessConfig', 'ManagedInstanceScaling', 'InstancePools', 'AcceleratorType', 'CapacityReservationConfig'];
const CONFIG_KINDS = ['AsyncInferenceConfig', 'ExplainerConfig', 'ShadowProductionVariants', 'MetricsConfig'];
/** Families whose disks are local and encrypted by their own key. */
const LOCAL_STORAGE = /^ml\.(?:g4dn|g5|g6|p3dn|p4d|p4de|p5|[a-z]\d[a-z]*d)\./;

export function endpointConfigOperations(world: World, state: HostingState, tags: TagStore): Record<string, Operation> {
  const { configs } = state;
  const onConfig = (action: string) => ({ EndpointConfigName }: { EndpointConfigName: string }) =>
    [{ action: `sagemaker:${action}`, resource: configs.arn(EndpointConfigName) }];
  return {
    CreateEndpointConfig: {
      authorize: (input) => [
        { action: 'sagemaker:CreateEndpointConfig', resource: configs.arn(input.EndpointConfigName), context: { ...requestTags(input), ...context(state, input) } },
        ...taggingOnCreate(input, configs.arn(input.EndpointConfigName), 'CreateEndpointConfig'),
        ...volumeKeyNeeds(world, input.KmsKeyId, ['DescribeKey']),
      ],
      run: (input) => {
        const config = createConfig(world, state, input);
        tags.set(config.arn, input.Tags);
        return { EndpointConfigArn: config.arn };
      },
    },
    DescribeEndpointConfig: {
      authorize: onConfig('DescribeEndpointConfig'),
      run: ({ EndpointConfigName }) => {
        const { name, arn, createdAt, settings } = configs.get(EndpointConfigName);
        return { ...settings, EndpointConfigName: name, EndpointConfigArn: arn, CreationTime: createdAt };
      },
    },
    DeleteEndpointConfig: {
      authorize: onConfig('DeleteEndpointConfig'),
      run: ({ EndpointConfigName }) => deleteConfig(world, state, tags, configs.get(EndpointConfigName)),
    },
    ListEndpointConfigs: {
      authorize: () => [{ action: 'sagemaker:ListEndpointConfigs', resource: '*' }],
      run: (input) => {
        const { page, NextToken } = list(configs.all(), input, { order: 'Descending' });
        return { EndpointConfigs: page.map(({ name, arn, createdAt }) => ({ EndpointConfigName: name, EndpointConfigArn: arn, CreationTime: createdAt })), NextToken };
      },
    },
  };
}

export function createConfig(world: World, state: HostingState, input: any): EndpointConfig {
  const { Tags: _, EndpointConfigName: name, ...settings } = input;
  state.configs.checkNew(name);
  refuseUnknownKinds(input);
  const names = new Set<string>();
  for (const variant of input.ProductionVariants) {
    if (names.has(variant.VariantName)) throw validation(`Duplicate variant name "${variant.VariantName}".`);
    names.add(variant.VariantName);
    if (variant.ModelName === undefined || variant.InstanceType === undefined || variant.InitialInstanceCount === undefined) {
      throw validation(`Production variant ${variant.VariantName} needs ModelName, InstanceType and InitialInstanceCount.`);
    }
    state.models.get(variant.ModelName);
    if (input.KmsKeyId !== undefined && LOCAL_STORAGE.test(variant.InstanceType)) {
      throw validation(`KmsKeyId is not supported for instance type ${variant.InstanceType}, which has local storage.`);
    }
  }
  const config: EndpointConfig = {
    name, arn: state.configs.arn(name), createdAt: world.clock.date(), variants: input.ProductionVariants, capture: input.DataCaptureConfig, settings,
  };
  state.configs.add(config);
  configChanged(world, config);
  return config;
}

/** SageMaker lets a configuration go that an endpoint uses; that endpoint can never be updated again. */
export function deleteConfig(world: World, state: HostingState, tags: TagStore, config: EndpointConfig): void {
  state.configs.delete(config.name);
  tags.forget(config.arn);
  configChanged(world, config);
}

function configChanged(world: World, { name, arn, createdAt, variants }: EndpointConfig): void {
  world.publish({
    source: 'aws.sagemaker', 'detail-type': 'SageMaker Endpoint Config State Change', resources: [arn],
    detail: { EndpointConfigName: name, EndpointConfigArn: arn, ProductionVariants: variants, CreationTime: createdAt.getTime(), Tags: {} },
  });
}

function refuseUnknownKinds(input: any): void {
  const asked = [
    ...CONFIG_KINDS.filter((kind) => input[kind] !== undefined),
    ...input.ProductionVariants.flatMap((variant: any) => VARIANT_KINDS.filter((kind) => variant[kind] !== undefined).map((kind) => `ProductionVariants/${variant.VariantName}/${kind}`)),
  ];
  if (asked.length > 0) throw new AwsError('NotImplemented', `the twin does not implement ${asked.join(', ')} of an endpoint configuration; it hosts on instances in real time`, 501);
}

function context(state: HostingState, { ProductionVariants, KmsKeyId }: any): Record<string, string | string[]> {
  const variants: any[] = ProductionVariants ?? [];
  return {
    'sagemaker:InstanceTypes': variants.flatMap(({ InstanceType }) => InstanceType ?? []),
    'sagemaker:ModelArn': variants.flatMap(({ ModelName }) => (ModelName === undefined ? [] : [state.models.arn(ModelName)])),
    ...(KmsKeyId !== undefined && { 'sagemaker:VolumeKmsKeyArn': KmsKeyId }),
  };
}
