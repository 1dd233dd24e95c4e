/** A length of virtual time: milliseconds, parts, or a CDK `Duration`. */
export type DurationInput =
  | number
  | { readonly days?: number; readonly hours?: number; readonly minutes?: number; readonly seconds?: number; readonly milliseconds?: number }
  | { toMilliseconds(): number };

const UNITS = { days: 86_400_000, hours: 3_600_000, minutes: 60_000, seconds: 1_000, milliseconds: 1 } as const;

export function millisecondsOf(duration: DurationInput): number {
  const milliseconds = typeof duration === 'number' ? duration
    : 'toMilliseconds' in duration ? duration.toMilliseconds()
      : Object.entries(duration).reduce((sum, [unit, count]) => {
        const length = UNITS[unit as keyof typeof UNITS];
        if (length === undefined) throw new Error(`${JSON.stringify(unit)} is no unit of time, use ${Object.keys(UNITS).join(', ')}`);
        return sum + Number(count) * length;
      }, 0);
  if (!(milliseconds >= 0)) throw new Error(`a duration must not be negative: ${JSON.stringify(duration)}`);
  return milliseconds;
}
