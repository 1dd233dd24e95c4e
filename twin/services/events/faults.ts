import { Random } from '../../random';
import type { BusEvent } from './state';

/** When copies of an event set out, in milliseconds from now: `[0]` is one at once, `[]` loses it, `[0, 5000]` doubles it. */
export type EventFaults = (event: BusEvent) => readonly number[];

export const RELIABLE: EventFaults = () => [0];

export interface EventFaultRates {
  readonly seed: number;
  /** Shares of events, 0 to 1. */
  readonly duplicated?: number;
  readonly delayed?: number;
  readonly dropped?: number;
  /** @default 6 hours */
  readonly longestDelayMilliseconds?: number;
}

/** At-least-once delivery at its worst: duplicates, delays (and so disorder) and losses, drawn from a seed. */
export function seededEventFaults({ seed, duplicated = 0, delayed = 0, dropped = 0, longestDelayMilliseconds = 6 * 3_600_000 }: EventFaultRates): EventFaults {
  const random = new Random(seed);
  const delay = () => (random.next() < delayed ? 1 + random.integer(longestDelayMilliseconds) : 0);
  return () => {
    if (random.next() < dropped) return [];
    return random.next() < duplicated ? [delay(), delay()] : [delay()];
  };
}
