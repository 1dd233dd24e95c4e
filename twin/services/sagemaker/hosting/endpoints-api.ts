import { AuthorizationRequest, Call, Operation } from '../../../service';
import { list } from '../listing';
import { requestTags, taggingOnCreate } from '../tags';
import { volumeKeyNeeds } from '../volume-key';
import { Endpoint } from './endpoint';
import { Endpoints } from './endpoints';
import { Fleet } from './fleet';
import { HostingState } from './state';

export function endpointOperations(state: HostingState, endpoints: Endpoints): Record<string, Operation> {
  const arn = (name: string) => state.endpoints.arn(name);
  const onEndpoint = (action: string) => ({ EndpointName }: { EndpointName: string }) => [{ action: `sagemaker:${action}`, resource: arn(EndpointName) }];
  return {
    CreateEndpoint: {
      authorize: (input, call) => [
        ...[arn(input.EndpointName), state.configs.arn(input.EndpointConfigName)].map((resource) => ({ action: 'sagemaker:CreateEndpoint', resource, context: requestTags(input) })),
        ...taggingOnCreate(input, arn(input.EndpointName), 'CreateEndpoint'),
        ...volumeKey(state, input.EndpointConfigName, call),
      ],
      run: (input) => ({ EndpointArn: endpoints.create(input).arn }),
    },
    UpdateEndpoint: {
      authorize: (input, call) => [
        ...[arn(input.EndpointName), state.configs.arn(input.EndpointConfigName)].map((resource) => ({ action: 'sagemaker:UpdateEndpoint', resource })),
        ...volumeKey(state, input.EndpointConfigName, call),
      ],
      run: (input) => ({ EndpointArn: endpoints.update(input).arn }),
    },
    UpdateEndpointWeightsAndCapacities: {
      authorize: onEndpoint('UpdateEndpointWeightsAndCapacities'),
      run: ({ EndpointName, DesiredWeightsAndCapacities }) => ({ EndpointArn: endpoints.updateWeightsAndCapacities(EndpointName, DesiredWeightsAndCapacities).arn }),
    },
    DescribeEndpoint: { authorize: onEndpoint('DescribeEndpoint'), run: ({ EndpointName }) => describe(state.endpoints.get(EndpointName)) },
    DeleteEndpoint: {
      authorize: (input) => [...onEndpoint('DeleteEndpoint')(input), ...endpoints.deletionNeeds(input.EndpointName)],
      run: ({ EndpointName }) => { endpoints.delete(EndpointName); },
    },
    ListEndpoints: {
      authorize: () => [{ action: 'sagemaker:ListEndpoints', resource: '*' }],
      run: (input) => {
        const { page, NextToken } = list(state.endpoints.all(), input, { order: 'Descending' });
        return {
          Endpoints: page.map(({ name, arn: EndpointArn, createdAt, modifiedAt, status }) => (
            { EndpointName: name, EndpointArn, CreationTime: createdAt, LastModifiedTime: modifiedAt, EndpointStatus: status })),
          NextToken,
        };
      },
    },
  };
}

function volumeKey(state: HostingState, configName: string, { world }: Call): AuthorizationRequest[] {
  return volumeKeyNeeds(world, state.configs.find(configName)?.settings.KmsKeyId);
}

function describe(endpoint: Endpoint) {
  const { live, pending } = endpoint;
  const capture = live?.captureSettings;
  return {
    EndpointName: endpoint.name,
    EndpointArn: endpoint.arn,
    EndpointConfigName: endpoint.config.name,
    ...(live && { ProductionVariants: variants(live) }),
    ...(capture && {
      DataCaptureConfig: {
        EnableCapture: capture.EnableCapture ?? false, CaptureStatus: capture.EnableCapture ? 'Started' : 'Stopped',
        CurrentSamplingPercentage: capture.InitialSamplingPercentage, DestinationS3Uri: capture.DestinationS3Uri, KmsKeyId: capture.KmsKeyId ?? '',
      },
    }),
    EndpointStatus: endpoint.status,
    ...(endpoint.failureReason !== undefined && { FailureReason: endpoint.failureReason }),
    CreationTime: endpoint.createdAt,
    LastModifiedTime: endpoint.modifiedAt,
    ...(endpoint.lastDeploymentConfig && { LastDeploymentConfig: endpoint.lastDeploymentConfig }),
    ...(pending && {
      PendingDeploymentSummary: {
        EndpointConfigName: pending.fleet.config.name,
        StartTime: pending.startedAt,
        ProductionVariants: variants(pending.fleet).map((variant, index) => ({
          ...variant,
          InstanceType: pending.fleet.variants[index]!.settings.InstanceType,
          VariantStatus: [{ Status: pending.variantStatus.status, StatusMessage: pending.variantStatus.message, StartTime: pending.variantStatus.since }],
        })),
      },
    }),
  };
}

function variants(fleet: Fleet) {
  return fleet.variants.map((variant) => ({
    VariantName: variant.name,
    DeployedImages: [deployedImage(variant.model.container.Image ?? '', fleet.createdAt)],
    CurrentWeight: variant.currentWeight,
    DesiredWeight: variant.desiredWeight,
    CurrentInstanceCount: variant.currentInstanceCount,
    DesiredInstanceCount: variant.desiredInstanceCount,
  }));
}

function deployedImage(image: string, at: Date) {
  return { SpecifiedImage: image, ResolvedImage: image, ResolutionTime: at };
}
