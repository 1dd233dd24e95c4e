import { CustomResource, Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { HandlerFunction, regionalArn } from '../private/handler-function';
import { releaseNames, rollbackAlarmNames } from '../private/release-names';
import { ModelEndpoint } from './model-endpoint';
import { ENDPOINT_RETIREMENT, RetirementProperties } from './retire-endpoint.contract';

/**
 * Stands for the endpoint that releases make outside CloudFormation: when it is deleted, the endpoint is, with its configs,
 * models, scalable target and alarms. Its id is the endpoint's name, so that an endpoint that is renamed is another resource: the
 * update that renames it deletes the old one last, when it can no longer fail, and with the permissions for the old name.
 */
export class EndpointRetirement extends Construct {
  public readonly resource: CustomResource;

  constructor(scope: Construct, id: string, endpoint: ModelEndpoint, handler: HandlerFunction) {
    super(scope, id);
    const properties: RetirementProperties = { Name: endpoint.endpointName };
    this.resource = new CustomResource(this, 'Resource', {
      resourceType: ENDPOINT_RETIREMENT,
      serviceToken: handler.function.functionArn,
      serviceTimeout: Duration.hours(1),
      // What is referred to is deleted later: the endpoint needs it to the end.
      properties: { ...properties, KeptUntilThen: endpoint._needs },
    });
    this.resource.node.addDependency(this.permissions(endpoint, handler));
  }

  private permissions({ endpointName, endpointArn }: ModelEndpoint, handler: HandlerFunction): iam.Policy {
    const named = (resource: string) => regionalArn(this, 'sagemaker', resource, releaseNames(endpointName));
    const alarms = rollbackAlarmNames(endpointName).map((name) => Stack.of(this).formatArn({ service: 'cloudwatch', resource: `alarm:${name}` }));
    const allow = (actions: string[], ...resources: string[]) => new iam.PolicyStatement({ actions, resources });
    return new iam.Policy(this, 'Policy', {
      roles: [handler.role],
      statements: [
        allow(['sagemaker:DeleteEndpoint', 'sagemaker:DescribeEndpoint', 'sagemaker:ListTags'], endpointArn),
        allow(['sagemaker:DeleteEndpointConfig'], named('endpoint-config')),
        allow(['sagemaker:DeleteModel'], named('model')),
        allow(['cloudwatch:DeleteAlarms'], ...alarms),
      ],
    });
  }
}
