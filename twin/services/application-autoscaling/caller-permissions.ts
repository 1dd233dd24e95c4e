import { AuthorizationRequest, AwsError } from '../../service';
import { World } from '../../world';
import type { SageMakerService } from '../sagemaker';

/**
 * What Application Auto Scaling checks of its caller in other services before it registers a target or puts a policy; taking them away
 * is checked in no other service. Sources: Application Auto Scaling user guide, "Permissions validation for API calls on target resources"
 * and the policy for SageMaker endpoints in its identity-based examples; handler permissions of AWS::ApplicationAutoScaling::ScalableTarget
 * and ScalingPolicy in CloudFormation's registry schemas.
 */
export function callerPermissions(world: World, resourceId: string): AuthorizationRequest[] {
  const endpointName = resourceId.split('/')[1] ?? '';
  const { endpoints, configs } = world.service<SageMakerService>('sagemaker').hosting;
  const config = endpoints.find(endpointName)?.config.name;
  return [
    needed('sagemaker:DescribeEndpoint', endpoints.arn(endpointName)),
    ...(config === undefined ? [] : [needed('sagemaker:DescribeEndpointConfig', configs.arn(config))]),
    needed('sagemaker:UpdateEndpointWeightsAndCapacities', endpoints.arn(endpointName)),
    needed('cloudwatch:DescribeAlarms', world.arn('cloudwatch', 'alarm:*')),
    // Called without a name, which IAM sees as an alarm whose name is empty.
    ...ALARM_CHANGES.map((action) => needed(action, world.arn('cloudwatch', 'alarm:'))),
  ];
}

/** The alarms of a target tracking policy. Whether the caller's or the service-linked role's rights put them is not documented, so the caller is asked, too. */
export function alarmPermissions(world: World, resourceId: string): AuthorizationRequest[] {
  const alarm = world.arn('cloudwatch', `alarm:TargetTracking-${resourceId}-AlarmHigh`);
  return ALARM_CHANGES.map((action) => needed(action, alarm));
}

const ALARM_CHANGES = ['cloudwatch:PutMetricAlarm', 'cloudwatch:DeleteAlarms'];

function needed(action: string, resource: string): AuthorizationRequest {
  return { action, resource, refusal: new AwsError('ValidationException', `User is missing the following permissions: ${action}`) };
}
