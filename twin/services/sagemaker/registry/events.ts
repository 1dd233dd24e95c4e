import { World } from '../../../world';
import { ModelPackage } from './state';

/** `SageMaker Model Package State Change`: fires for a new package, for each status, and again for any update whatever it changes. */
export function packageChanged(world: World, changed: ModelPackage, tags: Record<string, string>): void {
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
      CreationTime: changed.createdAt.getTime(),
      ...(changed.modifiedAt && { LastModifiedTime: changed.modifiedAt.getTime() }),
      ModelPackageStatus: changed.status,
      ...(changed.approval !== undefined && { ModelApprovalStatus: changed.approval }),
      ...Object.fromEntries([
        'ModelPackageDescription', 'InferenceSpecification', 'ModelMetrics', 'CustomerMetadataProperties', 'MetadataProperties', 'ApprovalDescription', 'ModelLifeCycle',
      ].filter((key) => description[key] !== undefined).map((key) => [key, description[key]])),
      Tags: tags,
    },
  });
}
