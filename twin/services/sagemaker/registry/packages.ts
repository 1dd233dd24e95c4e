import { isDeepStrictEqual } from 'node:util';
import { ADMINISTRATOR, AwsError, Operation } from '../../../service';
import { World } from '../../../world';
import { Artifacts, ContainerSpec } from '../artifacts';
import { list } from '../listing';
import { arnOf, validation } from '../names';
import { requestTags, taggingOnCreate, TagStore } from '../tags';
import { createdBy } from './created-by';
import { packageChanged } from './events';
import { ModelPackage, PackageGroup, RegistryState } from './state';

/* eslint-disable @typescript-eslint/no-explicit-any -- inputs as the service's model has them */

const PENDING = 1_000;
const CHECKING = 10_000;

/** What an event names as updated; the names are those of its example in the developer guide. */
const UPDATED: Readonly<Record<string, string>> = {
  ModelApprovalStatus: 'ModelApprovalStatus', ApprovalDescription: 'ApprovalDescription', SourceUri: 'sourceUri',
  CustomerMetadataProperties: 'CustomerMetadataProperties', InferenceSpecification: 'InferenceSpecification', ModelLifeCycle: 'ModelLifeCycle',
};

/** What UpdateModelPackage may replace as a whole. */
const REPLACEABLE = ['ApprovalDescription', 'InferenceSpecification', 'ModelCard', 'ModelLifeCycle', 'SourceUri', 'ModelPackageRegistrationType'] as const;
/** Kept from the request, returned by Describe. */
const KEPT = [
  ...REPLACEABLE, 'ModelPackageDescription', 'MetadataProperties', 'ModelMetrics', 'Domain', 'Task', 'SamplePayloadUrl', 'CustomerMetadataProperties',
  'DriftCheckBaselines', 'AdditionalInferenceSpecifications', 'SkipModelValidation', 'SourceAlgorithmSpecification', 'SecurityConfig',
  'CertifyForMarketplace', 'ManagedStorageType',
] as const;

export function packageOperations(world: World, state: RegistryState, tags: TagStore, artifacts: Artifacts): Record<string, Operation> {
  const registry = new Packages(world, state, tags, artifacts);
  const onPackage = (action: string) => (input: { ModelPackageName: string }) => [{ action: `sagemaker:${action}`, resource: packageArn(world, input.ModelPackageName) }];
  return {
    CreateModelPackage: {
      authorize: (input, { caller }) => [
        { action: 'sagemaker:CreateModelPackage', resource: registry.nextArn(input), context: { ...requestTags(input), ...decisionContext(input) } },
        ...taggingOnCreate(input, registry.nextArn(input), 'CreateModelPackage'),
        ...(input.InferenceSpecification?.Containers ?? []).flatMap((container: ContainerSpec) => artifacts.visibilityNeeds(container, caller)),
      ],
      run: (input, { caller }) => ({ ModelPackageArn: registry.create(input, createdBy(world, caller)).arn }),
    },
    DescribeModelPackage: { authorize: onPackage('DescribeModelPackage'), run: ({ ModelPackageName }) => describe(state.package(ModelPackageName)) },
    BatchDescribeModelPackage: {
      authorize: ({ ModelPackageArnList }) => ModelPackageArnList.map((resource: string) => ({ action: 'sagemaker:BatchDescribeModelPackage', resource })),
      run: ({ ModelPackageArnList }: { ModelPackageArnList: string[] }) => ({
        ModelPackageSummaries: Object.fromEntries(ModelPackageArnList.flatMap((arn) => {
          const found = state.packages.get(arn);
          return found ? [[arn, { ...summary(found), InferenceSpecification: found.description.InferenceSpecification }]] : [];
        })),
        BatchDescribeModelPackageErrorMap: Object.fromEntries(ModelPackageArnList.filter((arn) => !state.packages.has(arn))
          .map((arn) => [arn, { ErrorCode: 'ResourceNotFound', ErrorResponse: `ModelPackage ${arn} does not exist.` }])),
      }),
    },
    ListModelPackages: {
      authorize: ({ ModelPackageGroupName }) => [{
        action: 'sagemaker:ListModelPackages',
        resource: ModelPackageGroupName === undefined ? '*' : `${arnOf(world, 'model-package', ModelPackageGroupName.split('/').pop()!)}/*`,
      }],
      run: (input) => registry.list(input),
    },
    UpdateModelPackage: {
      authorize: (input) => [{ action: 'sagemaker:UpdateModelPackage', resource: input.ModelPackageArn, context: decisionContext(input) }],
      run: (input, { caller }) => ({ ModelPackageArn: registry.update(input, createdBy(world, caller)).arn }),
    },
    DeleteModelPackage: {
      authorize: onPackage('DeleteModelPackage'),
      run: ({ ModelPackageName }) => registry.delete(ModelPackageName),
    },
  };
}

