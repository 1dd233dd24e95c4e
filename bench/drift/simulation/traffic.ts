import { Accumulator, type Baseline } from '../../../lambda/core';
import type { Population, Row } from './population';

/** How rows resemble each other. */
export interface Traffic {
  readonly rowsPerDay: number;
  /** Rows of one user; 1 where every row stands for itself. */
  readonly rowsPerUser: number;
  /** Intraclass correlation: two rows of a user have the same value with this probability, beyond chance. */
  readonly correlation: number;
  /** Whether a user's rows come within an hour, or spread over a day. */
  readonly visit: 'hour' | 'day';
}

export const HOUR = 3_600_000;
const HOURS_A_DAY = 24;

/** Counts traffic hour by hour, as scans of captured requests would have. */
export class TrafficCounter {
  /** Each feature's value for each user who is about. */
  private users: Row[][] = [];
  private hour = 0;

  public constructor(
    private readonly baseline: Baseline,
    private readonly populations: readonly Population[],
    private readonly traffic: Traffic,
    private readonly random: () => number,
  ) {}

  public nextHour(): Accumulator {
    const { baseline, populations, random, hour } = this;
    const { rowsPerDay, rowsPerUser, visit } = this.traffic;
    const rows = Math.round(rowsPerDay / HOURS_A_DAY);
    if (visit === 'hour' || hour % HOURS_A_DAY === 0) this.welcome(Math.max(1, Math.round((visit === 'hour' ? rows : rowsPerDay) / rowsPerUser)));
    // A row repeats its user's value or not; both rows of a pair do so with probability `correlation`.
    const repeats = Math.sqrt(this.traffic.correlation);
    const accumulator = new Accumulator(baseline);
    const cell = accumulator.cellAt(hour * HOUR);
    populations.forEach((population, column) => {
      const { groups } = baseline.columns[column]!;
      const users = this.users[column]!;
      for (let row = 0; row < rows; row++) {
        const repeated = repeats > 0 && random() < repeats;
        const user = visit === 'hour' ? row % users.length : Math.floor(random() * users.length);
        const { bin, offset, value } = repeated ? users[user]! : population.row(random);
        accumulator.counts[accumulator.binStart[column]! + bin]!++;
        accumulator.offsets[accumulator.binStart[column]! + bin]! += offset;
        if (value < accumulator.min[column]!) accumulator.min[column] = value;
        if (value > accumulator.max[column]!) accumulator.max[column] = value;
        cell[accumulator.groupStart[column]! + groups[bin]!]!++;
      }
    });
    accumulator.rows = rows;
    this.hour++;
    return accumulator;
  }

  private welcome(users: number): void {
    this.users = this.populations.map((population) => (this.traffic.correlation > 0 ? Array.from({ length: users }, () => population.row(this.random)) : []));
  }
}
