import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { DescribeEndpointCommandOutput, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { hasArmProcessors } from '../../../lib/private/instance-architecture.contract';
import { metricAlarms } from '../../adapters/alarms';
import { packageOfConfig } from '../../adapters/model-packages';
import { JobFailure } from '../../adapters/pipeline-job';
import type { RollbackRecord } from '../../adapters/rollback-record';

/** The release that an endpoint went back from. */
export interface FailedRelease {
  readonly endpointName: string;
  readonly instanceType: string;
  readonly configName: string;
  readonly packageArn: string;
}

/** In SageMaker's reason for a fleet that it had no instances for. */
const NO_CAPACITY = /InsufficientInstanceCapacity|ML compute capacity|ResourceLimitExceeded/i;

/**
 * The reason for which the release fails. A package that the rollback took away is remembered, so that no change of
 * settings releases it again; a shortage of instances, or settings with which the same package fails, do not condemn it.
 */
export async function rolledBack(
  clients: { readonly cloudwatch: CloudWatchClient; readonly sagemaker: SageMakerClient }, release: FailedRelease, endpoint: DescribeEndpointCommandOutput,
  record: Pick<RollbackRecord, 'remember'>,
): Promise<JobFailure> {
  const { endpointName, configName, packageArn } = release;
  const alarms = await metricAlarms(clients.cloudwatch, { AlarmNamePrefix: `${configName}-` });
  const fired = alarms.filter((alarm) => alarm.StateValue === 'ALARM').map((alarm) => `${alarm.AlarmName} fired (${alarm.StateReason})`);
  const told = failureReason(release, endpoint);
  const reason = [...fired, ...(told ? [told] : [])].join('; ') || 'SageMaker gave no reason, and no alarm is in ALARM any more';
  const what = `endpoint ${endpointName} rolled back to ${endpoint.EndpointConfigName}: ${reason}`;
  if (fired.length === 0 && NO_CAPACITY.test(reason)) return new JobFailure(`${what}; it still serves the model before. Retry the stage later, or choose another instance type`);
  if (await packageOfConfig(clients.sagemaker, endpoint.EndpointConfigName!) === packageArn) {
    return new JobFailure(`${what}; it still serves the same package with the settings before. Correct the settings and deploy again`);
  }
  await record.remember(packageArn, { endpoint: endpointName, at: endpoint.LastModifiedTime!.toISOString(), reason });
  return new JobFailure(`${what}; it still serves the model before. Mend the model and approve a new package; this one is released again only if it is approved again`);
}

/** Of a container that could not start SageMaker says only that its ping failed. */
export function failureReason({ instanceType }: Pick<FailedRelease, 'instanceType'>, { FailureReason: reason }: DescribeEndpointCommandOutput): string | undefined {
  if (reason === undefined || !/\bping\b/.test(reason) || !hasArmProcessors(instanceType)) return reason;
  return `${reason} ${instanceType} has Arm processors: it runs only images that are built for arm64, others end with "exec format error"`;
}
