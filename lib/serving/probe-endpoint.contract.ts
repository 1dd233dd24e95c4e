import { defineEnv } from '../private/env-contract';

export const PROBE_ENDPOINT_ENV = defineEnv({
  ARTIFACTS_BUCKET: 'required',
});

/** UserParameters of the probe action. */
export interface ProbeEndpointParameters {
  readonly endpointName: string;
  readonly packageArn: string;
  /** Seconds to watch the alarms of the release after the probes were answered. */
  readonly bakeSeconds: number;
  /** Largest latency of one probe, milliseconds. */
  readonly maximumLatencyMilliseconds: number;
}