class Packages {
  constructor(private readonly world: World, private readonly state: RegistryState, private readonly tags: TagStore, private readonly artifacts: Artifacts) {}

  /** The ARN a new package would get; a package of a group that does not exist would be its first. */
  nextArn(input: any): string {
    if (input.ModelPackageGroupName === undefined) return packageArn(this.world, input.ModelPackageName ?? '*');
    const name: string = input.ModelPackageGroupName.split('/').pop();
    const group = [...this.state.groups.values()].find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
    return `${arnOf(this.world, 'model-package', name)}/${group?.nextVersion ?? 1}`;
  }

  create(input: any, creator: Record<string, unknown>): ModelPackage {
    const known = input.ClientToken === undefined ? undefined : this.state.byToken.get(input.ClientToken);
    if (known) return known;
    if ((input.ModelPackageGroupName === undefined) === (input.ModelPackageName === undefined)) {
      throw validation('Exactly one of ModelPackageGroupName and ModelPackageName must be specified.');
    }
    if (input.ValidationSpecification) {
      throw new AwsError('NotImplemented', 'the twin does not implement ValidationSpecification of a model package', 501);
    }
    const created = input.ModelPackageGroupName === undefined ? this.unversioned(input, creator) : this.versioned(input, creator);
    this.state.packages.set(created.arn, created);
    if (input.ClientToken !== undefined) this.state.byToken.set(input.ClientToken, created);
    packageChanged(this.world, created, this.tags.asObject(created.arn));
    this.world.clock.after(PENDING, `sagemaker: check ${created.name}`, () => this.check(created));
    return created;
  }

  update(input: any, modifiedBy: Record<string, unknown>): ModelPackage {
    const found = this.state.package(input.ModelPackageArn);
    if (!found.group) throw validation(`Model package ${found.arn} is not versioned and cannot be updated.`);
    if (found.status === 'Pending' || found.status === 'InProgress') {
      throw new AwsError('ConflictException', `Model package ${found.arn} is being changed by another operation.`);
    }
    const before: Record<string, unknown> = { ...found.description, ModelApprovalStatus: found.approval };
    found.approval = input.ModelApprovalStatus ?? found.approval;
    const description = { ...found.description };
    for (const property of REPLACEABLE) if (input[property] !== undefined) description[property] = input[property];
    const metadata = { ...description.CustomerMetadataProperties, ...input.CustomerMetadataProperties };
    for (const key of input.CustomerMetadataPropertiesToRemove ?? []) delete metadata[key];
    if (input.CustomerMetadataProperties || input.CustomerMetadataPropertiesToRemove) description.CustomerMetadataProperties = metadata;
    if (input.AdditionalInferenceSpecificationsToAdd) {
      description.AdditionalInferenceSpecifications = [...description.AdditionalInferenceSpecifications ?? [], ...input.AdditionalInferenceSpecificationsToAdd];
    }
    Object.assign(found, { description, modifiedAt: this.world.clock.date(), modifiedBy });
    const now: Record<string, unknown> = { ...description, ModelApprovalStatus: found.approval };
    // Whether AWS also names what was given anew with the same value is not documented.
    const updated = Object.keys(UPDATED).filter((key) => !isDeepStrictEqual(before[key], now[key])).map((key) => UPDATED[key]!);
    packageChanged(this.world, found, this.tags.asObject(found.arn), updated);
    return found;
  }

  delete(name: string): void {
    const found = this.state.package(name);
    this.state.packages.delete(found.arn);
    this.tags.forget(found.arn);
  }

  /** Filters by approval after cutting the page, so a page may be empty and yet not the last: SageMaker does the same. */
  list(input: any) {
    const group = input.ModelPackageGroupName === undefined ? undefined : this.state.group(input.ModelPackageGroupName);
    const type = input.ModelPackageType ?? (group ? 'Versioned' : 'Unversioned');
    const candidates = [...this.state.packages.values()]
      .filter((candidate) => group === undefined || candidate.group === group)
      .filter((candidate) => type === 'Both' || (candidate.group !== undefined) === (type === 'Versioned'));
    const { page, NextToken } = list(candidates, input, { order: 'Ascending' });
    return {
      ModelPackageSummaryList: page.filter(({ approval }) => input.ModelApprovalStatus === undefined || approval === input.ModelApprovalStatus).map(summary),
      NextToken,
    };
  }

