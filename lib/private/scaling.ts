import { Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { HandlerFunction, regionalArn } from './handler-function';

/** Ids of scalable targets are given by AWS and know no names; what can be said is that the sizes of endpoints are meant. */
export function allowScaling(scope: Construct, handler: HandlerFunction, actions: string[]): void {
  handler.allow(actions.map((action) => `application-autoscaling:${action}`), [regionalArn(scope, 'application-autoscaling', 'scalable-target', '*')], {
    StringEquals: { 'application-autoscaling:scalable-dimension': 'sagemaker:variant:DesiredInstanceCount' },
  });
}

/**
 * What Application Auto Scaling checks of its caller before it scales an endpoint, beyond what a release may do anyway: describe the
 * endpoint, its config and alarms. AWS documents the actions, and no scope narrower than `*`.
 */
export function allowScalingChecks(scope: Construct, handler: HandlerFunction, endpointArn: string): void {
  const alarm = (name: string) => Stack.of(scope).formatArn({ service: 'cloudwatch', resource: `alarm:${name}` });
  const changes = ['cloudwatch:DeleteAlarms', 'cloudwatch:PutMetricAlarm'];
  handler.allow(['sagemaker:UpdateEndpointWeightsAndCapacities'], [endpointArn]);
  // The checks name no alarm, and no alarm has an empty name; alarms of scaling policies are all named like this.
  handler.allow(changes, [alarm(''), alarm('TargetTracking-*')]);
}

/** The first scaled endpoint of an account makes the role that scales it. */
export function allowScalingRole(scope: Construct, handler: HandlerFunction): void {
  const service = 'sagemaker.application-autoscaling.amazonaws.com';
  handler.allow(['iam:CreateServiceLinkedRole'], [Stack.of(scope).formatArn({
    service: 'iam', region: '', resource: 'role', resourceName: `aws-service-role/${service}/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint`,
  })], { StringEquals: { 'iam:AWSServiceName': service } });
}
