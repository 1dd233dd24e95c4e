import type { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DeleteEndpointCommand, EndpointStatus, type SageMakerClient } from '@aws-sdk/client-sagemaker';
import { OWNER_TAG } from '../../../lib/serving/release-descriptor.contract';
import { describeEndpoint, tagsOf } from '../../adapters/model-packages';
import { removeLeftovers } from '../deployment/leftovers';
import { removeScaling } from '../deployment/scaling';

export interface EndpointClients {
  readonly sagemaker: SageMakerClient;
  readonly cloudwatch: CloudWatchClient;
  readonly autoscaling: ApplicationAutoScalingClient;
}

export interface RetiredEndpoint {
  readonly name: string;
  /** The stack whose endpoint it must be. */
  readonly stackId: string;
  /** An endpoint that was made before stays, and all that belongs to it. */
  readonly madeSince?: Date;
}

/** States in which SageMaker refuses to delete an endpoint. */
const BUSY: readonly (string | undefined)[] = [
  EndpointStatus.CREATING, EndpointStatus.UPDATING, EndpointStatus.SYSTEM_UPDATING, EndpointStatus.ROLLING_BACK, EndpointStatus.DELETING,
];

/** Does what can be done now, and says what it waits for. Safe to repeat. */
export async function retireEndpoint({ sagemaker, cloudwatch, autoscaling }: EndpointClients, { name, stackId, madeSince }: RetiredEndpoint): Promise<string | undefined> {
  const endpoint = await describeEndpoint(sagemaker, name);
  if (endpoint === undefined) {
    await removeLeftovers(sagemaker, cloudwatch, name, undefined, 0);
    return undefined;
  }
  // An endpoint of that name that this stack did not make is somebody else's.
  if ((await tagsOf(sagemaker, endpoint.EndpointArn!)).get(OWNER_TAG) !== stackId) return undefined;
  if (madeSince !== undefined && endpoint.CreationTime! < madeSince) return undefined;
  if (BUSY.includes(endpoint.EndpointStatus)) {
    return `endpoint ${name} is ${endpoint.EndpointStatus} and cannot be deleted; when it is not: aws sagemaker delete-endpoint --endpoint-name ${name}`;
  }
  await removeScaling(autoscaling, name);
  await sagemaker.send(new DeleteEndpointCommand({ EndpointName: name }));
  return `endpoint ${name} is being deleted`;
}
