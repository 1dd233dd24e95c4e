import { defineEnv } from '../private/env-contract';

/**
 * The custom resource that counts one scan when a monitor is created, so that the heartbeat alarm of a fresh deployment
 * has its first period and is not red before the first scheduled scan. It answers Update and Delete at once.
 */
export const START_HEARTBEAT_ENV = defineEnv({
  MONITOR_NAME: 'required',
  ENDPOINT_NAME: 'required',
  METRIC_NAMESPACE: 'required',
});
