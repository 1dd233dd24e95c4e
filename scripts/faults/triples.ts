/** What can befall a call of a handler. */
export const CALL_FAULTS = ['throttled', 'server error', 'timed out before', 'timed out after', 'killed before', 'killed after'] as const;
/** What can befall a call whose answer is read as a stream. */
export const STREAM_FAULTS = ['broken off'] as const;
/** What can befall an invocation as a whole. */
export const INVOCATION_FAULTS = ['killed at the start', 'killed at the end', 'hung', 'clock ahead', 'clock behind'] as const;
/** What can befall an event on its way. */
export const EVENT_FAULTS = ['duplicated', 'delayed', 'dropped', 'reordered'] as const;
/** What can befall the firing of a schedule. */
export const SCHEDULE_FAULTS = ['duplicated', 'delayed', 'dropped'] as const;
/** What can befall a job or an endpoint by itself. */
export const TRAINING_FAULTS = ['failed', 'stopped', 'no spot capacity', 'no capacity', 'interrupted'] as const;
export const TRANSFORM_FAULTS = ['failed', 'no capacity'] as const;
export const UPDATE_FAULTS = ['rolled back', 'stuck', 'no capacity', 'new config not seen yet'] as const;
/** What can befall an object of the data while it is read. */
export const OBJECT_FAULTS = ['overwritten while read', 'deleted while read'] as const;

export type CallFault = (typeof CALL_FAULTS)[number] | (typeof STREAM_FAULTS)[number];

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
export const TRANSFORM_JOB = 'transform job';
export const ENDPOINT = 'endpoint';
export const DATA_OBJECT = 'data object';

/** Ends the name of a call that a handler makes with credentials which CodePipeline hands over. */
export const PIPELINES_CREDENTIALS = ' as the pipeline';

export function nameOf({ subject, call, fault }: Triple): string {
  return `${subject} × ${call} × ${fault}`;
}

/** What a part of the loop's life was seen to do, without faults. */
export interface Seen {
  /** How often each handler made which call. */
  readonly calls: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Kinds of the events that a rule took up. */
  readonly events: readonly string[];
  /** Kinds of the schedules that fired. */
  readonly schedules: readonly string[];
  /** Operations of SageMaker, whoever called them. */
  readonly sagemaker: readonly string[];
  /** Whether objects of the data were read. */
  readonly readsData: boolean;
}

/** Everything that can go wrong in it. */
export function triplesOf({ calls, events, schedules, sagemaker, readsData }: Seen): Triple[] {
  const every = (subject: string, call: string, faults: readonly string[]) => faults.map((fault) => ({ subject, call, fault }));
  const ofSageMaker = (subject: string, operation: string, faults: readonly string[]) => (sagemaker.includes(operation) ? every(subject, `sagemaker:${operation}`, faults) : []);
  return [
    ...Object.entries(calls).flatMap(([handler, operations]) => [
      ...Object.keys(operations).flatMap((call) => every(handler, call, call.startsWith('s3:GetObject') ? [...CALL_FAULTS, ...STREAM_FAULTS] : CALL_FAULTS)),
      ...every(handler, 'invocation', INVOCATION_FAULTS),
    ]),
    ...events.flatMap((kind) => every(EVENT, kind, EVENT_FAULTS)),
    ...schedules.flatMap((kind) => every(EVENT, kind, SCHEDULE_FAULTS)),
    ...ofSageMaker(TRAINING_JOB, 'CreateTrainingJob', TRAINING_FAULTS),
    ...ofSageMaker(TRANSFORM_JOB, 'CreateTransformJob', TRANSFORM_FAULTS),
    ...ofSageMaker(ENDPOINT, 'UpdateEndpoint', UPDATE_FAULTS),
    ...(readsData ? every(DATA_OBJECT, 's3:GetObject', OBJECT_FAULTS) : []),
  ];
}
