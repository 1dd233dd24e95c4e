/** Limits of automatic retraining. */
export interface RetrainingPolicy {
  /** Least time between two starts. */
  readonly cooldownSeconds: number;
  /** Most starts within `budgetSeconds`. */
  readonly budget: number;
  readonly budgetSeconds: number;
  /** Labelled rows newer than the serving model's training data that make a retraining worthwhile. */
  readonly minimumFreshRows: number;
  /** How soon to look again where something else must happen first. */
  readonly retrySeconds: number;
}

export const DEFAULT_RETRAINING_POLICY: RetrainingPolicy = {
  cooldownSeconds: 86_400, budget: 4, budgetSeconds: 30 * 86_400, minimumFreshRows: 1000, retrySeconds: 3600,
};

/** What is remembered between decisions; times are ISO 8601. */
export interface RetrainingState {
  /** Starts within the budget's period, oldest first. */
  readonly starts: readonly string[];
  /** The alarm's change to ALARM that the last start answered. */
  readonly answered?: string;
}

export interface RetrainingCircumstances {
  readonly now: Date;
  readonly alarm: 'ALARM' | 'OK' | 'INSUFFICIENT_DATA';
  /** When the alarm last changed into its present state. */
  readonly alarmSince: Date;
  readonly state: RetrainingState;
  /** Whether a training run is under way, whoever started it. */
  readonly running: boolean;
  /** Whether a trained candidate waits for approval or is being released: it has not had its chance yet. */
  readonly candidatePending?: boolean;
  readonly freshRows: number;
  readonly policy: RetrainingPolicy;
}

export interface RetrainingDecision {
  /** `wait`: a start is due but something stands against it for now. */
  readonly action: 'start' | 'wait' | 'none';
  readonly reason: string;
  readonly retryAt?: Date;
  /** The state to store, before starting. */
  readonly state: RetrainingState;
}

/**
 * Whether to retrain now. Called for every alarm event and every hour: an alarm that never leaves ALARM sends no further
 * event, but after the cool-down it deserves another try.
 */
export function decideRetraining(circumstances: RetrainingCircumstances): RetrainingDecision {
  const { now, alarm, alarmSince, running, candidatePending, freshRows, policy } = circumstances;
  const state = pruned(circumstances.state, now, policy);
  const later = (seconds: number, from = now) => new Date(from.getTime() + seconds * 1000);
  const wait = (reason: string, retryAt = later(policy.retrySeconds)): RetrainingDecision => ({ action: 'wait', reason, retryAt, state });

  if (alarm !== 'ALARM') return { action: 'none', reason: `the drift alarm is ${alarm}`, state };
  if (running) return wait('a training run is already under way');
  if (candidatePending) return wait('a trained candidate is waiting to be approved or released');
  const last = state.starts.at(-1);
  if (last !== undefined) {
    const cooled = later(policy.cooldownSeconds, new Date(last));
    if (now < cooled) return wait(`the last retraining started at ${last}, the cool-down of ${duration(policy.cooldownSeconds)} ends at ${cooled.toISOString()}`, cooled);
  }
  const counted = state.starts.filter((start) => Date.parse(start) > now.getTime() - policy.budgetSeconds * 1000);
  if (counted.length >= policy.budget) {
    const free = later(policy.budgetSeconds, new Date(counted[counted.length - policy.budget]!));
    return wait(`the budget of ${policy.budget} retrainings in ${duration(policy.budgetSeconds)} is used up until ${free.toISOString()}`, free);
  }
  if (freshRows < policy.minimumFreshRows) {
    return wait(`${freshRows} fresh labelled rows, at least ${policy.minimumFreshRows} are needed; waiting for more data`);
  }
  const since = alarmSince.toISOString();
  const again = state.answered === since;
  return {
    action: 'start',
    reason: `the drift alarm ${again ? 'never left' : 'is in'} ALARM since ${since}, ${freshRows} fresh labelled rows${again ? '; trying again after the cool-down' : ''}`,
    state: { starts: [...state.starts, now.toISOString()], answered: since },
  };
}

/** The state once the last start is made, which may be long after it was decided: the cool-down counts from the start itself. */
export function asStarted(state: RetrainingState, now: Date): RetrainingState {
  return { ...state, starts: [...state.starts.slice(0, -1), now.toISOString()] };
}

/** Starts so long ago that they neither count against the budget nor the cool-down are forgotten. */
function pruned(state: RetrainingState, now: Date, policy: RetrainingPolicy): RetrainingState {
  const horizon = now.getTime() - Math.max(policy.budgetSeconds, policy.cooldownSeconds) * 1000;
  return { ...state, starts: state.starts.filter((start) => Date.parse(start) > horizon) };
}

function duration(seconds: number): string {
  if (seconds % 86_400 === 0) return `${seconds / 86_400} d`;
  return seconds % 3600 === 0 ? `${seconds / 3600} h` : `${seconds} s`;
}
