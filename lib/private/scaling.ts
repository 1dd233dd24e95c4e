import { Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { HandlerFunction, regionalArn } from './handler-function';

/** Ids of scalable targets are given by AWS and know no names; what can be said is that the sizes of endpoints are meant. */
export function allowScaling(scope: Construct, handler: HandlerFunction, actions: string[]): void {
  handler.allow(actions.map((action) => `application-autoscaling:${action}`), [regionalArn(scope, 'application-autoscaling', 'scalable-target', '*')], {
    StringEquals: { 'application-autoscaling:scalable-dimension': 'sagemaker:variant:DesiredInstanceCount' },
  });
}

/** The first scaled endpoint of an account makes the role that scales it. */
export function allowScalingRole(scope: Construct, handler: HandlerFunction): void {
  const service = 'sagemaker.application-autoscaling.amazonaws.com';
  handler.allow(['iam:CreateServiceLinkedRole'], [Stack.of(scope).formatArn({
    service: 'iam', region: '', resource: 'role', resourceName: `aws-service-role/${service}/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint`,
  })], { StringEquals: { 'iam:AWSServiceName': service } });
}
