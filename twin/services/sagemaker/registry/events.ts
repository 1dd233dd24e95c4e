import { World } from '../../../world';
import { ModelPackage } from './state';

/**
 * `SageMaker Model Package State Change`: fires for a new package, for each status, and again for any update whatever it changes.
 * `updated` names what an update changed. Fields and forms are those of the example in SageMaker's developer guide, "Events that
 * Amazon SageMaker AI sends to Amazon EventBridge".
 */
export function packageChanged(world: World, changed: ModelPackage, tags: Record<string, string>, updated?: readonly string[]): void {
  const { description } = changed;
  world.publish({
    source: 'aws.sagemaker',
    'detail-type': 'SageMaker Model Package State Change',
    resources: [changed.arn],
    detail: {
      ...(changed.group
        ? { ModelPackageGroupName: changed.group.name, ModelPackageVersion: changed.version, ModelPackageName: changed.name }
        : { ModelPackageName: changed.name }),
      ModelPackageArn: changed.arn,
      CreationTime: seconds(changed.createdAt),
      ...(changed.modifiedAt && { LastModifiedTime: seconds(changed.modifiedAt) }),
      ModelPackageStatus: changed.status,
      ...(changed.approval !== undefined && { ModelApprovalStatus: changed.approval }),
      ...Object.fromEntries([
        'ModelPackageDescription', 'InferenceSpecification', 'ModelMetrics', 'CustomerMetadataProperties', 'MetadataProperties', 'ApprovalDescription', 'ModelLifeCycle',
      ].filter((key) => description[key] !== undefined).map((key) => [key, description[key]])),
      ...(updated !== undefined && { UpdatedModelPackageFields: updated }),
      Tags: tags,
    },
  });
}

function seconds(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
