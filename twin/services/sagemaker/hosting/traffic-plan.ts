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

/**
 * What SageMaker refuses at once. The size of a canary or step is limited by "the variant's total instance count" (API reference) or "the new
 * fleet's capacity" (developer guide): here by the smaller of both fleets, whose numbers of instances by variant are given.
 */
export function checkDeploymentConfig(config: DeploymentConfig | undefined, green: readonly number[], blue: readonly number[]): void {
  if (!config) return;
  const alarms = config.AutoRollbackConfiguration?.Alarms;
  if (alarms && (alarms.length < 1 || alarms.length > 10)) throw validation(`AutoRollbackConfiguration has ${alarms.length} alarms; it needs 1 to 10.`);
  const { CanarySize, LinearStepSize } = config.BlueGreenUpdatePolicy?.TrafficRoutingConfiguration ?? {};
  for (const [index, count] of green.entries()) {
    if (CanarySize) checkSize(CanarySize, Math.min(count, blue[index]!), 0);
    if (LinearStepSize) checkSize(LinearStepSize, Math.min(count, blue[index]!), 0.1);
  }
  const waits = trafficPlan(config, green).reduce((sum, { seconds }) => sum + seconds, 0);
  if (executionLimit(config) <= waits) {
    throw validation(`MaximumExecutionTimeoutInSeconds (${executionLimit(config)}) must be longer than the waiting times together (${waits} seconds).`);
  }
}

/** At most half of the variant: with one instance there is nothing to halve. How a percentage is rounded is not documented, so either way must do. */
function checkSize({ Type, Value }: CapacitySize, count: number, least: number): void {
  const exact = Type === 'INSTANCE_COUNT' ? Value : (count * Value) / 100;
  const [fewest, most] = [Math.floor(exact), Math.ceil(exact)];
  if (2 * most > count || fewest < 1 || fewest < least * count) {
    const instances = fewest === most ? `${most}` : `${fewest} or ${most}`;
    throw validation(`The capacity size ${Value} (${Type}) is ${instances} of ${count} instance(s); it must be at most 50% of the variant's instances${least > 0 ? `, and at least ${least * 100}%` : ''}.`);
  }
}

function instancesOf({ Type, Value }: CapacitySize, count: number): number {
  return Type === 'INSTANCE_COUNT' ? Value : Math.ceil((count * Value) / 100);
}
