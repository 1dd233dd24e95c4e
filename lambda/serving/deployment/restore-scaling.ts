import { DescribeEndpointConfigCommand, EndpointStatus } from '@aws-sdk/client-sagemaker';
import type { StageDescriptor } from '../../../lib/serving/release-descriptor.contract';
import { describeEndpoint } from '../../adapters/model-packages';
import type { Clients } from './deployment';
import { notedScaling } from './notes';
import { applyScaling } from './scaling';
import { changesInstanceType } from './wanted';

/**
 * Registers the scaling again that a change of instance type took away, where the change was refused or rolled back. The old fleet gets the
 * limits that it had, not those that came with the change. Safe to repeat, and without effect while the change is still under way.
 */
export async function restoreScaling({ sagemaker, autoscaling }: Clients, stage: StageDescriptor, wantedConfig: string): Promise<void> {
  // Without scaling in the settings the release may not register any, and none is wanted.
  if (stage.hosting.autoscaling === null) return;
  const endpoint = await describeEndpoint(sagemaker, stage.endpointName);
  if (endpoint?.EndpointStatus !== EndpointStatus.IN_SERVICE || endpoint.EndpointConfigName === wantedConfig) return;
  const current = await sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName: endpoint.EndpointConfigName }));
  if (!changesInstanceType(stage, current)) return;
  const noted = await notedScaling(sagemaker, endpoint);
  // Releases of older versions noted nothing.
  const before = noted === undefined ? stage.hosting.autoscaling : noted;
  if (before !== null) await applyScaling(autoscaling, stage.endpointName, before);
}
