import { createHash } from 'node:crypto';
import { deployedOf, type Run } from '../run';
import { callerOf, trail } from './cloudtrail';
import { NotAnswered, type Answer, type Question } from './question';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

export const scalingPermissionChecks: Question = {
  name: 'scaling-permission-checks',
  changes: 'nothing',
  async ask(run) {
    const { cloud } = run;
    const ResourceId = `endpoint/${deployedOf(run).endpoint}/variant/main`;
    const { ScalableTargets: [target] } = await cloud.call('application-autoscaling', 'DescribeScalableTargets', { ServiceNamespace: 'sagemaker', ResourceIds: [ResourceId] });
    const answer = target === undefined ? 'the checks refuse the deploy role' : 'the deploy role passes the checks';
    const registered = `scalable target ${target === undefined ? 'missing' : `${target.MinCapacity} to ${target.MaxCapacity}`}`;
    try {
      const checks = [...await trail(run, 'PutMetricAlarm', throughScaling), ...await trail(run, 'DeleteAlarms', throughScaling)];
      const seen = checks.map((event) => `${event.eventName} by ${callerOf(event)}: ${event.errorCode ?? 'done'} ${JSON.stringify(event.requestParameters)}`);
      return { answer, evidence: `${registered}; ${seen.slice(0, 4).join('; ') || 'no check in CloudTrail'}` };
    } catch (error) {
      if (error instanceof NotAnswered) return { answer, evidence: `${registered}; ${error.message}` };
      throw error;
    }
  },
};

const throughScaling = ({ userIdentity, sourceIPAddress }: any) => [userIdentity?.invokedBy, sourceIPAddress].includes('application-autoscaling.amazonaws.com');

/** One update of an endpoint that has scaled tells both. */
interface Update {
  readonly canary: Answer;
  readonly capture: Answer;
}

const updates = new WeakMap<Run, Promise<Update>>();

function update(run: Run): Promise<Update> {
  if (!updates.has(run)) updates.set(run, updateByHand(run));
  return updates.get(run)!;
}

export const canarySize: Question = { name: 'canary-size', changes: 'endpoint', ask: async (run) => (await update(run)).canary };

export const retainedCapture: Question = { name: 'retained-capture', changes: 'endpoint', ask: async (run) => (await update(run)).capture };

/** Half of the captured share, by a config of the run's own; the model stays. */
async function updateByHand(run: Run): Promise<Update> {
  const { cloud, names } = run;
  const EndpointName = deployedOf(run).endpoint;
  const before = await cloud.call('sagemaker', 'DescribeEndpoint', { EndpointName });
  const { ProductionVariants, DataCaptureConfig, KmsKeyId } = await cloud.call('sagemaker', 'DescribeEndpointConfig', { EndpointConfigName: before.EndpointConfigName });
  // Called as a release calls its configs, so that the loop may look at it, and takes it along when it is destroyed.
  const EndpointConfigName = `${EndpointName}-${createHash('sha256').update(names.probe).digest('hex').slice(0, 10)}`;
  await cloud.call('sagemaker', 'CreateEndpointConfig', { EndpointConfigName, ProductionVariants, KmsKeyId, DataCaptureConfig: { ...DataCaptureConfig, InitialSamplingPercentage: 50 }, Tags: names.tags });
  const instances = before.ProductionVariants[0].CurrentInstanceCount;
  const input = { EndpointName, EndpointConfigName, RetainAllVariantProperties: true };
  const CanarySize = { Type: 'CAPACITY_PERCENT', Value: 34 };
  const canary = await cloud.call('sagemaker', 'UpdateEndpoint', {
    ...input, DeploymentConfig: { BlueGreenUpdatePolicy: { TrafficRoutingConfiguration: { Type: 'CANARY', CanarySize, WaitIntervalInSeconds: 60 }, TerminationWaitInSeconds: 0 } },
  }).then(
    () => ({ answer: `34 % of ${instances} instances is accepted`, evidence: 'UpdateEndpoint began' }),
    ({ name, message }: Error) => ({ answer: `34 % of ${instances} instances is refused`, evidence: `${name}: ${message}` }),
  );
  if (canary.answer.endsWith('refused')) await cloud.call('sagemaker', 'UpdateEndpoint', input);
  const after = await settled(run, EndpointName);
  const share = after.DataCaptureConfig?.CurrentSamplingPercentage;
  return {
    canary,
    capture: after.EndpointConfigName !== EndpointConfigName ? { answer: 'not answered', evidence: `the update failed: ${after.FailureReason}` } : {
      answer: share === 50 ? 'the new config\'s captured share counts' : 'the old captured share is kept',
      evidence: `CurrentSamplingPercentage ${share} with ${after.ProductionVariants[0].CurrentInstanceCount} instances, after ${before.DataCaptureConfig?.CurrentSamplingPercentage} with ${instances}`,
    },
  };
}

/** The endpoint once nothing is under way any more. */
export function settled({ cloud, tempo }: Run, EndpointName: string): Promise<any> {
  return tempo.until(`endpoint ${EndpointName} to settle`, async () => {
    const found = await cloud.call('sagemaker', 'DescribeEndpoint', { EndpointName });
    return ['InService', 'Failed', 'OutOfService'].includes(found.EndpointStatus) && found;
  }, { minutes: 60 });
}