  private versioned(input: any, creator: Record<string, unknown>): ModelPackage {
    const group: PackageGroup = this.state.group(input.ModelPackageGroupName);
    if (input.Tags?.length) throw validation('Tags cannot be specified for a versioned model package; it has those of its model package group.');
    const arn = this.nextArn(input);
    const version = group.nextVersion++;
    return { ...this.blank(input, creator), name: `${group.name}/${version}`, arn, group, version, approval: input.ModelApprovalStatus ?? 'PendingManualApproval' };
  }

  private unversioned(input: any, creator: Record<string, unknown>): ModelPackage {
    if (input.ModelApprovalStatus !== undefined) throw validation('ModelApprovalStatus can be specified for a versioned model package only.');
    const arn = this.nextArn(input);
    if (this.state.packages.has(arn)) throw validation(`Model Package already exists: ${arn}`);
    this.tags.set(arn, input.Tags);
    return { ...this.blank(input, creator), name: input.ModelPackageName, arn };
  }

  private blank(input: any, creator: Record<string, unknown>) {
    const description = Object.fromEntries(KEPT.filter((key) => input[key] !== undefined).map((key) => [key, input[key]]));
    return { createdAt: this.world.clock.date(), createdBy: creator, status: 'Pending' as const, description };
  }

  /** Whether image and artifact are there is checked once the package is made, by SageMaker itself, not as somebody's role. */
  private async check(created: ModelPackage): Promise<void> {
    this.become(created, 'InProgress');
    await this.world.clock.sleep(CHECKING, `sagemaker: check ${created.name}`);
    for (const container of created.description.InferenceSpecification?.Containers ?? []) {
      created.failureReason ??= await this.artifacts.problemWith(container, ADMINISTRATOR);
    }
    this.become(created, created.failureReason === undefined ? 'Completed' : 'Failed');
  }

  private become(created: ModelPackage, status: ModelPackage['status']): void {
    if (this.state.packages.get(created.arn) !== created) return;
    created.status = status;
    packageChanged(this.world, created, this.tags.asObject(created.arn));
  }
}

function packageArn(world: World, nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? nameOrArn : arnOf(world, 'model-package', nameOrArn);
}

/** The condition keys by which one role may approve and another may not. */
function decisionContext(input: any): Record<string, string> {
  return {
    ...(input.ModelApprovalStatus !== undefined && { 'sagemaker:ModelApprovalStatus': input.ModelApprovalStatus }),
    ...(input.ModelLifeCycle && { 'sagemaker:ModelLifeCycle:Stage': input.ModelLifeCycle.Stage, 'sagemaker:ModelLifeCycle:StageStatus': input.ModelLifeCycle.StageStatus }),
    ...Object.fromEntries(Object.entries<string>(input.CustomerMetadataProperties ?? {}).map(([key, value]) => [`sagemaker:CustomerMetadataProperties/${key}`, value])),
  };
}

function summary(found: ModelPackage) {
  const { description } = found;
  return {
    ...(found.group ? { ModelPackageGroupName: found.group.name, ModelPackageVersion: found.version } : { ModelPackageName: found.name }),
    ModelPackageArn: found.arn,
    ...pick(description, ['ModelPackageDescription', 'ModelLifeCycle', 'ModelPackageRegistrationType']),
    CreationTime: found.createdAt,
    ModelPackageStatus: found.status,
    ...(found.approval !== undefined && { ModelApprovalStatus: found.approval }),
  };
}

function describe(found: ModelPackage) {
  return {
    // Required by the shape; of a versioned package it is the group's name.
    ModelPackageName: found.group?.name ?? found.name,
    ...summary(found),
    ...found.description,
    ModelPackageStatusDetails: {
      ValidationStatuses: [],
      ...(found.status === 'Failed' && { ImageScanStatuses: [{ Name: 'ImageScan', Status: 'Failed', FailureReason: found.failureReason }] }),
    },
    CreatedBy: found.createdBy,
    ...(found.modifiedAt && { LastModifiedTime: found.modifiedAt, LastModifiedBy: found.modifiedBy }),
  };
}

function pick(source: Record<string, any>, names: readonly string[]): Record<string, any> {
  return Object.fromEntries(names.filter((name) => source[name] !== undefined).map((name) => [name, source[name]]));
}
