import { validation } from '../names';
import { CapacitySize, DeploymentConfig } from './endpoint';

/** A part of the traffic on the new fleet, and how long it stays at that under watch. */
export interface TrafficStep {
  readonly share: number;
  readonly seconds: number;
  readonly message: string;
}

const MAX_SECONDS = 28_800;

/** The steps by which traffic moves to a new fleet whose variants have these numbers of instances. */
export function trafficPlan(config: DeploymentConfig | undefined, instanceCounts: readonly number[]): TrafficStep[] {
  const policy = config?.BlueGreenUpdatePolicy;
  const routing = policy?.TrafficRoutingConfiguration;
  const termination = policy?.TerminationWaitInSeconds ?? 0;
  const total = instanceCounts.reduce((sum, count) => sum + count, 0);
  const last: TrafficStep = {
    share: 1, seconds: termination, message: `Baking for ${termination} seconds (TerminationWaitInSeconds) with traffic enabled on full capacity of ${total} instance(s).`,
  };
  if (!routing || routing.Type === 'ALL_AT_ONCE') return [last];
  const size = routing.Type === 'CANARY' ? routing.CanarySize : routing.LinearStepSize;
  if (!size) throw validation(`${routing.Type === 'CANARY' ? 'CanarySize' : 'LinearStepSize'} is required for traffic routing of type ${routing.Type}.`);
  const step = instanceCounts.reduce((sum, count) => sum + instancesOf(size, count), 0);
  const steps: TrafficStep[] = [];
  for (let active = step; active < total; active += step) {
    steps.push({
      share: active / total, seconds: routing.WaitIntervalInSeconds,
      message: `Baking for ${routing.WaitIntervalInSeconds} seconds (WaitIntervalInSeconds) with traffic enabled on ${routing.Type === 'CANARY' ? 'canary' : 'linear step'} capacity of ${active} instance(s).`,
    });
    if (routing.Type === 'CANARY') break;
  }
  return [...steps, last];
}

/** Seconds after which a deployment is given up and rolled back. */
export function executionLimit(config: DeploymentConfig | undefined): number {
  return config?.BlueGreenUpdatePolicy?.MaximumExecutionTimeoutInSeconds ?? MAX_SECONDS;
}

/** What SageMaker refuses at once. */
export function checkDeploymentConfig(config: DeploymentConfig | undefined, instanceCounts: readonly number[]): void {
  if (!config) return;
  const alarms = config.AutoRollbackConfiguration?.Alarms;
  if (alarms && (alarms.length < 1 || alarms.length > 10)) throw validation(`AutoRollbackConfiguration has ${alarms.length} alarms; it needs 1 to 10.`);
  const waits = trafficPlan(config, instanceCounts).reduce((sum, { seconds }) => sum + seconds, 0);
  if (executionLimit(config) <= waits) {
    throw validation(`MaximumExecutionTimeoutInSeconds (${executionLimit(config)}) must be longer than the waiting times together (${waits} seconds).`);
  }
}

/** A canary or step takes at most half of the variant: with one instance there is nothing to halve. */
function instancesOf({ Type, Value }: CapacitySize, count: number): number {
  const instances = Type === 'INSTANCE_COUNT' ? Value : Math.ceil((count * Value) / 100);
  if (2 * instances > count || (Type === 'CAPACITY_PERCENT' && Value > 50)) {
    throw validation(`The capacity size ${Value} (${Type}) is ${instances} of ${count} instance(s); it must be at most 50% of the variant's instances.`);
  }
  return instances;
}
