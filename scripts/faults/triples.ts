/** What can befall a call of a handler. */
export const CALL_FAULTS = ['throttled', 'server error', 'timed out before', 'timed out after', 'killed before', 'killed after'] as const;
/** What can befall an invocation as a whole. */
export const INVOCATION_FAULTS = ['killed at the start', 'killed at the end'] as const;
/** What can befall an event on its way. */
export const EVENT_FAULTS = ['duplicated', 'delayed', 'dropped', 'reordered'] as const;
/** What can befall a job or an endpoint by itself. */
export const TRAINING_FAULTS = ['failed', 'stopped', 'no spot capacity', 'no capacity', 'interrupted'] as const;
export const PROCESSING_FAULTS = ['failed', 'no capacity'] as const;
export const UPDATE_FAULTS = ['rolled back', 'no capacity', 'new config not seen yet'] as const;

export type CallFault = (typeof CALL_FAULTS)[number];
export type EventFault = (typeof EVENT_FAULTS)[number];

/** One thing that can go wrong in one place. */
export interface Triple {
  /** A handler, or what else is struck: an event, a job, the endpoint. */
  readonly subject: string;
  /** Its call, `service:Operation`; of an event its kind. */
  readonly call: string;
  readonly fault: string;
}

export const EVENT = 'event';
export const TRAINING_JOB = 'training job';
export const PROCESSING_JOB = 'processing job';
export const ENDPOINT = 'endpoint';

export function nameOf({ subject, call, fault }: Triple): string {
  return `${subject} × ${call} × ${fault}`;
}

/** What a turn of the loop without faults was seen to do. */
export interface Seen {
  /** Calls by handler. */
  readonly calls: Readonly<Record<string, readonly string[]>>;
  /** Kinds of the events that a rule took up. */
  readonly events: readonly string[];
  readonly updatesEndpoint: boolean;
}

/** Everything that can go wrong in such a turn. */
export function triplesOf({ calls, events, updatesEndpoint }: Seen): Triple[] {
  const every = (subject: string, call: string, faults: readonly string[]) => faults.map((fault) => ({ subject, call, fault }));
  return [
    ...Object.entries(calls).flatMap(([handler, operations]) => [
      ...operations.flatMap((call) => every(handler, call, CALL_FAULTS)),
      ...every(handler, 'invocation', INVOCATION_FAULTS),
    ]),
    ...events.flatMap((kind) => every(EVENT, kind, EVENT_FAULTS)),
    ...every(TRAINING_JOB, 'sagemaker:CreateTrainingJob', TRAINING_FAULTS),
    ...every(PROCESSING_JOB, 'sagemaker:CreateProcessingJob', PROCESSING_FAULTS),
    ...(updatesEndpoint ? every(ENDPOINT, 'sagemaker:UpdateEndpoint', UPDATE_FAULTS) : []),
  ];
}
