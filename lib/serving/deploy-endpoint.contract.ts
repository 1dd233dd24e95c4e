import { defineEnv } from '../private/env-contract';

export const DEPLOY_ENDPOINT_ENV = defineEnv({
  /** Role that SageMaker takes on to run the model. */
  EXECUTION_ROLE_ARN: 'required',
  CAPTURE_BUCKET: 'required',
  /** Key for captured traffic. */
  CAPTURE_KEY_ARN: 'optional',
  /** Key for the volumes of the instances. */
  VOLUME_KEY_ARN: 'optional',
  /** Comma-separated; both or neither. */
  SUBNETS: 'optional',
  SECURITY_GROUPS: 'optional',
  NETWORK_ISOLATION: 'optional',
  /** Id of the stack, as the owner's tag. */
  STACK_ID: 'required',
  /** Topic that the rollback alarms tell. */
  TOPIC_ARN: 'optional',
  MODEL_PACKAGE_GROUP: 'required',
  /** Where the endpoint's rollbacks are recorded, an S3 URI. */
  ROLLBACK_RECORD: 'required',
});

/** UserParameters of the deploy action. */
export interface DeployEndpointParameters {
  readonly stage: string;
  readonly packageArn: string;
  readonly execution: string;
}

/** Output variables of the deploy action. */
export const DEPLOY_OUTPUTS = { configName: 'EndpointConfigName', previousConfigName: 'PreviousEndpointConfigName' } as const;
