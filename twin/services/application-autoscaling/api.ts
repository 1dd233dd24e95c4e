import { AwsError, Operation } from '../../service';
import { World } from '../../world';
import { alarmPermissions, callerPermissions } from './caller-permissions';
import { Scaling } from './scaling';
import { AutoScalingState, DIMENSION, NAMESPACE, ScalableTarget, ScalingPolicy } from './state';

/* eslint-disable @typescript-eslint/no-explicit-any -- inputs as the service's model has them */

const SERVICE_LINKED = 'sagemaker.application-autoscaling.amazonaws.com';

export function autoScalingOperations(world: World, state: AutoScalingState, scaling: Scaling): Record<string, Operation> {
  const anyTarget = world.arn('application-autoscaling', 'scalable-target/*');
  const onTarget = (action: string) => ({ ResourceId, ServiceNamespace, ScalableDimension, Tags }: any) => [{
    action: `application-autoscaling:${action}`, resource: state.find(ResourceId)?.arn ?? anyTarget,
    context: {
      'application-autoscaling:service-namespace': ServiceNamespace, 'application-autoscaling:scalable-dimension': ScalableDimension,
      ...(Tags && { ...Object.fromEntries(Object.entries<string>(Tags).map(([key, value]) => [`aws:RequestTag/${key}`, value])), 'aws:TagKeys': Object.keys(Tags) }),
    },
  }];
  const anywhere = (action: string) => () => [{ action: `application-autoscaling:${action}`, resource: '*' }];
  return {
    RegisterScalableTarget: {
      // The first scaled endpoint of an account needs the role that scales it, which its creator must be allowed to make.
      authorize: (input) => [...onTarget('RegisterScalableTarget')(input), ...callerPermissions(world, input.ResourceId), ...(state.hasServiceLinkedRole ? [] : [{
        action: 'iam:CreateServiceLinkedRole', context: { 'iam:AWSServiceName': SERVICE_LINKED },
        resource: world.arn('iam', `role/aws-service-role/${SERVICE_LINKED}/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint`, ''),
      }])],
      run: (input) => ({ ScalableTargetARN: scaling.register(input).arn }),
    },
    DeregisterScalableTarget: { authorize: onTarget('DeregisterScalableTarget'), run: (input) => { scaling.deregister(input); return {}; } },
    DescribeScalableTargets: {
      authorize: anywhere('DescribeScalableTargets'),
      run: ({ ServiceNamespace, ResourceIds, ScalableDimension }) => ({
        ScalableTargets: [...state.targetsByResource.values()]
          .filter(({ resourceId, dimension }) => ServiceNamespace === NAMESPACE && (ResourceIds?.includes(resourceId) ?? true) && (ScalableDimension ?? dimension) === dimension)
          .map((target) => describeTarget(world, target)),
      }),
    },
    PutScalingPolicy: {
      authorize: (input) => [...onTarget('PutScalingPolicy')(input), ...callerPermissions(world, input.ResourceId), ...alarmPermissions(world, input.ResourceId)],
      run: (input) => {
        const policy = scaling.putPolicy(input);
        return { PolicyARN: policy.arn, Alarms: alarmsOf(world, policy) };
      },
    },
    DescribeScalingPolicies: {
      authorize: anywhere('DescribeScalingPolicies'),
      run: ({ ServiceNamespace, ResourceId, PolicyNames }) => ({
        ScalingPolicies: [...state.policies.values()]
          .filter(({ name, target }) => ServiceNamespace === NAMESPACE && (ResourceId ?? target.resourceId) === target.resourceId && (PolicyNames?.includes(name) ?? true))
          .map((policy) => ({
            PolicyARN: policy.arn, PolicyName: policy.name, ServiceNamespace: NAMESPACE, ResourceId: policy.target.resourceId, ScalableDimension: DIMENSION,
            PolicyType: 'TargetTrackingScaling', TargetTrackingScalingPolicyConfiguration: policy.configuration, Alarms: alarmsOf(world, policy), CreationTime: policy.createdAt,
          })),
      }),
    },
    DeleteScalingPolicy: { authorize: onTarget('DeleteScalingPolicy'), run: (input) => { scaling.deletePolicy(input); return {}; } },
    DescribeScalingActivities: {
      authorize: anywhere('DescribeScalingActivities'),
      run: ({ ResourceId }) => ({
        ScalingActivities: state.activities.filter(({ target }) => (ResourceId ?? target.resourceId) === target.resourceId).reverse().map((activity) => ({
          ActivityId: activity.id, ServiceNamespace: NAMESPACE, ResourceId: activity.target.resourceId, ScalableDimension: DIMENSION,
          Description: activity.description, Cause: activity.cause, StartTime: activity.at, EndTime: activity.at, StatusCode: 'Successful',
        })),
      }),
    },
    ...tagOperations(state),
  };
}

function tagOperations(state: AutoScalingState): Record<string, Operation> {
  const on = (action: string, run: (target: ScalableTarget, input: any) => unknown): Operation => ({
    authorize: ({ ResourceARN }) => [{ action: `application-autoscaling:${action}`, resource: ResourceARN }],
    run: (input) => {
      const target = [...state.targetsByResource.values()].find(({ arn }) => arn === input.ResourceARN);
      if (!target) throw new AwsError('ResourceNotFoundException', `No scalable target ${input.ResourceARN}`);
      return run(target, input) ?? {};
    },
  });
  return {
    TagResource: on('TagResource', (target, { Tags }) => { Object.assign(target.tags, Tags); }),
    UntagResource: on('UntagResource', (target, { TagKeys }) => { for (const key of TagKeys) delete target.tags[key]; }),
    ListTagsForResource: on('ListTagsForResource', ({ tags }) => ({ Tags: tags })),
  };
}

function describeTarget(world: World, target: ScalableTarget) {
  return {
    ServiceNamespace: NAMESPACE, ResourceId: target.resourceId, ScalableDimension: target.dimension, MinCapacity: target.minimum, MaxCapacity: target.maximum,
    RoleARN: world.arn('iam', `role/aws-service-role/${SERVICE_LINKED}/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint`, ''),
    CreationTime: target.createdAt, SuspendedState: target.suspended, ScalableTargetARN: target.arn,
  };
}

function alarmsOf(world: World, { alarms }: ScalingPolicy) {
  return [alarms.high, alarms.low].map((AlarmName) => ({ AlarmName, AlarmARN: world.arn('cloudwatch', `alarm:${AlarmName}`) }));
}
