import {
  DescribeEndpointCommand, DescribeEndpointConfigCommand, DescribeModelCommand, DescribeModelPackageCommand, ModelApprovalStatus,
  ModelPackageStatus, paginateListModelPackages, paginateListTags, type DescribeEndpointCommandOutput, type DescribeModelPackageCommandOutput,
  type ListModelPackagesCommandInput, type ModelPackageSummary, type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { SERVING_CONFIG_TAG, SERVING_SINCE_TAG } from '../../lib/serving/release-descriptor.contract';

/** SageMaker says "not there" as a ValidationException, told apart only by its words. */
export function isNotFound(error: unknown): boolean {
  return error instanceof Error
    && (error.name === 'ResourceNotFound' || (error.name === 'ValidationException' && /could not find|does not exist|not found/i.test(error.message)));
}

/** Whether it was made, or begun, by somebody before; after an answer that was lost that is the SDK itself, at its first try. */
export function isThereAlready(error: unknown): boolean {
  return error instanceof Error && error.name === 'ValidationException' && /already exist|in-progress/i.test(error.message);
}

/** The answer, or `undefined` if the thing asked for is not there. */
export async function orUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

export async function describeEndpoint(sagemaker: SageMakerClient, name: string): Promise<DescribeEndpointCommandOutput | undefined> {
  return orUndefined(sagemaker.send(new DescribeEndpointCommand({ EndpointName: name })));
}

/** ARN of the package behind an endpoint config, if its model was made from one. */
export async function packageOfConfig(sagemaker: SageMakerClient, configName: string): Promise<string | undefined> {
  const config = await orUndefined(sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName: configName })));
  const modelName = config?.ProductionVariants?.[0]?.ModelName;
  if (modelName === undefined) return undefined;
  const model = await orUndefined(sagemaker.send(new DescribeModelCommand({ ModelName: modelName })));
  return model?.Containers?.[0]?.ModelPackageName ?? model?.PrimaryContainer?.ModelPackageName;
}

/** The model that an endpoint serves now. */
export interface ServedModel {
  readonly packageArn: string;
  readonly configName: string;
  readonly endpointCreated: Date;
  /** When the traffic had moved to this model. */
  readonly servingSince: Date;
}

/** Found from the endpoint itself: endpoint, config, model, package. There is no second pointer that could differ. */
export async function servedModel(sagemaker: SageMakerClient, endpointName: string): Promise<ServedModel | undefined> {
  const endpoint = await describeEndpoint(sagemaker, endpointName);
  const configName = endpoint?.EndpointConfigName;
  if (endpoint === undefined || configName === undefined || endpoint.EndpointStatus === 'Failed') return undefined;
  const packageArn = await packageOfConfig(sagemaker, configName);
  if (packageArn === undefined) return undefined;
  const tags = await tagsOf(sagemaker, endpoint.EndpointArn!);
  // The release notes when it had moved all traffic. A config set by hand has no such note; then the last change counts.
  const noted = tags.get(SERVING_CONFIG_TAG) === configName ? tags.get(SERVING_SINCE_TAG) : undefined;
  return {
    packageArn, configName, endpointCreated: endpoint.CreationTime!,
    servingSince: noted === undefined ? endpoint.LastModifiedTime! : new Date(noted),
  };
}

/** Values of something's tags by their keys. */
export async function tagsOf(sagemaker: SageMakerClient, arn: string): Promise<ReadonlyMap<string, string>> {
  const tags = new Map<string, string>();
  for await (const { Tags = [] } of paginateListTags({ client: sagemaker }, { ResourceArn: arn })) for (const { Key, Value } of Tags) tags.set(Key!, Value!);
  return tags;
}

export async function describePackage(sagemaker: SageMakerClient, packageArn: string): Promise<DescribeModelPackageCommandOutput> {
  return sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: packageArn }));
}

/** Why SageMaker could not make a package. */
export function packageFailure({ ModelPackageStatusDetails: details }: DescribeModelPackageCommandOutput): string {
  const reasons = [...details?.ValidationStatuses ?? [], ...details?.ImageScanStatuses ?? []].map((item) => item.FailureReason).filter((reason) => reason !== undefined);
  return reasons.join('; ') || 'SageMaker gave no reason';
}

/** The packages that fit, on however many pages: SageMaker filters a page after it has cut it, so one may be empty though another follows. */
export async function* modelPackages(sagemaker: SageMakerClient, which: ListModelPackagesCommandInput): AsyncIterable<ModelPackageSummary> {
  for await (const page of paginateListModelPackages({ client: sagemaker }, { ...which })) yield* page.ModelPackageSummaryList ?? [];
}

/** Newest package of the group that is approved, complete and not to be passed over. */
export async function newestApproved(
  sagemaker: SageMakerClient, group: string, passOver: (packageArn: string) => boolean = () => false,
): Promise<string | undefined> {
  const approved = modelPackages(sagemaker, {
    // The default order is ascending.
    ModelPackageGroupName: group, ModelApprovalStatus: ModelApprovalStatus.APPROVED, SortBy: 'CreationTime', SortOrder: 'Descending',
  });
  for await (const { ModelPackageArn, ModelPackageStatus: status } of approved) {
    if (status === ModelPackageStatus.COMPLETED && !passOver(ModelPackageArn!)) return ModelPackageArn;
  }
  return undefined;
}
