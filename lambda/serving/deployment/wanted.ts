import { isDeepStrictEqual } from 'node:util';
import type { CreateEndpointConfigCommandInput, CreateModelCommandInput, DescribeEndpointConfigCommandOutput, Tag } from '@aws-sdk/client-sagemaker';
import { CAPTURE_PREFIX, OWNER_TAG, RELEASE_HASH_LENGTH, VARIANT_NAME, type StageDescriptor } from '../../../lib/serving/release-descriptor.contract';
import { digest } from '../../adapters/digest';

/** What of the surrounding stack a release needs. */
export interface ReleaseSurroundings {
  readonly executionRoleArn: string;
  readonly captureBucket: string;
  readonly captureKeyArn: string | undefined;
  readonly volumeKeyArn: string | undefined;
  readonly subnets: string[];
  readonly securityGroups: string[];
  readonly networkIsolation: boolean;
  readonly stackId: string;
}

export interface Wanted {
  readonly model: CreateModelCommandInput & { ModelName: string };
  readonly config: CreateEndpointConfigCommandInput & { EndpointConfigName: string };
}

/** Model and config names carry a hash of their content: a retry finds what it made, and a change never meets an old name. */
export function wantedRelease(stage: StageDescriptor, packageArn: string, around: ReleaseSurroundings): Wanted {
  const tags: Tag[] = [{ Key: OWNER_TAG, Value: around.stackId }];
  const model = {
    ExecutionRoleArn: around.executionRoleArn,
    Containers: [{ ModelPackageName: packageArn }],
    EnableNetworkIsolation: around.networkIsolation,
    VpcConfig: around.subnets.length === 0 ? undefined : { Subnets: around.subnets, SecurityGroupIds: around.securityGroups },
    Tags: tags,
  };
  const ModelName = `${stage.endpointName}-${digest(model, RELEASE_HASH_LENGTH)}`;
  const config = {
    KmsKeyId: around.volumeKeyArn,
    ProductionVariants: [{
      VariantName: VARIANT_NAME, ModelName, InstanceType: stage.hosting.instanceType as never, InitialInstanceCount: stage.hosting.instanceCount, InitialVariantWeight: 1,
    }],
    DataCaptureConfig: {
      EnableCapture: stage.capture.samplingPercentage > 0,
      InitialSamplingPercentage: stage.capture.samplingPercentage,
      // A trailing slash would give keys with `//`, in which nothing is found.
      DestinationS3Uri: `s3://${around.captureBucket}/${CAPTURE_PREFIX}`,
      KmsKeyId: around.captureKeyArn,
      CaptureOptions: [{ CaptureMode: 'Input' as const }, { CaptureMode: 'Output' as const }],
      // Content types not listed would be captured as base64.
      CaptureContentTypeHeader: { CsvContentTypes: ['text/csv'], JsonContentTypes: ['application/json'] },
    },
    Tags: tags,
  };
  return {
    model: { ModelName, ...model },
    config: { EndpointConfigName: `${stage.endpointName}-${digest(config, RELEASE_HASH_LENGTH)}`, ...config },
  };
}

/** Whether a name is that of a model or config made by a release of this endpoint. */
export function isReleaseName(endpointName: string, name: string): boolean {
  return name.length === endpointName.length + 1 + RELEASE_HASH_LENGTH && name.startsWith(`${endpointName}-`) && /^[0-9a-f]+$/.test(name.slice(endpointName.length + 1));
}

/** Whether a release runs the endpoint on other instances. SageMaker refuses that of a fleet that is registered for scaling. */
export function changesInstanceType(stage: StageDescriptor, current: DescribeEndpointConfigCommandOutput): boolean {
  return current.ProductionVariants?.[0]?.InstanceType !== stage.hosting.instanceType;
}

/** Whether a release captures other traffic than before, or elsewhere. */
export function changesCapture(wanted: CreateEndpointConfigCommandInput, current: DescribeEndpointConfigCommandOutput): boolean {
  // As JSON, since what is not given is absent from the one and undefined in the other.
  const [after, before] = [wanted.DataCaptureConfig, current.DataCaptureConfig].map((capture) => JSON.parse(JSON.stringify(capture ?? null)) as unknown);
  return !isDeepStrictEqual(after, before);
}
