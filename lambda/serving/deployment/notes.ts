import { AddTagsCommand, type DescribeEndpointCommandOutput, type SageMakerClient, type Tag } from '@aws-sdk/client-sagemaker';
import { SCALING_TAG, SERVING_CONFIG_TAG, SERVING_SINCE_TAG, type AutoscalingDescriptor } from '../../../lib/serving/release-descriptor.contract';
import { tagsOf } from '../../adapters/model-packages';

/** A fleet that keeps its size. */
const UNSCALED = 'none';

/** Notes on the endpoint itself since when this config serves and how it is scaled; a release that changes neither leaves the notes as they are. */
export async function noteRelease(
  sagemaker: SageMakerClient, endpoint: DescribeEndpointCommandOutput, configName: string, scaling: AutoscalingDescriptor | null,
): Promise<void> {
  const known = await tagsOf(sagemaker, endpoint.EndpointArn!);
  const serving: Tag[] = known.get(SERVING_CONFIG_TAG) === configName ? [] : [
    { Key: SERVING_CONFIG_TAG, Value: configName }, { Key: SERVING_SINCE_TAG, Value: endpoint.LastModifiedTime!.toISOString() },
  ];
  const scaled: Tag[] = known.get(SCALING_TAG) === written(scaling) ? [] : [{ Key: SCALING_TAG, Value: written(scaling) }];
  const tags = [...serving, ...scaled];
  if (tags.length > 0) await sagemaker.send(new AddTagsCommand({ ResourceArn: endpoint.EndpointArn, Tags: tags }));
}

/** How the last release that came about scales the endpoint; `undefined` if none noted it. */
export async function notedScaling(sagemaker: SageMakerClient, endpoint: DescribeEndpointCommandOutput): Promise<AutoscalingDescriptor | null | undefined> {
  const note = (await tagsOf(sagemaker, endpoint.EndpointArn!)).get(SCALING_TAG);
  if (note === undefined) return undefined;
  const [, minimumInstances, maximumInstances, invocationsPerInstance] = /^(\d+)-(\d+)@([\d.e+]+)$/.exec(note)?.map(Number) ?? [];
  return invocationsPerInstance === undefined ? null : { minimumInstances: minimumInstances!, maximumInstances: maximumInstances!, invocationsPerInstance };
}

function written(scaling: AutoscalingDescriptor | null): string {
  return scaling === null ? UNSCALED : `${scaling.minimumInstances}-${scaling.maximumInstances}@${scaling.invocationsPerInstance}`;
}
