import type { DescribeEndpointCommandOutput } from '@aws-sdk/client-sagemaker';
import { VARIANT_NAME, type RealTimeHosting, type StageDescriptor } from '../../../lib/serving/release-descriptor.contract';

/** How many instances the new fleet gets, and how many of them take traffic first. */
export interface FleetPlan {
  /** Whether the new fleet takes over the running count in place of its config's. */
  readonly retained: boolean;
  /** Instances of the canary; `undefined` for all traffic at once. */
  readonly canary: number | undefined;
  /** What is not as the settings have it, for who reads the pipeline. */
  readonly notes: readonly string[];
}

/** Instances that serve now. */
export function runningInstances({ ProductionVariants = [] }: DescribeEndpointCommandOutput): number | undefined {
  const variant = ProductionVariants.find(({ VariantName }) => VariantName === VARIANT_NAME);
  return variant?.DesiredInstanceCount ?? variant?.CurrentInstanceCount;
}

/**
 * Instances in the config of a new fleet. A fleet that scales keeps its size beside a config with that of the settings. Where it must not, and
 * where SageMaker might keep what the old fleet captures with it, the config itself has the number.
 */
export function configuredInstances(hosting: RealTimeHosting, running: number | undefined, changesCapture: boolean): number {
  if (hosting.autoscaling === null || running === undefined) return hosting.instanceCount;
  return isAllowed(hosting, running) && !changesCapture ? hosting.instanceCount : within(hosting, running);
}

/**
 * Of the fleet that runs and the config that follows it. SageMaker takes a canary of at most half of the instances. Its documentation names those
 * of the variant in one place and those of the new fleet in another, and not how it rounds a percentage: so it gets a number of the smaller fleet.
 */
export function fleetPlan({ hosting, rollout }: StageDescriptor, running: number, configured: number, changesCapture: boolean): FleetPlan {
  const retained = isAllowed(hosting, running) && configured !== running && !changesCapture;
  const next = retained ? running : configured;
  const smaller = Math.min(running, next);
  const canary = rollout.kind === 'canary' && smaller > 1 ? Math.max(1, Math.floor((smaller * rollout.canaryPercentage) / 100)) : undefined;
  const notes: string[] = [];
  if (next !== (hosting.autoscaling === null ? hosting.instanceCount : running)) {
    notes.push(`the new fleet starts with ${next} in place of the ${run(running)}${isAllowed(hosting, running) ? '' : ', which the settings do not allow any more'}`);
  }
  if (rollout.kind === 'canary' && canary === undefined) {
    notes.push(`all traffic moves at once instead of a canary, which takes at most half of the instances: of the ${run(running)}, and of the ${next} that the new fleet starts with`);
  }
  return { retained, canary, notes };
}

function within({ autoscaling, instanceCount }: RealTimeHosting, running: number): number {
  return autoscaling === null ? instanceCount : Math.min(autoscaling.maximumInstances, Math.max(autoscaling.minimumInstances, running));
}

/** Whether a fleet that scales may have this size. */
function isAllowed(hosting: RealTimeHosting, running: number): boolean {
  return hosting.autoscaling !== null && within(hosting, running) === running;
}

function run(count: number): string {
  return count === 1 ? '1 that runs' : `${count} that run`;
}
