import { RELEASE_HASH_LENGTH, ROLLBACK_ALARM_SUFFIXES } from '../serving/release-descriptor.contract';

/**
 * The names of models and configs that releases of an endpoint make, for policies. As long as these names are, not a digit more:
 * `flights-*` would be the releases of an endpoint `flights-b`, too.
 */
export function releaseNames(endpointName: string): string {
  return `${endpointName}-${'?'.repeat(RELEASE_HASH_LENGTH)}`;
}

/** The names of the alarms by which its releases are rolled back. */
export function rollbackAlarmNames(endpointName: string): string[] {
  return ROLLBACK_ALARM_SUFFIXES.map((suffix) => `${releaseNames(endpointName)}-${suffix}`);
}
