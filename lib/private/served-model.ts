import { Construct } from 'constructs';
import { HandlerFunction, regionalArn } from './handler-function';
import { releaseNames } from './release-names';

/** From an endpoint to the package behind it: endpoint, config, model, and the note of when it began to serve. */
export function grantDescribeServed(scope: Construct, handler: HandlerFunction, endpointName: string): void {
  handler.allow(['sagemaker:DescribeEndpoint', 'sagemaker:ListTags'], [regionalArn(scope, 'sagemaker', 'endpoint', endpointName)]);
  handler.allow(['sagemaker:DescribeEndpointConfig'], [regionalArn(scope, 'sagemaker', 'endpoint-config', releaseNames(endpointName))]);
  handler.allow(['sagemaker:DescribeModel'], [regionalArn(scope, 'sagemaker', 'model', releaseNames(endpointName))]);
}
