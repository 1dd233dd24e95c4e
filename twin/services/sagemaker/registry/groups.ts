import { Operation } from '../../../service';
import { World } from '../../../world';
import { list } from '../listing';
import { arnOf, nameOf, validation } from '../names';
import { requestTags, taggingOnCreate, TagStore } from '../tags';
import { createdBy } from './created-by';
import { PackageGroup, RegistryState } from './state';

export function groupOperations(world: World, state: RegistryState, tags: TagStore): Record<string, Operation> {
  const arn = (name: string) => arnOf(world, 'model-package-group', nameOf(name));
  const onGroup = (action: string) => (input: { ModelPackageGroupName: string }) => [{ action: `sagemaker:${action}`, resource: arn(input.ModelPackageGroupName) }];
  return {
    CreateModelPackageGroup: {
      authorize: (input) => [
        { action: 'sagemaker:CreateModelPackageGroup', resource: arn(input.ModelPackageGroupName), context: requestTags(input) },
        ...taggingOnCreate(input, arn(input.ModelPackageGroupName), 'CreateModelPackageGroup'),
      ],
      run: ({ ModelPackageGroupName, ModelPackageGroupDescription, Tags }, { caller }) => {
        const group = state.addGroup({ name: ModelPackageGroupName, description: ModelPackageGroupDescription, createdBy: createdBy(world, caller) });
        tags.set(group.arn, Tags);
        return { ModelPackageGroupArn: group.arn };
      },
    },
    DescribeModelPackageGroup: {
      authorize: onGroup('DescribeModelPackageGroup'),
      run: ({ ModelPackageGroupName }) => {
        const group = state.group(ModelPackageGroupName);
        return { ...summary(group), CreatedBy: group.createdBy };
      },
    },
    ListModelPackageGroups: {
      authorize: () => [{ action: 'sagemaker:ListModelPackageGroups', resource: '*' }],
      run: (input) => {
        const { page, NextToken } = list(state.groups.values(), input, { order: 'Ascending' });
        return { ModelPackageGroupSummaryList: page.map(summary), NextToken };
      },
    },
    DeleteModelPackageGroup: {
      authorize: onGroup('DeleteModelPackageGroup'),
      run: ({ ModelPackageGroupName }) => {
        const group = state.group(ModelPackageGroupName);
        state.deleteGroup(group);
        tags.forget(group.arn);
      },
    },
    PutModelPackageGroupPolicy: {
      authorize: onGroup('PutModelPackageGroupPolicy'),
      run: ({ ModelPackageGroupName, ResourcePolicy }) => {
        const group = state.group(ModelPackageGroupName);
        group.policy = ResourcePolicy;
        return { ModelPackageGroupArn: group.arn };
      },
    },
    GetModelPackageGroupPolicy: {
      authorize: onGroup('GetModelPackageGroupPolicy'),
      run: ({ ModelPackageGroupName }) => {
        const group = state.group(ModelPackageGroupName);
        if (group.policy === undefined) throw validation(`Cannot find resource policy for: ${group.arn}`);
        return { ResourcePolicy: group.policy };
      },
    },
    DeleteModelPackageGroupPolicy: {
      authorize: onGroup('DeleteModelPackageGroupPolicy'),
      run: ({ ModelPackageGroupName }) => { state.group(ModelPackageGroupName).policy = undefined; },
    },
  };
}

function summary(group: PackageGroup) {
  return {
    ModelPackageGroupName: group.name,
    ModelPackageGroupArn: group.arn,
    ...(group.description !== undefined && { ModelPackageGroupDescription: group.description }),
    CreationTime: group.createdAt,
    ModelPackageGroupStatus: 'Completed',
  };
}
