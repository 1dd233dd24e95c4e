import { hourOf, hoursBetween } from '../scan/hours';

const HOUR = 3_600_000;

/** The windows that a run looks at, and the hours whose files they take. */
export interface OpenWindows {
  readonly milliseconds: number;
  /** Starts, oldest first; milliseconds since the epoch. */
  readonly starts: readonly number[];
  /** Hours with their answers, `yyyy-mm-ddThh`. */
  readonly answerHours: readonly string[];
  /** Hours in which their labels may have been collected, the running one included. */
  readonly labelHours: readonly string[];
}

/** Windows that have ended, still take labels, and hold answers of a model that serves `since` then. */
export function openWindows(now: number, since: number, { windowHours, labelDelayHours }: { windowHours: number; labelDelayHours: number }): OpenWindows {
  const milliseconds = windowHours * HOUR;
  const startOf = (time: number) => Math.floor(time / milliseconds) * milliseconds;
  const first = Math.max(startOf(now - labelDelayHours * HOUR), startOf(since));
  const end = startOf(now);
  const starts: number[] = [];
  for (let start = first; start < end; start += milliseconds) starts.push(start);
  return {
    milliseconds, starts,
    answerHours: starts.length === 0 ? [] : hoursBetween(hourOf(first), hourOf(end)),
    labelHours: starts.length === 0 ? [] : hoursBetween(hourOf(first), hourOf(now + HOUR)),
  };
}
