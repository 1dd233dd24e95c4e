import { Fleet } from './fleet';
import { EndpointConfig } from './state';

export type EndpointStatus =
  | 'OutOfService' | 'Creating' | 'Updating' | 'SystemUpdating' | 'RollingBack' | 'InService' | 'Deleting' | 'Failed' | 'UpdateRollbackFailed';

export type VariantStatus = 'Creating' | 'Updating' | 'Deleting' | 'ActivatingTraffic' | 'Baking';

export interface CapacitySize {
  readonly Type: 'INSTANCE_COUNT' | 'CAPACITY_PERCENT';
  readonly Value: number;
}

export interface DeploymentConfig {
  readonly BlueGreenUpdatePolicy?: {
    readonly TrafficRoutingConfiguration: {
      readonly Type: 'ALL_AT_ONCE' | 'CANARY' | 'LINEAR';
      readonly WaitIntervalInSeconds: number;
      readonly CanarySize?: CapacitySize;
      readonly LinearStepSize?: CapacitySize;
    };
    readonly TerminationWaitInSeconds?: number;
    readonly MaximumExecutionTimeoutInSeconds?: number;
  };
  readonly RollingUpdatePolicy?: unknown;
  readonly AutoRollbackConfiguration?: { readonly Alarms?: ReadonlyArray<{ readonly AlarmName: string }> };
}

/** A deployment under way: the new fleet and what it is doing. */
export interface PendingDeployment {
  readonly fleet: Fleet;
  readonly startedAt: Date;
  variantStatus: { readonly status: VariantStatus; readonly message: string; readonly since: Date };
}

export interface Endpoint {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: Date;
  modifiedAt: Date;
  status: EndpointStatus;
  failureReason?: string;
  /** The configuration that serves; while the first deployment runs, the one that is to serve. */
  config: EndpointConfig;
  live?: Fleet;
  pending?: PendingDeployment;
  /** The new fleet of an update whose rollback failed: it goes on answering a part of the requests. */
  stranded?: Fleet;
  lastDeploymentConfig?: DeploymentConfig;
  /** Every fleet there ever was, oldest first, for reports. */
  readonly fleets: Fleet[];
}
